"""What a matter looks like, for whoever screens or merges."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from community.models import Unit
from deliberation import operations
from deliberation.queries import alike_to
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]


def test_the_most_alike_come_first_and_others_do_not_come(world: World) -> None:
    lamps = world.register(title="楼道灯不亮", body="三楼到五楼的灯坏了，晚上看不见路。")
    again = world.register(title="三幢二单元要求安装电梯", body="老人上下楼困难，想装一部电梯。")
    draft = world.register(title="3幢2单元加装电梯", submit=False)
    same = world.register(title="3幢2单元加装电梯")
    world.wait(hours=1)
    asked = world.register(title="3幢2单元加装电梯")

    assert alike_to(asked) == [same, again]
    assert lamps not in alike_to(asked)
    assert draft not in alike_to(asked)
    assert alike_to(asked, most=1) == [same]


def test_what_was_withdrawn_more_than_a_year_ago_is_not_named(world: World) -> None:
    old = world.register()
    world.do(operations.withdraw_proposal, old, by=world.proposer, reason="不办了")
    asked = world.register()

    with time_machine.travel(dt.datetime(2027, 3, 1, tzinfo=dt.UTC)):
        assert alike_to(asked) == [old]
    with time_machine.travel(dt.datetime(2027, 4, 1, tzinfo=dt.UTC)):
        assert alike_to(asked) == []


def test_looking_costs_one_query(world: World, django_assert_num_queries: Any) -> None:
    for _number in range(3):
        world.register()
        world.wait(hours=1)
    asked = world.p
    assert isinstance(asked.community, Unit)

    with django_assert_num_queries(1):
        assert len(alike_to(asked)) == 2


def test_screening_and_merging_show_what_looks_alike(world: World) -> None:
    other = world.register()
    asked = world.register(title="3幢2单元想装电梯")
    client = Client()
    client.force_login(world.secretary)

    for path in ("acts/record_screening", "moves/merge"):
        page = client.get(f"/proposals/{asked.pk}/{path}/").content.decode()
        assert f'<a href="/proposals/{other.pk}/">3幢2单元加装电梯</a>' in page
    assert f'<option value="{other.pk}">' in page
    assert "相近的提案" not in client.get(f"/proposals/{asked.pk}/moves/reject/").content.decode()
    assert asked.status == Status.SUBMITTED


def test_what_was_merged_into_it_is_not_named_again(world: World) -> None:
    target = world.register()
    world.wait(hours=1)
    again = world.register()
    assert alike_to(target) == [again]

    world.do(operations.merge_proposals, again, into=target, by=world.secretary, reason="同一件事")

    assert alike_to(target) == []
    assert alike_to(again) == [target]
