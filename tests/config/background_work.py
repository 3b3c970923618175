"""Tasks for tests/config/test_run_background.py: a task is named by its module, so it needs one."""

from django_tasks import task

from core.models import CalendarDay


@task
def note_day(day: str) -> None:
    """Leave a trace in the database."""
    CalendarDay.objects.create(date=day, is_working_day=False, source="测试")


@task
def fail() -> None:
    """Fail."""
    raise ValueError("设备坏了")
