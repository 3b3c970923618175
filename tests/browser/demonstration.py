"""The demonstration as `make run` leaves it, served by a real `manage.py serve` with its background process."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.servers import free_port

PASSWORD = "wuyi-demo-2026"
_OWN = ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT", "SECRET_KEY", "PAPER_ENGINE", "TEST_DATABASE")


def _environment(data: Path, port: int = 8000) -> dict[str, str]:
    given = {key: value for key, value in os.environ.items() if key not in _OWN}
    return {**given, "WUYI_DATA_DIR": str(data), "PUBLIC_URL": f"http://127.0.0.1:{port}", "LOG_LEVEL": "ERROR"}


def build(data: Path) -> Path:
    """Build the demonstration in `data` as `make run` does, its papers set by the small engine of the tests.

    Two hundred papers would take half the time; what the server prints later is printed by the real engine.
    WUYI_TEST_DEMO names a data directory built before, which is copied instead: for whoever edits these tests.
    """
    if ready := os.environ.get("WUYI_TEST_DEMO"):
        shutil.copytree(ready, data, dirs_exist_ok=True)
        return data
    gather = ["collectstatic", "--noinput", "--verbosity", "0", "-i", "admin", "-i", "ninja"]
    for command in (["migrate", "--verbosity", "0"], gather, ["demo"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env={**_environment(data), "PAPER_ENGINE": "tests.publish.conftest.small_engine"},
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=600,
        )
    return data


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Serve a built data directory; yield its address."""
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=_environment(data, port), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found[0]
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
