"""Whose turn it is: on the page of a proposal, at home, on the work list; and what is asked before it is done."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.clock import local_date
from core.deadlines import due_in_words
from deliberation import operations
from deliberation.models import Proposal
from deliberation.queries import by_group, everything_of, next_moves, next_step, today_of, turn_of, work_of
from deliberation.stages import Status
from meetings.models import Meeting
from meetings.operations import draft_minutes, sign_minutes
from publish.models import Notice
from publish.operations import acknowledge_objection, file_objection
from tests.deliberation.world import World
from tests.voting.factories import open_a_ballot
from voting.models import Ballot, Phase, Voter
from voting.operations import close_ballot, open_ballot, sign_count
from voting.operations.teller import name_tellers

pytestmark = [pytest.mark.django_db]


def _as(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _text(response: Any) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", response.content.decode()))


def _verbs(world: World, who: Any) -> list[tuple[str, str]]:
    return [(row.verb, row.title) for row in work_of(who, now=world.now)]


def _next(world: World) -> str:
    step = next_step(world.p, next_moves(world.p, now=world.now), now=world.now)
    assert step.move is not None
    return step.move.move.key


def test_a_result_that_was_not_passed_is_not_said_to_take_effect(world: World) -> None:
    world.walk_to(Status.VOTING)
    world.close_voting(["against"] * 10)
    world.publish_result()

    assert _next(world) == "record_not_passed"


def test_a_count_without_a_quorum_leads_to_saying_so(world: World) -> None:
    world.walk_to(Status.VOTING)
    world.close_voting(["for"] * 3)

    assert _next(world) == "declare_not_quorate"
    moves = next_moves(world.p, now=world.now)
    missing = next(m for m in moves if m.move.key == "declare_not_quorate").missing
    assert [m.key for m in missing] == ["vote_is_over"]


def test_closing_before_the_announced_end_is_asked_once_more(world: World) -> None:
    world.walk_to(Status.VOTING)
    url = reverse("deliberation:move", args=[world.p.pk, "close_voting"])
    client = _as(world.director)

    with time_machine.travel(world.now, tick=False):
        page = client.get(url)
        unasked = client.post(url, {"reason": "都已投票。"})
        still = Proposal.objects.get().status
        unsaid = client.post(url, {"sure": "on"})
        still_2 = Proposal.objects.get().status
        done = client.post(url, {"sure": "on", "reason": "都已投票。"})

    assert "还没有到；已投0人，名册上共12人。提前截止后，没有投的人就不能再投了。" in _text(page)
    assert (unasked.status_code, still) == (422, Status.VOTING)
    assert "请先勾选“我已看清”，再办理。" in _text(unasked)
    assert (unsaid.status_code, still_2) == (422, Status.VOTING)
    assert (done.status_code, Proposal.objects.get().status) == (302, Status.COUNTING)


def test_an_open_vote_waits_for_nobody_until_all_have_voted(world: World) -> None:
    world.walk_to(Status.VOTING)
    assert ("截止表决", world.p.title) not in _verbs(world, world.director)

    world.cast(["for"] * 12)

    assert ("截止表决", world.p.title) in _verbs(world, world.director)


def test_a_terminated_matter_takes_its_announced_vote_along(world: World) -> None:
    world.walk_to(Status.NOTICE_PERIOD)
    ballot = world.p.ballot
    assert ballot is not None

    world.do(
        operations.terminate_proposal,
        world.p,
        by=world.secretary,
        reason_code="matter_gone",
        reason="楼栋列入拆除范围。",
    )

    ballot.refresh_from_db()
    assert (ballot.phase, ballot.closes_at) == (Phase.DRAFT, world.now)
    with pytest.raises(Exception, match="计划的截止时间已过，不能开始表决。"):
        open_ballot(ballot, by=world.director, now=world.now)
    page = Client().get(reverse("voting:ballot", args=[ballot.pk]))
    assert "这次表决没有进行，已经取消。" in _text(page)


def test_a_terminated_matter_calls_its_meeting_off(world: World) -> None:
    world.walk_to(Status.DELIBERATING)

    world.do(operations.terminate_proposal, world.p, by=world.secretary, reason_code="matter_gone")

    assert list(Meeting.objects.values_list("phase", flat=True)) == ["cancelled"]


def test_the_page_says_whose_turn_it_is(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    assert turn_of(world.p, world.secretary, now=world.now) == (
        "签收",
        reverse("deliberation:act", args=[world.p.pk, "acknowledge_proposal"]),
    )
    assert turn_of(world.p, world.proposer, now=world.now) is None
    assert "轮到您：签收" in _text(_as(world.secretary).get(world.p.get_absolute_url()))
    assert "轮到您" not in _text(_as(world.residents[4]).get(world.p.get_absolute_url()))


def test_a_proposal_counts_down_to_its_deadline_once(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    with time_machine.travel(world.now, tick=False):
        page = _text(Client().get(world.p.get_absolute_url()))

    assert re.findall(r"剩\d+个?[天工]\w*", page.partition("是什么事")[0]) == ["剩5个工作日"]
    assert "进行中" in page


def test_the_home_page_counts_what_the_whole_list_shows_and_says_what_it_leaves_out(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    Voter.objects.filter(ballot__in=[open_a_ballot(1).pk for _number in range(5)]).update(user=world.secretary)

    home, whole = _as(world.secretary).get("/"), _as(world.secretary).get(reverse("deliberation:work"))

    assert sorted(row.verb for row in whole.context["page"]) == ["去表决"] * 5 + ["签收"]
    assert home.context["waiting"] == whole.context["total"] == 6
    assert (len(home.context["today"]), home.context["more_waiting"]) == (5, 1)
    assert "要您做的：最急的5件全部6件" in _text(home)
    assert "还有1件没有列在这里，看全部" in _text(home)


def test_what_goes_on_and_what_is_late_stand_before_what_comes_later(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    meeting = Meeting.objects.get()
    late = world.register(title="早就该审核的事")
    world.wait(days=14)
    fresh = world.register(title="刚提的事")
    Meeting.objects.update(phase="open", chair=world.director, starts_at=world.now, opened_at=world.now)
    ballot = open_a_ballot(1)
    Ballot.objects.filter(pk=ballot.pk).update(closes_at=world.now + dt.timedelta(hours=1))
    Voter.objects.filter(ballot=ballot).update(user=world.director)

    rows = everything_of(world.director, now=world.now)
    groups = [(group.label, [row.title for row in found]) for group, found in by_group(rows, now=world.now)]

    assert groups[:3] == [
        ("正在进行", [meeting.title]),
        ("已经逾期", [late.title]),
        ("今天截止", [ballot.title]),
    ]
    assert fresh.title in dict(groups)["以后"]
    with time_machine.travel(world.now, tick=False):
        home = _as(world.director).get("/").context
        whole = _as(world.director).get(reverse("deliberation:work")).context
    assert [row.title for row in home["today"]] == [row.title for row in rows[:5]]
    assert [(group.label, n) for group, _rows, n in whole["groups"]] == [(label, len(all_)) for label, all_ in groups]


def test_whoever_has_a_seat_is_called_to_the_meeting_that_goes_on(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    meeting = Meeting.objects.get()
    guest = meeting.attendances.exclude(user=None).exclude(user=meeting.chair).select_related("user")[0].user
    assert guest is not None
    assert ("进入会议", meeting.title) not in [(row.verb, row.title) for row in today_of(guest, now=world.now)]

    Meeting.objects.update(phase="open", opened_at=world.now)

    assert next((row.verb, row.title, row.goes_on) for row in today_of(guest, now=world.now)) == (
        "进入会议",
        meeting.title,
        True,
    )


def test_the_first_screen_of_a_resident_opens_to_what_they_come_for(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    open_a_ballot(1)

    home = _text(_as(world.proposer).get("/")).partition("公示栏全部")[0]
    other = _text(_as(world.residents[4]).get("/"))
    visitor = _text(Client().get("/"))

    assert "我要提议正在表决1我的提案1要您做的（0）" in home
    assert f"我提的事全部1件{world.p.title}" in home
    assert "我的提案要您做的（0）" in other
    assert "我提的事" not in other
    assert "我要提议正在表决1查进展" in visitor


def test_my_proposals_are_mine_alone_drafts_too(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    own = world.p
    draft = world.register(title="还没有写完", submit=False)
    world.register(title="别人的事", by=world.residents[4])
    url = f"{reverse('deliberation:proposals')}?mine=1"

    mine, visitor = _as(world.proposer).get(url), Client().get(url)

    assert list(mine.context["page"]) == [draft, own]
    assert "我的提案" in _text(mine)
    assert {proposal.title for proposal in visitor.context["page"]} == {own.title, "别人的事"}


def test_a_resident_reads_where_it_stands_and_staff_what_is_missing(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    url = world.p.get_absolute_url()

    with time_machine.travel(world.now, tick=False):
        fresh = _text(_as(world.proposer).get(url))
        staff = _text(_as(world.secretary).get(url))
        operations.acknowledge_proposal(world.p, by=world.secretary)
        then = _text(_as(world.proposer).get(url))

    assert "已经收到，社区先签收，再审核属不属于社区议事的范围，结果会写在这里。" in fresh
    assert "社区已经签收，正在审核属不属于社区议事的范围，结果会写在这里。" in then
    assert "期限：3月9日（剩5个工作日）这一步还要备齐什么（4）" in then
    assert "轮到您：签收3月3日（剩1个工作日）" in staff
    assert "这一步还要备齐什么" not in staff
    assert "还缺：提案人身份还没有核实" in staff


def test_the_page_of_an_act_says_its_own_term_once(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    client = _as(world.secretary)

    with time_machine.travel(world.now, tick=False):
        pages = {
            key: _text(client.get(reverse("deliberation:act", args=[world.p.pk, key])))
            for key in ("acknowledge_proposal", "record_screening")
        }

    assert {key: re.findall(r"期限：(\S+?）)", page) for key, page in pages.items()} == {
        "acknowledge_proposal": ["3月3日（剩1个工作日）"],
        "record_screening": ["3月9日（剩5个工作日）"],
    }


def test_a_term_of_calendar_days_is_said_the_same_on_every_page(world: World) -> None:
    world.walk_to(Status.PLAN_PUBLICISED)
    assert world.p.due_on is not None
    url = reverse("deliberation:move", args=[world.p.pk, "revise_plan"])

    with time_machine.travel(world.now, tick=False):
        said, left = due_in_words(world.p.due_on), (world.p.due_on - local_date()).days
        pages = [
            _text(_as(world.secretary).get(address))
            for address in ("/", reverse("deliberation:proposals"), world.p.get_absolute_url(), url)
        ]

    assert said.endswith(f"（剩{left}天）")
    assert [said in page for page in pages] == [True, True, True, True]
    missing = next(m for m in next_moves(world.p, now=world.now) if m.move.key == "complete_party_review").missing
    day = said.partition("（")[0]
    assert f"方案公示期还没有届满（最后一天是{day}）" in [one.sentence for one in missing]


def test_the_home_page_says_of_its_short_list_that_it_is_one(world: World) -> None:
    Proposal.objects.bulk_create(
        Proposal(
            title=f"事项{number}", body="内容", community=world.community, unit=world.community,
            proposer=world.proposer, status=Status.SUBMITTED,
            entered_at=world.now, created_at=world.now, submitted_at=world.now,
        )
        for number in range(9)
    )  # fmt: skip

    home = _as(world.supervisor).get("/")

    assert (len(home.context["matters"]), home.context["all_matters"]) == (8, 9)
    assert "正在办的共9件，这里列出8件；看全部，连已办结的" in _text(home)


def test_staff_find_their_work_on_the_home_page(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    assert "要您做的（1）" in _text(_as(world.secretary).get("/"))
    assert "要您做的（0）" in _text(_as(world.supervisor).get("/"))


def test_what_the_proposer_owes_is_not_asked_of_staff_until_it_is_late(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    world.do(operations.request_supplement, world.p, by=world.secretary, reason="请补充位置。")
    assert (_verbs(world, world.grid_worker), _verbs(world, world.secretary)) == ([], [])

    world.wait(days=30)

    assert _verbs(world, world.secretary) == [("不予受理", world.p.title)]


def test_minutes_wait_for_their_recorder_and_then_for_both_signatures(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    meeting = Meeting.objects.get()
    title = meeting.title
    world.hold_meeting()
    assert ("起草纪要", title) in _verbs(world, world.member)

    minutes = world.do(draft_minutes, meeting=Meeting.objects.get(), by=world.member)
    assert ("签字确认纪要", title) in _verbs(world, world.member)
    world.do(sign_minutes, minutes=minutes, by=world.member)

    assert ("签字确认纪要", title) not in _verbs(world, world.member)
    assert ("签字确认纪要", title) in _verbs(world, world.facilitator)


def test_the_chair_is_reminded_of_the_meeting_on_its_day(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    meeting = Meeting.objects.get()
    assert ("主持会议", meeting.title) not in _verbs(world, world.facilitator)

    world.now = meeting.starts_at.replace(hour=8)

    assert ("主持会议", meeting.title) in _verbs(world, world.facilitator)
    assert ("主持会议", meeting.title) not in _verbs(world, world.member)


def test_opinions_wait_for_an_answer_one_row_a_matter(world: World) -> None:
    world.walk_to(Status.ACCEPTED)
    for user in world.residents[1:4]:
        world.do(operations.give_opinion, world.p, by=user, stance="for", text="早点装。")

    rows = [row for row in work_of(world.director, now=world.now) if row.verb == "答复意见"]

    assert [(row.title, row.note) for row in rows] == [(world.p.title, "3条意见还没有答复")]


def test_an_objection_waits_to_be_acknowledged_and_ruled_on(world: World) -> None:
    world.walk_to(Status.PLAN_PUBLICISED)
    notice = Notice.objects.order_by("-pk")[0]
    objection = world.do(
        file_objection, notice, name="钱二", phone="13800000002", text="工期太长。", by=world.residents[1]
    )
    title = f"异议：{notice.title}"
    assert ("受理异议", title) in _verbs(world, world.grid_worker)

    world.do(acknowledge_objection, objection, by=world.grid_worker)

    assert ("受理异议", title) not in _verbs(world, world.grid_worker)
    assert ("答复异议", title) in _verbs(world, world.secretary)


def test_what_was_handed_up_waits_for_the_subdistrict(world: World) -> None:
    world.walk_to(Status.EXECUTING)
    world.do(
        operations.escalate_proposal, world.p, by=world.secretary, reason_code="beyond_powers", reason="请街道协调。"
    )

    assert _verbs(world, world.officer) == [("办理上报事项", world.p.title)]


def test_every_count_waits_for_its_tellers_whoever_held_the_vote(world: World) -> None:
    free, named = (open_a_ballot(2, community=world.community, title=title) for title in ("桂花", "香樟"))
    teller, other = world.tellers[:2]
    name_tellers(named, tellers=[teller, world.grid_worker], by=world.director, now=world.now)
    for ballot in (free, named):
        close_ballot(ballot, by=world.director, now=world.now)

    before = [_signs(world, user) for user in (teller, other, world.grid_worker, world.secretary)]
    sign_count(free, by=teller, now=world.now)

    assert before == [["桂花", "香樟"], ["桂花"], ["香樟"], []]
    assert _signs(world, teller) == ["香樟"]


def _signs(world: World, user: Any) -> list[str]:
    return sorted(row.title for row in work_of(user, now=world.now) if row.verb == "核对签字")
