"""The rule engine against an independent naive implementation with fractions; what it refuses; the catalogue."""

from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voting.rules import ENTRIES, BadNumbers, decide, rule_of

HEADS = st.one_of(st.integers(0, 12), st.integers(0, 10**7))
FRACTIONS = st.sampled_from(["1/2", "2/3", "3/4", "1/3", "1/5", "4/5", "1/10", "1/1", "7/13"])


@st.composite
def _numbers(draw: st.DrawFn) -> dict[str, dict[str, int]]:
    """Numbers that add up; areas in 0.01 m2."""
    made: dict[str, dict[str, int]] = {}
    for measure, values in (("heads", HEADS), ("area", st.integers(0, 10**11))):
        eligible = draw(values)
        part = draw(st.integers(0, eligible))
        agree = draw(st.integers(0, part))
        against = draw(st.integers(0, part - agree))
        for group, value in (
            ("eligible", eligible), ("present", draw(st.integers(part, eligible))), ("participating", part),
            ("for", agree), ("against", against), ("abstain", part - agree - against),
            ("invalid", draw(st.integers(0, eligible - part))),
        ):  # fmt: skip
            made.setdefault(group, {})[measure] = value
    return made


@st.composite
def _rule(draw: st.DrawFn) -> dict[str, Any]:
    def thresholds(least: int) -> list[dict[str, Any]]:
        bases = st.sampled_from(["eligible", "present", "participating", "cast", "for_and_against"])
        one = st.fixed_dictionaries(
            {
                "measure": st.sampled_from(["heads", "area"]),
                "of": bases,
                "fraction": FRACTIONS,
                "inclusive": st.booleans(),
            }
        )
        return draw(
            st.lists(
                one,
                min_size=least,
                max_size=3,
                unique_by=lambda t: (t["measure"], t["of"], t["fraction"], t["inclusive"]),
            )
        )

    return {"quorum": thresholds(0), "pass": thresholds(1)}


def _written(measures: dict[str, int]) -> dict[str, Any]:
    area = measures["area"]
    return {"heads": measures["heads"], "area": f"{area // 100}.{area % 100:02d}"}


def _naive(threshold: dict[str, Any], numbers: dict[str, dict[str, int]], counted: str) -> bool:
    measure = threshold["measure"]
    held = {group: values[measure] for group, values in numbers.items()}
    held["cast"] = held["participating"] + held["invalid"]
    held["for_and_against"] = held["for"] + held["against"]
    bound = Fraction(threshold["fraction"]) * held[threshold["of"]]
    return held[counted] >= bound if threshold["inclusive"] else held[counted] > bound


@given(_numbers(), _rule())
def test_it_agrees_with_fractions(numbers: dict[str, dict[str, int]], rule: dict[str, Any]) -> None:
    quorate = all(_naive(t, numbers, "participating") for t in rule["quorum"])
    passed = all(_naive(t, numbers, "for") for t in rule["pass"])
    nobody = numbers["participating"]["heads"] == 0
    expected = "not_quorate" if not quorate else "passed" if passed and not nobody else "rejected"

    decision = decide(rule, {group: _written(measures) for group, measures in numbers.items()})

    assert decision.outcome == expected
    for reckoning in (*decision.quorum, *decision.passing):
        assert reckoning.met == (reckoning.reached >= reckoning.needed)
        assert reckoning.shortfall == max(0, reckoning.needed - reckoning.reached)


@given(fraction=FRACTIONS, inclusive=st.booleans(), base=HEADS)
@example(fraction="2/3", inclusive=True, base=61)
@example(fraction="1/2", inclusive=False, base=0)
@example(fraction="1/1", inclusive=True, base=1)
@example(fraction="3/4", inclusive=True, base=10**7)
def test_needed_is_the_smallest_that_meets(fraction: str, inclusive: bool, base: int) -> None:  # noqa: FBT001 - hypothesis gives it
    rule = {"pass": [{"measure": "heads", "of": "eligible", "fraction": fraction, "inclusive": inclusive}]}
    share = Fraction(fraction)

    [reckoning] = decide(rule, {g: {"heads": base} for g in ("eligible", "participating", "for")}).passing

    needed = reckoning.needed
    assert needed >= share * base if inclusive else needed > share * base
    assert needed - 1 < share * base if inclusive else needed - 1 <= share * base


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("heads", [1, 3, 12, 10**7 - 1, 10**7])
@given(fraction=FRACTIONS, area=st.integers(1, 10**11))
def test_exactly_at_the_threshold_and_one_below(fraction: str, area: int, heads: int, inclusive: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    rule = {"pass": [{"measure": m, "of": "participating", "fraction": fraction, "inclusive": inclusive}
                     for m in ("heads", "area")]}  # fmt: skip
    all_of_them, share = {"heads": heads, "area": area}, Fraction(fraction)
    least = {m: ceil(share * n) if inclusive else floor(share * n) + 1 for m, n in all_of_them.items()}
    outcomes = []
    for agreed in (least, {**least, "heads": least["heads"] - 1}, {**least, "area": least["area"] - 1}):
        possible = all(agreed[m] <= all_of_them[m] for m in agreed)
        groups = {"eligible": all_of_them, "participating": all_of_them, "for": agreed}
        outcomes.append(decide(rule, {g: _written(n) for g, n in groups.items()}).outcome if possible else "impossible")

    assert outcomes[0] in ({"passed"} if share < 1 or inclusive else {"impossible"})
    assert set(outcomes[1:]) <= {"rejected", "impossible"}


def _plain(**changes: Any) -> dict[str, Any]:
    numbers: dict[str, Any] = {
        "eligible": {"heads": 13, "area": "1237.60"},
        "participating": {"heads": 12, "area": "1149.20"},
        "for": {"heads": 9, "area": "884.00"},
    }
    return {**numbers, **changes}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"eligible": None}, "eligible"),
        ({"for": {"heads": 9}}, "for.area"),
        ({"for": {"heads": 13, "area": "884.00"}}, "for.heads"),
        ({"for": {"heads": -1, "area": "884.00"}}, "for.heads"),
        ({"for": {"heads": 9.0, "area": "884.00"}}, "for.heads"),
        ({"for": {"heads": True, "area": "884.00"}}, "for.heads"),
        ({"for": {"heads": "9.50", "area": "884.00"}}, "for.heads"),
        ({"for": {"heads": 9, "area": "884.001"}}, "for.area"),
        ({"for": {"heads": 9, "area": "٨٨٤"}}, "for.area"),
        ({"for": {"heads": 9, "area": "NaN"}}, "for.area"),
        ({"for": {"heads": 9, "area": "1e3"}}, "for.area"),
        ({"for": {"heads": 10**30, "area": "1"}}, "for.heads"),
        ({"for": [9]}, "for"),
        ({"participating": {"heads": 14, "area": "1149.20"}}, "participating.heads"),
        ({"against": {"heads": 4, "area": "0"}}, "participating.heads"),
        ({"abstain": {"heads": 0, "area": "265.21"}}, "participating.area"),
        ({"invalid": {"heads": 2, "area": "0"}}, "invalid.heads"),
        ({"present": {"heads": 14}}, "present.heads"),
    ],
)
def test_numbers_that_do_not_add_up_are_refused_by_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadNumbers) as refused:
        decide("owners_278_special", _plain(**changes))

    assert refused.value.field == field


def _share(**changes: Any) -> dict[str, Any]:
    return {"measure": "heads", "of": "eligible", "fraction": "1/2", "inclusive": False, **changes}


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("no_such_rule", "rule"),
        (7, "rule"),
        ({"quorum": []}, "rule.pass"),
        ({"pass": []}, "rule.pass"),
        ({"pass": [_share()], "qorum": []}, "rule.qorum"),
        ({"pass": [_share(fraction="1/0")]}, "rule.pass[0].fraction"),
        ({"pass": [_share(fraction="3/2")]}, "rule.pass[0].fraction"),
        ({"pass": [_share(fraction="0/2")]}, "rule.pass[0].fraction"),
        ({"pass": [_share(fraction=0.5)]}, "rule.pass[0].fraction"),
        ({"pass": [_share(of="everybody")]}, "rule.pass[0].of"),
        ({"pass": [_share(inclusive="no")]}, "rule.pass[0].inclusive"),
        ({"pass": [_share(extra=1)]}, "rule.pass[0].extra"),
        ({"pass": [_share(), _share()]}, "rule.pass"),
        ({"pass": [_share(at_least=3)]}, "rule.pass[0].fraction"),
        ({"pass": [{"measure": "heads", "at_least": -3}]}, "rule.pass[0].at_least"),
        ({"pass": [_share(measure="")]}, "rule.pass[0].measure"),
        ({"pass": {}}, "rule.pass"),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_field(rule: Any, field: str) -> None:
    with pytest.raises(BadNumbers) as refused:
        decide(rule, _plain())

    assert refused.value.field == field


def test_any_measure_and_absolute_thresholds() -> None:
    rule = {
        "quorum": [{"measure": "heads", "at_least": 60}],
        "pass": [_share(of="for_and_against"), _share(measure="cantons", of="for_and_against")],
    }
    numbers = {
        "eligible": {"heads": 100, "cantons": 23},
        "participating": {"heads": 80, "cantons": 23},
        "for": {"heads": 41, "cantons": 11},
        "against": {"heads": 39, "cantons": 12},
    }

    decision = decide(rule, numbers).as_json()

    assert decision["outcome"] == "rejected"
    assert decision["quorum"][0] == {
        "measure": "heads", "of": None, "base": None, "fraction": None, "inclusive": True, "needed": 60, "reached": 80,
        "shortfall": 0, "met": True, "at_least": 60,
    }  # fmt: skip
    assert [t["needed"] for t in decision["pass"]] == [41, 12]
    assert [t["met"] for t in decision["pass"]] == [True, False]


def test_for_and_against_asks_for_those_against() -> None:
    with pytest.raises(BadNumbers) as refused:
        decide({"pass": [_share(of="for_and_against")]}, _plain())

    assert refused.value.field == "against"


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["key"] for entry in ENTRIES])
def test_an_entry_is_a_rule_in_the_form_it_is_printed_in(entry: dict[str, Any]) -> None:
    assert rule_of(entry).entry == entry
    assert rule_of(entry).quorum == rule_of(entry["key"]).quorum
    assert rule_of(entry).passing == rule_of(entry["key"]).passing
    assert entry["title"]["zh"]
    assert entry["title"]["en"]
    assert entry["article"]


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["key"] for entry in ENTRIES])
def test_with_nobody_taking_part_nothing_passes(entry: dict[str, Any]) -> None:
    nobody = {"heads": 0, "area": "0.00"}
    everybody = {"heads": 60, "area": "6000.00"}

    decision = decide(entry, {"eligible": everybody, "participating": nobody, "for": nobody, "against": nobody})

    assert decision.outcome != "passed"


@pytest.mark.parametrize(
    ("key", "numbers", "outcome"),
    [
        ("rc_election_by_reps", {"participating": 40, "for": 40}, "not_quorate"),
        ("rc_election_by_reps", {"participating": 41, "for": 21}, "passed"),
        ("rc_election_by_reps", {"participating": 40, "for": 21, "invalid": 1}, "passed"),
        ("rc_election_by_reps", {"participating": 41, "for": 21, "invalid": 1}, "rejected"),
        ("rc_runoff", {"participating": 30, "for": 10}, "passed"),
        ("rc_runoff", {"participating": 30, "for": 10, "invalid": 1}, "rejected"),
        ("residents_meeting", {"present": 30, "participating": 30, "for": 30}, "not_quorate"),
        ("residents_meeting", {"present": 31, "participating": 30, "for": 16}, "passed"),
        ("residents_meeting", {"present": 32, "participating": 30, "for": 16}, "rejected"),
        ("owners_committee", {"present": 31, "participating": 31, "for": 30}, "rejected"),
        ("owners_committee", {"present": 31, "participating": 31, "for": 31}, "passed"),
        ("party_branch_decision", {"present": 30, "participating": 30, "for": 30}, "rejected"),
        ("party_branch_decision", {"present": 31, "participating": 31, "for": 31}, "passed"),
        ("party_election", {"present": 47, "participating": 47, "for": 47}, "not_quorate"),
        ("party_election", {"present": 48, "participating": 48, "for": 25}, "passed"),
        ("four_step_party_review", {"present": 40, "participating": 40, "for": 30}, "passed"),
        ("four_step_party_review", {"present": 40, "participating": 40, "for": 29}, "rejected"),
        ("owners_unanimous_interested", {"participating": 60, "for": 60}, "passed"),
        ("owners_unanimous_interested", {"participating": 60, "for": 59}, "rejected"),
        ("owners_unanimous_interested", {"participating": 59, "for": 59}, "not_quorate"),
        ("requisition_residents", {"participating": 6, "for": 6}, "passed"),
        ("requisition_residents", {"participating": 5, "for": 5}, "rejected"),
        ("requisition_residents_by_reps", {"participating": 20, "for": 20}, "passed"),
        ("requisition_residents_by_reps", {"participating": 19, "for": 19}, "rejected"),
        ("requisition_reps_meeting", {"participating": 12, "for": 12}, "passed"),
        ("requisition_reps_meeting", {"participating": 11, "for": 11}, "rejected"),
        ("resident_reps_meeting", {"present": 39, "participating": 39, "for": 39}, "not_quorate"),
        ("resident_reps_meeting", {"present": 40, "participating": 40, "for": 20}, "rejected"),
        ("resident_reps_meeting", {"present": 40, "participating": 40, "for": 21}, "passed"),
        ("rc_election", {"participating": 30, "for": 30}, "not_quorate"),
        ("rc_election", {"participating": 31, "for": 16}, "passed"),
        ("rc_recall", {"participating": 30, "for": 30}, "not_quorate"),
        ("rc_recall", {"participating": 31, "for": 15}, "rejected"),
        ("rc_recall", {"participating": 31, "for": 16}, "passed"),
        ("rc_recall_by_reps", {"participating": 40, "for": 40}, "not_quorate"),
        ("rc_recall_by_reps", {"participating": 41, "for": 21}, "passed"),
        ("village_meeting", {"present": 30, "participating": 30, "for": 30}, "not_quorate"),
        ("village_meeting", {"present": 31, "participating": 31, "for": 16}, "passed"),
        ("village_meeting_households", {"present": 39, "participating": 39, "for": 39}, "not_quorate"),
        ("village_meeting_households", {"present": 40, "participating": 40, "for": 21}, "passed"),
        ("village_reps_meeting", {"present": 39, "participating": 39, "for": 39}, "not_quorate"),
        ("village_reps_meeting", {"present": 40, "participating": 40, "for": 21}, "passed"),
    ],
)
def test_the_catalogue_of_sixty(key: str, numbers: dict[str, int], outcome: str) -> None:
    given = {group: {"heads": heads} for group, heads in {"eligible": 60, **numbers}.items()}

    assert decide(key, given).outcome == outcome


@pytest.mark.parametrize(
    ("heads", "area", "outcome"), [(19, "1999.99", "passed"), (20, "0", "rejected"), (0, "2000", "rejected")]
)
def test_negative_consent_is_broken_by_one_third_of_either(heads: int, area: str, outcome: str) -> None:
    everybody = {"heads": 60, "area": "6000"}

    decision = decide(
        "owner_reps_negative_consent",
        {
            "eligible": everybody,
            "participating": everybody,
            "for": {"heads": 0, "area": "0"},
            "against": {"heads": heads, "area": area},
        },
    )

    assert decision.outcome == outcome
    assert [r.as_json()["needed"] for r in decision.passing] == ["1999.99", 19]


def test_the_sentence_cites_the_article_and_every_condition() -> None:
    decision = decide("owners_278_special", _plain())

    assert decision.basis == "民法典第二百七十八条第一款第六项至第八项和第二款"
    assert decision.sentence == (
        "应参加13人、1237.60平方米，参与表决12人、1149.20平方米，同意9人、884.00平方米。"
        "参与表决专有部分面积须占应参加专有部分面积的三分之二以上，至少825.07平方米，实际1149.20平方米，符合；"
        "参与表决人数须占应参加人数的三分之二以上，至少9人，实际12人，符合；"
        "同意专有部分面积须占参与表决专有部分面积的四分之三以上，至少861.90平方米，实际884.00平方米，符合；"
        "同意人数须占参与表决人数的四分之三以上，至少9人，实际9人，符合。"
        "依据《民法典》第二百七十八条第一款第六项至第八项和第二款，表决通过。"
    )


def test_a_measure_may_have_any_name() -> None:
    rule = {"pass": [{"measure": "户数", "of": "participating", "fraction": "2/3", "inclusive": True}]}

    decision = decide(rule, {"eligible": {"户数": 9}, "participating": {"户数": 6}, "for": {"户数": 4}})

    assert (decision.outcome, decision.passing[0].needed) == ("passed", 4)
    with pytest.raises(BadNumbers, match="name of a measure"):
        decide({"pass": [{**rule["pass"][0], "measure": ""}]}, {"eligible": {}, "participating": {}, "for": {}})
