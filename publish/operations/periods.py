"""Periods run on: they end at 24:00 of their last day, and move when the calendar or a damaged posting moves them."""

import datetime as dt
import logging

from django.db import transaction

from core import clock, ledger
from core.actors import SYSTEM, Actor
from core.calendar import ends_on, office_calendar
from core.errors import Refused
from publish import signals
from publish.models import Notice, NoticeStatus, PeriodMode
from publish.operations.issue import issue_notice
from publish.statements import STATEMENT, statement_facts

AT_ONCE = 500
_log = logging.getLogger(__name__)


def end_due_periods(now: dt.datetime | None = None) -> list[Notice]:
    """End every period whose last day has passed, and return those notices. At most 500 a call, a transaction each.

    For each, `notice_period_ended` is sent and a 公示情况说明 is issued.
    """
    moment = now or clock.now()
    today = clock.local_date(moment)
    due = Notice.objects.filter(status=NoticeStatus.POSTED, days__gt=0, ends_on__lt=today).order_by("ends_on", "id")
    ended = []
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        try:
            notice = _end(pk, today, moment)
        except Exception:  # noqa: BLE001 - one bad notice must not keep every later period from ending
            _log.exception("the period of notice %s could not be ended; the others go on", pk)
            continue
        if notice is not None:
            ended.append(notice)
    return ended


def _end(pk: int, today: dt.date, moment: dt.datetime) -> Notice | None:
    with transaction.atomic():
        notice = Notice.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=pk)
        if notice.status != NoticeStatus.POSTED or notice.ends_on is None or notice.ends_on >= today:
            return None
        notice.end(at=moment)
        notice.save(update_fields=["status", "ended_at"])
        ledger.record(
            by=SYSTEM,
            act="end_period",
            subject=notice,
            before={"status": NoticeStatus.POSTED},
            after={"status": notice.status, "ends_on": notice.ends_on.isoformat()},
            document_hash=notice.file_hash,
            now=moment,
        )
        if notice.is_public:
            _state(notice, moment)
        signals.notice_period_ended.owe(notice=notice)
    return notice


def _state(notice: Notice, moment: dt.datetime) -> None:
    """Issue the 公示情况说明; a statement that cannot be made must not keep the period from ending."""
    try:
        issue_notice(
            kind=STATEMENT,
            facts=statement_facts(notice),
            issuer=notice.issuer,
            by=SYSTEM,
            subject=notice,
            days=0,
            now=moment,
        )
    except Refused:
        _log.exception("the statement about notice %s could not be issued", notice.pk)


def recompute_open_periods(
    *, years: list[int] | None = None, by: Actor = SYSTEM, now: dt.datetime | None = None
) -> list[Notice]:
    """Count the open periods again after the calendar changed; return the notices whose last day moved.

    A last day that was already certain is only ever moved later; no last day is moved before today.
    `years` bounds the work to periods that touch them. The calendar is read once.
    """
    moment = now or clock.now()
    today = clock.local_date(moment)
    calendar = office_calendar()
    running = Notice.objects.filter(status=NoticeStatus.POSTED, days__gt=0, ends_on__gte=today)
    if years:
        running = running.filter(ends_on__gte=dt.date(min(years), 1, 1), posted_on__lte=dt.date(max(years), 12, 31))
    moved = []
    for pk in list(running.order_by("id").values_list("pk", flat=True)):
        with transaction.atomic():
            notice = Notice.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=pk)
            if notice.status != NoticeStatus.POSTED or notice.posted_on is None or notice.ends_on is None:
                continue
            found = ends_on(
                notice.posted_on, notice.days + notice.extra_days, PeriodMode(notice.mode).counted, calendar=calendar
            )
            ends = max(found.ends, today) if notice.provisional else max(found.ends, notice.ends_on)
            if (ends, found.provisional) == (notice.ends_on, notice.provisional):
                continue
            if _move(notice, ends, provisional=found.provisional, act="recompute_period", by=by, moment=moment):
                moved.append(notice)
    return moved


def extend_period(
    notice: Notice, *, extra_days: int, by: Actor, office: str = "", reason: str, now: dt.datetime | None = None
) -> None:
    """Set the days added to a period (inside the transaction of the caller, which has locked `notice`)."""
    if notice.posted_on is None or extra_days <= notice.extra_days:
        return
    moment = now or clock.now()
    notice.extra_days = extra_days
    found = ends_on(notice.posted_on, notice.days + extra_days, PeriodMode(notice.mode).counted)
    ends = max(found.ends, notice.ends_on or found.ends)
    notice.save(update_fields=["extra_days"])
    _move(
        notice,
        ends,
        provisional=found.provisional,
        act="extend_period",
        by=by,
        office=office,
        reason=reason or "张贴件损毁，补足天数",
        moment=moment,
    )


def _move(
    notice: Notice,
    ends: dt.date,
    *,
    provisional: bool,
    act: str,
    by: Actor,
    moment: dt.datetime,
    office: str = "",
    reason: str = "",
) -> bool:
    before = {"ends_on": str(notice.ends_on), "provisional": notice.provisional}
    moved = ends != notice.ends_on
    notice.ends_on, notice.provisional = ends, provisional
    notice.save(update_fields=["ends_on", "provisional"])
    after = {"ends_on": str(ends), "provisional": provisional}
    ledger.record(by=by, act=act, subject=notice, office=office, before=before, after=after, reason=reason, now=moment)
    return moved
