"""Offices, residents, identities and printed codes: who may give them, and the ledger behind each."""

import datetime as dt

import pytest

from community import operations
from community.models import IdentityLevel, Office, Owner, Residency, SignInCode, Term, User
from community.queries import households_under
from core import clock, ledger
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry
from tests.community.places import a_person, a_secretary, a_tree, import_roll, terms_of, unit

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def _acts(subject: User | Term) -> list[tuple[str, str]]:
    return list(ledger.entries_about(subject).values_list("act", "office"))


@pytest.mark.parametrize("office", [o for o in Office.values if o not in {"resident", "owner"}])
@pytest.mark.parametrize(
    "by_office", ["", "resident", "grid_worker", "committee_member", "secretary", "subdistrict_officer"]
)
def test_who_appoints_whom(office: str, by_office: str) -> None:
    community = a_tree()
    by = a_person("某人", office=by_office, at=community)
    from_above = {"secretary", "director", "supervision_committee"}
    allowed = office != "subdistrict_officer" and (
        by_office == "subdistrict_officer" or (by_office == "secretary" and office not in from_above)
    )
    entries = LedgerEntry.objects.count()
    user = a_person("新人", at=community)

    if allowed:
        term = operations.appoint(user=user, office=office, unit=community, by=by)
        assert _acts(term) == [("appoint", by_office)]
    else:
        with pytest.raises(NotAllowed):
            operations.appoint(user=user, office=office, unit=community, by=by)
        assert terms_of(user) == []
        assert LedgerEntry.objects.count() == entries + 1  # the account only


def test_an_administrator_without_office_appoints() -> None:
    community = a_tree()
    admin = a_person("管理员", at=community)
    admin.is_superuser = True
    admin.save()

    term = operations.appoint(user=admin, office=Office.SUBDISTRICT_OFFICER, unit=unit("511302001000"), by=admin)

    assert _acts(term) == [("appoint", "administrator")]


def test_appointing_again_changes_nothing_and_a_term_ends_once() -> None:
    community = a_tree()
    user, by = a_person(), a_secretary(community)
    now = clock.now()
    day = clock.local_date(now)
    term = operations.appoint(user=user, office=Office.TELLER, unit=community, by=COMMAND_LINE, now=now)

    assert operations.appoint(user=user, office=Office.TELLER, unit=community, by=COMMAND_LINE, now=now) == term
    ended = operations.end_term(term, by=by, reason="换届", now=now + dt.timedelta(days=1))
    again = operations.end_term(term, by=by, reason="换届", now=now + dt.timedelta(days=2))

    assert ended.ends_on == again.ends_on == day + dt.timedelta(days=1)
    assert [act for act, _office in _acts(term)] == ["appoint", "end_term"]
    with pytest.raises(BadInput):
        operations.end_term(term, by=COMMAND_LINE, reason="x", ends_on=dt.date(2020, 1, 1))


@pytest.mark.parametrize(
    ("office", "ends_on", "field"), [("mayor", None, "office"), ("teller", dt.date(2000, 1, 1), "ends_on")]
)
def test_a_bad_appointment_is_refused(office: str, ends_on: dt.date | None, field: str) -> None:
    community = a_tree()
    user = a_person()

    with pytest.raises(BadInput) as refused:
        operations.appoint(user=user, office=office, unit=community, ends_on=ends_on, by=COMMAND_LINE)

    assert refused.value.field == field
    assert terms_of(user) == []


def test_nobody_is_registered_twice_in_one_household() -> None:
    community = a_tree()
    import_roll(["E1-3-2,301,80,张三,1234,,业主,sold"])
    home = households_under(community)[0]
    operations.register_resident(household=home, name="张三", phone="13800000002", by=COMMAND_LINE)

    with pytest.raises(BadInput, match="这一户已经登记了张三"):
        operations.register_resident(household=home, name=" 张三", phone="13800000002", by=COMMAND_LINE)
    namesake = operations.register_resident(household=home, name="张三", phone="13800000003", by=COMMAND_LINE)

    assert set(home.residencies.values_list("user__phone", flat=True)) == {"13800000002", namesake.phone}


def test_a_grid_worker_registers_a_resident() -> None:
    community = a_tree()
    import_roll(["E1-3-2,301,80,张三,1234,,业主,sold"])
    worker = a_person("网格员", office=Office.GRID_WORKER, at=unit("G1"))
    home = households_under(community)[0]

    first = operations.register_resident(household=home, name="张三", by=worker, is_representative=True)
    second = operations.register_resident(household=home, name="李四", by=worker, is_representative=True)

    assert terms_of(first) == ["resident"]
    assert list(Residency.objects.filter(is_representative=True).values_list("user", flat=True)) == [second.pk]
    assert not first.has_usable_password()
    operations.name_household_representative(Residency.objects.get(user=first), by=worker)
    assert Residency.objects.get(is_representative=True).user == first


def test_strangers_register_nobody_and_nothing_is_stored() -> None:
    community = a_tree()
    import_roll(["E1-3-2,301,80,张三,1234,,业主,sold"])
    other = a_person("别处书记", office=Office.SECRETARY, at=unit("511302001002"))
    home = households_under(community)[0]
    users, entries = User.objects.count(), LedgerEntry.objects.count()

    with pytest.raises(NotAllowed):
        operations.register_resident(household=home, name="张三", by=other)
    with pytest.raises(BadInput):
        operations.register_resident(household=home, name=" ", by=COMMAND_LINE)

    assert (User.objects.count(), LedgerEntry.objects.count()) == (users, entries)


def test_a_taken_username_is_refused_by_field() -> None:
    a_tree()
    taken = a_person()

    with pytest.raises(BadInput) as refused:
        operations.open_account(username=taken.username, name="李四", by=COMMAND_LINE)

    assert refused.value.field == "username"


def test_matching_an_owner_to_the_roll() -> None:
    community = a_tree()
    import_roll(["E1-3-2,301,80,张三,1234,,业主,sold"])
    owner = Owner.objects.get()
    worker = a_person("网格员", office=Office.GRID_WORKER, at=community)
    user = a_person("张三", at=community)

    operations.verify_identity(user, level=IdentityLevel.L2, owner=owner, by=worker)
    operations.verify_identity(user, level=IdentityLevel.L2, owner=owner, by=worker)

    owner.refresh_from_db()
    user.refresh_from_db()
    assert (owner.user, user.identity_level, terms_of(user)) == (user, 2, ["owner"])
    with pytest.raises(WrongStage):
        operations.verify_identity(a_person("李四", at=community), level=2, owner=owner, by=worker)
    with pytest.raises(NotAllowed):
        operations.verify_identity(worker, level=2, by=worker)
    with pytest.raises(BadInput):
        operations.verify_identity(user, level=9, by=worker)


def test_a_new_code_replaces_the_old_one_and_is_stored_hashed() -> None:
    community = a_tree()
    secretary = a_secretary(community)
    user = a_person("张三", office=Office.RESIDENT, at=community)

    first = operations.issue_sign_in_code(user, by=secretary)
    second = operations.issue_sign_in_code(user, by=secretary)

    assert first != second
    assert SignInCode.objects.filter(revoked_at__isnull=True).count() == 1
    stored = " ".join(SignInCode.objects.values_list("code_hash", flat=True))
    kept = " ".join(str(e.after) for e in LedgerEntry.objects.all())
    assert second not in stored + kept
    assert operations.revoke_sign_in_codes(user, by=user, reason="丢了") == 1
    assert operations.revoke_sign_in_codes(user, by=user, reason="丢了") == 0


@pytest.mark.parametrize(
    ("by_office", "office", "allowed"),
    [
        ("grid_worker", "resident", True),
        ("secretary", "grid_worker", True),
        ("grid_worker", "secretary", False),
        ("grid_worker", "grid_worker", False),
        ("director", "secretary", False),
        ("director", "supervision_committee", False),
        ("subdistrict_officer", "supervision_committee", True),
        ("subdistrict_officer", "secretary", True),
        ("resident", "resident", False),
    ],
)
def test_a_code_is_a_key_and_comes_from_above(by_office: str, office: str, *, allowed: bool) -> None:
    community = a_tree()
    by = a_person("甲", office=by_office, at=community)
    user = a_person("乙", office=office, at=community)

    if allowed:
        assert len(operations.issue_sign_in_code(user, by=by)) == 10
    else:
        with pytest.raises(NotAllowed):
            operations.issue_sign_in_code(user, by=by)
        assert SignInCode.objects.count() == 0


def test_nobody_prints_a_code_of_an_administrator() -> None:
    community = a_tree()
    admin = a_person("管理员", at=community)
    admin.is_staff = admin.is_superuser = True
    admin.save()

    with pytest.raises(NotAllowed):
        operations.issue_sign_in_code(admin, by=a_secretary(community))
