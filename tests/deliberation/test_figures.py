"""Figures: k/n beside the percentage, half up, nothing from nothing; amounts; differences; similarity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.differences import Piece, word_difference
from deliberation.figures import Share, fen, rating_figures, ratings_needed, yuan
from deliberation.similarity import SimilarityIndex, normalised, pairs, thousandths


@pytest.mark.parametrize(
    ("k", "n", "text"),
    [
        (5, 6, "83.3%（5/6）"),
        (1, 3, "33.3%（1/3）"),
        (2, 3, "66.7%（2/3）"),
        (1, 2000, "0.1%（1/2000）"),
        (0, 5, "0.0%（0/5）"),
        (0, 0, "—（0/0）"),
        (7, 7, "100.0%（7/7）"),
    ],
)
def test_shares_are_written_half_up(k: int, n: int, text: str) -> None:
    assert str(Share(k, n)) == text


@pytest.mark.parametrize(("households", "needed"), [(0, 10), (200, 10), (201, 11), (1300, 65), (1301, 66)])
def test_enough_ratings_are_ten_or_five_per_cent(households: int, needed: int) -> None:
    assert ratings_needed(households) == needed


@pytest.mark.parametrize(("content", "dissatisfied", "good"), [(8, 2, True), (799, 201, False), (0, 0, False)])
def test_eighty_per_cent_is_compared_exactly(content: int, dissatisfied: int, good: bool) -> None:  # noqa: FBT001 - a parameter of a test
    figures = rating_figures(satisfied=content, fairly=0, dissatisfied=dissatisfied, affected_households=12)

    assert figures.is_good is good


@pytest.mark.parametrize(("text", "amount"), [("0", 0), ("12345", 1234500), ("12,345.6", 1234560), (" 0.05 ", 5)])
def test_yuan_are_read_as_fen(text: str, amount: int) -> None:
    assert fen(text) == amount


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1e3", "一百", "1.", "1.2.3", "²", "9999999999999"])
def test_other_amounts_are_refused(text: str) -> None:
    if text == "1.":
        assert fen(text) == 100
        return
    with pytest.raises(ValueError, match="not an amount"):
        fen(text)


@given(st.integers(0, 10**12))
def test_amounts_come_back(amount: int) -> None:
    assert fen(yuan(amount)) == amount


def test_a_difference_is_by_character_and_number() -> None:
    assert word_difference("加装电梯，预算26.5万元。", "加装一部电梯，预算28万元。") == [
        Piece("same", "加装"),
        Piece("new", "一部"),
        Piece("same", "电梯，预算"),
        Piece("gone", "26.5"),
        Piece("new", "28"),
        Piece("same", "万元。"),
    ]


@given(st.text("甲乙丙 ab1\n", max_size=60), st.text("甲乙丙 ab1\n", max_size=60))
def test_a_difference_holds_both_texts(old: str, new: str) -> None:
    pieces = word_difference(old, new)

    assert "".join(p.text for p in pieces if p.kind != "gone") == new
    assert sum(len(p.text) for p in pieces if p.kind != "new") == len(old)


def test_similar_matters_are_found_across_writing() -> None:
    index: SimilarityIndex[int] = SimilarityIndex()
    index.add(1, "3幢2单元加装电梯，老人上下楼困难")
    index.add(2, "小区东门停车位太少")

    assert [key for key, _n in index.similar("三幢二单元希望加装电梯，老人上下楼很困难", at_least=550)] == [1]


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_full_for_equal_texts(one: str, other: str) -> None:
    a, b = pairs(normalised(one)), pairs(normalised(other))

    assert thousandths(a, b) == thousandths(b, a)
    assert thousandths(a, a) == (1000 if a else 0)
