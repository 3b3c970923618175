"""The quorum of every kind at its exact boundary."""

import pytest

from meetings.kinds import KINDS
from meetings.quorum import Numbers, reached_by
from voting.rules import rule_of


def _numbers(due: int, present: int, *, due_area: int = 0, present_area: int = 0) -> Numbers:
    return Numbers(due, due_area, due, present, present_area, present)


@pytest.mark.parametrize(
    ("kind", "due", "needed"),
    [
        ("residents_meeting", 60, 31),
        ("residents_meeting", 61, 31),
        ("residents_meeting", 1, 1),
        ("resident_reps_meeting", 60, 40),
        ("resident_reps_meeting", 61, 41),
        ("deliberation_council", 18, 12),
        ("deliberation_council", 19, 13),
        ("hearing", 9, 6),
        ("joint_committee", 10, 6),
        ("review_meeting", 11, 6),
    ],
)
def test_the_least_number_meets_it_and_one_fewer_does_not(kind: str, due: int, needed: int) -> None:
    (met,) = reached_by(KINDS[kind], _numbers(due, needed))
    (missed,) = reached_by(KINDS[kind], _numbers(due, needed - 1))

    assert (met.needed, met.met, met.shortfall) == (needed, True, 0)
    assert (missed.met, missed.shortfall) == (False, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_never_a_quorum(kind: str) -> None:
    assert not any(reached.met for reached in reached_by(KINDS[kind], Numbers(0, 0, 0, 0, 0, 0)))


def test_owners_need_heads_and_area() -> None:
    kind = KINDS["owners_meeting"]

    area, heads = reached_by(kind, _numbers(13, 9, due_area=123_760, present_area=82_506))

    assert (heads.measure, heads.needed, heads.met) == ("heads", 9, True)
    assert (area.measure, area.needed, area.met, area.shortfall) == ("area", 82_507, False, 1)
    assert area.sentence() == "应到1237.60㎡，法定825.07㎡，实到825.06㎡，还差0.01㎡"


def test_a_council_counts_its_stakeholders() -> None:
    kind = KINDS["deliberation_council"]

    (reached,) = reached_by(kind, Numbers(20, 0, 6, 19, 0, 3))

    assert (reached.of, reached.base, reached.needed, reached.met) == ("stakeholders", 6, 4, False)
    assert reached.sentence() == "利益相关方应到6人，法定4人，实到3人，还差1人"


def test_a_council_without_stakeholders_counts_its_members() -> None:
    (reached,) = reached_by(KINDS["deliberation_council"], Numbers(6, 0, 0, 4, 0, 0))

    assert (reached.of, reached.base, reached.met) == ("eligible", 6, True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_rules_of_every_kind_can_decide(kind: str) -> None:
    assert rule_of(KINDS[kind].rule).passing
    assert rule_of(KINDS[kind].opening).quorum


@pytest.mark.parametrize(
    ("kind", "days"), [("residents_meeting", 10), ("owners_meeting", 15), ("deliberation_council", 3), ("hearing", 3)]
)
def test_notice_days(kind: str, days: int) -> None:
    assert KINDS[kind].notice_days == days
