"""Objections and what they wait for."""

from collections.abc import Iterable

from django.db.models import Count, QuerySet

from community.models import Unit
from core import clock
from core.calendar import office_calendar
from core.deadlines import working_days_between
from publish.models import Notice, Objection, ObjectionStatus


def objections_of(notice: Notice) -> QuerySet[Objection]:
    """Return the objections against one notice in the order they came. Lazy."""
    found = Objection.objects.filter(notice=notice).select_related("user", "ruled_by")
    return found.order_by("received_at", "id")


def objection_counts(notice: Notice) -> dict[str, int]:
    """Return how many objections are in each status, every status named, and "all". One query."""
    counts = dict.fromkeys(ObjectionStatus.values, 0)
    rows = Objection.objects.filter(notice=notice).order_by().values_list("status").annotate(number=Count("pk"))
    counts.update(dict(rows))
    return {**counts, "all": sum(counts.values())}


def objections_awaiting(unit: Unit) -> QuerySet[Objection]:
    """Return what `unit` and the units below still have to acknowledge or rule on, by deadline. Lazy."""
    waiting = Objection.objects.filter(
        status__in=[ObjectionStatus.RECEIVED, ObjectionStatus.ACKNOWLEDGED],
        notice__issuer__path__startswith=unit.path,
    )
    return (
        waiting.select_related("notice__issuer").defer("notice__facts", "notice__paper").order_by("rule_due_on", "id")
    )


def with_days_to_acknowledge(objections: Iterable[Objection]) -> list[tuple[Objection, int | None]]:
    """Return each objection with the working days left to acknowledge it, as `working_days_between`. Two queries."""
    calendar, today = office_calendar(), clock.local_date()
    return [(one, working_days_between(today, one.acknowledge_due_on, calendar)) for one in objections]
