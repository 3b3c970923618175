"""What 待我办理 does not ask for: acts that would be refused today, and grave ones nobody needs."""

import pytest

from deliberation.queries.work import work_of
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]


def test_nobody_is_asked_for_a_record_before_the_minutes_are_signed(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    before = [row.verb for row in work_of(world.facilitator, now=world.now)]

    world.hold_session()

    assert before == []
    assert [row.verb for row in work_of(world.facilitator, now=world.now)] == ["记录协商意见"]


def test_a_matter_that_is_being_rated_is_not_handed_up(world: World) -> None:
    world.walk_to(Status.EVALUATING)

    assert [row.verb for row in work_of(world.secretary, now=world.now)] == []
