"""The background process: it works the queue and the periodic jobs, survives a failing task, and leaves in order."""

import ctypes.util
import datetime as dt
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from core import clock, periodic
from core.models import CalendarDay
from tests.config.background_work import fail, note_day

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]


@pytest.fixture(autouse=True)
def queue_in_the_database(settings: Any) -> Iterator[None]:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def run_until(is_done: Any) -> None:
    """Run the command here; send it SIGTERM once `is_done()`, at the latest after 30 seconds."""

    def watch() -> None:
        ends = time.monotonic() + 30
        while time.monotonic() < ends and not is_done():
            threading.Event().wait(0.05)
        connection.close()
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=watch)
    watcher.start()
    call_command("run_background")
    watcher.join()


def statuses() -> list[str]:
    return list(DBTaskResult.objects.order_by("enqueued_at").values_list("status", flat=True))


def test_tasks_are_worked_and_one_that_fails_stops_nothing() -> None:
    fail.enqueue()
    note_day.enqueue("2026-10-09")

    run_until(lambda: TaskResultStatus.READY not in statuses() and TaskResultStatus.RUNNING not in statuses())

    assert statuses() == [TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL]
    assert [day.date for day in CalendarDay.objects.all()] == [dt.date(2026, 10, 9)]


def test_what_a_killed_worker_left_is_worked_again() -> None:
    note_day.enqueue("2026-10-10")
    started = clock.now() - dt.timedelta(minutes=11)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=started)

    run_until(CalendarDay.objects.exists)

    assert [str(day.date) for day in CalendarDay.objects.all()] == ["2026-10-10"]
    assert statuses() == [TaskResultStatus.SUCCESSFUL]


def test_periodic_jobs_run_beside_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(periodic, "_jobs", {"tests.job": periodic._Entry(lambda: ran.append("once"), 3600)})
    monkeypatch.setattr(periodic, "find_jobs", lambda: ["tests.job"])

    run_until(lambda: bool(ran))

    assert ran == ["once"]


def test_what_keeps_papers_from_being_set_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ctypes.util.find_library
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None if "subset" in name else found(name))

    call_command("run_background", parent=os.getppid() + 1)

    assert capsys.readouterr().err == (
        "缺少 harfbuzz-subset，请安装 Debian 软件包 libharfbuzz-subset0；"
        "文书不能发布，其他一切照常 / papers cannot be typeset here\n"
    )


def test_it_ends_when_its_server_is_gone() -> None:
    note_day.enqueue("2026-10-11")

    call_command("run_background", parent=os.getppid() + 1)

    assert statuses() == [TaskResultStatus.READY]
