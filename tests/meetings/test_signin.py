"""The changing code of the poster: this half-minute and the one before, no other."""

import datetime as dt

import pytest
import time_machine

from core import clock
from meetings import signin

_AT = dt.datetime(2026, 12, 7, 12, 0, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (29, True), (30, True), (59, True), (60, False), (90, False), (-1, False)]
)
def test_a_code_lives_for_its_window_and_the_next(seconds: int, good: bool) -> None:  # noqa: FBT001 - a table
    with time_machine.travel(_AT, tick=False) as travel:
        code = signin.code_for(7, clock.now())
        travel.shift(seconds)

        assert signin.is_current(7, code, clock.now()) is good


def test_a_code_is_for_one_meeting_only() -> None:
    assert not signin.is_current(8, signin.code_for(7, _AT), _AT)


@pytest.mark.parametrize("code", ["", "0" * 12, "中文", "x" * 500])
def test_anything_else_is_no_code(code: str) -> None:
    assert not signin.is_current(7, code, _AT)


def test_the_poster_knows_how_long_its_code_stays() -> None:
    assert signin.seconds_left(_AT) == 30
    assert signin.seconds_left(_AT + dt.timedelta(seconds=29)) == 1
