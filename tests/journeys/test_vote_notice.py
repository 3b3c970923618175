"""A written vote is opened by the clock: it cannot be set before its notice has stood its days."""

import datetime as dt

import pytest

from core.errors import BadInput
from deliberation.stages import Status
from publish.models import Notice
from tests.deliberation.world import World
from voting.models import Ballot

pytestmark = [pytest.mark.django_db]


def test_a_vote_set_too_early_is_refused_and_nothing_is_stored(world: World) -> None:
    world.walk_to(Status.READY_TO_VOTE)
    before = Notice.objects.count()

    with pytest.raises(BadInput) as refused:
        world.call_vote(opens_at=world.now + dt.timedelta(days=14), closes_at=world.now + dt.timedelta(days=20))

    assert refused.value.field == "opens_at"
    assert str(refused.value).startswith("表决公告须满15日，最早可定在")
    assert (world.p.status, Ballot.objects.count(), Notice.objects.count()) == ("ready_to_vote", 0, before)


def test_the_earliest_day_is_the_one_after_the_notice(world: World) -> None:
    world.walk_to(Status.READY_TO_VOTE)

    world.call_vote(opens_at=world.now + dt.timedelta(days=15), closes_at=world.now + dt.timedelta(days=20))

    assert world.p.status == Status.NOTICE_PERIOD
