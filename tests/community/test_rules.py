"""Who may: an office reaches down, not up, not sideways, and only for its term."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from community import operations, queries, rules
from community.models import Office, Term, Unit
from core.actors import COMMAND_LINE, SYSTEM
from core.errors import NotAllowed, NotFound
from tests.community.places import COMMUNITY, COUNTY, STREET, a_person, a_tree, unit

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def _term(first: str, last: str | None) -> Term:
    user = a_person(at=unit(COMMUNITY))
    return Term.objects.create(user=user, office=Office.DIRECTOR, unit=unit(COMMUNITY), starts_on=first, ends_on=last)


@pytest.mark.parametrize(
    ("place", "holds"),
    [(COMMUNITY, True), ("G1", True), ("E1-3-2", True), (STREET, False), (COUNTY, False), ("511302001002", False)],
)
def test_an_office_reaches_down_only(place: str, *, holds: bool) -> None:
    community = a_tree()
    director = a_person(office=Office.DIRECTOR, at=community)

    assert rules.holds_office(director, Office.DIRECTOR, unit=unit(place)) is holds
    assert rules.office_of(director, unit(place)) == ("director" if holds else "")


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        ("2026-11-22", None, True),
        ("2026-11-22", "2026-11-22", True),
        ("2026-11-23", None, False),
        ("2020-01-01", "2026-11-21", False),
        ("2020-01-01", "2026-11-22", True),
    ],
)
def test_a_term_runs_from_its_first_to_its_last_day(first: str, last: str | None, *, holds: bool) -> None:
    a_tree()
    term = _term(first, last)

    assert rules.holds_office(term.user, Office.DIRECTOR, unit=term.unit, now=NOON) is holds


def test_the_day_is_the_communitys_day() -> None:
    a_tree()
    term = _term("2026-11-23", None)
    late = dt.datetime(2026, 11, 22, 16, 30, tzinfo=dt.UTC)  # half past midnight in Shanghai

    assert rules.holds_office(term.user, Office.DIRECTOR, unit=term.unit, now=late)


def test_other_offices_visitors_and_closed_accounts_do_not_count() -> None:
    community = a_tree()
    director = a_person(office=Office.DIRECTOR, at=community)

    assert not rules.holds_office(director, Office.SECRETARY, Office.TELLER, unit=community)
    assert not rules.holds_office(AnonymousUser(), Office.DIRECTOR, unit=community)
    assert not rules.holds_office(None, Office.DIRECTOR, unit=community)
    director.is_active = False
    assert not rules.holds_office(director, Office.DIRECTOR, unit=community)


def test_requiring_an_office_returns_the_highest_that_entitles() -> None:
    community = a_tree()
    person = a_person(office=Office.TELLER, at=community)
    operations.appoint(user=person, office=Office.COMMITTEE_MEMBER, unit=community, by=COMMAND_LINE)

    assert rules.require_office(person, Office.TELLER, unit=community) == "teller"
    assert rules.require_office(person, Office.TELLER, Office.COMMITTEE_MEMBER, unit=community) == "committee_member"
    assert rules.office_of(person, community) == "committee_member"
    assert rules.require_office(SYSTEM, Office.SECRETARY, unit=community) == ""


@pytest.mark.parametrize("who", [None, AnonymousUser(), object()])
def test_nobody_else_passes_as_the_platform(who: object) -> None:
    community = a_tree()

    with pytest.raises(NotAllowed, match="书记、主任"):
        rules.require_office(who, Office.SECRETARY, Office.DIRECTOR, unit=community)


def test_one_question_is_one_query(django_assert_num_queries: object) -> None:
    community = a_tree()
    person = a_person(office=Office.DIRECTOR, at=community)
    place = unit("E1-3-2")

    with django_assert_num_queries(1):  # type: ignore[operator] # a fixture without types
        assert rules.offices_at(person, place) == {"director"}


def test_places_know_their_community() -> None:
    community = a_tree()

    assert queries.community_of(unit("E1-3-2")) == community
    assert queries.community_of(community) == community
    assert [u.code for u in queries.units_under(unit("E1"))] == ["E1", "E1-3", "E1-3-2", "E1-3-1"]
    assert [u.code for u in queries.units_under(community, "entrance")] == ["E1-3-2", "E1-3-1"]
    assert queries.full_name(unit("E1-3-2")) == "顺庆区中城街道平城街社区居民委员会第一网格幸福小区3幢2单元"
    assert queries.place_name(unit("E1-3-2")) == "幸福小区3幢2单元"
    assert queries.place_name(community) == "平城街社区"
    with pytest.raises(NotFound):
        queries.community_of(unit(STREET))


def test_a_subtree_is_exact_among_siblings() -> None:
    a_tree()
    siblings = [
        operations.add_unit(code=f"B{n}", name=f"{n}幢", kind="building", parent=unit("E1"), by=COMMAND_LINE)
        for n in range(40)
    ]

    for sibling in siblings:
        assert list(Unit.objects.filter(rules.within(sibling))) == [sibling]
    assert queries.units_under(unit("E1")).count() == 44


def test_who_represents() -> None:
    community = a_tree()
    elected = a_person("李代表", office=Office.RESIDENT_REPRESENTATIVE, at=community)
    by_grid = a_person("周代表", office=Office.RESIDENT_REPRESENTATIVE, at=unit("G1"))
    a_person("外人", office=Office.RESIDENT_REPRESENTATIVE, at=unit("511302001002"))
    member = a_person("陈委员", office=Office.COMMITTEE_MEMBER, at=community)

    assert list(queries.representatives_of(community)) == [elected, by_grid]
    assert list(queries.office_holders(community, Office.COMMITTEE_MEMBER, Office.DIRECTOR)) == [member]
    assert list(queries.communities_of(member)) == [community]
