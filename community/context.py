"""What every page knows about its reader. Whatever needs a query is asked for only when the page shows it."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from community.models import Term, Unit, UnitKind
from community.names import short_name
from community.rules import OFFICES_WITH_WORK, STAFF_OFFICES, paths_from_root, running_terms


def reader(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html reads.

    `large_type`: whether the reader chose the large-type view (cookie, or the account's setting).
    `is_office_holder`: whether they hold an office of the staff anywhere; `has_work_list`: whether an office that acts
    are asked of (one query for both).
    `community_name`: the community they belong to (for those above the communities: their unit), else the only one
    at work here, else "" (one query).
    """
    user = getattr(request, "user", None)
    chosen = request.COOKIES.get("large_type")
    large = chosen == "1" if chosen in {"0", "1"} else bool(getattr(user, "large_type", False))
    held = SimpleLazyObject(lambda: set(running_terms(user).values_list("office", flat=True)))
    return {
        "large_type": large,
        "is_office_holder": SimpleLazyObject(lambda: not held.isdisjoint(STAFF_OFFICES)),
        "has_work_list": SimpleLazyObject(lambda: not held.isdisjoint(OFFICES_WITH_WORK)),
        "community_name": SimpleLazyObject(lambda: _community_name(user)),
    }


def _community_name(user: object) -> str:
    unit: Unit | None = getattr(user, "unit", None)
    if unit is not None:
        found = Unit.objects.filter(path__in=paths_from_root(unit), kind=UnitKind.COMMUNITY).first()
        return short_name(found.name if found else unit.name)
    works = Exists(Term.objects.filter(unit=OuterRef("pk")))
    at_work = list(Unit.objects.filter(works, kind=UnitKind.COMMUNITY).values_list("name", flat=True)[:2])
    return short_name(at_work[0]) if len(at_work) == 1 else ""
