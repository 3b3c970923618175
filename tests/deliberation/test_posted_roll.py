"""The vote is called on the roll that was posted, or on another one with a reason: what changed, exactly."""

import pytest
from django.test import Client

from community.models import ExclusiveUnit, Owner, Ownership
from core.errors import BadInput
from core.models import LedgerEntry, Notification
from deliberation import operations
from deliberation.models import Proposal
from deliberation.queries import next_moves
from deliberation.stages import Status
from publish.operations import acknowledge_objection, file_objection, rule_on_objection
from tests.deliberation.world import World
from voting.models import Ballot, RollChange, Voter

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready() -> World:
    world = World()
    world.walk_to(Status.READY_TO_VOTE)
    return world


def _change_the_register() -> None:
    """钱二 sells to 新买, 孙三 is measured anew, 褚甲 is corrected to a name that is masked the same."""
    buyer = Owner.objects.create(community=Owner.objects.get(name="钱二").community, name="新买")
    Ownership.objects.filter(owner__name="钱二").update(owner=buyer)
    ExclusiveUnit.objects.filter(ownerships__owner__name="孙三").update(area=9000)
    Owner.objects.filter(name="褚甲").update(name="褚丙")


def test_the_posted_roll_is_called_without_a_reason(ready: World) -> None:
    called = ready.call_vote()

    assert (RollChange.objects.count(), Voter.objects.filter(ballot=called.ballot).count()) == (0, 12)


def test_another_roll_is_refused_and_says_in_what(ready: World) -> None:
    _change_the_register()

    with pytest.raises(BadInput) as refused:
        ready.call_vote()

    assert refused.value.field == "roll_reason"
    assert refused.value.reason_code == "roll_differs"
    assert str(refused.value) == (
        "登记册在名册公示之后有变动，与公示的名册有4处不同：增加1人，去除1人，更正2人。"
        "请写明不同的理由，理由记入台账；或者退回修改方案，重新公示名册。"
    )
    assert (Ballot.objects.count(), ready.p.status) == (0, "ready_to_vote")


def test_with_a_reason_every_change_is_noted(ready: World) -> None:
    _change_the_register()

    called = ready.call_vote(roll_reason="公示后过户和重新测绘")

    changes = RollChange.objects.filter(ballot=called.ballot)
    assert [(one.kind, one.name, one.place, one.area, one.reason) for one in changes] == [
        ("removed", "钱二", "幸福小区3幢2单元102", 8840, "公示后过户和重新测绘"),
        ("corrected", "孙三", "幸福小区3幢2单元201", 9000, "公示后过户和重新测绘"),
        ("corrected", "褚丙", "幸福小区3幢2单元601", 8840, "公示后过户和重新测绘"),
        ("added", "新买", "幸福小区3幢2单元102", 8840, "公示后过户和重新测绘"),
    ]
    entry = LedgerEntry.objects.get(act="note_roll_changes")
    assert (entry.after, entry.reason, len(entry.document_hash)) == (
        {"added": 1, "removed": 1, "corrected": 2},
        "公示后过户和重新测绘",
        64,
    )
    assert LedgerEntry.objects.get(act="call_vote").after["roll_changes"] == 4
    assert "钱二" not in set(Voter.objects.filter(ballot=called.ballot).values_list("name", flat=True))


def test_the_page_asks_for_the_reason_only_where_there_is_something_to_explain(ready: World) -> None:
    client = Client()
    client.force_login(ready.director)
    url = f"/proposals/{ready.p.pk}/moves/call_vote/"

    before = client.get(url).content.decode()
    _change_the_register()
    after = client.get(url).content.decode()
    times = {"opens_at": "2026-12-24T09:00", "closes_at": "2026-12-26T09:00"}
    refused = client.post(url, times)
    called = client.post(url, {**times, "roll_reason": "过户"})

    assert "roll_reason" not in before
    assert "与公示的名册不同" not in before
    assert "登记册有 4 处变动" in after
    assert 'name="roll_reason"' in after
    assert "90.00平方米" in after
    assert "褚甲" in after
    assert refused.status_code == 422
    assert "增加1人，去除1人，更正2人" in refused.content.decode()
    assert called.status_code == 200
    assert RollChange.objects.count() == 4


def test_a_roll_of_others_than_those_who_decide_is_not_the_posted_one(ready: World) -> None:
    ready.do(operations.revise_plan, ready.p, by=ready.secretary, reason="改由户代表表决")
    ready.publicise_plan()
    ready.do(operations.choose_rule, ready.p, by=ready.secretary, rule="residents_meeting", electorate="households")
    ready.review_legality()
    ready.wait(11)
    ready.study()
    ready.do(operations.complete_party_review, ready.p, by=ready.secretary)

    found = next(
        m for m in next_moves(Proposal.objects.get(pk=ready.p.pk), ready.secretary) if m.move.key == "make_ready"
    )

    assert [str(one.sentence) for one in found.missing] == [
        "表决人名册还没有公示",
    ]


def _missing(world: World) -> list[str]:
    moves = next_moves(Proposal.objects.get(pk=world.p.pk), world.secretary, now=world.now)
    return [str(one.sentence) for one in next(m for m in moves if m.move.key == "make_ready").missing]


def test_what_the_posted_roll_waits_for_is_said_one_by_one() -> None:
    world = World()
    world.walk_to(Status.PLAN_PUBLICISED)
    world.do(operations.choose_rule, world.p, by=world.secretary, rule="owners_278_ordinary", electorate="owners")
    world.review_legality()
    world.wait(11)
    world.study()
    world.do(operations.complete_party_review, world.p, by=world.secretary)
    first = world.do(operations.publish_roll, world.p, by=world.director)
    objection = world.do(file_objection, first, text="名册漏了我家。", phone="13800000002", by=world.residents[1])
    while_it_hangs = _missing(world)
    world.wait(11)
    unanswered = _missing(world)
    world.do(acknowledge_objection, objection, by=world.member)
    world.do(rule_on_objection, objection, by=world.director, upheld=True, ruling="应当列入。")
    upheld = _missing(world)
    told = Notification.objects.filter(user=world.director).order_by("-pk")[0].text
    world.do(operations.publish_roll, world.p, by=world.director)
    world.wait(11)

    assert [line.partition("（")[0] for line in while_it_hangs] == [
        "名册公示期还没有届满",
        "对名册的异议还没有全部答复",
    ]
    assert unanswered == ["对名册的异议还没有全部答复"]
    assert upheld == ["有对名册的异议成立，须更正名册后重新公示"]
    assert told == f"“{world.p.title}”的公示有异议成立，请更正登记册，重新公示名册。"
    assert _missing(world) == []
