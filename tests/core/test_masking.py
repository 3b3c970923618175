"""Masking: the rulebook's examples, and nothing more than they show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.masking import distinguish, mask_name, mask_phone, mask_place


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳修", "欧阳*"),
        ("司马相如", "司马**"),
        ("欧阳", "欧*"),
        ("张王李赵", "张***"),
        ("阿依古丽·买买提", "阿**·**"),
        ("阿依古丽•买买提", "阿**·**"),
        ("古丽·阿依·买买提", "古**·**·**"),
        ("迪丽热巴尔", "迪**"),
        ("John Smith", "J**"),
        ("张", "*"),
        ("", ""),
        (" 张三 ", "张*"),
        ("𠮷田", "𠮷*"),
    ],
)
def test_a_name_shows_the_surname_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812341234", "138****1234"),
        ("138-1234-1234", "138****1234"),
        ("+8613812341234", "138****1234"),
        ("0817-2223344", "081****3344"),
        ("0817-222334", "081****334"),
        ("2223344", "****44"),
        ("12345", "****"),
        ("", ""),
    ],
)
def test_a_phone_hides_its_middle(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("place", "masked"),
    [
        ("3幢2单元301", "3幢2单元***"),
        ("3幢2单元301室", "3幢2单元***"),
        ("3幢2单元", "3幢2单元"),
        ("12号楼3层302", "12号楼***"),
        ("桂花巷12号", "桂花巷***"),
        ("3-2-301", "3-2-***"),
        ("平城街社区", "平城街社区"),
        ("3幢2单元301、5幢1单元402", "3幢2单元***、5幢1单元***"),
        ("3幢2单元301、3幢2单元302", "3幢2单元***"),
        ("", ""),
    ],
)
def test_a_place_ends_at_the_entrance(place: str, masked: str) -> None:
    assert mask_place(place) == masked


def test_names_that_collide_get_a_mark_and_no_more_data() -> None:
    assert distinguish(["张三", "李四", "张五", "张三丰"]) == ["张*(甲)", "李*", "张*(乙)", "张**"]


def test_marks_go_on_after_the_ten_stems() -> None:
    marked = distinguish(["张三"] * 12)

    assert marked[9:] == ["张*(癸)", "张*(11)", "张*(12)"]


@given(st.text(max_size=30))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask_name(mask_name(text)) == mask_name(text)
    assert mask_place(mask_place(text)) == mask_place(text)
    assert mask_phone(mask_phone(text)) == mask_phone(text)


@given(st.text("甲乙丙丁戊己庚辛王李张", min_size=2, max_size=8))
def test_a_masked_name_never_shows_more_than_two_characters(name: str) -> None:
    assert len(mask_name(name).replace("*", "")) <= 2
    assert "*" in mask_name(name)
