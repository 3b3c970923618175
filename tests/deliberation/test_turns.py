"""Whose turn it is: on the page of a proposal, at home, on the work list; and what is asked before it is done."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from deliberation import operations
from deliberation.models import Proposal
from deliberation.queries import next_moves, next_step, turn_of, work_of
from deliberation.stages import Status
from meetings.models import Meeting
from meetings.operations import draft_minutes, sign_minutes
from publish.models import Notice
from publish.operations import acknowledge_objection, file_objection
from tests.deliberation.world import World
from voting.models import Phase
from voting.operations import open_ballot

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
        unasked = client.post(url, {})
        still = Proposal.objects.get().status
        done = client.post(url, {"sure": "on"})

    assert "还没有到；已投0人，名册上共12人。提前截止后，没有投的人就不能再投了。" in _text(page)
    assert (unasked.status_code, still) == (422, Status.VOTING)
    assert "请先勾选“我已看清”，再办理。" in _text(unasked)
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


def test_staff_find_their_work_on_the_home_page(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    assert "今天要您做的（1）" in _text(_as(world.secretary).get("/"))
    assert "今天要您做的（0）" in _text(_as(world.supervisor).get("/"))


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
