import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.browser.conftest import (
    DESK,
    PHONE,
    OpenPage,
    accessibility_problems,
    scrolls_sideways,
    small_targets,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ELDER_TARGET, TARGET = 60, 44


# Each pair of the three choices once.
@pytest.mark.parametrize(
    ("width", "dark", "large"),
    [(PHONE, False, False), (PHONE, True, True), (DESK, True, False), (DESK, False, True)],
)
def test_every_component_is_accessible(open_page: OpenPage, *, width: int, dark: bool, large: bool) -> None:
    page = open_page("/style/", width=width, dark=dark, large=large)

    assert accessibility_problems(page) == []


@pytest.mark.parametrize("large", [False, True], ids=["standard", "large"])
@pytest.mark.parametrize("width", [320, PHONE, DESK])
def test_no_component_makes_the_page_scroll_sideways(open_page: OpenPage, *, width: int, large: bool) -> None:
    page = open_page("/style/", width=width, large=large)

    assert scrolls_sideways(page) is False


@pytest.mark.parametrize(("large", "least"), [(False, TARGET), (True, ELDER_TARGET)])
def test_targets_are_large_enough_for_a_finger(open_page: OpenPage, *, large: bool, least: int) -> None:
    page = open_page("/style/", large=large)

    assert small_targets(page, least) == []


def test_elder_view_has_letters_of_22_px_and_standard_of_17(open_page: OpenPage) -> None:
    sizes = [
        open_page("/style/", large=large).evaluate("getComputedStyle(document.body).fontSize")
        for large in (False, True)
    ]

    assert sizes == ["17px", "24px"]


def test_large_type_takes_effect_at_once_and_stays(open_page: OpenPage) -> None:
    page = open_page("/style/")

    page.get_by_role("button", name="大字").click()
    at_once = page.evaluate("document.documentElement.hasAttribute('data-large')")
    page.reload()
    later = page.evaluate("document.documentElement.hasAttribute('data-large')")

    assert (at_once, later) == (True, True)
    assert page.get_by_role("button", name="标准").count() == 1


def test_the_skip_link_is_the_first_stop_of_the_keyboard_and_leads_to_the_text(open_page: OpenPage) -> None:
    page = open_page("/style/")

    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")

    assert first == "跳到正文"
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_grave_act_asks_on_the_page_and_not_in_a_pop_up(open_page: OpenPage) -> None:
    page = open_page("/style/")
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.get_by_label("标题").first.fill("加装电梯")
    page.get_by_label("类别").first.select_option("lift")
    page.get_by_label("我已读过承诺书").first.check()

    page.get_by_role("button", name="撤回提案").click()
    question = page.locator(".ask p").first.inner_text()
    page.get_by_role("button", name="先不").click()

    assert question == "撤回以后，附议的人会收到通知。确定撤回吗？"
    assert page.locator(".ask").count() == 0
    assert page.get_by_role("button", name="撤回提案").is_visible() is True
    assert asked == []


def test_a_choice_is_made_with_the_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/style/")
    page.locator("input[name=choice][value=for]").focus()

    page.keyboard.press("ArrowDown")

    assert page.locator("input[name=choice]:checked").get_attribute("value") == "against"
    assert page.locator("[data-choice-confirm]").inner_text() == "确认反对"


def test_nothing_on_a_phone_needs_javascript_to_be_read(open_page: OpenPage) -> None:
    page = open_page("/style/", javascript=False)

    assert page.get_by_role("button", name="确认", exact=True).is_visible() is True
    assert page.get_by_role("button", name="帮我读").count() == 0


def test_without_network_a_page_says_so_in_our_words(open_page: OpenPage) -> None:
    page = open_page("/style/", service_workers=True)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("caches.match('/offline/').then(Boolean)")
    page.reload()

    page.context.set_offline(True)
    page.goto(page.url)

    assert page.locator("h1").inner_text() == "网络断开了"


def test_a_wrong_address_is_answered_with_help(open_page: OpenPage) -> None:
    page = open_page("/no-such-page/", quiet=True)

    assert page.locator("h1").inner_text() == "没有找到"
    assert page.get_by_role("link", name="回到首页").is_visible() is True
    assert accessibility_problems(page) == []


def test_no_template_or_stylesheet_names_a_colour_outside_tokens() -> None:
    folder = Path(settings.BASE_DIR)
    sheets = [path for path in (folder / "static/css").glob("*.css") if path.name not in {"tokens.css", "print.css"}]
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(")

    found = {path.name: sorted(set(colour.findall(path.read_text()))) for path in sheets}

    assert {name: colours for name, colours in found.items() if colours} == {}


def test_no_page_carries_an_inline_style_or_handler() -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\bsrc=)(?![^>]*application/json)")
    pages = [path for path in folder.rglob("*.html") if "papers" not in path.parts]

    found = [
        f"{path.relative_to(folder)}: {match.group()}" for path in pages for match in inline.finditer(path.read_text())
    ]

    assert found == []
