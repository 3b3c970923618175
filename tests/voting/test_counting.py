"""Who may still vote in a room, counted for what the chair and the voters are told."""

import pytest

from core import clock
from core.actors import COMMAND_LINE
from tests.voting.factories import cast, items_of, make_ballot, voters_of
from voting.counting import entitled, in_the_room
from voting.operations import mark_present, open_ballot, recuse

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def test_who_steps_aside_on_one_of_two_items_still_votes_on_the_other() -> None:
    ballot = make_ballot(4, items=[{"title": "是否加装"}, {"title": "由谁施工"}], in_room=True)
    voters, (first, second) = voters_of(ballot), items_of(ballot)
    mark_present(ballot, [voter.pk for voter in voters[:3]], by=COMMAND_LINE)
    recuse(second, voters[0], by=COMMAND_LINE)
    recuse(first, voters[1], by=COMMAND_LINE)
    recuse(second, voters[1], by=COMMAND_LINE)
    open_ballot(ballot, by=COMMAND_LINE)

    assert in_the_room(ballot, now=clock.now()) == ((2, 10_000 + 10_002), (0, 0))
    assert entitled(ballot, now=clock.now()) == (2, 10_000 + 10_002)
    assert cast(voters[0], choices={str(first.pk): "for"}).accepted
