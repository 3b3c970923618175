"""What party organisations say: a study may be held again; 四议两公开 comes before the vote where declared."""

from typing import Any

import pytest
from django.test import Client

from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry
from core.requirements import RequirementsNotMet
from deliberation import operations
from deliberation.models import PartyReview, PartyStep, Purpose
from deliberation.queries import work_of
from deliberation.stages import Status
from publish.models import Notice, NoticeStatus
from publish.operations import publish_notice
from tests.deliberation.world import World
from voting.operations import set_rule

pytestmark = pytest.mark.django_db
KEYS = ["branch_proposed", "committees_consulted", "members_reviewed"]


def _studied(world: World) -> None:
    """Bring the matter, declared to go through 四议两公开, to where it would be made ready."""
    world.walk_to(Status.PLAN_PUBLICISED)
    world.review_legality()
    world.do(
        operations.choose_rule, world.p, by=world.secretary, rule="residents_meeting", electorate="households",
        four_step=True,
    )  # fmt: skip
    world.do(operations.publish_roll, world.p, by=world.director)
    world.wait(11)
    world.study()
    world.do(operations.complete_party_review, world.p, by=world.secretary)


def _step(world: World, kind: str, due: int, present: int, agreed: int, **more: Any) -> PartyStep:
    facts = {"held_on": world.now.date(), "conclusion": "同意。", "by": world.secretary, **more}
    return world.do(operations.record_party_step, world.p, kind=kind, due=due, present=present, agreed=agreed, **facts)


def _missing(world: World) -> list[tuple[str, str]]:
    with pytest.raises(RequirementsNotMet) as refused:
        world.make_ready()
    return [(one.key, str(one.article)) for one in refused.value.missing]


def test_a_declared_matter_waits_for_each_of_its_party_steps() -> None:
    world = World()
    _studied(world)
    source = "“四议两公开”工作法"

    assert _missing(world) == [(key, source) for key in KEYS]
    assert "记录四议两公开步骤" in [row.verb for row in work_of(world.secretary, now=world.now)]
    _step(world, "branch_proposes", 9, 8, 5)
    told = LedgerEntry.objects.get(act="record_party_step").after
    assert (told["kind"], told["held_on"]) == ("branch_proposes", world.now.date().isoformat())
    _step(world, "committees_consult", 7, 6, 3)
    assert _missing(world) == [(key, source) for key in KEYS[1:]]
    _step(world, "committees_consult", 7, 6, 4)
    _step(world, "members_review", 30, 19, 19)
    assert _missing(world) == [("members_reviewed", source)]
    _step(world, "members_review", 30, 20, 15)
    world.make_ready()

    assert world.p.status == Status.READY_TO_VOTE
    assert list(PartyStep.objects.values_list("kind", "passed")) == [
        ("branch_proposes", True),
        ("committees_consult", False),
        ("committees_consult", True),
        ("members_review", False),
        ("members_review", True),
    ]


def test_what_is_enough_for_each_step() -> None:
    world = World()
    _studied(world)
    cases = [
        ("branch_proposes", 9, 5, 5, True),
        ("branch_proposes", 9, 4, 4, False),
        ("branch_proposes", 10, 8, 5, False),
        ("committees_consult", 7, 1, 1, True),
        ("members_review", 60, 40, 30, True),
        ("members_review", 60, 39, 39, False),
        ("members_review", 60, 40, 29, False),
    ]

    found = [(*case[:4], _step(world, *case[:4]).passed) for case in cases]

    assert found == cases


def test_the_jurisdictions_own_share_of_the_members_holds() -> None:
    world = World()
    _studied(world)
    set_rule(
        unit=world.community, key="four_step_party_review", article="某县实施细则", by=world.officer,
        passing=[{"measure": "heads", "of": "eligible", "fraction": "2/3", "inclusive": True}],
    )  # fmt: skip

    assert _step(world, "members_review", 30, 30, 19).passed is False
    assert _step(world, "members_review", 30, 30, 20).passed is True


def test_a_new_version_of_the_plan_is_consulted_on_and_reviewed_again() -> None:
    world = World()
    _studied(world)
    for kind in ("branch_proposes", "committees_consult", "members_review"):
        _step(world, kind, 9, 9, 9)
    world.do(operations.revise_plan, world.p, by=world.secretary, reason="改用料")
    world.draft_plan("改用铝合金。")

    with pytest.raises(BadInput, match="不能改为不按四议两公开办理"):
        world.do(
            operations.choose_rule, world.p, by=world.secretary, rule="residents_meeting", electorate="households",
            four_step=False,
        )  # fmt: skip
    world.do(operations.choose_rule, world.p, by=world.secretary, rule="residents_meeting", electorate="households")
    world.do(operations.publicise_plan, world.p, by=world.secretary)
    world.review_legality()
    world.wait(11)
    world.study()
    world.do(operations.complete_party_review, world.p, by=world.secretary)

    assert [key for key, _article in _missing(world)] == KEYS[1:]


def test_steps_are_the_secretarys_of_declared_matters_and_make_sense() -> None:
    world = World()
    _studied(world)

    with pytest.raises(NotAllowed):
        _step(world, "members_review", 9, 9, 9, by=world.member)
    for numbers, field in (((0, 0, 0), "present"), ((9, 10, 9), "present"), ((9, 8, 9), "agreed")):
        with pytest.raises(BadInput) as refused:
            _step(world, "members_review", *numbers)
        assert refused.value.field == field
    with pytest.raises(BadInput, match="请选择四议两公开的步骤"):
        _step(world, "fifth_step", 9, 9, 9)
    world.do(
        operations.choose_rule, world.p, by=world.secretary, rule="residents_meeting", electorate="households",
        four_step=False,
    )  # fmt: skip
    with pytest.raises(WrongStage, match="没有定为按四议两公开办理"):
        _step(world, "members_review", 9, 9, 9)

    assert PartyStep.objects.count() == 0


def test_a_step_is_recorded_on_its_page_and_stands_beside_the_plan() -> None:
    world = World()
    _studied(world)
    client = Client()
    client.force_login(world.secretary)
    url = f"/proposals/{world.p.pk}/acts/record_party_step/"

    page = client.get(url).content.decode()
    wrong = client.post(url, {"kind": "members_review", "due": 30, "present": 31})
    facts = {"kind": "members_review", "held_on": str(world.now.date()), "due": 30, "present": 24, "agreed": 23}
    done = world.after_commit(lambda: client.post(url, {**facts, "conclusion": "同意"}))

    assert "党员大会审议" in page
    assert wrong.status_code == 422
    assert done.status_code == 302
    assert "应到 30，实到 24，同意 23" in Client().get(f"/proposals/{world.p.pk}/plans/1/").content.decode()
    assert "记录四议两公开步骤" in client.get(world.p.get_absolute_url()).content.decode()


def _notes(world: World) -> list[Notice]:
    links = world.p.notice_links.filter(purpose=Purpose.PARTY_STUDY).order_by("pk")
    return [link.notice for link in links.select_related("notice")]


def test_a_second_study_holds_and_its_note_takes_the_place_of_the_first() -> None:
    world = World()
    world.walk_to(Status.PLAN_PUBLICISED)

    world.study(agrees=False)
    world.study()

    first, second = _notes(world)
    assert [review.agrees for review in PartyReview.objects.order_by("pk")] == [False, True]
    plan = world.p.plans.get()
    assert plan.party_review is not None
    assert plan.party_review.agrees
    assert (first.status, second.status, second.supersedes) == (NoticeStatus.SUPERSEDED, NoticeStatus.POSTED, first)


def test_a_second_study_does_not_wait_for_the_first_note_to_be_typeset(
    django_capture_on_commit_callbacks: Any,
) -> None:
    world = World()
    world.walk_to(Status.PLAN_PUBLICISED)
    facts: dict[str, Any] = {
        "by": world.secretary,
        "held_on": world.now.date(),
        "due": 9,
        "present": 8,
        "now": world.now,
    }

    with django_capture_on_commit_callbacks(execute=False):
        operations.record_party_review(world.p, agrees=False, conclusion="再改", **facts)
        operations.record_party_review(world.p, agrees=True, conclusion="同意", **facts)
    waiting = [note.status for note in _notes(world)]
    publish_notice(_notes(world)[1].pk)

    assert waiting == [NoticeStatus.PREPARING, NoticeStatus.PREPARING]
    assert [note.status for note in _notes(world)] == [NoticeStatus.SUPERSEDED, NoticeStatus.POSTED]
