"""The README's five-minute walk, in a real Chromium against the demonstration as `make run` builds it."""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import demonstration
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_problems, scrolls_sideways

pytestmark = [pytest.mark.browser, pytest.mark.typeset]
LIFT, WASTE, FUND = "平城苑3幢2单元加装电梯", "调整社区垃圾分类投放点位", "使用维修资金修缮果城花园2幢屋面"
NEW = "平城苑3幢门口加装扶手"
PICTURE = settings.BASE_DIR / "docs" / "screenshots" / "overview.png"
Look = Callable[[Page, str], Path]
Enter = Callable[..., Page]


@pytest.fixture(scope="module")
def paths(built: Path) -> dict[str, str]:
    """Return the pages of every matter, as "proposal TITLE", "ballot TITLE" and "result TITLE"."""
    with closing(sqlite3.connect(built / "wuyi.sqlite3")) as database:
        rows = database.execute("SELECT title, id, ballot_id FROM deliberation_proposal").fetchall()
    found = {f"proposal {title}": f"/proposals/{pk}/" for title, pk, _ballot in rows}
    found |= {f"ballot {title}": f"/ballots/{ballot}/" for title, _pk, ballot in rows if ballot}
    return found | {f"result {title}": f"/ballots/{ballot}/result/" for title, _pk, ballot in rows if ballot}


@pytest.fixture
def enter(open_page: OpenPage, demo: str) -> Enter:
    """Return a function that opens a page, signed in as `who` by the form when given."""

    def entered(path: str = "/", *, who: str = "", width: int = PHONE) -> Page:
        if not who:
            return open_page(path, base=demo, width=width)
        page = open_page(f"/sign-in/?next={path}", base=demo, width=width)
        page.get_by_label("用户名").fill(who)
        page.get_by_label("密码").fill(demonstration.PASSWORD)
        page.get_by_role("button", name="用密码登录").click()
        page.wait_for_url(f"**{path}")
        return page

    return entered


def a_photo(folder: Path) -> Path:
    path = folder / "门口.jpg"
    Image.linear_gradient("L").resize((800, 600)).convert("RGB").save(path, "JPEG")
    return path


def do(page: Page, verb: str, title: str) -> None:
    """Take the row of 待我办理 with this verb and title to its page."""
    page.goto(urljoin(page.url, reverse("deliberation:work")))
    page.get_by_role("link", name=re.compile(rf"^{verb}\s*：\s*{title}$")).click()


def press(page: Page, verb: str) -> None:
    page.get_by_role("main").get_by_role("button", name=verb, exact=True).click()
    expect(page.get_by_text(f"已办：{verb}。")).to_be_visible()


def test_the_five_minutes_of_the_readme(enter: Enter, look: Look, tmp_path: Path, paths: dict[str, str]) -> None:
    read_the_board(enter(), look)
    resident = enter(who="resident")
    say_something(resident, look, tmp_path)
    accept(enter(reverse("deliberation:work"), who="secretary", width=DESK), look)
    receipt = cast(resident, enter(paths[f"ballot {LIFT}"], width=DESK), look)
    decide(enter, look, paths)
    find(resident, receipt, look)


def read_the_board(page: Page, look: Look) -> None:
    """1: the board, a notice, its PDF, its verification page; nobody is signed in."""
    look(page, "home-390")
    page.locator(".slips a").first.click()
    number = page.locator(".sheet__number").inner_text()
    look(page, "notice-390")
    link = page.get_by_role("link", name="查看 PDF").get_attribute("href")
    pdf = page.request.get(urljoin(page.url, str(link)))
    assert (pdf.status, pdf.headers["content-type"], pdf.body()[:5]) == (200, "application/pdf", b"%PDF-")
    page.get_by_role("link", name="扫码核验").click()
    expect(page.get_by_role("main")).to_contain_text(number)
    expect(page.get_by_role("main")).to_contain_text("有效")
    look(page, "verify-390")


def say_something(page: Page, look: Look, folder: Path) -> None:
    """2: a resident proposes with a photo, stands behind another's matter, says what they think."""
    expect(page.get_by_text("要您做的")).to_be_visible()
    page.get_by_role("link", name="我要提议").click()
    page.get_by_label("想办什么事").fill(NEW)
    page.get_by_label("详细说说").fill("台阶高，老人进出要扶墙。希望两侧加扶手。")
    page.get_by_label("在哪里").select_option(label="平城苑3幢")
    page.get_by_label("照片").set_input_files(a_photo(folder))
    look(page, "propose-390")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("已提交")).to_be_visible()
    photo = page.get_by_role("img", name="现场照片")
    photo.scroll_into_view_if_needed()
    expect(photo).to_have_js_property("naturalWidth", 800)
    look(page, "new-proposal-390")

    page.get_by_role("navigation").get_by_role("link", name="提案").first.click()
    page.get_by_role("link", name="共议").first.click()
    page.locator(".rows a").first.click()
    page.get_by_role("button", name="联名支持").click()
    expect(page.get_by_text("您已联名")).to_be_visible()
    page.get_by_label("赞成").check()
    page.get_by_label("我想说").fill("支持，消防通道要让出来。")
    page.get_by_role("button", name="说一句").click()
    expect(page.locator("#voices")).to_contain_text("支持，消防通道要让出来。")
    look(page, "deliberating-390")


def accept(page: Page, look: Look) -> None:
    """3: the secretary's list leads from one verb to the next."""
    look(page, "work-1440")
    do(page, "签收", NEW)
    press(page, "签收")
    do(page, "记录把关意见", NEW)
    for question in page.locator("form.form fieldset").all():
        question.get_by_label("是", exact=True).check()
    look(page, "screening-1440")
    press(page, "记录把关意见")
    do(page, "受理", NEW)
    press(page, "受理")
    expect(page.get_by_role("main")).to_contain_text("召集协商会")
    expect(page.get_by_role("main")).to_contain_text("议题清单还没有公示")
    look(page, "accepted-1440")


def cast(page: Page, wall: Page, look: Look) -> str:
    """4: a vote on the phone; the second window shows it without being touched. Its receipt is there on coming back."""
    turnout = wall.locator("[data-turnout]")
    expect(turnout).to_have_text("已投 9 / 14")
    page.goto(urljoin(wall.url, "/"))
    page.get_by_role("link", name="去表决").first.click()
    page.get_by_role("radio", name="弃权").check()
    page.get_by_role("button", name="提交选择").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("您的选择是 ?弃权。"))
    page.get_by_role("radio", name="同意").check()
    expect(page.get_by_role("main")).not_to_contain_text("您的选择是")
    page.get_by_role("button", name="提交选择").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("您的选择是 ?同意。确认后就记入。"))
    look(page, "confirm-390")
    page.get_by_role("button", name="确认，投出这一票").click()
    receipt = page.locator("[data-receipt] [data-copy-text]")
    expect(receipt).to_have_text(re.compile(r"^([0-9a-f]{4} ){7}[0-9a-f]{4}$"))
    expect(turnout).to_have_text("已投 10 / 14")
    look(page, "receipt-390")
    look(wall, "ballot-1440")
    number = receipt.inner_text()
    expect(page.locator("[data-receipt] svg.qr__code")).to_be_visible()
    expect(page.get_by_role("link", name="到结果页核对")).to_have_count(0)
    expect(page.get_by_role("button", name="提交选择")).to_be_hidden()
    page.goto(urljoin(wall.url, "/"))
    page.goto(wall.url)
    expect(receipt).to_have_text(number)
    expect(page.get_by_text("您的选择已记入：同意。")).to_be_hidden()
    return number.replace(" ", "")


def find(page: Page, receipt: str, look: Look) -> None:
    """6: the phone that voted finds its vote in the published count, and asks nobody but for the file."""
    asked: list[str] = []
    page.reload()
    page.on("request", lambda request: asked.append(f"{request.method} {request.url} {request.post_data or ''}"))
    page.get_by_role("link", name="到结果页核对").click()
    answer = page.locator("[data-receipt-answer]")
    expect(answer).to_contain_text("在计票文件里，这样计入：")
    expect(answer.locator("dd")).to_contain_text("同意")
    look(page, "found-390")
    page.get_by_label("回执号").fill("0" * 32)
    page.get_by_role("button", name="核对").click()
    expect(answer).to_contain_text("计票文件里没有这个回执号")
    assert [line for line in asked if receipt in line or "POST" in line] == []


def decide(enter: Enter, look: Look, paths: dict[str, str]) -> None:
    """5: closed by the director before its time, signed by two tellers, posted with its reasoning."""
    director = enter("/proposals/", who="director", width=DESK)
    director.get_by_role("link", name=LIFT).click()
    director.get_by_role("link", name="截止表决").click()
    director.get_by_label("提前截止的理由").fill("愿意表决的住户都已投票，屋面雨季前要开工。")
    director.get_by_label("我已看清，仍要办理").check()
    look(director, "close-early-1440")
    press(director, "截止表决")
    for teller in ("member1", "member2"):
        page = enter(reverse("deliberation:work"), who=teller, width=DESK)
        do(page, "核对签字", LIFT)
        page.get_by_role("button", name="核对无误，签字").click()
        look(page, f"certify-{teller}-1440")
        page.get_by_role("button", name="我已核对，签字").click()
        expect(page.get_by_text("您的签字已记入")).to_be_visible()
    do(director, "公布结果", LIFT)
    press(director, "公布结果")
    result = enter(f"{paths[f'ballot {LIFT}']}result/")
    words = result.get_by_role("main").inner_text()
    for word in ("应到", "14 人", "参加", "10 人", "需 ", "同意", "通过", "依据", "第二百七十八条"):
        assert word in words
    assert scrolls_sideways(result) is False
    look(result, "result-390")
    documents = director.get_by_role("link", name="表决结果的公示")
    for _look in range(40):
        if documents.count():
            break
        director.wait_for_timeout(500)
        director.reload()
    documents.first.click()
    expect(director.locator(".sheet")).to_contain_text("民法典")
    look(director, "result-notice-1440")


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/", ""),
        ("/", "resident"),
        (f"proposal {LIFT}", "resident"),
        (f"proposal {LIFT}", "director"),
        ("/proposals/new/", "resident"),
        (f"ballot {WASTE}", "resident"),
        (f"result {FUND}", ""),
        ("/notices/", ""),
        (reverse("deliberation:work"), "secretary"),
        ("/meetings/", "director"),
    ],
)
def test_pages_are_accessible_and_fit_a_desk(
    enter: Enter, look: Look, paths: dict[str, str], path: str, who: str
) -> None:
    """On a phone they are met with every other page (test_every_page)."""
    page = enter(paths.get(path, path), who=who, width=DESK)

    look(page, f"page-{path.strip('/').replace('/', '-') or 'home'}-{who}-{DESK}")
    assert accessibility_problems(page) == []
    assert scrolls_sideways(page) is False


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_room_is_accessible_and_fits(enter: Enter, look: Look, width: int) -> None:
    page = enter("/meetings/", who="director", width=width)
    page.get_by_role("link", name="表决会议").first.click()
    meeting = page.url

    for tail in ("", "chair/", "screen/"):
        page.goto(meeting + tail)
        look(page, f"meeting-{tail.strip('/') or 'page'}-{width}")
        assert accessibility_problems(page) == [], tail
        assert scrolls_sideways(page) is False, tail


@pytest.mark.skipif(os.environ.get("SCREENSHOTS") != "1", reason="writes docs/screenshots: `make screenshots`")
def test_the_picture_of_the_readme(enter: Enter, tmp_path: Path, paths: dict[str, str]) -> None:
    """Home, a proposal and the vote, as they stand on three phones."""
    shots = []
    for number, path in enumerate(("/", paths[f"proposal {LIFT}"], paths[f"ballot {LIFT}"])):
        page = enter(path, who="resident")
        page.wait_for_timeout(500)
        shots.append(tmp_path / f"{number}.png")
        page.screenshot(path=shots[-1])
    gap, phones = 24, [Image.open(shot).convert("RGB") for shot in shots]
    wide = sum(phone.width for phone in phones) + gap * (len(phones) + 1)
    picture = Image.new("RGB", (wide, phones[0].height + 2 * gap), "#E3DED4")
    for number, phone in enumerate(phones):
        picture.paste(phone, (gap + number * (phone.width + gap), gap))
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(128, dither=Image.Dither.NONE).save(PICTURE, optimize=True)

    assert PICTURE.stat().st_size < 400_000
