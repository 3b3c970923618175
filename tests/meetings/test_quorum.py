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

    heads, area = reached_by(kind, _numbers(13, 9, due_area=123_760, present_area=82_506))

    assert (heads.measure, heads.needed, heads.met) == ("heads", 9, True)
    assert (area.measure, area.needed, area.met, area.shortfall) == ("area", 82_507, False, 1)
    assert area.sentence() == "应到1237.60平方米，法定825.07平方米，实到825.06平方米，还差0.01平方米"


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


HALF, TWO_THIRDS, PRESENT = ("1/2", False), ("2/3", True), ("present", "1/2", False)
TABLE = {
    # kind: notice days, quorum, must it be reached to open, passing, proxies each, invited by office, neutral chair,
    # told by office and free to sit in
    "residents_meeting": (10, [("heads", *HALF)], True, PRESENT, 3, ("supervision_committee",), False, ()),
    "resident_reps_meeting": (
        10, [("heads", *TWO_THIRDS)], True, PRESENT, 0, ("resident_representative", "supervision_committee"), False, (),
    ),
    "deliberation_council": (3, [("heads", *TWO_THIRDS)], True, PRESENT, 0, ("supervision_committee",), True, ()),
    "hearing": (3, [("heads", *TWO_THIRDS)], True, PRESENT, 0, ("supervision_committee",), True, ()),
    "joint_committee": (3, [("heads", *HALF)], True, PRESENT, 0, ("secretary", "seconded_member"), False, ()),
    "owners_meeting": (
        15, [("area", *TWO_THIRDS), ("heads", *TWO_THIRDS)], False, ("participating", "1/2", False), 3, (), False,
        ("director",),
    ),
    "review_meeting": (3, [("heads", *HALF)], True, PRESENT, 0, ("supervision_committee",), False, ()),
}  # fmt: skip


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_is_as_law_and_custom_have_it(key: str) -> None:
    kind = KINDS[key]
    opening, rule = rule_of(kind.opening), rule_of(kind.rule)
    passing = rule.passing[0]

    assert (
        kind.notice_days,
        [(t.measure, f"{t.numerator}/{t.denominator}", t.inclusive) for t in opening.quorum],
        kind.quorum_opens,
        (passing.of, f"{passing.numerator}/{passing.denominator}", passing.inclusive),
        rule.entry["proxy"]["cap"],
        kind.required_invitees,
        kind.neutral_chair,
        kind.required_guests,
    ) == TABLE[key]


def test_only_the_representatives_meeting_has_a_rule_on_who_sits_in_it() -> None:
    found = {key: kind.composition[:3] for key, kind in KINDS.items() if kind.composition is not None}

    assert found == {"resident_reps_meeting": ("resident_representative", 4, 5)}


def test_the_notice_of_an_owners_meeting_rests_on_its_own_article() -> None:
    assert {key: str(kind.notice_article) for key, kind in KINDS.items() if kind.notice_days > 3} == {
        "residents_meeting": "《城市居民委员会组织法》第二十六条",
        "resident_reps_meeting": "《城市居民委员会组织法》第二十六条",
        "owners_meeting": "《物业管理条例》第十四条",
    }
