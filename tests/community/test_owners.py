"""Who votes for a property: co-owners agree or sign a paper, a guardian votes for whoever cannot."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.models import ExclusiveUnit, Guardianship, Office, Owner, Ownership, User
from community.operations import (
    choose_co_owner_voter,
    end_guardianship,
    import_roll,
    name_co_owner_voter,
    name_guardian,
)
from community.queries import guardian_of, roll_of
from community.roll_table import COLUMNS, OPTIONAL
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed
from core.models import LedgerEntry
from core.tables import read_table
from tests.community.places import COMMUNITY, a_person, a_secretary, a_tree, unit
from tests.community.places import import_roll as import_lines

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
TODAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)
SHARED = [
    "E1-3-2,401,88.40,李四,2345,13800000002,业主,sold",
    "E1-3-2,401,88.40,王五,3456,13800000003,共有人,sold",
]


def _shared_flat() -> tuple[ExclusiveUnit, Owner, Owner]:
    a_tree()
    import_lines(SHARED)
    first, second = Owner.objects.order_by("pk")
    return ExclusiveUnit.objects.get(), first, second


def _account_of(owner: Owner, **more: object) -> User:
    user = a_person(owner.name)
    for key, value in more.items():
        setattr(user, key, value)
    user.save()
    owner.user = user
    owner.save()
    return user


def _voter_of(flat: ExclusiveUnit) -> str:
    return Ownership.objects.get(exclusive_unit=flat, is_voter=True).owner.name


def test_the_voter_changes_when_all_co_owners_name_the_same() -> None:
    flat, first, second = _shared_flat()
    li, wang = _account_of(first), _account_of(second)

    alone = name_co_owner_voter(flat, owner=second, by=wang, now=NOW)
    before = _voter_of(flat)
    together = name_co_owner_voter(flat, owner=second, by=li, now=NOW)

    assert (alone, before, together, _voter_of(flat)) == (False, "李四", True, "王五")
    assert list(LedgerEntry.objects.filter(act__contains="co_owner").values_list("act", "reason")) == [
        ("name_co_owner_voter", ""),
        ("choose_co_owner_voter", "全体共有人一致推选"),
    ]


def test_nobody_else_names_a_voter() -> None:
    flat, first, _second = _shared_flat()
    _account_of(first)

    with pytest.raises(NotAllowed, match="只有这一户的共有人"):
        name_co_owner_voter(flat, owner=first, by=a_person("赵六"), now=NOW)

    assert Ownership.objects.filter(named__isnull=False).count() == 0


def test_a_paper_declaration_replaces_what_was_named_online() -> None:
    flat, first, second = _shared_flat()
    name_co_owner_voter(flat, owner=first, by=_account_of(first), now=NOW)

    choose_co_owner_voter(flat, owner=second, by=COMMAND_LINE, reason="11月20日推选书")

    assert _voter_of(flat) == "王五"
    assert set(Ownership.objects.values_list("named__name", flat=True)) == {"王五"}


def test_the_guardian_stands_on_the_roll_and_names_the_voter() -> None:
    flat, first, second = _shared_flat()
    _account_of(first, born_on=dt.date(2015, 1, 1))
    mother = a_person("周母")
    name_guardian(first, name="周母", ground="minor", basis="户口簿", user=mother, by=COMMAND_LINE, now=NOW)

    agreed = name_co_owner_voter(flat, owner=first, by=mother, now=NOW)
    [share] = roll_of(unit(COMMUNITY), today=TODAY)

    assert agreed is False
    assert (share.owner.name, share.guardian and share.guardian.name) == ("李四", "周母")
    with pytest.raises(NotAllowed):
        name_co_owner_voter(flat, owner=second, by=User.objects.get(name="李四"), now=NOW)


def test_a_guardianship_ends_by_its_day_and_by_the_office() -> None:
    _flat, first, second = _shared_flat()
    name_guardian(
        first, name="周母", ground="minor", basis="户口簿", until_on=dt.date(2026, 11, 30), by=COMMAND_LINE, now=NOW
    )
    held = name_guardian(second, name="周父", ground="incapable", basis="法院判决书", by=COMMAND_LINE, now=NOW)

    end_guardianship(held, by=COMMAND_LINE, reason="判决撤销", now=NOW)
    end_guardianship(held, by=COMMAND_LINE, reason="判决撤销", now=NOW)

    assert guardian_of(first, dt.date(2026, 11, 30)) is not None
    assert guardian_of(first, dt.date(2026, 12, 1)) is None
    assert guardian_of(second, TODAY) is None
    assert LedgerEntry.objects.filter(act="end_guardianship").count() == 1


def test_an_owner_has_one_guardian_at_a_time() -> None:
    _flat, first, _second = _shared_flat()
    name_guardian(first, name="周母", ground="minor", basis="户口簿", by=COMMAND_LINE, now=NOW)

    name_guardian(first, name="周父", ground="minor", basis="户口簿", by=COMMAND_LINE, now=NOW)

    assert [one.name for one in Guardianship.objects.filter(ended_at=None)] == ["周父"]
    assert Guardianship.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "李四"}, "name"),
        ({"name": " "}, "name"),
        ({"ground": "old"}, "ground"),
        ({"basis": ""}, "basis"),
        ({"until_on": dt.date(2026, 11, 19)}, "until_on"),
    ],
)
def test_a_guardian_that_makes_no_sense_is_refused(more: dict[str, object], field: str) -> None:
    _flat, first, _second = _shared_flat()
    given = {"name": "周母", "ground": "minor", "basis": "户口簿", **more}

    with pytest.raises(BadInput) as refused:
        name_guardian(first, by=COMMAND_LINE, now=NOW, **given)  # type: ignore[arg-type] # wrong on purpose

    assert refused.value.field == field
    assert Guardianship.objects.count() == 0


def _import(lines: list[str]) -> dict[str, object]:
    text = "\n".join([",".join([*COLUMNS, *OPTIONAL]), *lines])
    rows = read_table(io.BytesIO(text.encode()), COLUMNS, optional=OPTIONAL, name="roll.csv")
    return import_roll(rows, community=unit(COMMUNITY), by=COMMAND_LINE, now=NOW).as_json()


def test_the_roll_names_guardians() -> None:
    a_tree()
    lines = ["E1-3-2,301,88.40,张小三,1234,,业主,sold,张三,未成年", "E1-3-2,302,90.00,钱七,1,,业主,sold,,"]

    first = _import(lines)
    again = _import(lines)
    changed = _import([lines[0].replace("张三,未成年", "李四,无民事行为能力")])

    assert [one.basis for one in Guardianship.objects.order_by("pk")] == ["名册导入：roll.csv第2行"] * 2
    assert [(g.name, g.ground) for g in Guardianship.objects.filter(ended_at=None)] == [("李四", "incapable")]
    assert (first["created"], again["created"], again["updated"], changed["updated"]) == (7, 0, 0, 1)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("E1-3-2,301,88.40,张三,1,,业主,sold,张三,", "row 2, guardian: 监护人不能是业主本人"),
        ("E1-3-2,301,88.40,张三,1,,业主,sold,李四,太老", "row 2, guardian_ground: 监护事由须为"),
        ("E1-3-2,301,88.40,某某公司,,,业主,sold,李四,", "row 2, guardian: 单位业主没有监护人"),
    ],
)
def test_a_bad_guardian_in_the_roll_names_its_cell(line: str, sentence: str) -> None:
    a_tree()

    with pytest.raises(BadInput, match=sentence):
        _import([line])

    assert Owner.objects.count() == 0


# --- pages ----------------------------------------------------------------------


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_owner_names_the_voter_on_the_phone() -> None:
    flat, first, second = _shared_flat()
    client = _signed_in(_account_of(second))

    answer = client.post("/account/units/", {"unit": flat.pk, "owner": second.pk}, follow=True)
    other = _signed_in(_account_of(first)).post("/account/units/", {"unit": flat.pk, "owner": second.pk}, follow=True)

    assert "已记下您推选王五；等其他共有人也推选同一人后生效。" in answer.content.decode()
    assert "共有人意见一致，以后由王五代表这一户表决。" in other.content.decode()
    assert _voter_of(flat) == "王五"


def test_the_page_takes_nothing_from_strangers() -> None:
    flat, first, _second = _shared_flat()

    answer = _signed_in(a_person("赵六")).post("/account/units/", {"unit": flat.pk, "owner": first.pk}, follow=True)

    assert "还没有与您的账户核对过的房屋" in answer.content.decode()
    assert Ownership.objects.filter(named__isnull=False).count() == 0


def test_the_office_takes_a_paper_declaration_and_a_guardian() -> None:
    flat, _first, second = _shared_flat()
    client = _signed_in(a_secretary(unit(COMMUNITY)))
    path = f"/register/units/{flat.pk}/"

    listed = client.get("/register/owners/", {"q": "401"}).content.decode()
    client.post(path, {"act": "choose", "owner": second.pk, "reason": "11月20日推选书"})
    guarded = {"act": "guardian", "owner": second.pk, "ground": "incapable", "name": "周父", "basis": "法院判决书"}
    client.post(path, guarded)
    shown = client.get(path).content.decode()
    ended = client.post(path, {"act": "end", "guardianship": Guardianship.objects.get().pk, "reason": "撤销"})

    assert path in listed
    assert _voter_of(flat) == "王五"
    assert "周父 · 无民事行为能力或者限制民事行为能力" in shown
    assert ended.status_code == 302
    entry = LedgerEntry.objects.get(act="choose_co_owner_voter")
    assert (entry.actor_name, entry.office, entry.reason) == ("王书记", "secretary", "11月20日推选书")


def test_the_desk_asks_for_guardians_once_however_many_owners() -> None:
    _shared_flat()
    client = _signed_in(a_secretary(unit(COMMUNITY)))
    client.get("/register/owners/")
    with CaptureQueriesContext(connection) as one:
        client.get("/register/owners/")
    import_lines(
        [*SHARED, *(line.replace("401", flat).replace("李", flat) for flat in ("501", "601") for line in SHARED)]
    )

    with CaptureQueriesContext(connection) as three:
        page = client.get("/register/owners/").content.decode()

    assert page.count("/register/units/") == 3
    assert len(three) == len(one)


def test_an_officer_above_and_a_grid_worker_below_the_community_have_a_desk_too() -> None:
    flat, _first, _second = _shared_flat()
    above = a_person("街道干部", office=Office.SUBDISTRICT_OFFICER, at=unit(COMMUNITY[:9] + "000"))
    below = a_person("网格员", office=Office.GRID_WORKER, at=flat.household.unit)

    for person in (above, below):
        assert f"/register/units/{flat.pk}/" in _signed_in(person).get("/register/owners/").content.decode()


@pytest.mark.parametrize("office", [Office.RESIDENT, Office.PROPERTY_STAFF])
def test_the_desk_is_for_the_office(office: str) -> None:
    flat, _first, _second = _shared_flat()
    client = _signed_in(a_person("赵六", office=office, at=unit(COMMUNITY)))

    assert client.get("/register/owners/", {"place": COMMUNITY}).status_code == 403
    assert client.get(f"/register/units/{flat.pk}/").status_code == 403


def test_a_form_that_is_not_filled_in_changes_nothing() -> None:
    flat, first, second = _shared_flat()
    client = _signed_in(a_secretary(unit(COMMUNITY)))

    wrong = client.post(f"/register/units/{flat.pk}/", {"act": "choose", "owner": second.pk})
    none = client.post(f"/register/units/{flat.pk}/", {"act": "nothing"})

    assert (wrong.status_code, none.status_code) == (422, 422)
    assert _voter_of(flat) == first.name
