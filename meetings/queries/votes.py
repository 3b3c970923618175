"""The votes that run, as one reader meets them: which are theirs to cast, and which they have cast."""

from dataclasses import dataclass

from community.models import User
from meetings.models import AgendaBallot
from meetings.queries.outcomes import name_of_body
from meetings.queries.situation import Situation
from voting.models import Ballot, Voter
from voting.queries import items_voted_on, represented_by


@dataclass(frozen=True, slots=True)
class OpenVote:
    """One running vote. `body` names whose it is where several bodies vote; `is_mine`: the reader has a paper there."""

    ballot: int
    question: str
    body: str
    is_roll_call: bool
    is_mine: bool
    has_voted: bool


def open_votes(situation: Situation, user: User) -> list[OpenVote]:
    """Return the running votes with what `user` has to do there. Three or four queries for each."""
    entries = situation.open_ballots
    return [_seen_by(user, entry, name_of_body(entry.ballot) if len(entries) > 1 else "") for entry in entries]


def _seen_by(user: User, entry: AgendaBallot, body: str) -> OpenVote:
    ballot: Ballot = entry.ballot
    voter = Voter.objects.filter(ballot=ballot, user=user).first()
    others = represented_by(ballot, voter=voter, user_id=user.pk)
    own_cast = voter is not None and bool(items_voted_on(voter))
    return OpenVote(
        ballot=ballot.pk,
        question=entry.question,
        body=body,
        is_roll_call=entry.is_roll_call,
        is_mine=voter is not None or bool(others),
        has_voted=own_cast and not others,
    )
