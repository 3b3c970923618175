"""The bars of the chair's page: lengths are integers of one unit."""

from meetings.bars import bar_of, verdict_bars
from meetings.kinds import KINDS
from meetings.quorum import Numbers, reached_by


def test_the_quorum_of_owners_in_area_and_heads() -> None:
    area, heads = reached_by(KINDS["owners_meeting"], Numbers(13, 123_760, 0, 8, 70_000, 0, 1, 12_507, 0))

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


def test_a_result_heads_before_area() -> None:
    area = {"measure": "area", "fraction": "1/2", "base": "88.40", "needed": "44.21", "reached": "44.20", "met": False}
    heads = {"measure": "heads", "fraction": "1/2", "base": "5", "needed": "3", "reached": "3", "met": True}

    first, second = verdict_bars({"thresholds": [area, heads]})

    assert (first["label"], first["value"], first["need"], first["whole"]) == ("同意人数", 300, 300, 500)
    assert first["sentence"] == "需3人，得3人，达到"
    assert (second["value"], second["need"], second["whole"]) == (4_420, 4_421, 8_840)
    assert second["sentence"] == "需44.21㎡，得44.20㎡，未达到"
    assert verdict_bars(None) == []
