"""The background process: its memory is bounded because it begins again."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

SCRIPT = """
import os, sys
import django
django.setup()
from config.management.commands import run_background
print(os.getpid(), len(sys.argv), flush=True)
if "AGAIN" not in os.environ:
    os.environ["AGAIN"] = "1"
    held = bytearray(200 * 2**20)
    held[::4096] = b"x" * len(held[::4096])
    print(run_background._resident_mib() > 200, flush=True)
    run_background._begin_again()
print(run_background._resident_mib() < 200, flush=True)
"""


def test_a_background_process_begins_again_small_and_with_its_number(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR), "DJANGO_SETTINGS_MODULE": "config.settings"}

    done = subprocess.run(
        [sys.executable, str(script), "one", "two"], env=environment, capture_output=True, text=True, check=True
    )

    first, large, second, small = done.stdout.splitlines()
    assert (large, small) == ("True", "True")
    assert first == second
    assert first.endswith(" 3")
