"""manage.py run_background: works the queue of tasks and runs the periodic jobs, until told to stop."""

import datetime as dt
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connections
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from core import clock, periodic
from publish import press

log = logging.getLogger(__name__)
POLL = 0.25  # seconds between looks at the queue; the look is a plain read, a task is then taken under its lock
ABANDONED = dt.timedelta(minutes=10)  # no task of ours takes that long: its worker was killed


class Command(BaseCommand):
    """Work in the background."""

    help = "Run background tasks (typesetting, notifications) and periodic jobs (deadlines). Any number may run."
    requires_system_checks: list[str] = []

    # A process in which another program called the command, a test's, is not ours to replace.
    _is_a_program = False

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as the program that `argv` started."""
        self._is_a_program = True
        super().run_from_argv(argv)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--parent", type=int, default=0, help="stop when this process is gone")

    def handle(self, *_args: Any, parent: int, **_options: Any) -> None:
        """Run until SIGTERM, SIGINT, or the end of the parent."""
        logging.getLogger("django_tasks_db").setLevel(logging.ERROR)
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: stopping.set())
        for sentence in press.problems():
            self.stderr.write(f"{sentence}；文书不能发布，其他一切照常 / papers cannot be typeset here")
        periodic.find_jobs()
        clockwork = threading.Thread(target=_run_periodic, args=(stopping,), name="periodic", daemon=True)
        clockwork.start()
        _requeue(dt.timedelta(0) if settings.EMBEDDED else ABANDONED)
        requeue_at = time.monotonic()
        while not stopping.is_set() and (not parent or os.getppid() == parent):
            try:
                close_old_connections()
                if DBTaskResult.objects.ready().exists():
                    _worker().run()
                    if self._is_a_program and _resident_mib() > settings.BACKGROUND_MEMORY_MIB:
                        stopping.set()
                        clockwork.join(30)
                        _begin_again()
                elif time.monotonic() > requeue_at:
                    requeue_at = time.monotonic() + 60
                    _requeue(ABANDONED)
            except DatabaseError as error:
                log.warning("the database is away: %s", str(error).strip())
                connections.close_all()
                stopping.wait(2)
            stopping.wait(POLL)
        stopping.set()
        clockwork.join(5)


def _resident_mib() -> int:
    """Return the memory this process holds now, in MiB; 0 where there is no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def _begin_again() -> None:
    """Replace this process by itself, small again: same number, same parent, nothing queued is lost.

    Whatever typesetting leaves behind in memory is bounded so, in us and in the libraries below.
    """
    log.info("%d MiB: the background process begins again", _resident_mib())
    connections.close_all()
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own command, once more


def _worker() -> Any:
    """Return a worker that does what is queued and returns."""
    return Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=20,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )


def _requeue(age: dt.timedelta) -> None:
    """Give tasks back whose worker was killed. Tasks are idempotent: one that did finish finds its work done."""
    running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lte=clock.now() - age)
    if count := running.update(status=TaskResultStatus.READY, started_at=None):
        log.warning("%d tasks were left by a killed worker and are queued again", count)


def _run_periodic(stopping: threading.Event) -> None:
    while not stopping.wait(1.0):
        close_old_connections()
        periodic.run_due()
    connections.close_all()
