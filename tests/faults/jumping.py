"""`manage.py` under a clock that jumps: SIGUSR1 puts it an hour forward, SIGUSR2 an hour back."""

import datetime as dt
import os
import signal
import sys
from typing import Any

import time_machine
from django.core.management import execute_from_command_line

HOUR = dt.timedelta(hours=1)


def _jump(by: dt.timedelta) -> None:
    time_machine.travel(dt.datetime.now(dt.UTC) + by, tick=True).start()


def _jumped(number: int, _frame: Any) -> None:
    _jump(HOUR if number == signal.SIGUSR1 else -HOUR)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    signal.signal(signal.SIGUSR1, _jumped)
    signal.signal(signal.SIGUSR2, _jumped)
    execute_from_command_line(sys.argv)
