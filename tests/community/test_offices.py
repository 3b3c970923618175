"""The desk of offices: who appoints whom, new accounts, terms that end."""

from typing import Any

import pytest
from django.test import Client

from community.models import Office, Term, Unit, User
from community.queries import terms_within
from core.models import LedgerEntry
from tests.community.places import COMMUNITY, a_person, a_secretary, a_tree, terms_of, unit

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


@pytest.fixture
def community() -> Unit:
    return a_tree()


@pytest.fixture
def desk(community: Unit) -> Client:
    client = Client()
    client.force_login(a_secretary(community))
    return client


def _appointment(**more: Any) -> dict[str, Any]:
    place = unit(COMMUNITY).pk
    return {
        "act": "appoint",
        "username": "wu",
        "office": "grid_worker",
        "unit": place,
        "starts_on": "2026-01-01",
    } | more


def test_somebody_new_gets_an_account_and_the_office(desk: Client) -> None:
    answer = desk.post("/register/offices/", _appointment(name="吴海波", unit=unit("G1").pk))

    user = User.objects.get(username="wu")
    assert answer.status_code == 302
    assert (user.name, user.has_usable_password(), terms_of(user)) == ("吴海波", False, [Office.GRID_WORKER])
    assert desk.get(f"/register/people/{user.pk}/").status_code == 200
    assert "发登录码" in desk.get(f"/register/people/{user.pk}/").content.decode()
    assert list(LedgerEntry.objects.filter(act="appoint").order_by("-pk").values_list("office", flat=True)[:1]) == [
        "secretary"
    ]


def test_who_is_not_known_must_be_named(desk: Client) -> None:
    answer = desk.post("/register/offices/", _appointment())

    assert answer.status_code == 422
    assert "没有这个用户名的账户。要新开一个，请写姓名。" in answer.content.decode()
    assert not User.objects.filter(username="wu").exists()


@pytest.mark.parametrize("office", ["secretary", "director", "supervision_committee"])
def test_what_comes_from_above_is_refused_and_no_account_stays(desk: Client, office: str) -> None:
    answer = desk.post("/register/offices/", _appointment(name="吴海波", office=office))

    assert answer.status_code == 403
    assert not User.objects.filter(username="wu").exists()


@pytest.mark.parametrize(
    "more", [{"office": "resident"}, {"office": "king"}, {"unit": "x"}, {"username": "王 五", "name": "王五"}]
)
def test_what_makes_no_sense_is_refused(desk: Client, more: dict[str, Any]) -> None:
    before = Term.objects.count()

    assert desk.post("/register/offices/", _appointment(**({"name": "吴海波"} | more))).status_code == 422
    assert Term.objects.count() == before


def test_a_term_ends_with_a_reason(desk: Client, community: Unit) -> None:
    user = a_person("李委员", office=Office.COMMITTEE_MEMBER, at=community)
    term = Term.objects.get(user=user)

    without = desk.post("/register/offices/", {"act": "end", "term": term.pk, "reason": " "})
    ended = desk.post("/register/offices/", {"act": "end", "term": term.pk, "reason": "调离"})

    term.refresh_from_db()
    assert (without.status_code, ended.status_code) == (422, 302)
    assert term.ends_on is not None
    assert LedgerEntry.objects.get(act="end_term").reason == "调离"


def test_a_term_elsewhere_is_not_found(desk: Client) -> None:
    other = a_secretary(unit("511302001002"))

    answer = desk.post("/register/offices/", {"act": "end", "term": Term.objects.get(user=other).pk, "reason": "调离"})

    assert answer.status_code == 404
    assert Term.objects.get(user=other).ends_on is None


@pytest.mark.parametrize("office", [Office.GRID_WORKER, Office.COMMITTEE_MEMBER, Office.RESIDENT])
def test_only_those_who_appoint_see_the_desk(community: Unit, office: str) -> None:
    client = Client()
    client.force_login(a_person("赵六", office=office, at=community))

    assert client.get("/register/offices/").status_code == 403
    assert client.post(f"/register/offices/?place={COMMUNITY}", _appointment(name="吴海波")).status_code == 403
    assert not User.objects.filter(username="wu").exists()


def test_the_highest_stand_first_and_residents_not_at_all(community: Unit) -> None:
    a_person("赵六", office=Office.RESIDENT, at=community)
    a_person("钱七", office=Office.TELLER, at=unit("G1"))
    a_person("孙八", office=Office.RESIDENT_REPRESENTATIVE, at=community)
    a_secretary(community)

    assert [term.user.name for term in terms_within(community)] == ["王书记", "钱七", "孙八"]


@pytest.mark.parametrize(
    ("office", "has_list"),
    [
        (Office.SECRETARY, True), (Office.GRID_WORKER, True), (Office.FACILITATOR, True), (Office.TELLER, True),
        (Office.OWNERS_COMMITTEE_MEMBER, True), (Office.RESIDENT_REPRESENTATIVE, False), (Office.OWNER, False),
    ],
)  # fmt: skip
def test_whoever_acts_are_asked_of_finds_the_work_list(
    client: Client, community: Unit, *, office: Office, has_list: bool
) -> None:
    client.force_login(a_person(office=office, at=community))

    navigation = client.get("/notices/").content.decode().partition('class="frame nav"')[2].partition("</nav>")[0]

    assert ("待我办理" in navigation) is has_list
