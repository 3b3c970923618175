"""Who speaks next: (times spoken, alternate stance, time asked), RULEBOOK 1. Pure Python."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

FOR: Final = "for"
AGAINST: Final = "against"
NEUTRAL: Final = "neutral"
POINT_OF_ORDER: Final = "point_of_order"

LIMIT_SECONDS: Final = 180
WARNING_SECONDS: Final = 30
SPEECHES_EACH: Final = 2

_OPPOSITE: Final = {FOR: AGAINST, AGAINST: FOR}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A raised hand: who, how often they have spoken on this question, what for, since when.

    `rank` is the place the chair has given by hand (0 first); None leaves it to the rule.
    """

    id: int
    times_spoken: int
    stance: str
    asked_at: dt.datetime
    rank: int | None = None


def speaking_order(hands: Iterable[Waiting], last_stance: str = "") -> list[Waiting]:
    """Return `hands` in the order in which they get the floor.

    Points of order come first, then the places given by the chair, then those who have spoken less. Among equals the
    side opposite to the last speaker for or against (`last_stance`, "" when there was none) comes first, then who asked
    earlier. Somebody neutral takes their turn by time and does not change whose side is next. O(n^2) for n hands.
    """
    left = sorted(hands, key=lambda h: (h.asked_at, h.id))
    ordered = [h for h in left if h.stance == POINT_OF_ORDER]
    ordered += sorted((h for h in left if h.stance != POINT_OF_ORDER and h.rank is not None), key=_rank)
    placed = {h.id for h in ordered}
    left = [h for h in left if h.id not in placed]
    stance = last_stance
    for hand in ordered:
        stance = hand.stance if hand.stance in _OPPOSITE else stance
    while left:
        hand = _next(left, stance)
        left.remove(hand)
        ordered.append(hand)
        stance = hand.stance if hand.stance in _OPPOSITE else stance
    return ordered


def _rank(hand: Waiting) -> int:
    return hand.rank or 0


def _next(left: list[Waiting], stance: str) -> Waiting:
    fewest = min(h.times_spoken for h in left)
    equals = [h for h in left if h.times_spoken == fewest]
    same_side = stance if stance in _OPPOSITE else None
    return next((h for h in equals if h.stance != same_side), equals[0])
