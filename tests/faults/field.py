"""Where the faults happen: one server process on SQLite, two on PostgreSQL and Redis, and the disk below them."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests.live import ServerApart, environment
from tests.servers import SCALE_OUT, Postgres, Redis, own

JUMPING = ("-m", "tests.faults.jumping")
_CLOSER = """
import django, sys
django.setup()
from django.db import connections
from core.actors import COMMAND_LINE
from voting.models import Ballot
from voting.operations import close_ballot
for line in sys.stdin:
    print(close_ballot(Ballot.objects.get(pk=int(line)), by=COMMAND_LINE).result["hash"], flush=True)
    connections.close_all()
"""


class Closer:
    """Another process that closes ballots."""

    def __init__(self) -> None:
        command = [sys.executable, "-W", "ignore", "-c", _CLOSER]
        known = {**environment(), "DJANGO_SETTINGS_MODULE": "config.settings"}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=known, stdin=pipe, stdout=pipe, text=True)

    def begin(self, ballot: int) -> None:
        """Let it close `ballot`."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{ballot}\n")
        self._process.stdin.flush()

    def end(self) -> str:
        """Wait until it has, and return the hash of the result."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def leave(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)


class Field:
    """The servers of the run. They outlive a seed: what one fault left behind, the next one meets."""

    def __init__(self) -> None:
        self.servers = [ServerApart(*JUMPING) for _server in range(2 if SCALE_OUT else 1)]
        self.closer = Closer()
        self.seed = 0
        self.after: list[Callable[[], Any]] = []
        self._small: Path | None = None

    @property
    def hosts(self) -> list[str]:
        """Return HOST:PORT of each server."""
        return [server.host for server in self.servers]

    @property
    def postgres(self) -> Postgres:
        """Return the PostgreSQL of this run."""
        found = own["postgres"]
        assert isinstance(found, Postgres)
        return found

    @property
    def redis(self) -> Redis:
        """Return the Redis of this run."""
        found = own["redis"]
        assert isinstance(found, Redis)
        return found

    def fill_disk(self) -> None:
        """Put the votes of PostgreSQL on a tiny disk, once, and leave no byte free on it."""
        if self._small is None:
            self._small = Path(tempfile.mkdtemp(prefix="wuyi-small-"))
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", self._small], check=True)
            shutil.chown(self._small, "postgres")
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE TABLESPACE small LOCATION '{self._small}'")
                cursor.execute("ALTER TABLE voting_vote SET TABLESPACE small")
                cursor.execute("ALTER TABLE voting_castrequest SET TABLESPACE small")
        with (self._small / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"\0" * 4096)
            except OSError:
                pass

    def free_disk(self) -> None:
        """Make room again."""
        assert self._small is not None
        (self._small / "ballast").unlink()

    def calm(self) -> None:
        """Take away what the fault left running."""
        while self.after:
            self.after.pop()()

    def leave(self) -> None:
        """End the servers."""
        for server in self.servers:
            server.close()
        self.closer.leave()
        if self._small is not None:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE voting_vote SET TABLESPACE pg_default")
                cursor.execute("ALTER TABLE voting_castrequest SET TABLESPACE pg_default")
                cursor.execute("DROP TABLESPACE small")
            subprocess.run(["umount", self._small], check=True)
            self._small.rmdir()
