"""The occasion of a ballot: the meeting in whose course it is held. Voting knows no meeting; the room above says it."""

from collections.abc import Callable
from dataclasses import dataclass

from voting.models import Ballot


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where the pages of a ballot lead back to."""

    url: str
    title: str


Finder = Callable[[Ballot], Occasion | None]
_finders: list[Finder] = []


def register_occasion(finder: Finder) -> None:
    """Let a room above say in whose course a ballot is held, None where it knows of nothing.

    Call it from AppConfig.ready; registering the same function again changes nothing.
    """
    if finder not in _finders:
        _finders.append(finder)


def occasion_of(ballot: Ballot) -> Occasion | None:
    """Return the occasion of a ballot, None for a vote in writing. Costs what the finders ask: one query."""
    return next((found for finder in _finders if (found := finder(ballot)) is not None), None)
