"""A character no face has: every act that posts, or writes what will be posted, names it and its place first."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import BadInput
from core.models import LedgerEntry
from deliberation import operations
from deliberation.models import Plan, ResponsibilityTask
from deliberation.stages import Status
from meetings.models import Minutes
from meetings.operations import publish_minutes
from publish.models import Notice
from tests.deliberation.world import World
from voting.models import Ballot

pytestmark = [pytest.mark.django_db]


def _refusal(act: Callable[..., Any], *args: Any, **more: Any) -> tuple[str, str]:
    """Return field and sentence of what `act` refuses; nothing is stored by it."""

    def stored() -> tuple[int, ...]:
        return tuple(model.objects.count() for model in (LedgerEntry, Notice, Plan, Ballot, ResponsibilityTask))

    before = stored()
    with pytest.raises(BadInput) as caught:
        act(*args, **more)
    assert (caught.value.reason_code, stored()) == ("missing_glyph", before), caught.value.sentence
    return caught.value.field, caught.value.sentence


def test_every_act_that_posts_names_the_character_and_its_place(world: World) -> None:
    said = "字体中没有“😀”（U+1F600）这个字，不能印发：见“{}”"

    world.register(title="3幢2单元加装电梯😀")
    world.screen()
    assert _refusal(world.do, operations.accept_proposal, world.p, by=world.secretary) == (
        "title", said.format("…幢2单元加装电梯😀"),
    )  # fmt: skip
    world.do(operations.request_supplement, world.p, by=world.secretary, reason="请改题目。")
    world.do(operations.supplement_proposal, world.p, by=world.proposer, reason="已改", title="3幢2单元加装电梯")
    world.walk_to(Status.ACCEPTED)
    world.post_topic()
    world.list_stakeholders()
    starts_at = world.now + dt.timedelta(days=5)
    assert _refusal(
        world.do, operations.start_deliberation, world.p, by=world.director, place="党群😀中心", starts_at=starts_at,
        chair=world.facilitator, recorder=world.member,
    ) == ("place", said.format("党群😀中心"))  # fmt: skip
    world.do(
        operations.start_deliberation, world.p, by=world.director, place="党群中心", starts_at=starts_at,
        chair=world.facilitator, recorder=world.member,
    )  # fmt: skip
    world.walk_to(Status.DRAFTING_PLAN)
    assert _refusal(world.draft_plan, "在北侧加装一部电梯。\n大家都说好😀，就这样办。") == (
        "text", said.format("…梯。 大家都说好😀，就这样办。"),
    )  # fmt: skip
    line = {"item": "电梯😀", "amount": "1.00", "source": ""}
    assert _refusal(world.draft_plan, budget=[line]) == ("budget[0].item", said.format("电梯😀"))
    world.walk_to(Status.READY_TO_VOTE)
    assert _refusal(world.call_vote, items=[{"title": "同意吗😀"}]) == ("agenda[0].title", said.format("同意吗😀"))
    world.walk_to(Status.EFFECTIVE)
    task = {"title": "签合同😀", "owner": world.member, "due_on": world.now.date()}
    assert _refusal(world.do, operations.list_tasks, world.p, by=world.director, tasks=[task]) == (
        "tasks[0].title", said.format("签合同😀"),
    )  # fmt: skip
    world.walk_to(Status.EXECUTING)
    assert _refusal(
        world.do, operations.record_completion, world.p, by=world.member, text="装好了😀", cost="1.00",
        finished_on=world.now.date(),
    ) == ("text", said.format("装好了😀"))  # fmt: skip


def test_what_residents_said_keeps_no_paper_from_being_posted(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    opinion = world.do(operations.give_opinion, world.p, by=world.proposer, stance="for", text="早点装😀。")
    assert _refusal(world.do, operations.answer_opinion, opinion, by=world.secretary, answer="好👌") == (
        "answer", "字体中没有“👌”（U+1F44C）这个字，不能印发：见“好👌”",
    )  # fmt: skip
    world.do(operations.answer_opinion, opinion, by=world.secretary, answer="好。")

    world.walk_to(Status.PLAN_PUBLICISED)
    posted = Notice.objects.get(kind="plan_for_comment")
    world.walk_to(Status.EVALUATING)
    world.rate()
    world.do(operations.rate_proposal, world.p, by=world.residents[0], grade="satisfied", text="满意😀")
    world.wait(17)
    world.do(operations.archive_proposal, world.p, by=world.supervisor)
    report = Notice.objects.get(kind="evaluation_report")

    assert posted.facts["opinions"] == [{"opinion": "早点装〓。", "answer": "好。"}]
    assert report.facts["opinions"] == [{"opinion": "满意〓"}]


def test_signed_minutes_are_published_with_a_mark_for_what_no_face_has(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    world.hold_session()
    minutes = Minutes.objects.get()
    Minutes.objects.filter(pk=minutes.pk).update(text=f"{minutes.text}\n赵铁柱：好😀。")

    notice = world.do(publish_minutes, minutes=minutes, by=world.facilitator)

    assert notice.facts["sections"][0]["paragraphs"][-1].endswith("：好〓。")
