"""Starts a PostgreSQL and a Redis of the test run's own when WUYI_PROFILE=scaleout, before Django reads its settings.

Loaded as a pytest plugin. Both servers listen on free ports of 127.0.0.1, keep their data in a temporary folder and
are stopped when the run ends.
"""

import atexit
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

SCALE_OUT = os.environ.get("WUYI_PROFILE") == "scaleout"


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on just now.

    Below the ports the system gives to clients: who connects again and again to a server that is down would otherwise
    sooner or later be given that very port, connect to itself and keep the server from coming back.
    """
    while True:
        port = secrets.randbelow(12_000) + 20_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def postgres_bin() -> Path:
    """Return the folder of the newest installed PostgreSQL server programs."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if folders:
        return folders[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).parent
    message = "PostgreSQL server programs are missing: install the Debian package postgresql"
    raise pytest.UsageError(message)


def _as_postgres(command: Sequence[str | Path]) -> list[str]:
    words = [str(word) for word in command]
    # initdb and postgres refuse to run as root.
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words] if os.geteuid() == 0 else words


class Postgres:
    """A throw-away PostgreSQL server. `url` is its DATABASE_URL; it can be stopped hard and started again.

    Without fsync (`is_durable` False) a killed server loses nothing, only a machine without power does: no test can
    tell, and all are faster. What is measured is measured with fsync. Nor does a throw-away need vacuuming, whose
    figures of a table emptied meanwhile mislead the planner.
    """

    def __init__(self, *, is_durable: bool = False) -> None:
        self._fsync = "on" if is_durable else "off"
        self.folder = Path(tempfile.mkdtemp(prefix="wuyi-pg-"))
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.folder.chmod(0o700)
        self._run("initdb", "-D", self.folder / "data", "-U", "wuyi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "wuyi", "wuyi")
        self.url = f"postgres://wuyi@127.0.0.1:{self.port}/wuyi"

    def _run(self, program: str, *words: str | Path) -> None:
        command = _as_postgres([postgres_bin() / program, *words])
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/tmp", timeout=60)  # noqa: S108 - readable by all

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = (
            f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
            f" -c fsync={self._fsync} -c autovacuum={self._fsync}"
        )
        self._run(
            "pg_ctl", "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "-t", "30", "start"
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; mode "immediate" is a crash."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", mode, "-w", "stop")

    def remove(self) -> None:
        """Stop the server if it runs and delete its data."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    """A throw-away Redis server. `url` is its REDIS_URL."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _attempt in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                    link.sendall(b"PING\r\n")
                    if link.recv(7) == b"+PONG\r\n":
                        return
            except OSError:
                time.sleep(0.05)
        message = "redis-server did not start: install the Debian package redis-server"
        raise pytest.UsageError(message)

    def flush(self) -> None:
        """Forget everything."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
            link.sendall(b"FLUSHALL\r\n")
            link.recv(16)

    def stop(self) -> None:
        """Kill the server."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


# The servers of this very process: only a run without workers may stop what its tests stand on.
own: dict[str, Postgres | Redis] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Point the settings at servers of our own, once for the whole run; workers of xdist inherit them."""
    data = os.environ.setdefault("WUYI_DATA_DIR", tempfile.mkdtemp(prefix="wuyi-data-"))
    # A folder of files for each worker: the same paper is the same file, and one worker's test may delete it.
    os.environ["MEDIA_ROOT"] = f"{data}/files-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    if not SCALE_OUT or "DATABASE_URL" in os.environ:
        return
    postgres, redis = Postgres(), Redis()
    atexit.register(postgres.remove)
    atexit.register(redis.stop)
    own.update(postgres=postgres, redis=redis)
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = postgres.url, redis.url
