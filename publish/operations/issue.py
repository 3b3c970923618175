"""Issuing: facts are checked and frozen now, the paper is numbered and typeset in the background."""

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from community.models import Unit, User
from community.rules import require_office
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, WrongStage
from publish import kinds, press
from publish.issuers import issuer_profile
from publish.models import Notice, NoticeStatus, PeriodMode
from publish.models.notice import IN_FORCE
from publish.operations.publication import enqueue_publication
from publish.periods import Period
from publish.queries.periods import period_for
from publish.rules import issuing_offices

DAYS_LIMIT = 365


def issue_notice(
    *,
    kind: str,
    facts: dict[str, Any],
    issuer: Unit,
    by: Actor,
    subject: models.Model | None = None,
    days: int | None = None,
    mode: str | None = None,
    supersedes: Notice | None = None,
    follows: Sequence[Notice] = (),
    recipient: User | None = None,
    public: bool | None = None,
    period_key: str = "",
    now: dt.datetime | None = None,
) -> Notice:
    """Check and freeze `facts`, and return the notice in status `preparing`; it is published after the commit.

    `days` in `mode` ("calendar" or "working") replace the period that the jurisdiction sets for `period_key`
    (default: the kind; e.g. "meeting_notice.owners"); they may not go below the law's floor. A notice that
    `supersedes` another takes its place when it is posted; those it `follows` stay in force and point to it from then
    on (a final result and the preliminary ones). A letter goes to `recipient` and is not public;
    otherwise posted kinds are public and the rest are the office's, unless `public` says so.
    `now` backdates the posting; without it the day of publication counts.

    Raises BadInput (facts, glyphs, days, another unit's papers), NotAllowed, WrongStage (the superseded one does not
    hold any more).
    """
    office = require_office(by, *issuing_offices(kind), unit=issuer)
    form = kinds.kind_of(kind).form
    press.check_facts(kind, facts)
    period = _period(kind=kind, key=period_key or kind, issuer=issuer, days=days, mode=mode)
    written_at = clock.now()
    with transaction.atomic():
        if supersedes is not None:
            supersedes = _lock_superseded(supersedes, issuer)
        issuer_profile(issuer)
        notice = Notice.objects.create(
            kind=kind,
            family=form,
            title=facts["title"],
            issuer=issuer,
            issued_by_id=by.pk,
            issued_at=now or written_at,
            created_at=written_at,
            recipient=recipient,
            is_public=(form == "notice" if public is None else public) and recipient is None,
            facts=facts,
            days=period.days,
            mode=period.mode,
            subject_type=ledger.subject_type(subject) if subject is not None else "",
            subject_id=str(subject.pk) if subject is not None else "",
            supersedes=supersedes,
            version=supersedes.version + 1 if supersedes is not None else 1,
        )
        _point_to(notice, follows)
        ledger.record(
            by=by,
            act="issue_notice",
            subject=notice,
            office=office,
            after={"kind": kind, "title": notice.title, "days": period.days, "mode": period.mode}
            | ({"follows": sorted(one.pk for one in follows)} if follows else {}),
            now=notice.issued_at,
        )
        transaction.on_commit(partial(enqueue_publication, notice.pk))
    return notice


def retry_notice(notice: Notice, *, by: Actor, now: dt.datetime | None = None) -> Notice:
    """Try to publish a failed notice again. Raises NotAllowed, WrongStage."""
    office = require_office(by, *issuing_offices(notice.kind), unit=notice.issuer)
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=notice.pk)
        if locked.status == NoticeStatus.PREPARING:
            transaction.on_commit(partial(enqueue_publication, locked.pk))
            return locked
        if locked.status != NoticeStatus.FAILED:
            raise WrongStage(_("这份文书已经发布，不需要重试。"))
        if Notice.objects.filter(supersedes=locked).exclude(status=NoticeStatus.FAILED).exists():
            raise WrongStage(_("这份文书已由另一份代替，不再发布。"))
        before = {"status": locked.status, "failure": locked.failure}
        locked.retry()
        locked.created_at = clock.now()
        locked.issued_at = now or locked.created_at
        locked.save(update_fields=["status", "failure", "attempts", "created_at", "issued_at"])
        ledger.record(by=by, act="retry_notice", subject=locked, office=office, before=before, now=now)
        transaction.on_commit(partial(enqueue_publication, locked.pk))
    return locked


def _period(*, kind: str, key: str, issuer: Unit, days: int | None, mode: str | None) -> Period:
    if key != kind and not key.startswith(f"{kind}."):
        raise BadInput(_("公示期的类别与文书种类不符。"), field="period_key")
    usual = period_for(key, issuer)
    if days is None:
        return usual
    if mode is None:
        mode = PeriodMode.CALENDAR
    if mode not in PeriodMode.values:
        raise BadInput(_("计算方式应为 calendar 或 working。"), field="mode")
    if not 0 <= days <= DAYS_LIMIT:
        raise BadInput(_("公示天数应在 0 到 %(limit)d 之间。") % {"limit": DAYS_LIMIT}, field="days")
    if days < usual.floor:
        raise BadInput(
            _("公示期不得少于 %(floor)d 天（%(basis)s）。") % {"floor": usual.floor, "basis": usual.basis}, field="days"
        )
    return Period(days, "working" if mode == PeriodMode.WORKING else "calendar", usual.floor, usual.basis)


def _point_to(notice: Notice, follows: Sequence[Notice]) -> None:
    for earlier in Notice.objects.select_for_update().filter(pk__in=[one.pk for one in follows]).order_by("pk"):
        if earlier.issuer_id != notice.issuer_id:
            raise BadInput(_("只能更正本单位的公示。"), field="follows")
        earlier.follower = notice
        earlier.save(update_fields=["follower"])


def _lock_superseded(supersedes: Notice, issuer: Unit) -> Notice:
    locked = Notice.objects.select_for_update().get(pk=supersedes.pk)
    if locked.issuer_id != issuer.pk:
        raise BadInput(_("只能更正本单位的公示。"), field="supersedes")
    # One in preparation is posted before what takes its place: an issuer's papers appear in the order of issuing.
    if locked.status not in {*IN_FORCE, NoticeStatus.PREPARING}:
        raise WrongStage(_("被更正的公示已不在有效状态。"))
    if Notice.objects.filter(supersedes=locked).exclude(status=NoticeStatus.FAILED).exists():
        raise WrongStage(_("这份公示已经有一份更正。"))
    return locked
