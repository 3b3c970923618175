"""The serving process: uvicorn set up for thousands of sockets, and the background process beside it."""

import contextlib
import gc
import logging
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings

from config.protocol import LiveProtocol
from config.requests import PatientProtocol

log = logging.getLogger(__name__)

# Frames from 16 KiB to here get an answer (`error`); larger ones close the socket before they fill the memory.
LARGEST_FRAME = 256 * 1024
BACKLOG = 8192
WANTED_FILES = 65_536
ADVISED_FILES = 4096
ADVISED_MEMORY = 300  # MiB
# Linux' own since 5.4. Older kernels and some containers have 128: a room that comes back at once is then turned away.
ADVISED_QUEUE = 4096
QUEUE = Path("/proc/sys/net/core/somaxconn")
MEMORY = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")  # a container's own memory, where it has a limit
STOP_SECONDS = 10
# Votes and screens take turns in one interpreter; the default 5 ms would be most of an answer's time.
SWITCH_SECONDS = 0.001


class _Server(uvicorn.Server):
    """uvicorn, with garbage collection set for many long-lived sockets."""

    def __init__(self, config: uvicorn.Config, ready: Any) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        """Start listening, then freeze what stays: full collections over 10,000 sockets paused for 600 ms."""
        await super().startup(sockets)
        if self.started:
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 50, 100)
            self._ready(self.servers[0].sockets[0].getsockname()[1])


def configured(host: str, port: int) -> uvicorn.Config:
    """Return uvicorn's settings."""
    return uvicorn.Config(
        "config.asgi:application",
        host=host,
        port=port,
        loop="uvloop",
        http=PatientProtocol,
        ws=LiveProtocol,
        ws_max_size=LARGEST_FRAME,
        ws_ping_interval=25.0,
        ws_ping_timeout=25.0,
        ws_per_message_deflate=False,
        backlog=BACKLOG,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=settings.TRUST_PROXY,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def serve(host: str, port: int, ready: Any) -> None:
    """Serve until SIGTERM or SIGINT; `ready(port)` is called once the port is open."""
    sys.setswitchinterval(SWITCH_SECONDS)
    _Server(configured(host, port), ready).run()


def raise_limits() -> list[str]:
    """Ask the system for as many open files as it gives; return advice where anything is little."""
    advice = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, WANTED_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft < ADVISED_FILES:
        advice.append(
            f"只能同时打开 {soft} 个文件，约能连接 {max(soft - 100, 0)} 块屏幕；"
            f"请用 ulimit -n {WANTED_FILES} 或 systemd 的 LimitNOFILE 提高上限。"
        )
    queue = _number(QUEUE)
    if queue is not None and queue < ADVISED_QUEUE:
        advice.append(
            f"系统只让 {queue} 个新连接排队，断线后同时回来的屏幕会被推迟数秒；"
            f"请用 sysctl -w net.core.somaxconn={ADVISED_QUEUE} 提高上限。"
        )
    free = _free_memory()
    if free is not None and free < ADVISED_MEMORY:
        advice.append(f"可用内存只有 {free} MiB，建议至少 {ADVISED_MEMORY} MiB。")
    return advice


def _number(path: Path) -> int | None:
    """Return the number in a file of the kernel, None where there is no such file or it says `max`."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _free_memory() -> int | None:
    """Return the MiB that are free: of the machine, or of the container where that is less."""
    free = []
    with contextlib.suppress(OSError):
        lines = MEMORY.read_text(encoding="ascii").splitlines()
        free += [int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:")]
    limit, taken = _number(GROUP / "memory.max"), _number(GROUP / "memory.current")
    if limit is not None and taken is not None:
        free.append(max(limit - taken, 0) // 1024**2)
    return min(free, default=None)


class Background:
    """Keeps one background process running beside the server."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="background-watch", daemon=True)

    def start(self) -> None:
        """Start it, and again whenever it ends."""
        self._thread.start()

    def stop(self) -> None:
        """Let it finish its task, then end it."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._thread.join()

    def _watch(self) -> None:
        pause = 1.0
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_background", "--parent", str(os.getpid())]
        while not self._stopping.is_set():
            # Its own session: Ctrl-C reaches the server, which stops it in order.
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our own command
            code = self._process.wait()
            if self._stopping.is_set():
                return
            log.error("the background process ended (%d); starting it again in %.0f s", code, pause)
            self._stopping.wait(pause)
            pause = min(pause * 2, 60.0)
