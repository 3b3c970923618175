"""The whole life of one proposal through the platform's own doors, as the people who live it.

Pages and forms over real HTTP, the API, and the live socket of a real server; the clock is frozen and moved by hand.
"""

import datetime as dt
import io
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader
from websockets.sync.client import connect

from community.models import User
from core import clock, ledger, periodic
from deliberation.models import Proposal, Purpose
from deliberation.stages import Status
from meetings import signin
from meetings.models import Attendance
from publish.models import Notice
from tests.deliberation.world import START, World
from tests.journeys.visitor import Answer, Visitor, number_in
from tests.live import Phone, server_here
from voting.models import Vote

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_profiles,
    pytest.mark.typeset,
]
PASSWORD = "shuangqing-2026"
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
SCREENED = dict.fromkeys(("identity_verified", "in_scope", "not_duplicate", "legality_prechecked"), "yes")


@pytest.fixture(scope="module")
def host(django_db_setup: None) -> Iterator[str]:
    with server_here() as host:
        yield host


@pytest.fixture
def life(host: str, db: None) -> Iterator["Life"]:
    with time_machine.travel(START, tick=False) as clock_hands:
        yield Life(host, clock_hands)


class Life:
    """One community, its people each at a browser of their own, and the proposal they carry."""

    def __init__(self, host: str, hands: Any) -> None:
        self.host, self.hands = host, hands
        self.world = World()
        for user in User.objects.all():
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        self.at: dict[int, Visitor] = {}
        self.number = 0
        periodic.find_jobs()

    # --- people and time -------------------------------------------------

    def browser(self, user: User) -> Visitor:
        """Return the browser of `user`, signed in by the form; a session that ran out is entered anew."""
        visitor = self.at.setdefault(user.pk, Visitor(self.host))
        if visitor.open("/account/").path.startswith("/sign-in/"):
            visitor.send({"username": user.username, "password": PASSWORD}, having=["password"])
            assert visitor.page.status == 200, visitor.page.text
        return visitor

    def wait(self, span: dt.timedelta) -> None:
        """Let time pass and the background process do what time asks for."""
        self.hands.shift(span)
        for entry in periodic._jobs.values():
            entry.job()

    # --- the proposal -----------------------------------------------------

    @property
    def proposal(self) -> Proposal:
        return Proposal.objects.get(pk=self.number)

    @property
    def status(self) -> str:
        return str(self.proposal.status)

    def see(self) -> Answer:
        """Return the public page of the proposal as a stranger sees it."""
        return Visitor(self.host).open(f"/proposals/{self.number}/")

    def sheet(self, user: User, kind: str, key: str) -> Visitor:
        """Open the form of a move or an act."""
        visitor = self.browser(user)
        visitor.open(f"/proposals/{self.number}/{kind}/{key}/")
        return visitor

    def act(self, user: User, key: str, **given: Any) -> Answer:
        return self._sent(self.sheet(user, "acts", key), given)

    def move(self, user: User, key: str, **given: Any) -> Answer:
        return self._sent(self.sheet(user, "moves", key), given)

    def _sent(self, visitor: Visitor, given: dict[str, Any]) -> Answer:
        answer = visitor.send(given, having=["expected_version"])
        assert answer.status == 200, answer.text
        return answer

    def refused(self, user: User, key: str, body: dict[str, Any] | None = None, *, kind: str = "moves") -> Any:
        """Return the problem document of a move or act that must be refused; nothing may have changed."""
        before = (self.proposal.version, ledger.entries_about(self.proposal).count())
        answer = self.browser(user).api("POST", f"/proposals/{self.number}/{kind}/{key}", body or {})
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert (self.proposal.version, ledger.entries_about(self.proposal).count()) == before
        return {"status": answer.status} | answer.data

    def notice(self, purpose: Purpose) -> Notice:
        """Return the newest notice of one purpose after reading its page, its PDF and its verification page."""
        notice: Notice = self.proposal.notice_links.filter(purpose=purpose).latest("id").notice
        reader = Visitor(self.host)
        pdf = reader.request("GET", f"/notices/{notice.pk}/pdf")
        words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.body)).pages)
        assert re.fullmatch(r"\D+〔2026〕\d+号", notice.number)
        assert pdf.headers["content-type"] == "application/pdf"
        assert notice.number[-3:] in words
        assert notice.number in reader.open(f"/notices/{notice.pk}/").text
        assert "有效" in reader.open(f"/notices/verify/{notice.content_hash}/").text
        return notice


def a_photo() -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (640, 480), "#8899aa")
    exif = image.getexif()
    exif[0x0110] = "SecretPhone"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def local(moment: dt.datetime) -> str:
    """Return a moment as the browser's own picker writes it."""
    return moment.astimezone(START.tzinfo).strftime("%Y-%m-%dT%H:%M")


# --- the five stages ------------------------------------------------------


def propose(life: Life) -> None:
    """A resident's phone: a form, a photo; strangers read it with the name masked."""
    resident = life.browser(life.world.proposer)
    resident.open("/proposals/new/")
    page = resident.send(
        {
            "title": "3幢2单元加装电梯",
            "body": "六层楼，老人上下楼困难。",
            "category": "elevator",
            "unit": life.world.entrance.pk,
        },
        files={"photos": [("楼道.jpg", a_photo())]},
        having=["body"],
    )
    life.number = number_in(page.path, r"/proposals/(\d+)/")
    public = life.see()

    assert "已提交" in page.text
    assert (life.status, "赵*" in public.text, "赵一" in public.text) == ("submitted", True, False)

    shown = re.search(rf'src="(/proposals/{life.number}/photos/\d+/)"', public.html)
    assert shown is not None
    photo = Visitor(life.host).request("GET", shown[1])
    assert (photo.status, photo.headers["content-type"]) == (200, "image/jpeg")
    assert photo.headers["x-content-type-options"] == "nosniff"
    assert Image.open(io.BytesIO(photo.body)).size == (640, 480)
    assert b"SecretPhone" not in photo.body
    for path in (f"/proposals/{life.number}/photos/8/", "/files/", "/files/photos/"):
        assert Visitor(life.host).request("GET", path).status == 404


def screen(life: Life) -> None:
    """Acknowledged, looked over, accepted; two officers at once: the second is told what changed."""
    world = life.world
    early = life.refused(world.secretary, "accept")
    stranger = life.refused(world.residents[3], "accept")
    later = life.refused(world.director, "make_ready")
    nobody = Visitor(life.host).api("POST", f"/proposals/{life.number}/moves/accept", {})

    assert (early["status"], early["code"]) == (409, "requirements_not_met")
    assert [m["key"] for m in early["missing"]] == list(SCREENED)
    assert (stranger["status"], stranger["detail"]) == (403, "“受理”由书记、主任办理。")
    assert (later["status"], later["detail"]) == (409, "现在是“待审核”，不能“确定提交表决”。")
    assert (nobody.status, nobody.data["code"]) == (401, "not_signed_in")

    assert "签收：3幢2单元加装电梯" in life.browser(world.secretary).open(reverse("deliberation:work")).text.replace(
        " ", ""
    )
    life.act(world.secretary, "acknowledge_proposal")
    life.wait(DAY)
    life.act(world.member, "record_screening", **SCREENED)
    one, other = life.sheet(world.secretary, "moves", "accept"), life.sheet(world.director, "moves", "reject")
    other_page = other.page
    one.send(having=["expected_version"])
    stale = other.send({"reason_code": "unlawful"}, having=["expected_version"], page=other_page)

    assert stale.status == 409
    assert re.search("页面打开之后，书记罗\\*\\*已于.{5,6} 09:00受理，现在是“已受理”。", stale.text)
    assert life.status == Status.ACCEPTED


def deliberate(life: Life) -> None:
    """The topic is posted, the parties are called, they meet, sign in, speak; the minutes are signed."""
    world = life.world
    missing = life.sheet(world.director, "moves", "start_deliberation").page
    assert "议题清单还没有公示" in missing.text
    assert missing.form(having=["expected_version"]).is_disabled
    life.act(world.director, "publish_topic")
    parties = "\n".join(f"{user.name}，3幢2单元住户" for user in world.residents[:6])
    life.act(world.grid_worker, "list_stakeholder", stakeholders=parties)
    starts_at = clock.now() + 5 * DAY
    life.move(
        world.director,
        "start_deliberation",
        starts_at=local(starts_at),
        place="党群服务中心",
        chair=world.facilitator.pk,
        recorder=world.member.pk,
        kind="deliberation_council",
    )
    assert (life.notice(Purpose.TOPIC).ends_on, life.status) == (dt.date(2026, 3, 10), "deliberating")
    assert life.notice(Purpose.SESSION).kind == "meeting_notice"

    unheld = life.refused(world.director, "confirm_consensus")
    assert [m["key"] for m in unheld["missing"]][:2] == ["session_held", "stakeholders_present"]
    life.wait(5 * DAY - 20 * MINUTE)
    meet(life)

    life.act(
        world.facilitator,
        "record_consultation",
        consensus="yes",
        summary="同意加装，按楼层分摊。",
        dissent="一楼担心采光。",
    )
    life.move(world.director, "confirm_consensus")
    assert life.status == Status.CONSENSUS_RECORDED


def meet(life: Life) -> None:
    """The consultation: one signs in by the poster's code, four at the desk; a motionless item, one speech."""
    world = life.world
    room = life.proposal.consultations.get(round=1).meeting_id
    assert room is not None

    def seat(user: User) -> int:
        return Attendance.objects.get(meeting_id=room, user=user).pk

    guest = life.browser(world.residents[0])
    guest.open(f"/meetings/{room}/signin/?code={signin.code_for(room, clock.now())}")
    assert "已签到" in guest.send().text
    desk = life.browser(world.grid_worker)
    for user in world.residents[1:5]:
        desk.open(f"/meetings/{room}/desk/")
        arrived = desk.send({"act": "in"}, to=f"/desk/{seat(user)}/", lacking=["override_reason", "leave_reason"])
        assert "已签到" in arrived.text
    life.wait(20 * MINUTE)

    chair = life.browser(world.facilitator)
    outsider = life.browser(world.residents[7])
    assert outsider.open(f"/meetings/{room}/chair/").status == 403

    def lead(act: str, **given: Any) -> Answer:
        chair.open(f"/meetings/{room}/chair/")
        return chair.send(given, to=f"/chair/{act}/")

    lead("open")
    lead("next_item")
    guest.open(f"/meetings/{room}/")
    assert "已举手" in guest.send({"stance": "for"}, to="/room/hand/").text
    assert "请赵一发言" in lead("give_floor").text
    life.wait(2 * MINUTE)
    lead("end_floor", gist="家里老人盼了很久。")
    lead("decide", decision="同意推进。", dissent="一楼担心采光。")
    life.wait(HOUR)
    assert "会议已结束" in lead("close").text
    lead("draft_minutes")
    assert "等待另一位签字" in chair.send(to="/minutes/sign/").text
    recorder = life.browser(world.member)
    recorder.open(f"/meetings/{room}/minutes/")
    assert "纪要定稿" in recorder.send(to="/minutes/sign/").text


def settle(life: Life) -> None:
    """A plan with its money, posted; party study, legality, rule and roll; nothing goes on before each is there."""
    world = life.world
    life.move(world.member, "start_drafting")
    assert life.refused(world.secretary, "publicise_plan")["missing"][0]["key"] == "plan_drafted"
    life.act(
        world.member,
        "draft_plan",
        text="在3幢2单元北侧加装一部电梯，连廊用玻璃。",
        funds="财政补贴和业主分摊",
        budget="电梯设备，260000，业主\n土建，180000.50，补贴",
    )
    life.move(world.secretary, "publicise_plan")
    assert life.notice(Purpose.PLAN).ends_on == dt.date(2026, 3, 16)

    resident = life.browser(world.residents[5])
    resident.open(f"/proposals/{life.number}/")
    resident.send({"stance": "against", "text": "请把噪声写进去。"}, to="/opinion/")
    opinion = life.proposal.opinions.get()
    officer = life.browser(world.member)
    officer.open(f"/proposals/{life.number}/")
    officer.send({"answer": "已写入。"}, to=f"/opinions/{opinion.pk}/answer/")
    assert "答复：已写入。" in life.see().text

    life.wait(10 * DAY)
    unstudied = life.refused(world.secretary, "complete_party_review")
    assert (unstudied["status"], unstudied["article"]) == (409, "《城市居民委员会组织法》第三十条")
    assert [m["key"] for m in unstudied["missing"]] == ["party_studied"]
    study = {"held_on": "2026-03-18", "due": 9, "present": 8, "agrees": "yes", "conclusion": "同意提交表决。"}
    assert life.refused(world.director, "record_party_review", study, kind="acts")["status"] == 403
    life.act(world.secretary, "record_party_review", **study)
    life.move(world.secretary, "complete_party_review")

    unready = life.refused(world.secretary, "make_ready")
    assert [m["key"] for m in unready["missing"]] == [
        "legality_reviewed",
        "rule_chosen",
        "roll_posted",
    ]
    life.act(world.member, "review_legality", is_lawful="yes", opinion="符合民法典。", reviewer="某律师事务所")
    life.act(world.secretary, "choose_rule", rule="owners_278_ordinary", electorate="owners")
    life.act(world.director, "publish_roll")
    assert "赵*" in json.dumps(life.notice(Purpose.ROLL).facts, ensure_ascii=False)
    life.wait(10 * DAY)
    life.move(world.secretary, "make_ready")
    assert life.status == Status.READY_TO_VOTE


def vote(life: Life) -> None:
    """Called, opened, voted live by account, by printed code, over the API and by the page; closed and certified."""
    world = life.world
    opens_at = (clock.now() + 16 * DAY).replace(minute=0)
    codes = life.move(
        world.director, "call_vote", opens_at=local(opens_at), closes_at=local(opens_at + 3 * DAY), place="社区"
    )
    printed = dict(
        re.findall(r'data-label="姓名">(\S+?)</td><td data-label="表决码" class="figures">(\w+)<', codes.html)
    )
    assert (len(printed), life.notice(Purpose.VOTE).kind) == (12, "meeting_notice")
    early = life.refused(world.director, "open_voting")
    assert [m["key"] for m in early["missing"]] == ["vote_notice_over"]
    life.wait(opens_at - clock.now() - MINUTE)
    life.move(world.director, "open_voting")
    ballot = str(life.proposal.ballot_id)
    life.wait(MINUTE)

    with socket(life, ballot) as screen:
        state = screen.next("ballot.state")
        item = state["items"][0]["id"]
        assert (state["phase"], state["turnout"], state["mine"]) == ("open", {"cast": 0, "eligible": 12}, None)
        assert screen.cast({item: "for"})["code"] == "not_eligible"
        for name, choice in [
            *[(user.name, "for") for user in world.residents[:6]],
            (world.residents[6].name, "abstain"),
        ]:
            holder = Visitor(life.host)
            assert holder.api("POST", "/session", {"code": printed[name]}).status == 200
            ticket = holder.api("POST", f"/ballots/{ballot}/ticket").data["ticket"]
            with socket(life, ballot, f"?ticket={ticket}") as own:
                request = str(uuid.uuid4())
                answer = own.cast({item: choice}, request)
                assert (answer["type"], own.cast({item: choice}, request)) == ("vote.accepted", answer)
        by_cookie = life.browser(world.residents[7])
        with socket(life, ballot, cookie=by_cookie.cookies["sessionid"]) as own:
            assert own.cast({item: "for"})["type"] == "vote.accepted"
            assert own.cast({item: "against"})["code"] == "already_voted"

        by_api = life.browser(world.residents[8])
        key = {"Idempotency-Key": str(uuid.uuid4())}
        cast = by_api.api("POST", f"/ballots/{ballot}/votes", {"choices": {item: "for"}}, **key)
        assert (cast.status, len(cast.data["receipt"]) > 0) == (200, True)
        again = by_api.api("POST", f"/ballots/{ballot}/votes", {"choices": {item: "for"}}, **key)
        assert again.data == cast.data
        by_page = life.browser(world.residents[9])
        by_page.open(f"/ballots/{ballot}/")
        assert "回执" in by_page.send({f"item-{item}": "against"}, having=["request"]).text
        outsider = life.browser(world.outsider)
        off_roll = outsider.api(
            "POST", f"/ballots/{ballot}/votes", {"choices": {item: "for"}}, **{"Idempotency-Key": str(uuid.uuid4())}
        )
        assert (off_roll.status, off_roll.data["code"]) == (403, "not_eligible")
        while (news := screen.next("ballot.tally"))["turnout"]["cast"] < 10:
            pass
        assert news["turnout"] == {"cast": 10, "eligible": 12}
        life.move(world.director, "close_voting", sure="on", reason="愿意表决的都已投票。")
        assert screen.next("ballot.phase")["phase"] == "closed"
    assert Vote.objects.count() == 10
    certify(life, ballot)


def certify(life: Life, ballot: str) -> None:
    """Two tellers sign; only then can the result be posted."""
    world = life.world
    assert life.refused(world.director, "publish_result")["missing"][0]["key"] == "ballot_certified"
    assert life.browser(world.director).open(f"/ballots/{ballot}/certify/").status == 403
    for teller in world.tellers:
        visitor = life.browser(teller)
        page = visitor.open(f"/ballots/{ballot}/certify/")
        assert "第二百七十八条" in page.text
        assert "您的签字已记入" in visitor.send({"agrees": "1"}, having=["agrees=1"]).text
    result = Visitor(life.host).api("GET", f"/ballots/{ballot}/result").data
    assert (result["phase"], result["outcome"]) == ("certified", "passed")
    life.move(world.director, "publish_result")
    facts = life.notice(Purpose.RESULT).facts
    assert facts["eligible"] == {"heads": 12, "area": "1060.80"}
    assert facts["participating"] == {"heads": 10, "area": "884.00"}
    assert len(facts["tellers"]) == 2
    assert life.refused(world.director, "take_effect")["missing"][0]["key"] == "result_period_over"
    life.wait(9 * DAY)
    assert life.status == Status.EFFECTIVE


def carry_out(life: Life) -> None:
    """The list of who does what by when; one is late and is chased; done, reported."""
    world = life.world
    assert life.refused(world.director, "start_execution")["missing"][0]["key"] == "tasks_listed"
    due = clock.local_date() + 10 * DAY
    life.act(
        world.director, "list_task", tasks=f"签订合同，{world.member.name}，{due}\n验收，物业公司，{due + 50 * DAY}"
    )
    life.move(world.director, "start_execution")
    life.wait(12 * DAY)
    first, second = life.proposal.tasks.order_by("pk")
    chaser = life.browser(world.supervisor)
    chaser.open(reverse("deliberation:task", args=[first.pk]))
    chaser.send({"act": "chase", "text": "请说明进度。"}, having=["text"])
    assert life.refused(world.director, "report_completion")["missing"][0]["key"] == "tasks_done"
    for task in (first, second):
        owner = life.browser(world.member)
        owner.open(reverse("deliberation:task", args=[task.pk]))
        owner.send({"act": "finish", "text": "合同、验收单已存档。"}, having=["text"])
    life.act(
        world.member,
        "record_completion",
        text="电梯已安装并通过检验。",
        cost="438000.00",
        contractor="某电梯公司",
        finished_on=clock.local_date(),
    )
    life.move(world.director, "report_completion")
    assert life.refused(world.director, "start_evaluation", {"acceptance": "合格"})["status"] == 403


def evaluate(life: Life) -> None:
    """Posted at least fifteen days, rated by the residents, reported, archived with its documents."""
    world = life.world
    life.move(world.supervisor, "start_evaluation", acceptance="现场查看，符合方案。")
    notice = life.notice(Purpose.IMPLEMENTATION)
    assert notice.ends_on is not None
    assert notice.posted_on is not None
    assert (notice.ends_on - notice.posted_on).days >= 15
    for user, grade in zip(
        world.residents, ["satisfied"] * 9 + ["fairly", "dissatisfied", "dissatisfied"], strict=True
    ):
        visitor = life.browser(user)
        visitor.open(f"/proposals/{life.number}/")
        assert "已记下您的评价" in visitor.send({"grade": grade}, to="/rate/").text
    assert [m["key"] for m in life.refused(world.supervisor, "archive")["missing"]] == [
        "implementation_period_over",
        "rating_window_over",
    ]
    life.wait(17 * DAY)
    life.move(world.supervisor, "archive", conclusion="居民满意，归档。")
    assert life.status == Status.ARCHIVED
    assert life.notice(Purpose.EVALUATION).facts["satisfaction"] == "83.3%（10/12）"


@contextmanager
def socket(life: Life, ballot: str, query: str = "", cookie: str = "") -> Iterator[Phone]:
    """Open the live socket as a page of this site does."""
    origin: Any = f"http://{life.host}"
    headers = {"Cookie": f"sessionid={cookie}"} if cookie else {}
    with connect(f"ws://{life.host}/ws/ballots/{ballot}/{query}", origin=origin, additional_headers=headers) as link:
        yield Phone(link)


def test_a_proposal_lives_from_a_phone_to_the_archive(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    for stage in (propose, screen, deliberate, settle, vote, carry_out, evaluate):
        stage(life)

    links = life.proposal.notice_links.order_by("id")
    posted = links.filter(notice__is_public=True)
    assert list(posted.values_list("purpose", flat=True)) == [
        "topic",
        "session",
        "plan",
        "roll",
        "vote",
        "procedure",
        "proxy_form",
        "preliminary",
        "result",
        "resolution",
        "responsibility",
        "implementation",
        "rating_form",
        "evaluation",
    ]
    inside = list(links.filter(notice__is_public=False).values_list("purpose", flat=True))
    assert inside == ["registration", "letter", "party_study", "legality", "count_sheet", "follow_up", "archive"]
    series: dict[str, list[int]] = {}
    for number in Notice.objects.order_by("id").values_list("number", flat=True):
        series.setdefault(number.partition("〔")[0], []).append(number_in(number, r"〕(\d+)号"))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in series.values()), series
    page = life.see()
    assert "文件（14）" in page.text
    assert set(re.findall(r'href="/notices/(\d+)/"', page.html)) == {
        str(pk) for pk in posted.values_list("notice_id", flat=True)
    }
    call_command("verify_ledger")
    assert json.loads(capsys.readouterr().out)["holds"] is True
