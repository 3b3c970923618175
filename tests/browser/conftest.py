"""A real Chromium for tests: opens pages as phones and desks do, looks at them, asks axe about them."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser import demonstration

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",  # the suite may run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE, DESK = 390, 1440
HEIGHT = 900
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for each module: the sync interface of Playwright keeps an event loop running in this thread."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    with sync_playwright() as playwright:
        # Fixtures of the same thread use the ORM while that loop runs; nothing else runs in it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    asyncio.set_event_loop(None)


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """Return a function that opens a path: `open_page("/", width=390, dark=False, large=False, user=None, base="")`.

    `user` is signed in. `base` is another server than the test's own. At the end of the test no page may have
    logged an error: that includes everything the Content-Security-Policy refused.
    """
    contexts, errors = [], []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.location.get('url')}: {message.text}")

    def opened(path: str, *, width: int = PHONE, user: Any = None, base: str = "", **wishes: Any) -> Page:
        address = base or live_server.url
        context = chromium.new_context(
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if wishes.get("dark") else "light",
            locale=wishes.get("locale", "zh-CN"),
            timezone_id="Asia/Shanghai",
            java_script_enabled=wishes.get("javascript", True),
            reduced_motion="reduce",
            service_workers="allow" if wishes.get("service_workers") else "block",
        )
        contexts.append(context)
        if wishes.get("large"):
            context.add_cookies([{"name": "large_type", "value": "1", "url": address}])
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
        context.set_default_timeout(10_000)
        page = context.new_page()
        if not wishes.get("quiet"):  # a page that is meant to be refused is also an error of the console
            page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One build of the demonstration for whatever only looks: such tests run in one worker (tests/conftest.py)."""
    return demonstration.build(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture(scope="session")
def demo(built: Path) -> Iterator[str]:
    with demonstration.served(built) as address:
        yield address


@pytest.fixture
def look() -> Callable[[Page, str], Path]:
    """Return a function that keeps a picture of the whole page as `<data>/screenshots/<name>.png`.

    Nothing is kept unless SCREENSHOTS=1 asks for the pictures: each takes as long as the test's other steps.
    """
    folder = settings.DATA_DIR / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> Path:
        path = Path(folder / f"{name}.png")
        if os.environ.get("SCREENSHOTS") == "1":
            page.screenshot(path=path, full_page=True)
        return path

    return keep


def accessibility_problems(page: Page) -> list[str]:
    """Return what axe finds on the page: rule and the first element of each."""
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def scrolls_sideways(page: Page) -> bool:
    """Return whether the page is wider than the window."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wide


def small_targets(page: Page, least: int) -> list[str]:
    """Return buttons, fields and stand-alone links lower than `least` pixels; links inside a sentence are exempt."""
    script = """least => [...document.querySelectorAll('button, select, input, textarea, summary, a')]
      .filter(e => e.checkVisibility() && !e.matches('.skip, :disabled, [type=hidden]'))
      .filter(e => !(e.matches('a') && getComputedStyle(e).display === 'inline'))
      .map(e => [e.closest('label') ?? e, e])
      .filter(([box]) => box.getBoundingClientRect().height < least - 0.5)
      .map(([box, e]) => e.outerHTML.slice(0, 120) + ' ' + box.getBoundingClientRect().height)"""
    small: list[str] = page.evaluate(script, least)
    return small
