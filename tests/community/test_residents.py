"""The residents' desk: who is found, registered, given a code, verified, and by whom."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from community.models import Household, IdentityLevel, Office, Owner, Residency, SignInCode, Term, Unit, User
from community.operations import register_resident
from community.queries import residents_of
from core.actors import COMMAND_LINE
from core.models import LedgerEntry
from tests.community.places import COMMUNITY, a_person, a_secretary, a_tree, import_roll, terms_of, unit

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
FLATS = [
    "E1-3-2,401,88.40,李四,2345,13800000002,业主,sold",
    "E1-3-1,401,88.40,王五,3456,13800000003,业主,sold",
]


@pytest.fixture
def community() -> Unit:
    a_tree()
    import_roll(FLATS)
    return unit(COMMUNITY)


@pytest.fixture
def grid(community: Unit) -> Client:
    client = Client()
    client.force_login(a_person("吴网格", office=Office.GRID_WORKER, at=unit("G1")))
    return client


@pytest.fixture
def desk(community: Unit) -> Client:
    client = Client()
    client.force_login(a_secretary(community))
    return client


def _living(name: str, label: str, **more: Any) -> User:
    return register_resident(household=Household.objects.get(label=label), name=name, by=COMMAND_LINE, **more)


def _text(response: Any) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", response.content.decode()))


def test_a_resident_is_registered_and_signs_in_by_the_printed_code(desk: Client) -> None:
    registered = desk.post(
        "/register/people/new/", {"place": "3幢2单元401", "name": "李四", "phone": "13800000002", "relation": "业主"}
    )
    user = User.objects.get(name="李四")
    slip = desk.post(f"/register/people/{user.pk}/", {"act": "code"})
    code = re.search(r"[A-Z2-9]{5} [A-Z2-9]{5}", slip.content.decode())
    assert code is not None
    phone = Client()
    signed = phone.post("/sign-in/", {"code": code[0]})

    assert registered.headers["Location"] == f"/register/people/{user.pk}/"
    assert user.residencies.get().household.label == "幸福小区3幢2单元401"
    assert terms_of(user) == [Office.RESIDENT]
    assert (signed.status_code, phone.get("/account/").status_code) == (302, 200)
    assert list(LedgerEntry.objects.filter(act="issue_sign_in_code").values_list("office", flat=True)) == ["secretary"]


def test_a_second_code_replaces_the_first_and_both_can_be_taken_back(desk: Client) -> None:
    user = _living("李四", "幸福小区3幢2单元401")
    desk.post(f"/register/people/{user.pk}/", {"act": "code"})
    desk.post(f"/register/people/{user.pk}/", {"act": "code"})
    running = SignInCode.objects.filter(user=user, revoked_at=None).count()

    desk.post(f"/register/people/{user.pk}/", {"act": "revoke", "reason": "纸丢了"})

    assert (running, SignInCode.objects.filter(revoked_at=None).count()) == (1, 0)


def test_the_grid_worker_matches_a_resident_with_the_register(grid: Client, desk: Client) -> None:
    user = _living("李四", "幸福小区3幢2单元401")
    owner = Owner.objects.get(name="李四")

    listed = grid.get("/register/people/")
    done = grid.post(
        f"/register/people/{user.pk}/", {"act": "verify", "level": "2", "owner": owner.pk, "reason": "当面核对房产证"}
    )

    user.refresh_from_db()
    assert "李四" in listed.content.decode()
    assert done.status_code == 302
    assert user.identity_level == IdentityLevel.L2
    assert Owner.objects.get(name="李四").user == user
    assert set(terms_of(user)) == {Office.RESIDENT, Office.OWNER}
    assert "已与名册核对" in _text(desk.get(f"/register/people/{user.pk}/"))


def test_an_owner_of_another_name_cannot_be_claimed(desk: Client) -> None:
    user = _living("李四", "幸福小区3幢2单元401")

    refused = desk.post(
        f"/register/people/{user.pk}/",
        {"act": "verify", "level": "2", "owner": Owner.objects.get(name="王五").pk, "reason": "当面核对"},
    )

    assert refused.status_code == 422
    assert Owner.objects.filter(user=None).count() == 2


@pytest.mark.parametrize(
    ("place", "said"),
    [("401", "不止一户这样写，请写全：幸福小区3幢1单元401、幸福小区3幢2单元401。"), ("9幢901", "没有这个门牌")],
)
def test_an_address_must_mean_one_household(desk: Client, place: str, said: str) -> None:
    refused = desk.post("/register/people/new/", {"place": place, "name": "赵六"})

    assert refused.status_code == 422
    assert said in _text(refused)
    assert "赵六" in refused.content.decode()
    assert not User.objects.filter(name="赵六").exists()


def test_the_household_has_one_voice(desk: Client) -> None:
    _living("李四", "幸福小区3幢2单元401", is_representative=True)
    wife = _living("周五", "幸福小区3幢2单元401")

    desk.post(f"/register/people/{wife.pk}/", {"act": "represent"})

    assert [home.user.name for home in Residency.objects.filter(is_representative=True)] == ["周五"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("", ["李四", "王五"]), ("李", ["李四"]), ("2单元", ["李四"]), ("0003", ["王五"]), ("003", []), ("%", [])],
)
def test_people_are_found_by_name_address_or_the_end_of_the_phone(community: Unit, text: str, found: list[str]) -> None:
    _living("李四", "幸福小区3幢2单元401", phone="13800000002")
    _living("王五", "幸福小区3幢1单元401", phone="13800000003")

    assert [home.user.name for home in residents_of(community, text)] == found


@pytest.mark.parametrize("path", ["/register/people/", "/register/people/new/", "/register/people/{}/"])
def test_the_desk_is_for_the_staff_of_the_place(community: Unit, path: str) -> None:
    user = _living("李四", "幸福小区3幢2单元401", born_on=dt.date(1950, 1, 1))
    client = Client()
    client.force_login(user)
    neighbour = Client()
    neighbour.force_login(a_secretary(unit("511302001002")))
    address = path.format(user.pk) + f"?place={COMMUNITY}"

    assert client.get(address).status_code == 403
    assert neighbour.get(address).status_code == 403
    assert Client().get(address).status_code == 302
    assert client.post(address, {"act": "code"}).status_code in {403, 405}
    assert not SignInCode.objects.exists()


@pytest.mark.parametrize("office", [Office.SECRETARY, Office.SUPERVISION_COMMITTEE, Office.TELLER, Office.FACILITATOR])
def test_a_grid_worker_does_not_hold_the_key_of_who_decides_or_counts(
    community: Unit, grid: Client, office: str
) -> None:
    user = _living("李四", "幸福小区3幢2单元401")
    Term.objects.create(user=user, office=office, unit=community, starts_on=dt.date(2026, 1, 1))

    refused = grid.post(f"/register/people/{user.pk}/", {"act": "code"})

    assert refused.status_code == 403
    assert not SignInCode.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_queries(desk: Client, count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        _living(f"李{number}", "幸福小区3幢2单元401")

    with django_assert_num_queries(9):
        desk.get(f"/register/people/?place={COMMUNITY}")
