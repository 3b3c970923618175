"""The pages of places, from the subdistrict down to an entrance."""

import pytest
from django.test import Client

from community.models import Unit
from community.rules import paths_from_root
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]


def test_every_level_shows_what_is_done_at_or_below_it(client: Client, world: World) -> None:
    world.walk_to(Status.ACCEPTED)
    kinds = ["subdistrict", "community", "estate", "building", "entrance"]
    levels = list(Unit.objects.filter(path__in=paths_from_root(world.entrance), kind__in=kinds))

    assert len(levels) == 5
    for unit in levels:
        body = client.get(f"/places/{unit.code}/").content.decode()
        assert world.p.title in body, unit.kind
        assert 'href="/proposals/?stage=propose&amp;place=' in body


def test_a_place_beside_it_shows_nothing_of_it(client: Client, world: World) -> None:
    world.walk_to(Status.ACCEPTED)
    beside = Unit.objects.filter(kind="entrance").exclude(pk=world.entrance.pk)[0]

    body = client.get(f"/places/{beside.code}/").content.decode()

    assert world.p.title not in body
    assert "这里现在没有在办的事" in body


def test_names_of_staff_are_masked(client: Client, world: World) -> None:
    body = client.get(f"/places/{world.community.code}/").content.decode()

    assert "罗**" in body
    assert "罗书云" not in body


def test_the_list_can_be_narrowed_to_a_place(client: Client, world: World) -> None:
    world.walk_to(Status.ACCEPTED)

    assert world.p.title in client.get(f"/proposals/?place={world.entrance.code}").content.decode()
    assert world.p.title not in client.get("/proposals/?place=nowhere").content.decode()


@pytest.mark.parametrize("code", ["nowhere", "%00", "x" * 300])
def test_a_place_that_is_not_there_is_404(client: Client, world: World, code: str) -> None:
    assert client.get(f"/places/{code}/").status_code == 404
