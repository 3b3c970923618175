"""Rolls built from the register, by scope."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community import queries
from community.models import Office, Residency, Unit, UnitKind
from community.rules import within
from core import clock
from core.errors import BadInput
from voting.operations.drafts import VoterDraft

_LONGEST_PLACE = 100


def owners_of(unit: Unit, *, today: dt.date | None = None) -> list[VoterDraft]:
    """Return the owners who vote on matters of `unit`: one head each, the area of their counted units. Two queries.

    For a minor or incapable owner the guardian votes. A minor whose guardian is not recorded votes by no account.
    """
    day = today or clock.local_date()
    drafts = []
    for share in queries.roll_of(unit, today=day):
        user, guardian = share.owner.user, share.guardian
        if guardian is None and user is not None and queries.is_minor(user, day):
            user = None
        drafts.append(
            VoterDraft(
                share.owner.name, share.heads, share.area, user, share.owner, _joined(share.places),
                guardian.user if guardian is not None else None, guardian.name if guardian is not None else "",
            )
        )  # fmt: skip
    return drafts


def households_of(unit: Unit, *, today: dt.date | None = None) -> list[VoterDraft]:
    """Return one entry for each household in `unit`, held by its representative where it has named one.

    A representative known to be under 18 on `today` does not vote: the household then votes by its printed code.
    """
    day = today or clock.local_date()
    speakers = {
        residency.household_id: residency.user
        for residency in Residency.objects.filter(
            is_representative=True, household__unit__path__startswith=unit.path
        ).select_related("user")
        if not queries.is_minor(residency.user, day)
    }
    drafts = []
    seen: set[int] = set()
    for household in queries.households_under(unit):
        user = speakers.get(household.pk)
        if user is not None and user.pk in seen:
            user = None  # one person speaks for one household by account; the other votes by its printed code
        if user is not None:
            seen.add(user.pk)
        speaker = speakers.get(household.pk)
        name = speaker.name if speaker is not None else household.label
        drafts.append(VoterDraft(name, 1, 0, user, place=household.label, household=household))
    return drafts


def adults_of(unit: Unit, *, today: dt.date | None = None) -> list[VoterDraft]:
    """Return the residents of `unit` aged 18 or more on `today`, each once, one head each. One query.

    Residents whose date of birth is not recorded are left out (`residents_of_unknown_age` counts them): nobody can say
    that they may vote.
    """
    day = today or clock.local_date()
    drafts: dict[int, VoterDraft] = {}
    for residency in _residencies(unit).filter(user__born_on__isnull=False):
        if not queries.is_minor(residency.user, day):
            drafts.setdefault(
                residency.user_id, VoterDraft(residency.user.name, user=residency.user, place=residency.household.label)
            )
    return list(drafts.values())


def residents_of_unknown_age(unit: Unit) -> int:
    """Return how many residents of `unit` have no date of birth in the register. One query."""
    return _residencies(unit).filter(user__born_on__isnull=True).values("user").distinct().count()


def representatives_of(community: Unit) -> list[VoterDraft]:
    """Return the representatives' meeting of a community: representatives and committee members, one head each.

    Residents' Committees Act 28: the meeting consists of both, at least four fifths of them representatives.
    """
    people = {user.pk: user for user in queries.representatives_of(community)}
    people |= {user.pk: user for user in queries.office_holders(community, Office.DIRECTOR, Office.COMMITTEE_MEMBER)}
    return [VoterDraft(user.name, user=user) for user in people.values()]


def elected_representatives_of(community: Unit) -> list[VoterDraft]:
    """Return the residents' representatives alone, one head each: they elect where the committee is elected by them."""
    return [VoterDraft(user.name, user=user) for user in queries.representatives_of(community)]


def members_of(unit: Unit, *offices: str) -> list[VoterDraft]:
    """Return the people holding one of `offices` at `unit`, each once, one head each."""
    return [VoterDraft(user.name, user=user) for user in queries.office_holders(unit, *offices)]


@dataclass(frozen=True, slots=True)
class Scope:
    """One way to draw a roll. `kinds` are the kinds of units it can be drawn at; empty: any."""

    title: str | Promise
    draw: Callable[[Unit], list[VoterDraft]]
    kinds: frozenset[str] = frozenset()


def _body(title: str | Promise, *offices: str) -> Scope:
    return Scope(title, lambda unit: members_of(unit, *offices), frozenset({UnitKind.COMMUNITY}))


_PLACES = frozenset({UnitKind.COMMUNITY, UnitKind.GRID, UnitKind.ESTATE, UnitKind.BUILDING, UnitKind.ENTRANCE})
_ONE_COMMUNITY = frozenset({UnitKind.COMMUNITY})

SCOPES: Mapping[str, Scope] = {
    "owners": Scope(gettext_lazy("业主"), owners_of, _PLACES),
    "households": Scope(gettext_lazy("户代表"), households_of, _PLACES),
    "adults": Scope(gettext_lazy("十八周岁以上居民"), adults_of, _PLACES),
    "representatives": Scope(gettext_lazy("居民代表会议"), representatives_of, _ONE_COMMUNITY),
    "elected_representatives": Scope(gettext_lazy("居民代表"), elected_representatives_of, _ONE_COMMUNITY),
    "residents_committee": _body(gettext_lazy("居民委员会成员"), Office.DIRECTOR, Office.COMMITTEE_MEMBER),
    "supervision_committee": _body(gettext_lazy("居务监督委员会成员"), Office.SUPERVISION_COMMITTEE),
    "owners_committee": _body(gettext_lazy("业主委员会委员"), Office.OWNERS_COMMITTEE_MEMBER),
    "party_members": _body(gettext_lazy("有表决权的党员"), Office.PARTY_MEMBER),
}


def draw(scope: str, unit: Unit) -> list[VoterDraft]:
    """Return the roll of a scope at a unit. Raises BadInput naming `scope` or `unit`."""
    known = SCOPES.get(scope)
    if known is None:
        raise BadInput(_("名册来源须为 %(scopes)s 之一。") % {"scopes": _("、").join(SCOPES)}, field="scope")
    if known.kinds and unit.kind not in known.kinds:
        raise BadInput(
            _("“%(scope)s”的名册不能从%(kind)s产生。") % {"scope": known.title, "kind": unit.get_kind_display()},
            field="unit",
        )
    return known.draw(unit)


def _residencies(unit: Unit) -> QuerySet[Residency]:
    return (
        Residency.objects.filter(within(unit, "household__unit__"), user__is_active=True)
        .select_related("user", "household")
        .order_by("household__unit__path", "pk")
    )


def _joined(places: tuple[str, ...]) -> str:
    text = "、".join(places)
    return text if len(text) <= _LONGEST_PLACE else f"{text[: _LONGEST_PLACE - 1]}…"
