"""Objections: received, acknowledged within one working day, ruled within three days; upheld returns the matter."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from community.models import Office, Term, Unit, User
from community.rules import require_office
from core import clock, ledger
from core.actors import Actor
from core.calendar import ends_on
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from core.notify import tell
from publish import press, signals
from publish.models import Channel, Notice, NoticeStatus, Objection, ObjectionStatus
from publish.rules import OBJECTION_OFFICE, RULERS

TEXT_LIMIT = 4000
NAME_LIMIT = 50
# A notice with more is settled at a meeting, not through a form; it also bounds abuse.
OPEN_LIMIT = 500
ARTICLE = "《居民委员会组织法》第十七条（参照）"
PHONE_DIGITS = range(7, 16)


class TooManyObjections(Refused):
    """The notice has more open objections than can be worked through."""

    code = "throttled"
    status = 429


def file_objection(
    notice: Notice,
    *,
    text: str,
    by: Actor,
    name: str = "",
    phone: str = "",
    channel: str = Channel.WEB,
    now: dt.datetime | None = None,
) -> Objection:
    """Receive a written, real-name objection during the period.

    `by` is the objector, or SYSTEM for somebody who gave `name` and `phone` without signing in; for the channels
    desk and mail it is the staff member who writes it down. Raises BadInput, NotAllowed, WrongStage.
    """
    text, name, phone = text.strip(), name.strip(), phone.strip()
    office = ""
    if channel not in Channel.values:
        raise BadInput(_("没有这种提交方式。"), field="channel")
    user = by if isinstance(by, User) and channel == Channel.WEB else None
    if channel != Channel.WEB:
        office = require_office(by, *OBJECTION_OFFICE, unit=notice.issuer)
    if user is not None:
        name, phone = user.name or name, user.phone or phone
    _check_signature(name=name, phone=phone, text=text)
    moment = now or clock.now()
    today = clock.local_date(moment)
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=notice.pk)
        if not locked.is_public or not locked.days:
            raise WrongStage(_("这份文书不设异议期。"))
        if locked.status != NoticeStatus.POSTED or locked.ends_on is None or today > locked.ends_on:
            raise WrongStage(_("公示期已经结束，不再受理异议。"), article=ARTICLE)
        open_ones = Objection.objects.filter(notice=locked, status__in=[*_OPEN]).count()
        if open_ones >= OPEN_LIMIT:
            raise TooManyObjections(_("这份公示的异议太多，请到社区当面提出。"))
        try:
            with transaction.atomic():
                objection = Objection.objects.create(
                    notice=locked,
                    user=user,
                    name=name,
                    phone=phone,
                    text=text,
                    channel=channel,
                    received_by_id=by.pk if user is None else None,
                    received_at=moment,
                    acknowledge_due_on=ends_on(today, 1, "working").ends,
                    rule_due_on=ends_on(today, 3).ends,
                )
        except IntegrityError:
            raise WrongStage(_("您对这份公示的异议已经收到，正在办理。"), code="already_filed") from None
        after = {"notice": locked.number, "channel": channel}
        ledger.record(by=by, act="file_objection", subject=objection, office=office, after=after, now=moment)
        tell(
            officers_of(locked.issuer, today),
            f"收到对{locked.number}的异议，请在{objection.acknowledge_due_on.isoformat()}前受理。",
            f"/notices/{locked.pk}/objections/",
        )
    return objection


def acknowledge_objection(objection: Objection, *, by: Actor, now: dt.datetime | None = None) -> Objection:
    """Take an objection up. Raises NotAllowed, WrongStage."""
    office = require_office(by, *OBJECTION_OFFICE, unit=objection.notice.issuer)
    moment = now or clock.now()
    with transaction.atomic():
        locked = _locked(objection)
        if locked.status != ObjectionStatus.RECEIVED:
            raise WrongStage(_("这条异议已经受理或已经办结。"))
        locked.acknowledge(at=moment, by_id=by.pk)
        locked.save(update_fields=["status", "acknowledged_at", "acknowledged_by"])
        _record(locked, by, "acknowledge_objection", office, ObjectionStatus.RECEIVED, moment)
        _tell_objector(locked, "您对%(number)s的异议已经受理。")
    return locked


def rule_on_objection(
    objection: Objection, *, upheld: bool, ruling: str, by: Actor, now: dt.datetime | None = None
) -> Objection:
    """Rule on an acknowledged objection, with reasons. Upheld returns the matter (`objection_upheld`).

    Nobody rules on an objection of their own. Raises NotAllowed, BadInput, WrongStage.
    """
    office = require_office(by, *RULERS, unit=objection.notice.issuer)
    ruling = ruling.strip()
    if not ruling or len(ruling) > TEXT_LIMIT:
        raise BadInput(_("请写明答复和理由，不超过 4000 字。"), field="ruling")
    press.require_drawable(ruling=ruling)
    moment = now or clock.now()
    with transaction.atomic():
        locked = _locked(objection)
        if locked.user_id is not None and locked.user_id == by.pk:
            raise NotAllowed(_("不能对自己提出的异议作出答复，请回避。"), code="recused")
        if locked.status == ObjectionStatus.RECEIVED:
            raise WrongStage(_("请先受理这条异议。"))
        if locked.status != ObjectionStatus.ACKNOWLEDGED:
            raise WrongStage(_("这条异议已经办结。"))
        decide = locked.uphold if upheld else locked.dismiss
        decide(at=moment, by_id=by.pk, ruling=ruling)
        locked.save(update_fields=["status", "ruled_at", "ruled_by", "ruling"])
        _record(locked, by, "rule_on_objection", office, ObjectionStatus.ACKNOWLEDGED, moment, reason=ruling)
        _tell_objector(locked, "您对%(number)s的异议已经答复。")
        if upheld:
            signals.objection_upheld.owe(objection=locked, notice=locked.notice)
    return locked


def take_back_objection(objection: Objection, *, by: Actor, now: dt.datetime | None = None) -> Objection:
    """Let the objector take back an objection that has not been ruled on. Raises NotAllowed, WrongStage."""
    moment = now or clock.now()
    with transaction.atomic():
        locked = _locked(objection)
        if locked.user_id is None or locked.user_id != by.pk:
            raise NotAllowed(_("只有提出异议的人可以撤回。"))
        if locked.status not in _OPEN:
            raise WrongStage(_("这条异议已经办结。"))
        before = locked.status
        locked.take_back()
        locked.save(update_fields=["status"])
        _record(locked, by, "take_back_objection", "", before, moment)
    return locked


def officers_of(unit: Unit, today: dt.date) -> list[User]:
    """Return the secretary, director and committee members in office at `unit`. One query."""
    terms = Term.objects.filter(
        unit=unit, starts_on__lte=today, office__in=[Office.SECRETARY, Office.DIRECTOR, Office.COMMITTEE_MEMBER]
    ).exclude(ends_on__lt=today)
    return list(User.objects.filter(is_active=True, terms__in=terms).distinct())


_OPEN = (ObjectionStatus.RECEIVED, ObjectionStatus.ACKNOWLEDGED)


def _check_signature(*, name: str, phone: str, text: str) -> None:
    if not name or len(name) > NAME_LIMIT:
        raise BadInput(_("异议须实名：请填写姓名。"), field="name")
    digits = phone.lstrip("+").replace("-", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in PHONE_DIGITS and len(phone) <= 20):  # noqa: PLR2004 - the column's length
        raise BadInput(_("请填写能联系到您的电话。"), field="phone")
    if not text or len(text) > TEXT_LIMIT:
        raise BadInput(_("请写明异议的内容，不超过 4000 字。"), field="text")
    if any(not char.isprintable() and char not in "\r\n\t" for char in name + text):
        raise BadInput(_("内容里有不能显示的字符。"), field="text")


def _locked(objection: Objection) -> Objection:
    """Lock the notice before its objection, as filing does."""
    Notice.objects.select_for_update().get(pk=objection.notice_id)
    rows = Objection.objects.select_for_update(of=("self",)).select_related("notice__issuer", "user")
    return rows.get(pk=objection.pk)


def _record(
    objection: Objection, by: Actor, act: str, office: str, before: str, moment: dt.datetime, reason: str = ""
) -> None:
    ledger.record(
        by=by,
        act=act,
        subject=objection,
        office=office,
        before={"status": before},
        after={"status": objection.status, "notice": objection.notice.number},
        reason=reason,
        now=moment,
    )


def _tell_objector(objection: Objection, sentence: str) -> None:
    if objection.user is not None:
        tell([objection.user], sentence % {"number": objection.notice.number}, f"/notices/{objection.notice_id}/")
