"""Who votes in a ballot of the meeting: its roll from the invitations, who is in the room, powers and recusals."""

import datetime as dt
from collections import defaultdict, deque

from django.db.models import Sum

from core.actors import Actor
from meetings.models import AgendaItem, Attendance, Meeting, Role
from meetings.queries.situation import attendance_numbers
from voting.counting import in_the_room
from voting.models import Ballot, Voter
from voting.models import Phase as BallotPhase
from voting.operations import VoterDraft
from voting.operations.proxy import lodge_proxy, mark_present, recuse
from voting.persons import why_no_holder


def entitled_voters(meeting: Meeting) -> list[VoterDraft]:
    """Return the members due as drafts of voters; a neutral chair does not vote (RULEBOOK 1)."""
    members = Attendance.objects.filter(meeting=meeting, role=Role.MEMBER).select_related("user", "guardian")
    if meeting.template.neutral_chair:
        members = members.exclude(user_id=meeting.chair_id)
    return [
        VoterDraft(
            name=m.name,
            user=m.user,
            place=m.place,
            heads=m.heads,
            area=m.area,
            guardian=m.guardian,
            guardian_name=m.guardian_name,
        )
        for m in members.order_by("id")
    ]


def mark_those_present(meeting: Meeting, ballot: Ballot, *, by: Actor, now: dt.datetime) -> None:
    """Let who is in the room vote on a ballot of the room: members, guardians in their place, holders of powers."""
    here = [voter for member, voter in _voters_of_members(meeting, ballot) if member.is_present]
    mark_present(ballot, here, users=_accounts_here(meeting), by=by, now=now)


def mark_gone(meeting: Meeting, attendance: Attendance, *, by: Actor, now: dt.datetime) -> bool:
    """Let nobody vote on an open ballot of the room for a seat that was left; return whether one is open.

    What was voted before stands, and who had voted stays counted as present for it (voting/counting.py).
    """
    ballots = list(Ballot.objects.filter(on_agenda__item__meeting=meeting, phase=BallotPhase.OPEN, in_room=True))
    for ballot in ballots:
        left = [voter for member, voter in _voters_of_members(meeting, ballot) if member.pk == attendance.pk]
        account = attendance.user_id or attendance.guardian_id
        users = {account} - _accounts_here(meeting) if account is not None else set()
        mark_present(ballot, left, users=users, present=False, by=by, now=now)
    return bool(ballots)


def heads_that_may_vote(meeting: Meeting, item: AgendaItem, ballot: Ballot, now: dt.datetime) -> tuple[int, int, int]:
    """Return the heads present, represented and due for a ballot.

    In the room its own roll and powers say who may vote; where several bodies vote, its own roll says who is due.
    """
    has_own_roll = ballot.motion_id is not None
    seats = [member.pk for member, _voter in _voters_of_members(meeting, ballot)] if has_own_roll else None
    numbers = attendance_numbers(meeting, recused_from=item, seats=seats)
    due = numbers.due_heads
    if has_own_roll:  # the roll of a ballot that is not yet open has no stored total
        due = Voter.objects.filter(ballot=ballot).aggregate(heads=Sum("heads"))["heads"] or 0
    if ballot.in_room:
        (present, _area), (represented, _their_area) = in_the_room(ballot, now=now)
        return present, represented, due
    return numbers.present_heads, numbers.represented_heads if ballot.rule["proxy"]["allowed"] else 0, due


def carry_proxies(meeting: Meeting, ballot: Ballot, by: Actor, now: dt.datetime) -> None:
    """Whoever gave a power for this meeting and is not in the room is voted for by its holder.

    A holder who may hold no power in this ballot, as somebody who has become its candidate, does not stop the vote:
    the power rests for it. A holder who is no member votes with their account, once they are in the room.
    """
    powers = list(meeting.proxies.filter(revoked_at__isnull=True).select_related("holder__user").order_by("id"))
    if not powers or not ballot.rule["proxy"]["allowed"]:
        return
    known = {member.pk: (member, voter) for member, voter in _voters_of_members(meeting, ballot)}
    voters = Voter.objects.select_related("user").in_bulk([voter for _member, voter in known.values()])
    given = set(ballot.proxies.filter(revoked_at__isnull=True).values_list("principal_id", flat=True))
    for power in powers:
        if power.principal_id not in known:
            continue
        principal, principal_voter = known[power.principal_id]
        if principal.is_present or principal_voter in given:
            continue
        holder = voters[known[power.holder_id][1]] if power.holder_id in known else None
        if holder is None and power.holder.user is None:  # off the roll, and without an account: nobody could vote
            continue
        if why_no_holder(ballot.community, [ballot], power.holder.name, power.holder.user):
            continue
        lodge_proxy(
            ballot,
            principal=voters[principal_voter],
            holder=holder,
            holder_user=power.holder.user if holder is None else None,
            instructions=power.matters,
            by=by,
            now=now,
        )


def carry_recusals(item: AgendaItem, ballot: Ballot, by: Actor, now: dt.datetime) -> None:
    """Whoever stepped aside on the agenda item steps aside on every question of its ballot, with an account or not."""
    reasons = dict(item.recusals.values_list("attendance_id", "reason"))
    if not reasons:
        return
    aside = {voter: reasons[seat.pk] for seat, voter in _voters_of_members(item.meeting, ballot) if seat.pk in reasons}
    voters = list(Voter.objects.filter(pk__in=aside))
    for question in ballot.items.all():
        for voter in voters:
            recuse(question, voter, by=by, reason=aside[voter.pk], now=now)


def _accounts_here(meeting: Meeting) -> set[int]:
    """Return the accounts of everybody in the room, in whatever role; a guardian's for the ward's seat."""
    seats = Attendance.objects.filter(meeting=meeting, signed_in_at__isnull=False, signed_out_at__isnull=True)
    return {pk for seat in seats.values_list("user_id", "guardian_id") for pk in seat if pk is not None}


def _voters_of_members(meeting: Meeting, ballot: Ballot) -> list[tuple[Attendance, int]]:
    """Return the members, and electors of another body, who stand on the ballot's roll, each with the id of its voter.

    A voter is the member with the same account; those without one are told apart by name and place, and where those
    are the same too, by their order, which is the order of the invitations.
    """
    members = Attendance.objects.filter(meeting=meeting, role__in=[Role.MEMBER, Role.ELECTOR])
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
