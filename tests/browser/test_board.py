"""The board in a real Chromium: papers at any width, comparing a PDF on the phone, the hall screen without network."""

import datetime as dt
from pathlib import Path

import pytest

from community.models import Term, Unit, User
from publish import kinds
from publish.models import Notice
from publish.operations import issue_notice
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_problems, scrolls_sideways, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def notices(settings: object) -> list[Notice]:
    """Three notices of one community, set by the small engine of the tests of publish."""
    settings.PAPER_ENGINE = "tests.publish.conftest.small_engine"  # type: ignore[attr-defined] # the same
    values = {"code": "511302001001", "name": "平城社区", "kind": "community"}
    community = Unit.objects.add_root(create_kwargs=values)
    secretary = User.objects.create(username="secretary", name="王书记", phone="13800000001")
    Term.objects.create(user=secretary, office="secretary", unit=community, starts_on=dt.date(2026, 1, 1))
    for kind in ("vote_result", "roll", "topic_list"):
        issue_notice(kind=kind, facts=kinds.example(kind), issuer=community, by=secretary)
    return list(Notice.objects.order_by("id"))


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_public_pages_are_accessible_and_never_scroll_sideways(
    open_page: OpenPage, notices: list[Notice], width: int
) -> None:
    first = notices[0]
    for path in (
        "/notices/",
        *(f"/notices/{notice.pk}/" for notice in notices),
        f"/notices/{first.pk}/object/",
        f"/notices/verify/{first.content_hash}/",
        "/notices/verify/",
        "/notices/kiosk/",
    ):
        page = open_page(path, width=width)
        assert accessibility_problems(page) == [], path
        assert scrolls_sideways(page) is False, path


def test_targets_are_large_enough(open_page: OpenPage, notices: list[Notice]) -> None:
    for path in ("/notices/", f"/notices/{notices[0].pk}/", f"/notices/{notices[0].pk}/object/"):
        assert small_targets(open_page(path), 44) == [], path


def test_the_office_s_pages_are_accessible(open_page: OpenPage, notices: list[Notice]) -> None:
    secretary = User.objects.get(username="secretary")
    for tail in ("desk/", f"{notices[1].pk}/objections/", f"{notices[1].pk}/postings/", f"{notices[1].pk}/withdraw/"):
        page = open_page(f"/notices/{tail}", user=secretary)
        assert accessibility_problems(page) == [], tail
        assert scrolls_sideways(page) is False, tail


def test_a_pdf_is_compared_on_the_reader_s_own_device(
    open_page: OpenPage, notices: list[Notice], tmp_path: Path
) -> None:
    first, second = notices[:2]
    with first.file.open() as file:
        right = file.read()
    with second.file.open() as file:
        other = file.read()
    page = open_page(f"/notices/verify/{first.content_hash}/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))

    def answer(data: bytes, expected: str) -> None:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.pdf"
        path.write_bytes(data)
        page.locator("[data-verify-file]").set_input_files(path)
        page.locator("[data-verify-answer]", has_text=expected).wait_for()

    answer(right, "相同：这就是发布的那份文件")
    answer(other, f"不是这一份，但也是本平台发布的：{second.number}（有效）")
    answer(right[:-1] + bytes([right[-1] ^ 1]), "不同：这个文件不是本平台发布的")
    assert page.locator("[data-verify-upload]").is_hidden()
    assert set(sent) == {"GET"}


_DROP = """([bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([Uint8Array.from(bytes)], "paper.pdf", { type: "application/pdf" }));
  const drop = new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
  document.querySelector("[data-verify-drop]").dispatchEvent(drop);
}"""


def test_a_pdf_dropped_on_the_page_without_a_hash_is_named_or_not_known(
    open_page: OpenPage, notices: list[Notice]
) -> None:
    with notices[0].file.open() as file:
        right = file.read()
    page = open_page("/notices/verify/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    answer = page.locator("[data-verify-answer]")

    page.evaluate(_DROP, [list(right)])
    answer.filter(has_text="有效").wait_for()
    assert answer.inner_text() == f"✓ {notices[0].number}（有效）"
    page.evaluate(_DROP, [list(right[:-1] + bytes([right[-1] ^ 1]))])
    answer.filter(has_text="不同").wait_for()
    assert answer.inner_text() == "✗ 不同：这个文件不是本平台发布的，或者改动过。"
    assert set(sent) == {"GET"}


def test_without_javascript_the_file_can_be_uploaded(open_page: OpenPage, notices: list[Notice]) -> None:
    page = open_page(f"/notices/verify/{notices[0].content_hash}/", javascript=False)

    assert page.locator("[data-verify-upload]").is_visible()
    assert page.locator("[data-verify-drop]").is_hidden()


def test_the_hall_screen_turns_by_itself_and_survives_a_lost_network(
    open_page: OpenPage, notices: list[Notice]
) -> None:
    page = open_page("/notices/kiosk/", width=DESK, quiet=True)
    page.clock.install()
    page.reload()

    def shown() -> list[str]:
        return page.locator("[data-kiosk-slide]:not([hidden]) .sheet__number").all_inner_texts()

    def turned() -> list[str]:
        """Turn leaf by leaf until another paper stands there; return what the corner said of each leaf."""
        paper, said = shown(), []
        while shown() == paper:
            said.append(page.locator("[data-kiosk-where]").inner_text())
            page.clock.run_for(12_000)
        return said

    assert shown() == [notices[2].number]
    assert turned() == [f"1 / 3　第{leaf}页，共3页" for leaf in (1, 2, 3)]
    assert shown() == [notices[1].number]
    page.context.set_offline(True)
    page.locator("[data-kiosk-contact]", has_text="网络中断").wait_for()
    assert turned()[-1] == "2 / 3　第5页，共5页"
    assert shown() == [notices[0].number]
    page.context.set_offline(False)
    page.locator("[data-kiosk-contact]", has_text="更新于").wait_for()
