import datetime as dt

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from core.templatetags.wuyi import (
    area,
    bar,
    days_left,
    days_words,
    here,
    money,
    share,
    short_hash,
    spaced,
    square_metres,
    stage_word,
    urgency,
)

TODAY = "2026-11-22 10:00:00+08:00"


def rendered(source: str, **context: object) -> str:
    return Template("{% load wuyi %}" + source).render(Context(context))


def test_an_area_reads_as_people_write_it() -> None:
    assert [area(8840), area(124960), area(5), area(0), area(None)] == [
        "88.40平方米",
        "1249.60平方米",
        "0.05平方米",
        "0.00平方米",
        "",
    ]


def test_an_amount_of_money_is_grouped_and_anything_else_left() -> None:
    assert [money("198000.00"), money(480), money("-1234567.5"), money("免费"), money("")] == [
        "198,000.00",
        "480",
        "-1,234,567.5",
        "免费",
        "",
    ]


@time_machine.travel(TODAY, tick=False)
@pytest.mark.parametrize(
    ("ends", "words", "how"),
    [
        (dt.date(2026, 11, 20), "已逾期2天", "late"),
        (dt.date(2026, 11, 22), "今天截止", "soon"),
        (dt.date(2026, 11, 25), "剩3天", "soon"),
        (dt.date(2026, 11, 26), "剩4天", "calm"),
        # Four in the afternoon in UTC is already the next day where the community is.
        (dt.datetime(2026, 11, 22, 16, 0, tzinfo=dt.UTC), "剩1天", "soon"),
        (None, "", "calm"),
    ],
)
def test_a_due_date_says_how_long_it_is(ends: dt.date | None, words: str, how: str) -> None:
    assert (days_words(ends), urgency(ends)) == (words, how)


@time_machine.travel(TODAY, tick=False)
def test_days_left_counts_calendar_days_of_the_community() -> None:
    assert (days_left(dt.date(2026, 12, 7)), days_left(None)) == (15, None)


def test_a_share_is_rounded_half_up_and_never_divides_by_nothing() -> None:
    assert [share(1, 3), share(2, 3), share(1, 16), share(1, 2000), share(0, 0), share(None, 5), share(5, 5)] == [
        "33.3%",
        "66.7%",
        "6.3%",
        "0.1%",
        "—",
        "—",
        "100.0%",
    ]


def test_a_bar_never_leaves_its_ground() -> None:
    assert [bar(195, 295), bar(0, 0), bar(400, 295), bar(-1, 295), bar(197, 295, 996)] == [661, 0, 1000, 0, 665]


def test_thin_spaces_stand_between_scripts_only() -> None:
    assert spaced("3幢2单元 A座") == "3\u2009幢\u20092\u2009单元 A\u2009座"


def test_a_hash_reads_in_groups_of_four() -> None:
    assert short_hash("0123456789abcdef99") == "0123 4567 89ab cdef"


def test_an_icon_is_decoration() -> None:
    assert rendered('{% icon "check" %}') == (
        '<svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">'
        '<use href="/static/icons/sprite.svg#check"></use></svg>'
    )


def test_a_stage_says_its_word() -> None:
    assert stage_word("settle") == "定议"
    assert rendered('{% stage_dot "settle" %}') == (
        '<span class="stage-dot stage--settle"><span class="stage-dot__word">定议</span></span>'
    )


def test_names_and_phones_are_masked() -> None:
    assert rendered("{{ n|mask_name }} {{ p|mask_phone }}", n="张三丰", p="13812341234") == "张** 138****1234"


@pytest.mark.parametrize(
    ("path", "prefix", "mark"),
    [
        ("/proposals/", "/proposals/", 'aria-current="page"'),
        ("/proposals/7/", "/proposals/", 'aria-current="true"'),
        ("/proposals/", "/", ""),
        ("/", "/", 'aria-current="page"'),
        ("/", "", ""),
    ],
)
def test_the_navigation_knows_where_it_is(path: str, prefix: str, mark: str) -> None:
    assert here(Context({"request": RequestFactory().get(path)}), prefix) == mark


def test_text_of_people_is_escaped_in_components() -> None:
    page = Template('{% include "_components/empty.html" %}').render(Context({"text": "<b>1</b>"}))

    assert "&lt;b&gt;1&lt;/b&gt;" in page


def test_an_area_is_said_in_the_language_of_the_page() -> None:
    with override("en"):
        assert (area(8840), square_metres("88.40")) == ("88.40 m²", "88.40 m²")
    assert square_metres("88.40") == "88.40平方米"
