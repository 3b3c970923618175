"""共议: stakeholders, sessions, the record of the consultation."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import User
from core import clock, ledger
from core.actors import SYSTEM, Actor
from core.errors import BadInput, WrongStage
from core.notify import tell
from core.words import at_most
from deliberation.models import ConsultationRecord, Proposal, Purpose, Stakeholder
from deliberation.operations.acting import Done, acting, lock, make_move, next_actors, person
from deliberation.operations.notices import link_notice
from meetings.models import AgendaItem, Meeting
from meetings.operations import AgendaDraft, Invitee, convene_meeting
from publish import press
from publish.models import Notice

SESSION_KINDS = ("deliberation_council", "hearing")
TEXT_LENGTH = 4000


def list_stakeholders(
    proposal: Proposal,
    *,
    stakeholders: Iterable[Mapping[str, Any]],
    by: Actor,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> list[Stakeholder]:
    """Add to the list of those whose interest is touched: each {"user": User} or {"name": ...}, with "interest".

    Those already listed stay as they are. Raises BadInput naming the row.
    """
    with acting(
        proposal,
        by=by,
        act="list_stakeholder",
        expected_version=expected_version,
        now=now,
    ) as (locked, done):
        listed = []
        for row, one in enumerate(stakeholders, start=1):
            user: User | None = one.get("user")
            name = at_most(str(one.get("name") or (user.actor_name() if user else "")), "stakeholders", 100)
            if not name:
                raise BadInput(_("第%(row)d行没有姓名或单位。") % {"row": row}, field="stakeholders")
            interest = at_most(str(one.get("interest") or ""), "stakeholders")
            if not interest:
                raise BadInput(_("第%(row)d行没有写与事项的关系。") % {"row": row}, field="stakeholders")
            key = {"user": user} if user is not None else {"user": None, "name": name}
            found, _made = Stakeholder.objects.get_or_create(
                proposal=locked, **key, defaults={"name": name, "interest": interest}
            )
            listed.append(found)
        if not listed:
            raise BadInput(_("名单是空的。"), field="stakeholders")
        done.facts = {"listed": len(listed)}
    return listed


def start_deliberation(
    proposal: Proposal,
    *,
    by: User,
    place: str,
    starts_at: dt.datetime,
    chair: User,
    recorder: User | None = None,
    kind: str = "deliberation_council",
    invitees: Sequence[Invitee | User] = (),
    urgent_reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Convene the first session (notice 2) and begin to deliberate. All stakeholders are invited.

    Raises what `make_move` and `meetings.operations.convene_meeting` raise.
    """

    def carry_out(locked: Proposal) -> Done:
        locked.round += 1
        meeting = _convene(
            locked, by=by, place=place, starts_at=starts_at, chair=chair, recorder=recorder, kind=kind,
            invitees=invitees, urgent_reason=urgent_reason, now=now,
        )  # fmt: skip
        ConsultationRecord.objects.create(proposal=locked, round=locked.round, meeting=meeting)
        return Done(facts={"meeting": meeting.pk, "round": locked.round})

    return make_move(
        "start_deliberation", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out
    )


def convene_next_round(
    proposal: Proposal,
    *,
    by: User,
    place: str,
    starts_at: dt.datetime,
    chair: User,
    recorder: User | None = None,
    kind: str = "deliberation_council",
    invitees: Sequence[Invitee | User] = (),
    urgent_reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Convene another session: a new round when the last ended without consensus, or the round that waits for one."""
    with acting(
        proposal,
        by=by,
        act="convene_next_round",
        expected_version=expected_version,
        now=now,
    ) as (locked, done):
        record = locked.consultations.filter(round=locked.round).first()
        if record is None or record.consensus is False:
            locked.round += 1
            record = ConsultationRecord(proposal=locked, round=locked.round)
        elif record.meeting_id is not None and not _was_called_off(record):
            raise WrongStage(_("本轮协商还没有结论，不能召集下一轮。"))
        record.meeting = _convene(
            locked, by=by, place=place, starts_at=starts_at, chair=chair, recorder=recorder, kind=kind,
            invitees=invitees, urgent_reason=urgent_reason, now=now,
        )  # fmt: skip
        record.save()
        done.facts = {"meeting": record.meeting.pk, "round": locked.round}
    return locked


def _was_called_off(record: ConsultationRecord) -> bool:
    return record.meeting is not None and record.meeting.phase == "cancelled"


def _convene(
    proposal: Proposal,
    *,
    by: User,
    place: str,
    starts_at: dt.datetime,
    chair: User,
    recorder: User | None,
    kind: str,
    invitees: Sequence[Invitee | User],
    urgent_reason: str,
    now: dt.datetime | None,
) -> Meeting:
    if kind not in SESSION_KINDS:
        raise BadInput(_("协商只能用议事会或听证会的形式。"), field="kind")
    parties = [
        Invitee(user=party.user, name=party.name, capacity=party.interest[:60], is_stakeholder=True)
        for party in proposal.stakeholders.select_related("user")
    ]
    meeting = convene_meeting(
        community=proposal.community,
        kind=kind,
        title=f"“{proposal.title}”协商会（第{proposal.round}轮）",
        place=place,
        starts_at=starts_at,
        chair=chair,
        recorder=recorder,
        by=by,
        invitees=[*parties, *invitees],
        agenda=[AgendaDraft(title=proposal.title, subject=proposal)],
        subject=proposal,
        urgent_reason=urgent_reason,
        now=now,
    )
    link_meeting_notice(proposal, meeting, Purpose.SESSION)
    return meeting


def link_meeting_notice(proposal: Proposal, meeting: Meeting, purpose: Purpose) -> Notice | None:
    """Link the notice that called `meeting` as `purpose` of `proposal`, and return it."""
    notice = Notice.objects.filter(subject_type="meetings.meeting", subject_id=str(meeting.pk)).order_by("-id").first()
    if notice is not None:
        link_notice(proposal, notice, purpose)
    return notice


def note_signed_minutes(meeting: Meeting, *, now: dt.datetime | None = None) -> ConsultationRecord | None:
    """Take over from a session whose minutes are signed: their hash, and how many stakeholders came.

    Called by the platform when `meetings` tells it; a second time changes nothing. Returns None for other meetings.
    """
    found = ConsultationRecord.objects.filter(meeting=meeting).only("proposal_id").first()
    if found is None:
        return None
    with transaction.atomic():
        locked = lock(found.proposal_id)
        record = ConsultationRecord.objects.get(pk=found.pk)
        if record.minutes_hash:
            return record
        parties = meeting.attendances.filter(is_stakeholder=True)
        record.minutes_hash = meeting.minutes.content_hash
        record.invited_stakeholders = parties.count()
        record.present_stakeholders = parties.filter(signed_in_at__isnull=False).count()
        record.save()
        locked.version += 1
        locked.save(update_fields=["version"])
        ledger.record(
            by=SYSTEM,
            act="minutes_signed",
            subject=locked,
            after={
                "meeting": meeting.pk,
                "round": record.round,
                "invited_stakeholders": record.invited_stakeholders,
                "present_stakeholders": record.present_stakeholders,
                "version": locked.version,
            },
            document_hash=record.minutes_hash,
            now=now,
        )
        tell(
            next_actors(locked),
            f"“{locked.title}”的会议纪要已签字，请记录并确认协商意见。",
            locked.get_absolute_url(),
        )
    return record


def note_meeting_decisions(meeting: Meeting, *, now: dt.datetime | None = None) -> int:
    """Carry what a closed meeting decided to the proposals its items are about; return to how many it was carried.

    Each gets one entry in its ledger, with the decisions and the dissent; whoever takes the next step and whoever
    proposed it are told. Called by the platform when `meetings` tells it; a second time changes nothing.
    """
    decided: dict[int, list[AgendaItem]] = {}
    label = ledger.subject_type(Proposal())
    for item in meeting.agenda.exclude(decision="").order_by("position"):
        kind, identity = (
            (item.subject_type, item.subject_id) if item.subject_type else (meeting.subject_type, meeting.subject_id)
        )
        if kind == label:
            decided.setdefault(int(identity), []).append(item)
    carried = 0
    with transaction.atomic():
        for pk in sorted(decided):
            locked = lock(pk)
            if ledger.entries_about(locked).filter(act="meeting_decided", after__meeting=meeting.pk).exists():
                continue
            locked.version += 1
            locked.save(update_fields=["version"])
            ledger.record(
                by=SYSTEM,
                act="meeting_decided",
                subject=locked,
                after={
                    "meeting": meeting.pk,
                    "decisions": [item.decision for item in decided[pk]],
                    "dissent": [item.dissent for item in decided[pk] if item.dissent],
                    "version": locked.version,
                },
                now=now,
            )
            proposer = [locked.proposer] if locked.proposer is not None else []
            tell(
                [*next_actors(locked), *proposer],
                f"“{locked.title}”在“{meeting.title[:60]}”上议定：{decided[pk][0].decision[:120]}",
                locked.get_absolute_url(),
            )
            carried += 1
    return carried


def record_consultation(
    proposal: Proposal,
    *,
    by: Actor,
    consensus: bool,
    summary: str,
    dissent: str,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> ConsultationRecord:
    """Write the consultation record of this round: was there consensus, on what, and what was said against it.

    `dissent` is never empty: where nobody objected it says so ("无").
    """
    moment = now or clock.now()
    for field, text in (("summary", summary), ("dissent", dissent)):
        if not text.strip() or len(text) > TEXT_LENGTH:
            raise BadInput(_("协商意见和不同意见都要写，没有不同意见请写“无”。"), field=field)
    press.require_drawable(summary=summary)
    with acting(
        proposal,
        by=by,
        act="record_consultation",
        expected_version=expected_version,
        now=moment,
    ) as (locked, done):
        record = locked.consultations.filter(round=locked.round).first()
        if record is None or not record.minutes_hash:
            raise WrongStage(_("会议纪要还没有签字，不能记录协商意见。"))
        record.consensus, record.summary, record.dissent = consensus, summary.strip(), dissent.strip()
        record.recorded_at, record.recorded_by = moment, person(by)
        record.save()
        done.facts = {"round": record.round, "consensus": consensus}
        done.document_hash = record.minutes_hash
    return record


def confirm_consensus(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Confirm, as director, what the facilitator recorded."""
    return make_move(
        "confirm_consensus", proposal, by=by, expected_version=expected_version, now=now, carry_out=_rest_on_minutes
    )


def proceed_without_consensus(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """After two rounds without consensus: the matter is settled by a vote."""
    return make_move(
        "proceed_without_consensus",
        proposal,
        by=by,
        reason=reason,
        expected_version=expected_version,
        now=now,
        carry_out=_rest_on_minutes,
    )


def _rest_on_minutes(locked: Proposal) -> Done:
    record = locked.consultations.get(round=locked.round)
    return Done(document_hash=record.minutes_hash, facts={"round": record.round})


def start_drafting(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Begin to write the plan."""
    return make_move("start_drafting", proposal, by=by, expected_version=expected_version, now=now)
