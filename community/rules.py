"""Who may: offices held at a unit or above it, on a day.

A term at a unit reaches everything below it. The platform itself (`core.actors.SYSTEM`, `COMMAND_LINE`) may do what
any office may; a visitor who is not signed in holds none.
"""

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from community.models import Office, Term, Unit, User
from core import clock
from core.actors import COMMAND_LINE, SYSTEM
from core.errors import NotAllowed

# From the highest down; the ledger names the highest office somebody held where they acted.
OFFICES_BY_RANK: tuple[str, ...] = (
    Office.SUBDISTRICT_OFFICER,
    Office.SECRETARY,
    Office.DIRECTOR,
    Office.SUPERVISION_COMMITTEE,
    Office.COMMITTEE_MEMBER,
    Office.SECONDED_MEMBER,
    Office.GRID_WORKER,
    Office.FACILITATOR,
    Office.TELLER,
    Office.RESIDENT_REPRESENTATIVE,
    Office.OWNERS_COMMITTEE_MEMBER,
    Office.PARTY_MEMBER,
    Office.OWNER,
    Office.PROPERTY_STAFF,
    Office.RESIDENT,
)
STAFF_OFFICES: tuple[str, ...] = OFFICES_BY_RANK[: OFFICES_BY_RANK.index(Office.GRID_WORKER) + 1]
# Those a work list is kept for: the staff, who leads talks, who signs counts, and who must convene the owners.
OFFICES_WITH_WORK: tuple[str, ...] = (
    *STAFF_OFFICES,
    Office.FACILITATOR,
    Office.TELLER,
    Office.OWNERS_COMMITTEE_MEMBER,
)
_LONGEST_PATH = 255


def is_platform(by: object) -> bool:
    """Return whether the platform itself acts: its clock or its command line."""
    return by is SYSTEM or by is COMMAND_LINE


def in_force(day: dt.date) -> Q:
    """Return the condition for terms running on `day` (first and last day included)."""
    return Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))


def running_terms(user: object, *, now: dt.datetime | None = None) -> QuerySet[Term]:
    """Return the terms `user` holds on the day of `now`, with their units. None for visitors and closed accounts."""
    if not isinstance(user, User) or user.pk is None or not user.is_active:
        return Term.objects.none()
    return Term.objects.filter(in_force(clock.local_date(now)), user=user).select_related("unit")


def offices_at(user: object, unit: Unit, *, now: dt.datetime | None = None) -> frozenset[str]:
    """Return every office `user` holds at `unit` or above it. One query: take it once for a page."""
    held = running_terms(user, now=now).filter(unit__path__in=paths_from_root(unit))
    return frozenset(held.values_list("office", flat=True))


def holds_office(user: object, *offices: str, unit: Unit, now: dt.datetime | None = None) -> bool:
    """Return whether `user` has a running term in one of `offices` at `unit` or at one of its ancestors."""
    held = running_terms(user, now=now).filter(office__in=offices, unit__path__in=paths_from_root(unit))
    return held.exists()


def office_of(user: object, unit: Unit, *, now: dt.datetime | None = None) -> str:
    """Return the highest office `user` holds at `unit` or above it, "" if none."""
    return highest(offices_at(user, unit, now=now))


def require_office(by: object, *offices: str, unit: Unit, now: dt.datetime | None = None) -> str:
    """Return the highest of `offices` that `by` holds at `unit` (for the ledger); "" when the platform itself acts.

    Raises NotAllowed naming the offices that may.
    """
    if is_platform(by):
        return ""
    if office := highest(offices_at(by, unit, now=now).intersection(offices)):
        return office
    raise NotAllowed(_("只有%(unit)s的%(offices)s可以这样做。") % {"unit": unit, "offices": office_titles(offices)})


def highest(offices: frozenset[str] | set[str]) -> str:
    """Return the highest of `offices`, "" of none."""
    return next((str(office) for office in OFFICES_BY_RANK if office in offices), "")


def office_titles(offices: tuple[str, ...]) -> str:
    """Return the titles of offices as a reader sees them, each once: 书记、主任."""
    return _("、").join(dict.fromkeys(str(Office(office).label) for office in offices))


def paths_from_root(unit: Unit) -> list[str]:
    """Return the tree paths of `unit` and all its ancestors, without a query."""
    return [unit.path[: length * Unit.steplen] for length in range(1, unit.depth + 1)]


def within(unit: Unit, relation: str = "") -> Q:
    """Return the condition for `unit` and everything below it; `relation` leads to a unit ("household__unit__").

    A range of paths rather than a prefix: every database answers it from the index.
    """
    last = unit.path + Unit.alphabet[-1] * (_LONGEST_PATH - len(unit.path))
    return Q(**{f"{relation}path__range": (unit.path, last)})
