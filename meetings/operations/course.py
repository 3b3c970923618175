"""The course of a meeting: open, go through the agenda, break, close."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from community.models import User
from core import clock, notify
from core.actors import Actor
from core.errors import BadInput, Stale, WrongStage
from core.official import official_language
from meetings import phases, signals
from meetings.models import (
    AgendaItem,
    Attendance,
    ItemRecusal,
    Meeting,
    MinutesSignature,
    Presence,
    Role,
    SignerRole,
)
from meetings.models.meeting import AgendaStatus
from meetings.operations.acting import lock, move, note, require_act, tell_invited, who_comes
from meetings.queries.door import why_too_early
from meetings.queries.situation import situation_of
from meetings.requirements import NO_ITEMS_LEFT, PAPERS_IN_TIME
from meetings.rules import attendance_acting, require_running
from voting.models import Phase


def open_meeting(*, meeting: Meeting, by: Actor, reason: str = "", now: dt.datetime | None = None) -> Meeting:
    """Open the meeting. Papers that came less than three days ahead need `reason`; the minutes say it.

    Raises RequirementsNotMet with the quorum's figures and article. Open already: no change.
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        if meeting.phase == phases.OPEN:
            return meeting
        situation = require_act(meeting, "open", waived=(PAPERS_IN_TIME.key,) if reason.strip() else ())
        if sentence := why_too_early(meeting, now):
            raise WrongStage(sentence, article=str(meeting.template.notice_article))
        move(meeting, "open")
        with official_language():
            meeting.opened_at, meeting.quorum_sentence = now, situation.quorum_sentence()[:300]
        after = {
            "due": situation.numbers.due_heads,
            "present": situation.numbers.present_heads,
            "represented": situation.numbers.represented_heads,
            "quorum": meeting.quorum_sentence,
        }
        fields = ("phase", "opened_at", "quorum_sentence")
        why = reason.strip()[:500]
        note(meeting, by=by, act="open_meeting", parts=("state",), fields=fields, after=after, reason=why, now=now)
    return meeting


def next_agenda_item(
    *,
    meeting: Meeting,
    by: Actor,
    item: AgendaItem | None = None,
    seen: str | None = None,
    now: dt.datetime | None = None,
) -> AgendaItem:
    """Finish the present item and take up the next one, or `item` out of turn (recorded).

    `seen`: the key of the item that was before the meeting when this was chosen, "" for none; two people who press
    at once then move on by one item, not by two: the later one gets Stale.
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        situation = require_act(meeting, "next_item")
        _require_seen(situation.current, seen)
        chosen = situation.next_item if item is None else AgendaItem.objects.filter(meeting=meeting, pk=item.pk).first()
        if chosen is None or chosen.status != AgendaStatus.AHEAD:
            raise BadInput(_("这项议程不能再议。"), field="item")
        out_of_turn = situation.next_item is not None and chosen.pk != situation.next_item.pk
        if situation.current is not None:
            _end_item(situation.current, now)
        chosen.status, chosen.started_at = AgendaStatus.CURRENT, now
        chosen.save(update_fields=["status", "started_at"])
        after = {"position": chosen.position, "out_of_turn": out_of_turn}
        parts = ("agenda", "speakers", "timer", "motion")
        note(meeting, by=by, act="take_up_agenda_item", parts=parts, subject=chosen, after=after, now=now)
    return chosen


def finish_agenda_item(
    *, meeting: Meeting, by: Actor, seen: str | None = None, now: dt.datetime | None = None
) -> AgendaItem:
    """Finish the present item without taking up another; `seen` as in `next_agenda_item`."""
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        item = require_act(meeting, "finish_item").item_at_hand
        _require_seen(item, seen)
        _end_item(item, now)
        note(meeting, by=by, act="finish_agenda_item", parts=("agenda", "speakers"), subject=item, now=now)
    return item


def record_decision(
    *, item: AgendaItem, decision: str, by: Actor, dissent: str = "", now: dt.datetime | None = None
) -> AgendaItem:
    """Write down what was decided on an item, and who saw it otherwise; until the meeting is closed."""
    with transaction.atomic():
        meeting = lock(item.meeting)
        require_running(by, meeting)
        item = AgendaItem.objects.get(pk=item.pk)
        if meeting.phase not in phases.ONGOING:
            raise WrongStage(_("会议不在进行中。"))
        if item.status == AgendaStatus.AHEAD:
            raise WrongStage(_("这项议程还没有议。"))
        item.decision, item.dissent = decision.strip(), dissent.strip()
        item.save(update_fields=["decision", "dissent"])
        after = {"decision": item.decision, "dissent": item.dissent}
        note(meeting, by=by, act="record_decision", parts=("agenda",), subject=item, after=after, now=now)
    return item


def declare_recusal(
    *, item: AgendaItem, reason: str, by: Actor, attendance: Attendance | None = None, now: dt.datetime | None = None
) -> ItemRecusal:
    """Note that somebody steps aside for one item: not counted present for it, the total stays (RULEBOOK 2).

    Before the item's first vote or count, in a meeting that is not over. Stepping aside again changes nothing.
    """
    if not reason.strip():
        raise BadInput(_("请写明回避事由。"), field="reason")
    with transaction.atomic():
        meeting = lock(item.meeting)
        attendance = attendance_acting(meeting, by, attendance, require_running)
        if meeting.phase in phases.OVER:
            raise WrongStage(_("会议不在进行中。"))
        if situation_of(meeting).open_ballot is not None:
            raise WrongStage(_("表决已经开始，不能再声明回避。"))
        if item.ballots.exclude(ballot__phase=Phase.DRAFT).exists() or item.counts.exists():
            raise WrongStage(_("这项议程已经表决过，不能再声明回避。"))
        recusal, is_new = ItemRecusal.objects.get_or_create(
            item=item, attendance=attendance, defaults={"reason": reason.strip()}
        )
        after = {"item": item.pk, "attendance": attendance.pk}
        parts = ("attendance",)
        if is_new:
            note(meeting, by=by, act="declare_recusal", parts=parts, after=after, reason=reason.strip(), now=now)
    return recusal


def suspend_meeting(*, meeting: Meeting, by: Actor, reason: str = "", now: dt.datetime | None = None) -> Meeting:
    """Take a break; the meeting goes on in the same room today. Everybody invited is told."""
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        require_act(meeting, "suspend")
        move(meeting, "suspend")
        note(meeting, by=by, act="suspend_meeting", parts=("state",), fields=("phase",), reason=reason, now=now)
        why = f"：{reason.strip()[:100]}" if reason.strip() else ""
        tell_invited(meeting, f"会议休会，稍后在原地继续：{meeting.title[:100]}{why}")
    return meeting


def adjourn_meeting(
    *, meeting: Meeting, resumes_at: dt.datetime, reason: str, by: Actor, now: dt.datetime | None = None
) -> Meeting:
    """Go on at another time, with the reason; everybody invited is told when, where and why."""
    now = now or clock.now()
    if resumes_at <= now:
        raise BadInput(_("续会时间须在现在之后。"), field="resumes_at")
    if not reason.strip():
        raise BadInput(_("请写明改期续会的理由。"), field="reason")
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        require_act(meeting, "suspend")
        move(meeting, "adjourn")
        meeting.resumes_at = resumes_at
        fields, after = ("phase", "resumes_at"), {"resumes_at": resumes_at.isoformat()}
        note(
            meeting,
            by=by,
            act="adjourn_meeting",
            parts=("state",),
            fields=fields,
            after=after,
            reason=reason.strip(),
            now=now,
        )
        when = timezone.localtime(resumes_at).strftime("%m-%d %H:%M")
        tell_invited(
            meeting, f"会议改期：{meeting.title[:100]}，{when}续会，{meeting.place[:60]}。{reason.strip()[:80]}"
        )
    return meeting


def resume_meeting(*, meeting: Meeting, by: Actor, now: dt.datetime | None = None) -> Meeting:
    """Go on after a break."""
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        require_act(meeting, "resume")
        move(meeting, "resume")
        meeting.resumes_at = None
        note(meeting, by=by, act="resume_meeting", parts=("state",), fields=("phase", "resumes_at"), now=now)
    return meeting


def close_meeting(*, meeting: Meeting, by: Actor, reason: str = "", now: dt.datetime | None = None) -> Meeting:
    """Close the meeting; closed already: nothing changes. Items that were not reached need `reason`.

    Everybody still in the room is signed out at this moment; members who were not there are told what was decided.
    Sends `meeting_closed` after commit.
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        if meeting.phase in {phases.CLOSED, phases.MINUTED}:
            return meeting
        waived = (NO_ITEMS_LEFT.key,) if reason.strip() else ()
        situation = require_act(meeting, "close", waived=waived)
        if situation.current is not None:
            _end_item(situation.current, now)
        left = [item for item in situation.items if item.status == AgendaStatus.AHEAD]
        AgendaItem.objects.filter(pk__in=[item.pk for item in left]).update(status=AgendaStatus.SKIPPED)
        _empty_the_room(meeting, now)
        move(meeting, "close")
        meeting.closed_at, meeting.resumes_at = now, None
        after = {"skipped": [item.position for item in left]}
        note(
            meeting,
            by=by,
            act="close_meeting",
            parts=("state",),
            fields=("phase", "closed_at", "resumes_at"),
            after=after,
            reason=reason.strip(),
            now=now,
        )
        _tell_absent(meeting)
        signals.meeting_closed.owe(meeting=meeting)
    return meeting


def hand_over_chair(
    *, meeting: Meeting, to: User, by: Actor, reason: str = "", now: dt.datetime | None = None
) -> Meeting:
    """Let somebody else preside, so that the chair may argue or vote, or because it is their turn (主席轮值)."""
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        if meeting.phase in phases.OVER:
            raise WrongStage(_("会议已经结束，不能再移交主持。"))
        if to.pk == meeting.recorder_id:
            raise BadInput(_("记录人不能同时主持会议。"), field="to")
        before = {"chair": meeting.chair_id}
        meeting.chair = to
        note(
            meeting,
            by=by,
            act="hand_over_chair",
            parts=("state",),
            fields=("chair",),
            before=before,
            after={"chair": to.pk},
            reason=reason,
            now=now,
        )
    return meeting


def name_recorder(*, meeting: Meeting, to: User, reason: str, by: Actor, now: dt.datetime | None = None) -> Meeting:
    """Let somebody else write and sign the minutes, for a reason: the recorder did not come, or cannot sign.

    Until the minutes are frozen; what the recorder before had signed is void. The same one again: nothing changes.
    Raises NotAllowed, WrongStage, BadInput (no reason, who presides).
    """
    if not reason.strip():
        raise BadInput(_("请写明换记录人的理由。"), field="reason")
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        if meeting.phase in {phases.MINUTED, phases.CANCELLED}:
            raise WrongStage(_("纪要已经定稿或者会议已经取消，不能再换记录人。"))
        if to.pk == meeting.chair_id:
            raise BadInput(_("主持人和记录人不能同时是一个人。"), field="to")
        if to.pk == meeting.recorder_id:
            return meeting
        MinutesSignature.objects.filter(minutes__meeting=meeting, role=SignerRole.RECORDER).delete()
        before = {"recorder": meeting.recorder_id}
        meeting.recorder = to
        note(
            meeting,
            by=by,
            act="name_recorder",
            parts=(),
            fields=("recorder",),
            before=before,
            after={"recorder": to.pk},
            reason=reason.strip()[:500],
            now=now,
        )
        notify.tell([to], f"请您记录会议并在纪要上签字：{meeting.title}", url=_page_of(meeting))
    return meeting


def _page_of(meeting: Meeting) -> str:
    return reverse("meetings:meeting", args=[meeting.pk])


def _require_seen(current: AgendaItem | None, seen: str | None) -> None:
    if seen is not None and seen != ("" if current is None else str(current.pk)):
        raise Stale(_("议程刚才已经变动，请看清现在议的是哪一项再操作。"))


def _end_item(item: AgendaItem, now: dt.datetime) -> None:
    item.status, item.ended_at = AgendaStatus.DONE, max(now, item.started_at or now)
    item.save(update_fields=["status", "ended_at"])
    item.speeches.filter(started_at__isnull=True, withdrawn_at__isnull=True).update(withdrawn_at=now)


def _tell_absent(meeting: Meeting) -> None:
    """Tell the members who never came what was decided, on leave or not."""
    decided = [item.decision for item in meeting.agenda.exclude(decision="").order_by("position")]
    absent = meeting.attendances.filter(role=Role.MEMBER, signed_in_at__isnull=True)
    what = "；".join(decided) if decided else "没有形成议定事项"
    notify.tell(who_comes(absent), f"您未到会的“{meeting.title[:60]}”已经结束：{what}", url=_page_of(meeting))


def _empty_the_room(meeting: Meeting, now: dt.datetime) -> None:
    Presence.objects.filter(attendance__meeting=meeting, out_at__isnull=True).update(
        out_at=Greatest(F("in_at"), Value(now))
    )
    meeting.attendances.filter(signed_in_at__isnull=False, signed_out_at__isnull=True).update(
        signed_out_at=Greatest(F("signed_in_at"), Value(now))
    )
