"""Votes of the meeting by phone: a ballot is opened from the agenda, closed, and its outcome goes to the motion."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from core import clock
from core.actors import Actor
from core.errors import BadInput, NotFound
from meetings.models import AgendaBallot, AgendaItem, Amendment, Meeting
from meetings.operations.acting import lock, note, tell_screens
from meetings.operations.floor import end_debate
from meetings.operations.motions import carry_outcome
from meetings.operations.question import Question, put_question
from meetings.operations.voters import (
    carry_proxies,
    carry_recusals,
    entitled_voters,
    heads_that_may_vote,
    mark_those_present,
)
from meetings.queries.outcomes import chosen_of, outcome_together
from meetings.queries.prepared import prepared_ballots, why_not_by_roll_call
from meetings.queries.situation import question_of
from meetings.rules import require_running
from voting.mandates import ballots_together
from voting.models import Ballot, BallotKind, Disclosure
from voting.models import Phase as BallotPhase
from voting.operations import VoterDraft, close_ballot, create_ballot, open_ballot


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
        question = put_question(item, amendment, by=by, act="open_ballot", amendment_act="vote_amendment")
        meeting, item = question.meeting, question.item
        is_of_item = question.motion is None and amendment is None
        ballots = prepared_ballots(meeting, item) if is_of_item and voters is None else []
        codes: dict[int, str] = {}
        if not ballots:
            created = create_ballot(
                community=meeting.community,
                title=(
                    title.strip()
                    or f"{meeting.title}：{item.title if is_of_item or amendment is not None else _asked(question)}"
                )[:200],
                kind=kind,
                revisable=revisable,
                disclosure=disclosure or Disclosure.AT_CLOSING,
                items=list(items) if items is not None else [{"title": _asked(question)}],
                rule=rule if rule is not None else meeting.rule,
                voters=list(voters) if voters is not None else entitled_voters(meeting),
                in_room=voters is None and meeting.template.quorum_opens,
                by=by,
                subject=subject if subject is not None else _subject_of(item, meeting),
                issue_codes=issue_codes,
            )
            ballots, codes = [created.ballot], created.codes
        if roll_call:
            _require_answers_aloud(ballots)
        rows = [_row(question, ballot, is_roll_call=roll_call) for ballot in ballots]
        if amendment is None:
            end_debate(item, now)
        for row in rows:
            _put_to_vote(meeting, row, is_of_members=voters is None, by=by, now=now)
        if amendment is None:
            item.ballot = ballots[0]
            item.save(update_fields=["ballot"])
    ballots[0].refresh_from_db()
    return OpenedBallot(rows[0], ballots[0], codes)


def _asked(question: Question) -> str:
    return question_of(question.item, question.motion, question.amendment)[:300]


def _row(question: Question, ballot: Ballot, *, is_roll_call: bool) -> AgendaBallot:
    return AgendaBallot(
        item=question.item, ballot=ballot, motion=question.voted_motion, amendment=question.amendment,
        is_roll_call=is_roll_call,
    )  # fmt: skip


def _put_to_vote(meeting: Meeting, row: AgendaBallot, *, is_of_members: bool, by: Actor, now: dt.datetime) -> None:
    """Open one ballot as `row` of the agenda: first who stepped aside, whose power is held here, who is in the room."""
    item, ballot = row.item, row.ballot
    if is_of_members:
        carry_recusals(item, ballot, by, now)
        carry_proxies(meeting, ballot, by, now)
    if ballot.in_room:
        mark_those_present(meeting, ballot, by=by, now=now)
    row.present_heads, row.represented_heads, row.due_heads = heads_that_may_vote(meeting, item, ballot, now)
    row.save()
    open_ballot(ballot, by=by, now=now)
    after = {
        "ballot": ballot.pk,
        "present": row.present_heads,
        "represented": row.represented_heads,
        "due": row.due_heads,
    }
    note(meeting, by=by, act="open_agenda_ballot", parts=_parts(row), subject=item, after=after, now=now)


def _parts(row: AgendaBallot) -> tuple[str, ...]:
    """Return what of the screens a ballot of the agenda changes."""
    return ("agenda", "motion", "speakers", *(("roll_call",) if row.is_roll_call else ()))


def _require_answers_aloud(ballots: Sequence[Ballot]) -> None:
    """Raise BadInput unless the names of one roll can be called on one question."""
    if why := why_not_by_roll_call(ballots):
        raise BadInput(why, field="kind")


def close_agenda_ballot(*, ballot: Ballot, by: Actor, reason: str = "", now: dt.datetime | None = None) -> Ballot:
    """End the vote and carry its outcome to the motion, the amendment or the item. Closed already: nothing changes.

    Where two bodies vote on the matter both ballots end, and it passes when both do. Before the announced end only
    with a `reason`, as outside a meeting (`voting.operations.close_ballot`); a question the meeting asked by itself
    has no announced end. Raises NotFound, NotAllowed, BadInput naming `reason`.
    """
    now = now or clock.now()
    with transaction.atomic():
        agenda_ballot = AgendaBallot.objects.select_related("item__meeting").filter(ballot=ballot).first()
        if agenda_ballot is None:
            raise NotFound(_("这次表决不是从会议议程发起的。"))
        meeting = lock(agenda_ballot.item.meeting)
        require_running(by, meeting)
        here = agenda_ballot.item.ballots.filter(ballot__in=ballots_together(ballot)).order_by("id")
        for row in here.select_related("ballot"):
            close_ballot(row.ballot, by=by, reason=reason, now=now)
        ballot.refresh_from_db()
        _settle(meeting, ballot, by, now)
    return ballot


def settle_agenda_ballot(*, ballot: Ballot, by: Actor, now: dt.datetime | None = None) -> None:
    """Carry the outcome of a ballot that was closed elsewhere (its own end time, the command line) to the agenda."""
    with transaction.atomic():
        rows = AgendaBallot.objects.filter(ballot__in=ballots_together(ballot)).select_related("item__meeting")
        agenda_ballot = rows.first()
        if agenda_ballot is None:
            return
        meeting = lock(agenda_ballot.item.meeting)
        ballot = Ballot.objects.get(pk=ballot.pk)
        if ballot.phase in {BallotPhase.CLOSED, BallotPhase.CERTIFIED}:
            _settle(meeting, ballot, by, now or clock.now())


def show_certified(*, ballot: Ballot) -> None:
    """Tell the screens of a meeting that the tellers have signed a result: it is no longer preliminary."""
    with transaction.atomic():
        agenda_ballot = AgendaBallot.objects.select_related("item__meeting").filter(ballot=ballot).first()
        if agenda_ballot is not None:
            tell_screens(lock(agenda_ballot.item.meeting), ("agenda",))


def _settle(meeting: Meeting, ballot: Ballot, by: Actor, now: dt.datetime) -> None:
    """Write the outcome once: the ballot's own news of its end arrives here a second time.

    Of several ballots of one matter nothing is written before the last of them is closed.
    """
    together = ballots_together(ballot)
    rows = AgendaBallot.objects.filter(ballot__in=together, settled_at__isnull=True)
    waiting = list(rows.select_related("ballot", "amendment", "motion", "item").order_by("id"))
    if not waiting or not all(one.result for one in together):
        return
    passed, sentence = outcome_together(waiting[0].ballot)
    for row in waiting:
        row.settled_at = now
        row.save(update_fields=["settled_at"])
        after = {"ballot": row.ballot_id, "passed": passed, "sentence": sentence}
        note(meeting, by=by, act="settle_agenda_ballot", parts=_parts(row), subject=row.item, after=after, now=now)
    first = waiting[0]
    carry_outcome(
        item=first.item,
        motion=first.motion,
        amendment=first.amendment,
        passed=passed,
        now=now,
        chosen=chosen_of(first.ballot),
    )


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
