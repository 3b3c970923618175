"""A director of one community at the addresses of another's ballot: nothing personal is shown, nothing is done."""

import pytest
from django.test import Client

from community.models import Office, Term, Unit, UnitKind, User
from core.models import LedgerEntry
from tests.voting.factories import open_a_ballot
from voting.models import BallotKind

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
PAGES = ("desk", "paper", "people", "certify", "paper/print")


@pytest.fixture
def stranger() -> Client:
    other = Unit.objects.add_root(
        create_kwargs={"code": "511302001999", "name": "别处社区", "kind": UnitKind.COMMUNITY}
    )
    user = User.objects.create(username="elsewhere", name="别处主任")
    for office in (Office.DIRECTOR, Office.SECRETARY, Office.TELLER):
        Term.objects.create(user=user, office=office, unit=other, starts_on="2026-01-01")
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("kind", BallotKind.values)
@pytest.mark.parametrize("page", PAGES)
def test_an_officer_of_another_community_is_refused_at_the_desk(stranger: Client, page: str, kind: str) -> None:
    ballot = open_a_ballot(3, kind=kind)
    written = LedgerEntry.objects.count()
    address = f"/ballots/{ballot.pk}/{page}/"

    acts = ("open", "close", "add", "remove", "redraw", "issue", "enter", "assist", "lodge", "name", "revoke", "")
    shown = stranger.get(address)
    done = [stranger.post(address, {"act": act}) for act in acts]

    assert shown.status_code == (200 if page == "people" else 403)  # powers and tellers are published, masked
    assert {answer.status_code for answer in done} == {403}
    assert not any("居民0" in answer.content.decode() for answer in (shown, *done))
    assert LedgerEntry.objects.count() == written
