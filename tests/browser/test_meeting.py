"""A whole meeting in a real Chromium: the chair at a desk, three members on phones, the screen of the hall."""

import datetime as dt
import gc
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import clock
from meetings import signin
from meetings.models import Meeting, SheetCount, Speech
from meetings.operations import AgendaDraft, lodge_meeting_proxy
from publish.models import Notice
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_problems, scrolls_sideways, small_targets
from tests.live import server_here
from tests.meetings.makers import Place, attendance_of, convene, make_place
from voting.models import Ballot

pytestmark = [
    pytest.mark.browser,
    pytest.mark.typeset,
    pytest.mark.django_db(transaction=True),
    # Django leaves the spooled body of an ASGI request to the garbage collector.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]
MOTION = "同意在平城苑3幢2单元北侧加装电梯一部，费用由受益业主分摊，一楼住户不承担。"
PASSAGE, BETTER = "一楼住户不承担", "一楼和二楼住户不承担"
Look = Callable[[Page, str], Path]


@pytest.fixture
def host(transactional_db: None) -> Iterator[str]:
    with server_here() as address:
        yield f"http://{address}"
    gc.collect()  # what is left of the requests, while its warning is still known


@pytest.fixture
def place(host: str) -> Place:
    return make_place(members=5)


@pytest.fixture
def meeting(place: Place) -> Meeting:
    """A residents' meeting whose hour has come; the fourth member has given a power to the first."""
    called = convene(
        place,
        kind="residents_meeting",
        title="平城苑加装电梯居民会议",
        agenda=[AgendaDraft("3幢2单元加装电梯", motion=MOTION)],
        now=clock.now() - dt.timedelta(days=15, minutes=1),
    )
    lodge_meeting_proxy(
        meeting=Meeting.objects.get(pk=called.pk),
        principal=attendance_of(called, place.members[3]),
        holder=attendance_of(called, place.members[0]),
        matters="第1项，同意",
        by=place.members[3],
        now=called.starts_at - dt.timedelta(days=1),
    )
    return called


def test_a_meeting_from_the_door_to_the_minutes(
    host: str, open_page: OpenPage, place: Place, meeting: Meeting, look: Look
) -> None:
    home = f"/meetings/{meeting.pk}/"
    phones = [open_page(home, base=host, user=user, width=PHONE) for user in place.members[:3]]
    chair = open_page(f"{home}chair/", base=host, user=place.facilitator, width=DESK)
    hall = open_page(f"{home}screen/", base=host, user=place.facilitator, width=1920)
    hall.set_viewport_size({"width": 1920, "height": 1080})

    come_in(phones, hall, open_page(f"{home}desk/", base=host, user=place.grid_worker, width=DESK), meeting, look)
    start(chair, hall, phones[0])
    lose_the_line(hall)
    speak(phones, chair, hall, look)
    amend(phones, chair, hall, meeting, look)
    recorder = open_page(home, base=host, user=place.recorder, width=DESK)
    vote(phones, chair, recorder, hall, look)
    close(chair, hall, look)
    expect(recorder.locator("[data-next]").get_by_role("button", name="起草会议纪要")).to_be_visible()
    recorder.goto(f"{host}{home}minutes/")
    write(chair, recorder, look)

    paper = Notice.objects.get(kind="minutes")
    with paper.file.open("rb") as file:
        done = subprocess.run(["pdftotext", "-", "-"], input=file.read(), capture_output=True, check=True)
    words = re.sub(r"\s", "", done.stdout.decode())
    for said in ("平城苑加装电梯居民会议纪要", BETTER, "赵**", "议定"):
        assert said in words
    assert "赵铁柱" not in words


def come_in(phones: list[Page], hall: Page, desk: Page, meeting: Meeting, look: Look) -> None:
    """The code on the door: an old one is refused, the present one signs in; who has no phone goes to the desk."""
    stale = signin.code_for(meeting.pk, clock.now() - dt.timedelta(minutes=10))
    phones[0].goto(f"{phones[0].url}signin/?code={stale}")
    expect(phones[0].get_by_role("main")).to_contain_text("签到码已经更换")
    for phone in phones:
        code = signin.code_for(meeting.pk, clock.now())
        phone.goto(f"{phone.url.split('signin')[0]}signin/?code={code}")
        phone.get_by_role("button", name=re.compile("签到$")).click()
        expect(phone.get_by_text("已签到。", exact=True)).to_be_visible()
    desk.get_by_label("姓名或房号").fill("周小勇")
    desk.get_by_role("button", name="查找").click()
    desk.get_by_role("button", name="签到", exact=True).click()
    expect(desk.get_by_text("周小勇已签到。")).to_be_visible()
    expect(hall.locator("[data-hall-present]")).to_have_text("4")
    expect(hall.locator("[data-hall-quorum]")).to_contain_text("已达到")
    look(desk, "meeting-desk-1440")


def start(chair: Page, hall: Page, phone: Page) -> None:
    """A phone that waited for the opening is told of it."""
    # The counts come by the stream, the question about them a moment later with its part of the page.
    expect(chair.locator('[data-confirm^="应到5人，实到4人"]')).to_be_attached()
    listening(chair)
    chair.keyboard.press("Enter")
    expect(chair.get_by_text("应到5人，实到4人。宣布开会后不能改回，确定开会吗？")).to_be_visible()
    chair.keyboard.press("Enter")
    expect(phone.get_by_text("进行中", exact=True)).to_be_visible(timeout=15_000)
    expect(chair.locator("[data-next]").get_by_role("button", name="进入下一项议程")).to_be_enabled()
    listening(chair)
    chair.keyboard.press("?")
    expect(chair.get_by_role("dialog", name="键盘操作")).to_contain_text("移交主持")
    chair.keyboard.press("Escape")
    chair.keyboard.press("f")
    expect(chair.get_by_text("还不能：还没有开始议程；没有人举手")).to_be_visible()
    chair.reload()
    forward(chair, "进入下一项议程")
    chair.keyboard.press("d")
    expect(chair.get_by_label("动议内容")).to_be_focused()
    keep_words(chair, phone)
    chair.reload()
    expect(hall.locator("[data-hall-item]")).to_contain_text("3幢2单元加装电梯")
    act(chair, "有人回避", "记录回避", {"是哪一位": "周小勇", "回避事由": "与施工单位有亲属关系"})


def lose_the_line(hall: Page) -> None:
    """Without the network the hall says since when; with it again a new socket takes the place of the old one."""
    hall.context.set_offline(True)
    expect(hall.locator("[data-hall-contact]")).to_have_text(re.compile(r"^连接中断，最后更新于 \d\d:\d\d:\d\d$"))
    with hall.expect_websocket() as renewed:
        hall.context.set_offline(False)
    assert "/ws/meetings/" in renewed.value.url
    expect(hall.locator("[data-hall-contact]")).to_contain_text("连接正常")


def lose_the_line_of_a_ballot(phone: Page) -> None:
    """As the hall does: what the server closed long ago may still look open here."""
    expect(phone.locator("[data-link]")).to_be_visible()
    phone.context.set_offline(True)
    with phone.expect_websocket():
        phone.context.set_offline(False)


def keep_words(chair: Page, phone: Page) -> None:
    """What the room does meanwhile is shown, and takes nothing half-typed, unfolded or focused from the chair."""
    words = chair.get_by_label("动议内容")
    words.fill("写到一半")
    chair.get_by_role("heading", level=1).click()
    phone.goto(phone.url)
    phone.get_by_role("button", name="赞成").click()
    expect(chair.get_by_role("heading", name="举手 1")).to_be_visible()
    expect(chair.locator("[data-next]").get_by_role("button", name="请下一位发言")).to_be_visible()
    expect(words).to_have_value("写到一半")
    phone.get_by_role("button", name="放下").click()
    expect(chair.get_by_role("heading", name="举手 1")).to_have_count(0)
    expect(words).to_have_value("写到一半")
    listening(chair)


def speak(phones: list[Page], chair: Page, hall: Page, look: Look) -> None:
    """For and against take turns; the room sees the clock."""
    for phone, stance in ((phones[0], "赞成"), (phones[1], "反对")):
        phone.goto(phone.url)
        phone.get_by_role("button", name=stance).click()
        expect(phone.get_by_text(f"您已举手（{stance}）")).to_be_visible()
    expect(chair.get_by_role("heading", name="举手 2")).to_be_visible()
    assert accessibility_problems(phones[0]) == []
    assert small_targets(phones[0], 44) == []
    for name, gist in (("赵*", "老人上下楼难"), ("钱*", "担心采光和噪声")):
        forward(chair, "请下一位发言")
        expect(hall.locator("[data-timer-name]")).to_contain_text(name)
        expect(hall.locator("[data-timer-clock]")).to_have_text(re.compile(r"^[23]:\d\d$"))
        look(hall, f"meeting-hall-speaker-{name[0]}")
        look(chair, f"meeting-chair-speaker-{name[0]}")
        if name == "赵*":
            half_a_minute_left(hall)
        chair.get_by_label(re.compile("发言要点")).fill(gist)
        forward(chair, "结束发言")
    expect(hall.locator("[data-timer]")).to_be_hidden()


def half_a_minute_left(hall: Page) -> None:
    """The hall warns 30 seconds before the end, whenever it was opened."""
    speaking = Speech.objects.filter(started_at__isnull=False, ended_at__isnull=True)
    speaking.update(started_at=clock.now() - dt.timedelta(seconds=152))
    hall.reload()
    expect(hall.locator("[data-timer-word]")).to_have_text("还有半分钟")
    expect(hall.locator("[data-timer]")).to_have_class(re.compile("floor--soon"))


def amend(phones: list[Page], chair: Page, hall: Page, meeting: Meeting, look: Look) -> None:
    """A motion and an amendment, seconded; one tap against consent brings the count of hands, which merges the text."""
    act(phones[0], "提出动议", "提出动议", {"动议内容": MOTION})
    phones[1].goto(phones[1].url)
    phones[1].get_by_role("button", name="附议这项动议").click()
    act(phones[1], "提出修正案", "提出修正案", {"要修改的原句": PASSAGE, "改为": BETTER})
    phones[2].goto(phones[2].url)
    phones[2].get_by_role("button", name="附议修正案").click()
    expect(phones[2].get_by_text("已附议修正案。")).to_be_visible()
    expect(chair.locator("[data-next]").get_by_role("button", name="表决修正案")).to_be_enabled()
    look(chair, "meeting-chair-amendment-1440")
    look(phones[2], "meeting-phone-amendment-390")
    act(chair, "征求无异议", "征求无异议", {"异议期": "60秒"})
    expect(hall.locator("[data-consent-clock]")).to_have_text(re.compile(r"^[1-6]?\d$"))
    phones[2].get_by_role("button", name="我有异议").click()
    expect(phones[2].get_by_text("您的异议已记下，这件事将付诸表决。")).to_be_visible()
    expect(hall.locator("[data-consent-question]")).to_have_text("有人提出异议，付诸表决。")
    act(chair, "录入举手计票", "录入举手计票", {"同意": "3"})
    chair.get_by_role("button", name="确定").click()
    expect(chair.locator(".motion ins")).to_contain_text("和二楼")
    expect(hall.locator("[data-hall-word]")).to_be_visible()  # the result comes before the motion as it is now
    expect(hall.locator("[data-consent-question]")).to_be_hidden()
    expect(hall.locator("[data-hall-text]")).to_contain_text(BETTER)
    assert SheetCount.objects.get(item__meeting=meeting).present_count == 3
    look(hall, "meeting-hall-amended-1080")


def vote(phones: list[Page], chair: Page, recorder: Page, hall: Page, look: Look) -> None:
    """The one vote: three phones and one power; whoever stepped aside is not counted present."""
    recorder.goto(chair.url)
    forward(chair, "开始表决", sure=True)
    expect(recorder.locator("[data-next]").get_by_role("button", name="结束表决")).to_be_visible()
    for phone, choice in zip(phones, ("同意", "同意", "反对"), strict=True):
        phone.get_by_role("link", name="去投票").click()
        phone.wait_for_url("**/ballots/*/")
        if phone is phones[1]:
            lose_the_line_of_a_ballot(phone)
        cast(phone, choice)
    look(phones[2], "meeting-phone-receipt-390")
    expect(hall.locator("[data-hall-cast]")).to_have_text("3")
    phones[0].goto(phones[0].url)
    phones[0].get_by_role("radio", name="受 李桂兰 委托").check()
    look(phones[0], "meeting-phone-proxy-390")
    cast(phones[0], "同意", receipts=2)
    expect(hall.locator("[data-hall-cast]")).to_have_text("4")
    expect(hall.locator("[data-hall-result]")).to_have_text("结果在表决结束后公布")
    look(hall, "meeting-hall-voting-1080")
    forward(chair, "结束表决", sure=True)
    expect(hall.locator("[data-hall-word]")).to_have_text("✓ 通过")
    for option, heads in (("for", "3"), ("against", "1"), ("abstain", "0")):
        expect(hall.locator(f"[data-count={option}]")).to_have_text(heads)
    bar = hall.locator("[data-hall-sides] [data-measure=heads]")
    expect(bar.locator(".hall__tick")).to_have_count(1)
    expect(bar).to_contain_text("✓ 需 3人，已 3人")
    look(hall, "meeting-hall-result-1080")
    hall.set_viewport_size({"width": 3840, "height": 2160})
    look(hall, "meeting-hall-result-2160")
    hall.set_viewport_size({"width": 1920, "height": 1080})
    look(chair, "meeting-chair-result-1440")
    ballot = Ballot.objects.get()
    assert ballot.cast == 4
    item = ballot.result["items"][0] if ballot.result else {}
    assert item["decision"]["outcome"] == "passed"


def close(chair: Page, hall: Page, look: Look) -> None:
    forward(chair, "结束本项议程", sure=True)
    forward(chair, "散会", sure=True)
    expect(hall.locator("[data-hall-item]")).to_have_text("会议已结束")


def write(chair: Page, recorder: Page, look: Look) -> None:
    """The record drafts the minutes; recorder and chair sign; the masked paper is set."""
    recorder.get_by_role("button", name="起草会议纪要").click()
    expect(
        recorder.get_by_role("main").get_by_role("paragraph").filter(has_text="修正案（钱秀英提出，通过）")
    ).to_be_visible()
    look(recorder, "meeting-minutes-1440")
    chair.goto(recorder.url)
    for page in (recorder, chair):
        page.goto(page.url)
        page.get_by_role("button", name="签字").click()
        page.get_by_role("button", name="确定").click()
        expect(page.get_by_text(re.compile("^已签字"))).to_be_visible()
    assert scrolls_sideways(chair) is False
    chair.get_by_role("button", name="公布纪要").click()
    expect(chair.get_by_text("纪要正在排版，发布后在公示栏可查。")).to_be_visible()


def forward(chair: Page, verb: str, *, sure: bool = False) -> None:
    """Press the one button of the next step and wait for the page that answers."""
    button = chair.locator("[data-next]").get_by_role("button", name=verb)
    expect(button).to_be_enabled()
    button.click()
    if sure:
        chair.get_by_role("button", name="确定").click()
    expect(chair.locator("[data-next]").get_by_role("button", name=verb)).to_have_count(0)
    listening(chair)


def listening(chair: Page) -> None:
    """Wait until the page hears keys: they are its script's, which comes after its words."""
    expect(chair.get_by_role("button", name="键盘操作")).to_be_visible()


def act(page: Page, summary: str, verb: str, facts: dict[str, str]) -> None:
    """Open one of the other acts, fill in its form and send it."""
    page.goto(page.url)
    box = page.locator("details").filter(has=page.locator("summary", has_text=summary))
    box.locator("summary").click()
    for label, value in facts.items():
        field = box.get_by_label(re.compile(f"^{label}"))
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    box.get_by_role("button", name=verb).click()


def cast(phone: Page, choice: str, *, receipts: int = 1) -> None:
    phone.get_by_role("radio", name=choice, exact=True).check()
    phone.get_by_role("button", name="提交选择").click()
    phone.get_by_role("button", name="确认，投出这一票").click()
    numbers = phone.locator("[data-receipt] [data-copy-text]")
    expect(numbers).to_have_text([re.compile(r"^([0-9a-f]{4} ){7}[0-9a-f]{4}$")] * receipts)
