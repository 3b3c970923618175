"""The serving process: what it says at its start, what it asks of the system, and how it and its companion end."""

import gc
import io
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config import server
from tests.live import environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]


def companions(parent: int) -> list[int]:
    """Return the process ids of the children of `parent`."""
    threads = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(word) for children in threads for word in children.read_text().split()]


def test_it_prints_its_address_serves_and_ends_with_its_background_process() -> None:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "serve", "--port", "0"],
        cwd=settings.BASE_DIR,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as said:
        line = said.readline()
        found = re.fullmatch(r"五议已启动 / Wuyi is serving: (http://127\.0\.0\.1:\d+)\n", line)
        assert found is not None, line
        with urllib.request.urlopen(f"{found[1]}/healthz", timeout=10) as answer:  # noqa: S310 - our own server
            status = answer.status
        beside = companions(process.pid)

        process.send_signal(signal.SIGTERM)
        code = process.wait(30)

    assert status == 200
    assert code == 0
    assert len(beside) == 1
    assert not Path(f"/proc/{beside[0]}").exists()


class Said(io.StringIO):
    """Hears that the server is up, and sends the signal that ends it."""

    def write(self, text: str) -> int:
        if "is serving" in text:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().write(text)


@pytest.fixture
def _as_it_was() -> Iterator[None]:
    handler, switch, collected = signal.getsignal(signal.SIGTERM), sys.getswitchinterval(), gc.get_threshold()
    yield
    signal.signal(signal.SIGTERM, handler)
    sys.setswitchinterval(switch)
    gc.unfreeze()
    gc.set_threshold(*collected)


@pytest.mark.usefixtures("_as_it_was", "asked")
def test_a_signal_right_after_the_start_ends_it_in_order() -> None:
    said = Said()

    with pytest.raises(SystemExit) as ended:
        call_command("serve", host="::1", port=0, no_background=True, stdout=said)

    assert ended.value.code == 0
    assert re.fullmatch(r"五议已启动 / Wuyi is serving: http://\[::1\]:\d+\n", said.getvalue())


def test_it_refuses_a_database_that_lacks_migrations() -> None:
    MigrationRecorder(connection).record_unapplied("core", "0001_initial")
    try:
        with pytest.raises(CommandError, match=r"^数据库缺少 \d+ 个迁移，请先运行 manage.py migrate"):
            call_command("serve", port=0)
    finally:
        MigrationRecorder(connection).record_applied("core", "0001_initial")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Collect what is asked of the system instead of asking it."""
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _which, pair: limits.append(pair))
    monkeypatch.setattr(server, "_free_memory", lambda: 4000)
    monkeypatch.setattr(server, "_number", lambda _path: 4096)
    return limits


def limited(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (soft, hard))


def test_it_takes_the_open_files_it_may_have(monkeypatch: pytest.MonkeyPatch, asked: list[tuple[int, int]]) -> None:
    limited(monkeypatch, 1024, resource.RLIM_INFINITY)

    assert server.raise_limits() == []
    assert asked == [(65_536, resource.RLIM_INFINITY)]


def test_it_advises_where_files_queue_or_memory_are_few(
    monkeypatch: pytest.MonkeyPatch, asked: list[tuple[int, int]]
) -> None:
    limited(monkeypatch, 256, 1024)
    monkeypatch.setattr(server, "_number", lambda _path: 128)
    monkeypatch.setattr(server, "_free_memory", lambda: 120)

    assert server.raise_limits() == [
        "只能同时打开 1024 个文件，约能连接 924 块屏幕；请用 ulimit -n 65536 或 systemd 的 LimitNOFILE 提高上限。",
        (
            "系统只让 128 个新连接排队，断线后同时回来的屏幕会被推迟数秒；"
            "请用 sysctl -w net.core.somaxconn=4096 提高上限。"
        ),
        "可用内存只有 120 MiB，建议至少 300 MiB。",
    ]
    assert asked == [(1024, 1024)]


@pytest.mark.parametrize(
    ("limit", "free"), [("max", 2048), (str(512 * 1024**2), 112), (str(100 * 1024**2), 0), (None, 2048)]
)
def test_a_container_has_the_memory_of_its_own_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: str | None, free: int
) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9000000 kB\nMemAvailable: 2097152 kB\n")
    (tmp_path / "memory.current").write_text(f"{400 * 1024**2}\n")
    if limit is not None:
        (tmp_path / "memory.max").write_text(f"{limit}\n")
    monkeypatch.setattr(server, "MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(server, "GROUP", tmp_path)

    assert server._free_memory() == free


def test_the_background_process_is_started_again_when_it_ends() -> None:
    beside = server.Background()
    beside.start()
    first = wait_for(lambda: beside._process)

    os.kill(first.pid, signal.SIGKILL)
    second = wait_for(lambda: beside._process if beside._process is not first else None)
    beside.stop()

    assert first.returncode == -signal.SIGKILL
    assert second.poll() is not None


def wait_for(look: object) -> subprocess.Popen[bytes]:
    """Return what `look()` finds within ten seconds."""
    for _attempt in range(1000):
        if found := look():  # type: ignore[operator] # a function
            return found  # type: ignore[no-any-return] # of processes
        threading.Event().wait(0.01)
    raise AssertionError
