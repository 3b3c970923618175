"""Tracked changes: what is struck and put in gives both texts back."""

from hypothesis import given
from hypothesis import strategies as st

from meetings.redline import Segment, merged, overlap, redline, span_of

words = st.text(alphabet="加装电梯一部费用按层分摊，。 12.5abc\n", max_size=40)


@given(words, words)
def test_both_texts_come_back(old: str, new: str) -> None:
    segments = redline(old, new)

    assert "".join(s.text for s in segments if s.change != "insert") == old
    assert "".join(s.text for s in segments if s.change != "strike") == new


def test_a_number_is_replaced_as_a_whole() -> None:
    assert redline("总价486,000元", "总价480,000元") == [
        Segment("keep", "总价"),
        Segment("strike", "486,000"),
        Segment("insert", "480,000"),
        Segment("keep", "元"),
    ]


def test_a_passage_must_stand_once() -> None:
    assert span_of("按层分摊，按层计算", "按层") is None
    assert span_of("按层分摊", "按户") is None
    assert span_of("按层分摊", "") is None
    assert span_of("按层分摊", "分摊") == (2, 4)


def test_a_text_with_its_amendment_merged() -> None:
    assert merged("费用按层分摊。", "按层", "按户") == "费用按户分摊。"
    assert merged("费用按层分摊。", "按层", "") == "费用分摊。"
    assert merged("按层分摊，按层计算。", "按层", "按户") == "按层分摊，按层计算。"


def test_touching_passages_conflict() -> None:
    assert overlap((0, 4), (3, 6))
    assert not overlap((0, 4), (4, 6))


def test_changes_are_marked_as_people_would_mark_them() -> None:
    def marked(old: str, new: str) -> str:
        signs = {"keep": "{}", "strike": "[-{}]", "insert": "[+{}]"}
        return "".join(signs[one.change].format(one.text) for one in redline(old, new))

    assert marked("一楼住户不承担。", "一楼和二楼住户不承担。") == "一楼[+和二楼]住户不承担。"
    assert marked("一楼和二楼住户不承担。", "一楼住户不承担。") == "一楼[-和二楼]住户不承担。"
    assert marked("甲、乙。", "甲、丙、乙。") == "甲、[+丙、]乙。"
    assert marked("每户分摊三千元。", "每层按系数分担费用。") == "每[-户分摊三千元][+层按系数分担费用]。"
