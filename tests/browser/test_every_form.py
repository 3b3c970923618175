"""Every form the leaders see, sent by people it was not written for: nothing is done, and nothing breaks."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.urls import reverse

from tests.browser import demonstration
from tests.journeys.visitor import Form, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.typeset]
NO_PAGES = re.compile(
    r"/pdf|\.(ics|atom|xml|json|csv|zip|py)\b|/photos/|/evidence/|/api/|/static/|^/(sign-out|admin|i18n)"
)
# What a resident does in the product: these forms stand on the leaders' pages too, and theirs to send.
EVERYBODYS = re.compile(
    r"^/(sign-in|sign-out|i18n|large-type|account)\b|^/proposals/(new/|\*/(co-sign|opinion|rate)/)|^/notices/(verify|\*/object)/"
)
A_KIND, ENOUGH = 2, 160
TEXT = "没有职务的人填的一段话，超过了十个字。"


def kind_of(address: str) -> str:
    return re.sub(r"/(\d+|[0-9a-f]{20,}|[^/]*%[^/]*)(?=/|$)", "/*", re.split(r"[?#]", address)[0])


def visitor(base: str, who: str) -> Visitor:
    person = Visitor(urlsplit(base).netloc)
    if who:
        assert person.api("POST", "/session", {"username": who, "password": demonstration.PASSWORD}).status == 200
    person.open("/")
    return person


def forms(person: Visitor) -> Iterator[tuple[str, Form]]:
    """Yield each kind of form of every kind of page once, with the address it goes to."""
    waiting, met, seen = [reverse("deliberation:work"), "/"], dict[str, int](), set[tuple[str, frozenset[str]]]()
    while waiting and sum(met.values()) < ENOUGH:
        address = waiting.pop(0)
        kind = kind_of(address)
        if met.get(kind, 0) >= A_KIND or NO_PAGES.search(address):
            continue
        met[kind] = met.get(kind, 0) + 1
        page = person.open(address)
        assert page.status < 500, address
        if page.status != 200 or "html" not in page.headers.get("content-type", ""):
            continue
        read = page.read()
        for form in read.forms:
            action = form.action or address
            if form.method == "post" and (kind_of(action), frozenset(form.names)) not in seen:
                seen.add((kind_of(action), frozenset(form.names)))
                yield action, form
        waiting += [link.split("#")[0] for link in read.links if link.startswith("/")]


def acts(built: Path) -> int:
    [database] = built.glob("*.sqlite3")
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as link:
        [[count]] = link.execute("SELECT COUNT(*) FROM core_ledgerentry")
    return int(count)


@pytest.mark.parametrize("leader", ["secretary", "supervisor"])
def test_whoever_has_no_office_does_nothing_with_the_leaders_forms(built: Path, demo: str, leader: str) -> None:
    strangers = {who: visitor(demo, who) for who in ("", "resident")}
    sent, problems = 0, []

    for action, form in forms(visitor(demo, leader)):
        if EVERYBODYS.search(kind_of(action)):
            continue
        values = [(name, value or TEXT) for name, value in form.values if name != "csrfmiddlewaretoken"]
        values += [(name, TEXT) for name in form.names - {name for name, _value in form.values} if name != "file"]
        values += [tuple(button.split("=", 1)) for button in sorted(form.buttons)[:1]]  # type: ignore[misc] # a pair
        for who, stranger in strangers.items():
            token = stranger.cookies["csrftoken"]
            headers = {"Origin": demo, "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded"}
            before = acts(built)
            answer = stranger.request("POST", action, urlencode(values).encode(), headers)
            sent += 1
            if answer.status >= 500 or acts(built) != before:
                problems.append((who or "nobody", action, answer.status, acts(built) - before))

    assert problems == []
    # Had the crawl met no form, nothing would have been tried.
    assert sent > 20
