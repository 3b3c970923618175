"""The list of votes for everybody."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.models import User
from core.actors import COMMAND_LINE
from tests.live import a_ballot, voters_of
from tests.voting.factories import make_ballot
from voting.operations import close_ballot

pytestmark = pytest.mark.django_db


def titles(page: object) -> list[str]:
    return [row["ballot"].title for row in page.context["rows"]]  # type: ignore[attr-defined] # the test client's


def test_running_votes_stand_apart_from_decided_ones_and_drafts_are_not_listed() -> None:
    running, over = a_ballot(), a_ballot()
    make_ballot()
    close_ballot(ballot=over, by=COMMAND_LINE)

    first, second = Client().get("/ballots/"), Client().get("/ballots/?show=over")

    assert [row["ballot"] for row in first.context["rows"]] == [running]
    assert [row["ballot"] for row in second.context["rows"]] == [over]
    assert f'href="/ballots/{running.pk}/"' in first.content.decode()
    assert f'href="/ballots/{over.pk}/result/"' in second.content.decode()
    assert second.context["rows"][0]["word"] == "初步结果：未达到法定参与数，待监票人签认"


def test_a_voter_finds_the_votes_they_stand_on_the_roll_of() -> None:
    mine, _other = a_ballot(), a_ballot()
    user = User.objects.create_user("voter", name="张三")
    voter = voters_of(mine)[0]
    voter.user = user
    voter.save()
    client = Client()
    client.force_login(user)

    assert [row["ballot"] for row in client.get("/ballots/?show=mine").context["rows"]] == [mine]
    # A visitor has no such tab, and hostile words choose none.
    assert titles(Client().get("/ballots/?show=mine")) == titles(Client().get("/ballots/?show=%00&page=-1"))


def test_the_list_asks_as_often_for_many_votes_as_for_one() -> None:
    a_ballot()
    Client().get("/ballots/")
    with CaptureQueriesContext(connection) as one:
        Client().get("/ballots/")
    for _ in range(4):
        a_ballot()
    with CaptureQueriesContext(connection) as many:
        Client().get("/ballots/")

    assert len(many) == len(one)
