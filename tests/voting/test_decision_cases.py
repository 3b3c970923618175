"""Every decision of cases/decisions.json: outcome, and needed and reached of each threshold."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.measure import format_area
from voting.rules import decide

CASES = json.loads((Path(__file__).parent / "cases" / "decisions.json").read_text())
RULES = {
    "owners_278_ordinary": "owners_278_ordinary",
    "owners_278_special": "owners_278_special",
    "owners_pre2021_two_thirds_of_all": "owners_pre2021",
    "resident_reps_meeting_2026": "resident_reps_meeting",
}
OUTCOMES = {"passed": "passed", "rejected": "rejected", "no_quorum": "not_quorate"}
BASES = {"total": "eligible", "participating": "participating", "attending": "present"}


def _numbers(measures: dict[str, int]) -> dict[str, Any]:
    return {"heads": measures["heads"], "area": format_area(measures["area"])}


def _shown(measure: str, value: int) -> int | str:
    return format_area(value) if measure == "area" else value


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_case(case: dict[str, Any]) -> None:
    decision = decide(
        RULES[case["rule"]],
        {
            "eligible": _numbers(case["total"]),
            "participating": _numbers(case["participating"]),
            "for": _numbers(case["agree"]),
        },
    ).as_json()

    assert decision["outcome"] == OUTCOMES[case["outcome"]]
    assert all(t["met"] for t in decision["quorum"]) == case["detail"]["quorate"]
    for stage, told in (("quorum", case["detail"]["quorum"]), ("pass", case["detail"]["passing"])):
        got = {t["measure"]: t for t in decision[stage]}
        assert set(got) == {t["measure"] for t in told}
        for threshold in told:
            measure, mine = threshold["measure"], got[threshold["measure"]]
            assert mine["needed"] == _shown(measure, threshold["need"])
            assert mine["reached"] == _shown(measure, threshold["value"])
            assert mine["base"] == _shown(measure, threshold["of"])
            assert mine["met"] == threshold["ok"]
            assert mine["of"] == BASES[threshold["base"]]
            assert mine["fraction"] == threshold["frac"]
            assert mine["inclusive"] == (threshold["op"] == "ge")
            assert mine["shortfall"] == _shown(measure, max(0, threshold["need"] - threshold["value"]))


def test_there_are_all_of_them() -> None:
    assert len(CASES) == 33
