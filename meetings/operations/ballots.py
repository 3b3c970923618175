"""Votes of the meeting by phone: a ballot is opened from the agenda, closed, and its outcome goes to the motion."""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from core import clock
from core.actors import Actor
from core.errors import BadInput, NotFound
from meetings.models import AgendaBallot, AgendaItem, Amendment, Attendance, Meeting, Role
from meetings.operations.acting import lock, note, require_act
from meetings.operations.motions import amendment_to_vote, decide_amendment, decide_motion
from meetings.queries.outcomes import outcome_of
from meetings.queries.situation import attendance_numbers, question_of
from meetings.rules import require_running
from voting.models import Ballot, BallotKind, Disclosure, Method, Voter
from voting.models import Phase as BallotPhase
from voting.operations import CreatedBallot, VoterDraft, close_ballot, create_ballot, open_ballot
from voting.operations.proxy import lodge_proxy, mark_present, recuse
from voting.persons import why_no_holder


@dataclass(frozen=True, slots=True)
class OpenedBallot:
    """A ballot opened from the agenda. `codes` are the printed codes by voter id, known only now; usually empty."""

    agenda_ballot: AgendaBallot
    ballot: Ballot
    codes: dict[int, str] = field(default_factory=dict)


def open_agenda_ballot(
    *,
    item: AgendaItem,
    by: Actor,
    amendment: Amendment | None = None,
    title: str = "",
    kind: str = BallotKind.NAMED,
    revisable: bool = False,
    disclosure: str | None = None,
    rule: str | dict[str, Any] | None = None,
    voters: Sequence[VoterDraft] | None = None,
    items: Sequence[Any] | None = None,
    subject: models.Model | None = None,
    issue_codes: bool = False,
    roll_call: bool = False,
    now: dt.datetime | None = None,
) -> OpenedBallot:
    """Open a vote on the present item: on `amendment`, on the motion before the meeting, or on the item's own text.

    The roll is every member due (heads and area as invited; a neutral chair is left out), for they are the base of the
    quorum; only who is signed in may vote, also those who come while it runs. With owners everybody on the roll may
    vote from anywhere: their law counts who takes part. Whoever stepped aside on the item stays in the total and may
    not vote. `voters` replaces the roll. The ballot is about `subject`, or what the item is about, or the meeting. Its
    rule is the meeting's unless given. Counts stay hidden until it ends unless `disclosure` says "running".
    Several may follow each other. In a `roll_call` the names are called and the answers noted (`record_called_vote`):
    named, counted in the open, an answer may be put right until the end.

    Raises NotAllowed, RequirementsNotMet (no quorum, not seconded, amendments left, another vote running), BadInput.
    """
    now = now or clock.now()
    if roll_call:
        if kind != BallotKind.NAMED:
            raise BadInput(_("唱名表决是记名的，不能无记名。"), field="kind")
        disclosure, revisable = Disclosure.RUNNING, True
    with transaction.atomic():
        meeting = lock(item.meeting)
        require_running(by, meeting)
        situation = require_act(meeting, "open_ballot" if amendment is None else "vote_amendment")
        if situation.current is None or situation.current.pk != item.pk:
            raise BadInput(_("只能就正在议的议程开始表决。"), field="item")
        item, motion = situation.current, situation.motion
        if amendment is not None:
            amendment = amendment_to_vote(amendment, motion)
        question = question_of(item, motion, amendment)
        in_room = meeting.template.quorum_opens
        prepared = _prepared(item) if motion is None and amendment is None and voters is None else None
        created = (
            CreatedBallot(prepared, {}, [])
            if prepared is not None
            else create_ballot(
                community=meeting.community,
                title=(title.strip() or f"{meeting.title}：{item.title}")[:200],
                kind=kind,
                revisable=revisable,
                disclosure=disclosure or Disclosure.AT_CLOSING,
                items=list(items) if items is not None else [{"title": question[:300]}],
                rule=rule if rule is not None else meeting.rule,
                voters=list(voters) if voters is not None else entitled_voters(meeting),
                in_room=voters is None and in_room,
                by=by,
                subject=subject if subject is not None else _subject_of(item, meeting),
                issue_codes=issue_codes,
            )
        )
        ballot = created.ballot
        if roll_call and (ballot.kind != BallotKind.NAMED or _is_not_plain(ballot)):
            raise BadInput(_("唱名表决一次只表决一个事项，只能回答同意、反对或者弃权。"), field="kind")
        if voters is None:
            _carry_recusals(item, ballot, by, now)
            _carry_proxies(meeting, ballot, by, now)
        if ballot.in_room:
            mark_those_present(meeting, ballot, by=by, now=now)
        numbers = attendance_numbers(meeting, recused_from=item)
        agenda_ballot = AgendaBallot.objects.create(
            item=item,
            ballot=ballot,
            motion=motion if amendment is None else None,
            amendment=amendment,
            present_heads=numbers.present_heads,
            represented_heads=numbers.represented_heads if ballot.rule["proxy"]["allowed"] else 0,
            due_heads=numbers.due_heads,
            is_roll_call=roll_call,
        )
        if amendment is None:
            item.ballot = ballot
            item.save(update_fields=["ballot"])
        open_ballot(ballot, by=by, now=now)
        after = {
            "ballot": ballot.pk,
            "present": agenda_ballot.present_heads,
            "represented": agenda_ballot.represented_heads,
            "due": agenda_ballot.due_heads,
        }
        parts = ("agenda", "motion", "roll_call") if roll_call else ("agenda", "motion")
        note(meeting, by=by, act="open_agenda_ballot", parts=parts, subject=item, after=after, now=now)
    ballot.refresh_from_db()
    return OpenedBallot(agenda_ballot, ballot, dict(created.codes))


def _is_not_plain(ballot: Ballot) -> bool:
    """Return whether the ballot asks more than one question, or one that takes another answer than for or against."""
    return list(ballot.items.values_list("method", flat=True)) != [Method.FOR_AGAINST]


def _prepared(item: AgendaItem) -> Ballot | None:
    """Return the ballot that came with the agenda item (it was announced with the meeting) while nobody opened it."""
    return item.ballot if item.ballot is not None and item.ballot.phase == BallotPhase.DRAFT else None


def close_agenda_ballot(*, ballot: Ballot, by: Actor, now: dt.datetime | None = None) -> Ballot:
    """End the vote and carry its outcome to the motion, the amendment or the item. Closed already: nothing changes."""
    now = now or clock.now()
    with transaction.atomic():
        agenda_ballot = AgendaBallot.objects.select_related("item__meeting").filter(ballot=ballot).first()
        if agenda_ballot is None:
            raise NotFound(_("这次表决不是从会议议程发起的。"))
        meeting = lock(agenda_ballot.item.meeting)
        require_running(by, meeting)
        close_ballot(ballot, by=by, now=now)
        ballot.refresh_from_db()
        _settle(meeting, agenda_ballot, ballot, by, now)
    return ballot


def settle_agenda_ballot(*, ballot: Ballot, by: Actor, now: dt.datetime | None = None) -> None:
    """Carry the outcome of a ballot that was closed elsewhere (its own end time, the command line) to the agenda."""
    with transaction.atomic():
        agenda_ballot = AgendaBallot.objects.select_related("item__meeting").filter(ballot=ballot).first()
        if agenda_ballot is None:
            return
        meeting = lock(agenda_ballot.item.meeting)
        ballot = Ballot.objects.get(pk=ballot.pk)
        if ballot.phase in {BallotPhase.CLOSED, BallotPhase.CERTIFIED}:
            _settle(meeting, agenda_ballot, ballot, by, now or clock.now())


def entitled_voters(meeting: Meeting) -> list[VoterDraft]:
    """Return the members due as drafts of voters; a neutral chair does not vote (RULEBOOK 1)."""
    members = Attendance.objects.filter(meeting=meeting, role=Role.MEMBER).select_related("user")
    if meeting.template.neutral_chair:
        members = members.exclude(user_id=meeting.chair_id)
    return [
        VoterDraft(name=m.name, user=m.user, place=m.place, heads=m.heads, area=m.area) for m in members.order_by("id")
    ]


def mark_those_present(meeting: Meeting, ballot: Ballot, *, by: Actor, now: dt.datetime) -> None:
    """Let who is in the room vote on a ballot of the room."""
    here = [voter for member, voter in _voters_of_members(meeting, ballot) if member.is_present]
    mark_present(ballot, here, by=by, now=now)


def _voters_of_members(meeting: Meeting, ballot: Ballot) -> list[tuple[Attendance, int]]:
    """Return the members who stand on the ballot's roll, each with the id of its voter.

    A voter is the member with the same account; those without one are told apart by name and place, and where those
    are the same too, by their order, which is the order of the invitations.
    """
    members = Attendance.objects.filter(meeting=meeting, role=Role.MEMBER)
    if meeting.template.neutral_chair:
        members = members.exclude(user_id=meeting.chair_id)
    waiting: dict[tuple[object, ...], deque[int]] = defaultdict(deque)
    for pk, user, name, place in (
        Voter.objects.filter(ballot=ballot).order_by("pk").values_list("pk", "user_id", "name", "place")
    ):
        waiting[_who(user, name, place)].append(pk)
    found = []
    for member in members.order_by("id"):
        queue = waiting[_who(member.user_id, member.name, member.place)]
        voter = queue.popleft() if queue else None
        if voter is not None:
            found.append((member, voter))
    return found


def _who(user: int | None, name: str, place: str) -> tuple[object, ...]:
    return (user,) if user is not None else (name, place)


def _settle(meeting: Meeting, agenda_ballot: AgendaBallot, ballot: Ballot, by: Actor, now: dt.datetime) -> None:
    """Write the outcome once: the ballot's own news of its end arrives here a second time."""
    if AgendaBallot.objects.get(pk=agenda_ballot.pk).settled_at is not None:
        return
    agenda_ballot.settled_at = now
    agenda_ballot.save(update_fields=["settled_at"])
    passed, sentence = outcome_of(ballot)
    if agenda_ballot.amendment is not None:
        decide_amendment(amendment=agenda_ballot.amendment, passed=passed, now=now)
    elif agenda_ballot.motion is not None:
        decide_motion(meeting=meeting, motion=agenda_ballot.motion, passed=passed, now=now)
    elif passed and not agenda_ballot.item.decision:
        item = agenda_ballot.item
        item.decision = item.motion_text or item.title
        item.save(update_fields=["decision"])
    after = {"ballot": ballot.pk, "passed": passed, "sentence": sentence}
    parts = ("agenda", "motion", "roll_call") if agenda_ballot.is_roll_call else ("agenda", "motion")
    note(meeting, by=by, act="settle_agenda_ballot", parts=parts, subject=agenda_ballot.item, after=after, now=now)


def _subject_of(item: AgendaItem, meeting: Meeting) -> models.Model:
    """Return the model instance the item is about, for the ballot's own reference; the meeting when it is nothing."""
    for kind, identity in ((item.subject_type, item.subject_id), (meeting.subject_type, meeting.subject_id)):
        if kind:
            # The model is named by the room above that wrote the reference: looked up, never imported.
            manager = apps.get_model(kind)._default_manager  # noqa: SLF001 - Django's documented name
            found: models.Model | None = manager.filter(pk=identity).first()
            if found is not None:
                return found
    return meeting


def _carry_proxies(meeting: Meeting, ballot: Ballot, by: Actor, now: dt.datetime) -> None:
    """Whoever gave a power for this meeting and is not in the room is voted for by its holder.

    A holder who may hold no power in this ballot, as somebody who has become its candidate, does not stop the vote:
    the power rests for it.
    """
    powers = list(meeting.proxies.filter(revoked_at__isnull=True).order_by("id"))
    if not powers or not ballot.rule["proxy"]["allowed"]:
        return
    known = {member.pk: (member, voter) for member, voter in _voters_of_members(meeting, ballot)}
    voters = Voter.objects.select_related("user").in_bulk([voter for _member, voter in known.values()])
    given = set(ballot.proxies.filter(revoked_at__isnull=True).values_list("principal_id", flat=True))
    for power in powers:
        if power.principal_id not in known or power.holder_id not in known:
            continue
        (principal, principal_voter), (_holder, holder_voter) = known[power.principal_id], known[power.holder_id]
        if principal.is_present or principal_voter in given:
            continue
        holder = voters[holder_voter]
        if why_no_holder(ballot.community, [ballot], holder.name, holder.user):
            continue
        lodge_proxy(
            ballot,
            principal=voters[principal_voter],
            holder=holder,
            instructions=power.matters,
            by=by,
            now=now,
        )


def _carry_recusals(item: AgendaItem, ballot: Ballot, by: Actor, now: dt.datetime) -> None:
    """Whoever stepped aside on the agenda item steps aside on every question of its ballot."""
    reasons = {r.attendance.user_id: r.reason for r in item.recusals.select_related("attendance")}
    voters = list(Voter.objects.filter(ballot=ballot, user_id__in=[pk for pk in reasons if pk is not None]))
    for question in ballot.items.all():
        for voter in voters:
            recuse(question, voter, by=by, reason=reasons[voter.user_id], now=now)
