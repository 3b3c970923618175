"""Minutes: drafted from the record, edited, objected to, signed by chair and recorder, frozen, published masked."""

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from community.models import User
from core import clock, notify
from core.canonical import sha256_hex
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from meetings import phases, signals
from meetings.models import (
    Attendance,
    Meeting,
    Minutes,
    MinutesObjection,
    MinutesSignature,
    MinutesVersion,
    Role,
    SignerRole,
)
from meetings.operations.acting import lock, move, note, require_act, who_comes
from meetings.queries.minutes import public_facts, record_of, text_of
from meetings.requirements import RULES_OF_DEBATE
from meetings.rules import own_attendance, require_running
from publish import press
from publish.models import Notice
from publish.operations import issue_notice
from publish.queries import notices_about

_TEXT_LIMIT = 100_000


def draft_minutes(*, meeting: Meeting, by: User, now: dt.datetime | None = None) -> Minutes:
    """Write the first draft from the record of a closed meeting. Drafted already: nothing changes."""
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        found = Minutes.objects.filter(meeting=meeting).first()
        if found is not None:
            return found
        require_act(meeting, "draft_minutes")
        facts = record_of(meeting)
        minutes = Minutes.objects.create(meeting=meeting, facts=facts, text=text_of(facts))
        MinutesVersion.objects.create(minutes=minutes, number=1, text=minutes.text, author=by, at=now)
        note(meeting, by=by, act="draft_minutes", parts=(), subject=minutes, now=now)
        there = who_comes(meeting.attendances.filter(signed_in_at__isnull=False))
        url = reverse("meetings:minutes", args=[meeting.pk])
        notify.tell(there, f"会议纪要已起草，请核对：{meeting.title}", url=url)
    return minutes


def edit_minutes(
    *, minutes: Minutes, text: str, by: User, version: int, reason: str = "", now: dt.datetime | None = None
) -> Minutes:
    """Replace the wording; `version` is the one the editor saw. Signatures under the old wording fall away.

    Raises Refused (stale) when somebody else edited meanwhile, WrongStage once frozen.
    """
    if not text.strip() or len(text) > _TEXT_LIMIT:
        raise BadInput(_("请写纪要正文，最多10万字。"), field="text")
    now = now or clock.now()
    with transaction.atomic():
        meeting, minutes = _locked(minutes)
        require_running(by, meeting)
        if minutes.version != version:
            last = minutes.versions.select_related("author").order_by("-number").first()
            raise Refused(
                _("纪要已由%(who)s改为第%(n)s版，请在新的版本上修改。")
                % {"who": last.author.name if last else "", "n": minutes.version},
                code="stale",
            )
        if text.strip() == minutes.text:
            return minutes
        voided = minutes.signatures.count()
        minutes.signatures.all().delete()
        minutes.text, minutes.version = text.strip(), minutes.version + 1
        minutes.save(update_fields=["text", "version"])
        MinutesVersion.objects.create(
            minutes=minutes, number=minutes.version, text=minutes.text, author=by, reason=reason.strip()[:300], at=now
        )
        after = {"version": minutes.version, "signatures_voided": voided}
        note(meeting, by=by, act="edit_minutes", parts=(), subject=minutes, after=after, reason=reason, now=now)
    return minutes


def object_to_minutes(*, minutes: Minutes, text: str, by: User, now: dt.datetime | None = None) -> MinutesObjection:
    """Say that the minutes are wrong somewhere; only who was there. It blocks signing until it is answered."""
    if not text.strip():
        raise BadInput(_("请写明纪要哪里不对。"), field="text")
    with transaction.atomic():
        meeting, minutes = _locked(minutes)
        attendance = own_attendance(by, meeting)
        if attendance.signed_in_at is None:
            raise NotAllowed(_("只有到会的人可以对纪要提出异议。"))
        objection = MinutesObjection.objects.create(
            minutes=minutes, attendance=attendance, text=text.strip(), at=now or clock.now()
        )
        note(meeting, by=by, act="object_to_minutes", parts=(), subject=objection, now=now)
    return objection


def answer_objection(
    *, objection: MinutesObjection, answer: str, by: User, now: dt.datetime | None = None
) -> MinutesObjection:
    """Answer an objection: what was changed, or why not. Answered already: refused."""
    if not answer.strip():
        raise BadInput(_("请写明答复。"), field="answer")
    with transaction.atomic():
        meeting, _minutes = _locked(objection.minutes)
        require_running(by, meeting)
        objection = MinutesObjection.objects.get(pk=objection.pk)
        if objection.answered_at is not None:
            raise WrongStage(_("这条异议已经答复。"))
        objection.answer, objection.answered_by, objection.answered_at = answer.strip(), by, now or clock.now()
        objection.save(update_fields=["answer", "answered_by", "answered_at"])
        note(meeting, by=by, act="answer_objection", parts=(), subject=objection, now=now)
        objector = who_comes(Attendance.objects.filter(pk=objection.attendance_id))
        url = reverse("meetings:minutes", args=[meeting.pk])
        notify.tell(objector, "您对会议纪要的异议已答复。", url=url)
    return objection


def sign_minutes(*, minutes: Minutes, by: User, now: dt.datetime | None = None) -> Minutes:
    """Sign as chair or as recorder, whichever `by` is; the second of the two freezes the minutes.

    Sends `minutes_signed` after commit. Signed by this person already: nothing changes. Raises NotAllowed (neither
    chair nor recorder), Refused (unanswered objections, no recorder), WrongStage (frozen).
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting, minutes = _locked(minutes, frozen_ok=True)
        if MinutesSignature.objects.filter(minutes=minutes, user=by).exists():
            return minutes
        role = _role_of(by, meeting)
        if minutes.frozen_at is not None:
            raise WrongStage(_("纪要已经定稿。"))
        if minutes.objections.filter(answered_at__isnull=True).exists():
            raise Refused(_("还有异议没有答复，不能签字。"), article=str(RULES_OF_DEBATE), code="objections_open")
        digest = sha256_hex({"facts": minutes.facts, "text": minutes.text})
        MinutesSignature.objects.create(minutes=minutes, role=role, user=by, text_hash=digest, at=now)
        is_complete = minutes.signatures.count() == len(SignerRole.values)
        fields: tuple[str, ...] = ()
        if is_complete:
            minutes.frozen_at, minutes.content_hash = now, digest
            minutes.save(update_fields=["frozen_at", "content_hash"])
            move(meeting, "freeze_minutes")
            fields = ("phase",)
        after = {"role": role, "frozen": is_complete}
        note(
            meeting,
            by=by,
            act="sign_minutes",
            parts=("state",) if is_complete else (),
            fields=fields,
            subject=minutes,
            after=after,
            document_hash=digest,
            now=now,
        )
        if is_complete:
            _send_to_absent(meeting)
            signals.minutes_signed.owe(meeting=meeting)
    return minutes


def publish_minutes(*, minutes: Minutes, by: User, now: dt.datetime | None = None) -> Notice:
    """Issue the frozen minutes as the masked paper of kind `minutes`; issued already: that one is returned."""
    with transaction.atomic():
        meeting, minutes = _locked(minutes, frozen_ok=True)
        require_running(by, meeting)
        if minutes.frozen_at is None:
            raise WrongStage(_("主持人和记录人都签字后才能发布纪要。"), article=str(RULES_OF_DEBATE))
        found = notices_about(meeting).filter(kind="minutes").exclude(status__in=["withdrawn", "failed"]).first()
        if found is not None:
            return found
        notice = issue_notice(
            kind="minutes",
            facts=press.with_drawable(public_facts(meeting, minutes.facts, minutes.text)),  # signed: final
            issuer=meeting.community,
            by=by,
            subject=meeting,
            public=True,
            now=now,
        )
        after = {"notice": notice.pk}
        note(meeting, by=by, act="publish_minutes", parts=(), subject=minutes, after=after, now=now)
    return notice


def _locked(minutes: Minutes, *, frozen_ok: bool = False) -> tuple[Meeting, Minutes]:
    meeting = lock(minutes.meeting)
    minutes = Minutes.objects.get(pk=minutes.pk)
    if minutes.frozen_at is not None and not frozen_ok:
        raise WrongStage(_("纪要已经定稿，不能再改。"))
    if meeting.phase not in {phases.CLOSED, phases.MINUTED}:
        raise WrongStage(_("会议尚未结束。"))
    return meeting, minutes


def _send_to_absent(meeting: Meeting) -> None:
    """Keep the promise made with the leave: the signed minutes go to the members who were not there."""
    absent = who_comes(meeting.attendances.filter(role=Role.MEMBER, signed_in_at__isnull=True))
    url = reverse("meetings:minutes", args=[meeting.pk])
    notify.tell(absent, f"您未到会的会议，纪要已签字：{meeting.title}", url=url)


def _role_of(by: User, meeting: Meeting) -> str:
    if meeting.recorder_id is None:
        raise Refused(_("没有指定记录人，纪要不能签字。"), article=str(RULES_OF_DEBATE), code="no_recorder")
    if by.pk == meeting.chair_id:
        return SignerRole.CHAIR
    if by.pk == meeting.recorder_id:
        return SignerRole.RECORDER
    raise NotAllowed(_("会议纪要由主持人和记录人签字。"), article=str(RULES_OF_DEBATE))
