"""The order of speakers as a property: (times spoken, alternate stance, time asked)."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from meetings.speaking import AGAINST, FOR, NEUTRAL, POINT_OF_ORDER, Waiting, speaking_order

_START = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
_OPPOSITE = {FOR: AGAINST, AGAINST: FOR}


def _hand(identity: int, times: int, stance: str, second: int, rank: int | None = None) -> Waiting:
    return Waiting(identity, times, stance, _START + dt.timedelta(seconds=second), rank)


hands = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([FOR, AGAINST, NEUTRAL, POINT_OF_ORDER]), st.integers(0, 30)),
    max_size=12,
).map(lambda rows: [_hand(n, *row) for n, row in enumerate(rows)])
last = st.sampled_from(["", FOR, AGAINST])


@given(hands, last)
def test_everybody_waiting_gets_the_floor_once(waiting: list[Waiting], stance: str) -> None:
    assert sorted(h.id for h in speaking_order(waiting, stance)) == [h.id for h in waiting]


@given(hands, last)
def test_points_of_order_come_first_in_the_order_asked(waiting: list[Waiting], stance: str) -> None:
    ordered = speaking_order(waiting, stance)

    points = sorted((h for h in waiting if h.stance == POINT_OF_ORDER), key=lambda h: (h.asked_at, h.id))
    assert ordered[: len(points)] == points


@given(hands, last)
def test_who_has_spoken_less_comes_before_who_has_spoken_more(waiting: list[Waiting], stance: str) -> None:
    times = [h.times_spoken for h in speaking_order(waiting, stance) if h.stance != POINT_OF_ORDER]

    assert times == sorted(times)


@given(hands, last)
def test_a_side_follows_itself_only_when_nobody_else_of_its_turn_waits(waiting: list[Waiting], stance: str) -> None:
    ordered = [h for h in speaking_order(waiting, stance) if h.stance != POINT_OF_ORDER]

    side = stance
    for place, hand in enumerate(ordered):
        if side and hand.stance == side:
            equals = [h for h in ordered[place:] if h.times_spoken == hand.times_spoken]
            assert {h.stance for h in equals} == {side}
        side = hand.stance if hand.stance in _OPPOSITE else side


@given(hands, last)
def test_among_equals_of_one_stance_who_asked_first_speaks_first(waiting: list[Waiting], stance: str) -> None:
    ordered = speaking_order(waiting, stance)

    for stance_now in (FOR, AGAINST, NEUTRAL):
        for times in range(3):
            mine = [h for h in ordered if h.stance == stance_now and h.times_spoken == times]
            assert mine == sorted(mine, key=lambda h: (h.asked_at, h.id))


def test_the_opposite_side_goes_before_an_earlier_hand_of_the_same_side() -> None:
    waiting = [_hand(1, 0, FOR, 0), _hand(2, 0, FOR, 1), _hand(3, 0, AGAINST, 9)]

    assert [h.id for h in speaking_order(waiting, FOR)] == [3, 1, 2]
    assert [h.id for h in speaking_order(waiting)] == [1, 3, 2]


def test_the_chairs_own_order_goes_before_the_rule() -> None:
    waiting = [_hand(1, 0, FOR, 0), _hand(2, 1, AGAINST, 1, rank=0), _hand(3, 0, POINT_OF_ORDER, 2)]

    assert [h.id for h in speaking_order(waiting)] == [3, 2, 1]
