"""What a ballot paper's script makes of the marks: the vote, its words, and whether the form of the item is kept."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from voting.models import Item
from voting.paper_sheets import hint_of, limits_of

pytestmark = pytest.mark.browser


def _paper(method: str, form: dict[str, int]) -> str:
    item = Item(pk=1, title="先修哪里", method=method, form=form)
    options = [{"key": str(key), "label": label} for key, label in enumerate("路灯树", start=1)]
    paper = {
        "id": "1", "name": "item-1", "title": item.title, "method": method, "own": options, "hint": hint_of(item),
        "kind": "several" if method == "approval" else "numbered", "limits": limits_of(item),
        "plain": [{"key": "abstain", "label": "弃权"}],
    }  # fmt: skip
    return render_to_string("voting/_paper.html", {"paper": paper})


def _read(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate(
        "async () => { const { choiceOf, inWords, isInForm } = await import('/static/js/marks.js');"
        " const paper = document.querySelector('[data-choice]');"
        " return [choiceOf(paper), inWords(paper), isInForm(paper)]; }"
    )
    return found


def test_marks_are_read_as_the_vote_they_mean(open_page: OpenPage) -> None:
    page = open_page("/")

    def put(method: str, form: dict[str, int]) -> None:
        page.evaluate("(html) => { document.querySelector('main').innerHTML = html; }", _paper(method, form))
        _read(page)

    def mark(*marks: str) -> list[Any]:
        for key, value in enumerate(marks, start=1):
            page.fill(f"#item-1-{key}", value)
        return _read(page)

    put("ranking", {"min": 1, "max": 3})
    assert mark("2", "", "1") == [["3", "1"], "1 树、2 路", True]
    assert [mark("2", "2", "1")[2], mark("0", "2", "1")[2], mark("1.5", "", "")[2]] == [False, False, False]
    page.check("[value=abstain]", force=True)
    assert _read(page) == ["abstain", "弃权", True]
    assert mark("1") == [["1"], "1 路", True]

    put("budget", {"points": 10, "cap": 10})
    assert mark("7", "3", "") == [{"1": 7, "2": 3}, "路 7、灯 3", True]
    assert mark("7", "4", "")[2] is False

    put("approval", {"min": 1, "max": 2})
    for key in "12":
        page.check(f"[type=checkbox][value='{key}']", force=True)
    assert _read(page) == [["1", "2"], "路、灯", True]
    page.check("[type=checkbox][value='3']", force=True)
    assert _read(page)[2] is False
    page.check("[value=abstain]", force=True)
    assert _read(page) == ["abstain", "弃权", True]
