"""The bars of the chair's page: lengths are integers of one unit."""

import pytest

from meetings.bars import bar_of, verdict_bars
from meetings.kinds import KINDS
from meetings.models import AgendaItem
from meetings.queries.outcomes import verdict_of
from meetings.quorum import Numbers, reached_by
from voting.rules import decide


def test_the_quorum_of_owners_in_area_and_heads() -> None:
    heads, area = reached_by(KINDS["owners_meeting"], Numbers(13, 123_760, 0, 8, 70_000, 0, 1, 12_507, 0))

    assert bar_of(heads) == {
        "label": "到会人数",
        "fraction": "2/3",
        "needed": "9人",
        "value": 9,
        "need": 9,
        "whole": 13,
        "met": True,
        "sentence": "应到13人，法定9人，实到8人、委托代表1人，共9人，已达到",
    }
    drawn = bar_of(area)
    assert (drawn["label"], drawn["value"], drawn["need"], drawn["whole"], drawn["met"]) == (
        "到会面积",
        82_507,
        82_507,
        123_760,
        True,
    )


@pytest.mark.django_db
def test_a_result_is_drawn_by_the_thresholds_that_decided_it() -> None:
    numbers = {
        "eligible": {"heads": 9, "area": "1000.00"},
        "participating": {"heads": 8, "area": "900.00"},
        "for": {"heads": 5, "area": "450.00"},
        "against": {"heads": 3, "area": "450.00"},
    }
    passed = decide("owners_278_ordinary", numbers)
    item = AgendaItem(pk=1)

    verdict = verdict_of(item, "加装电梯", "现场表决", [], passed.outcome, [passed.as_json()], "")

    heads, area = verdict_bars(verdict)
    assert verdict["outcome_word"] == "未通过"
    assert (heads["label"], heads["needed"], heads["value"], heads["need"], heads["whole"], heads["met"]) == (
        "同意人数",
        "5人",
        500,
        500,
        800,
        True,
    )
    assert (area["label"], area["value"], area["need"], area["whole"], area["met"]) == (
        "同意面积",
        45_000,
        45_001,
        90_000,
        False,
    )
    assert area["sentence"] == "需 450.01平方米，已 450.00平方米，还差 0.01平方米"
    assert verdict_bars(None) == []


@pytest.mark.django_db
def test_a_vote_too_few_took_part_in_is_drawn_by_its_quorum() -> None:
    decision = decide(
        "owners_278_ordinary",
        {
            "eligible": {"heads": 9, "area": "1000.00"},
            "participating": {"heads": 6, "area": "600.00"},
            "for": {"heads": 6, "area": "600.00"},
        },
    )

    verdict = verdict_of(AgendaItem(pk=1), "加装电梯", "现场表决", [], decision.outcome, [decision.as_json()], "")

    heads, area = verdict_bars(verdict)
    assert (heads["label"], heads["met"], area["label"], area["met"]) == ("参与人数", True, "参与面积", False)
    assert area["sentence"] == "需 666.67平方米，已 600.00平方米，还差 66.67平方米"
