"""Every kind of page a link leads to, as each role meets it on a phone: it answers, pleases axe, fits the screen."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser import demonstration
from tests.browser.conftest import PHONE, OpenPage, accessibility_problems, scrolls_sideways, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.typeset]
# What is saved or subscribed to, not read in the window; asked for, not opened.
FILES = re.compile(r"/pdf|\.(ics|atom|xml|json|csv|zip|py)\b|/photos/|/evidence/|/api/|/static/")
LEAVES = re.compile(r"^/(sign-out|admin|i18n)")
TAP = 44
ENOUGH = 80
SHAPES = """[...document.querySelectorAll('body *')].map(e => ['parentElement', 'self'].map(which => e[which] ?? e)
  .map(one => [one.tagName, one.getAttribute('class'), one.getAttribute('role')].join(' ')).join(' > '))"""


def pattern(address: str) -> str:
    """Return the kind of page: its address without query, numbers and digests."""
    return re.sub(r"/(\d+|[0-9a-f]{20,}|[^/]*%[^/]*)(?=/|$)", "/*", re.split(r"[?#]", address)[0])


def links(page: Page, base: str) -> Iterator[str]:
    hrefs: list[str] = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
    for href in hrefs:
        address = href.removeprefix(base).split("#")[0]
        if address.startswith("/") and not LEAVES.match(address):
            yield address


@pytest.fixture(scope="module")
def looked_at() -> dict[str, set[str]]:
    """Return, for each kind of page, the shapes of elements that axe has seen on it."""
    return {}


@pytest.mark.parametrize("who", ["", "resident", "secretary", "grid"])
def test_every_kind_of_page_is_whole(open_page: OpenPage, demo: str, looked_at: dict[str, set[str]], who: str) -> None:
    page = open_page("/", base=demo, width=PHONE)
    if who:
        body = json.dumps({"username": who, "password": demonstration.PASSWORD})
        signed = page.request.post(f"{demo}/api/v1/session", data=body, headers={"Content-Type": "application/json"})
        assert signed.ok
    waiting, met, problems = ["/"], set[str](), []

    while waiting and len(met) < ENOUGH:
        address = waiting.pop(0)
        if pattern(address) in met:
            continue
        met.add(pattern(address))
        if FILES.search(address):
            answer = page.request.get(demo + address)
            if not answer.ok:
                problems.append(f"{address}: {answer.status}")
            continue
        opened = page.goto(demo + address)
        if opened is None or not opened.ok:
            problems.append(f"{address}: {opened and opened.status}")
            continue
        shapes = set(page.evaluate(SHAPES))
        if not shapes <= looked_at.get(pattern(address), set()):  # not built as another role saw it
            problems += [f"{address}: {problem}" for problem in accessibility_problems(page)]
            looked_at[pattern(address)] = shapes | looked_at.get(pattern(address), set())
        problems += [f"{address}: lower than {TAP} px: {element}" for element in small_targets(page, TAP)]
        problems += [f"{address}: wider than the screen"] if scrolls_sideways(page) else []
        waiting += links(page, demo)

    assert problems == []
    # A crawl that stopped at the first page would also find nothing.
    assert len(met) > 15
