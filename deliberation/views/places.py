"""The page of a place: what is being done there and below, who works there, how well it went."""

from collections import Counter
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from community.models import Office, Term, Unit, UnitKind
from community.names import short_name
from community.queries import unit_by_code
from community.rules import STAFF_OFFICES, in_force, paths_from_root
from core import clock
from core.masking import mask_name
from core.web import page_errors
from deliberation import queries
from deliberation.figures import Share
from deliberation.queries.figures import community_figures
from deliberation.stages import FINAL, Stage
from deliberation.views.public import with_places

MOST_MATTERS = 20
_SHARES = (
    ("answer", _("答复率")),
    ("closure", _("办结率")),
    ("on_time_closure", _("按期办结率")),
    ("satisfaction", _("满意率")),
)
_SHOWN = (UnitKind.COUNTY, UnitKind.SUBDISTRICT, UnitKind.COMMUNITY, UnitKind.GRID, UnitKind.ESTATE, UnitKind.BUILDING)


@require_safe
@page_errors
def place(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show one unit of any level, from the subdistrict down to an entrance. About ten queries."""
    unit = unit_by_code(code)
    above = Unit.objects.filter(path__in=paths_from_root(unit)).exclude(pk=unit.pk).order_by("path")
    matters = queries.public_proposals().filter(unit__path__startswith=unit.path)
    figures = community_figures(unit)
    context = {
        "unit": unit,
        "name": short_name(unit.name),
        "above": [(one.code, short_name(one.name)) for one in above if one.kind in _SHOWN],
        "below": _below(unit),
        "staff": _staff(unit),
        "stages": [
            {
                "key": stage.value,
                "count": figures["open"][stage.value],
                "href": f"{reverse('deliberation:proposals')}?{urlencode({'stage': stage.value, 'place': unit.code})}",
            }
            for stage in Stage
        ],
        "matters": with_places(list(matters.exclude(status__in=FINAL)[:MOST_MATTERS])),
        "ended": with_places(list(matters.filter(status__in=FINAL)[:5])),
        "shares": [(title, Share(figures[key]["k"], figures[key]["n"])) for key, title in _SHARES],
        "received": figures["received"],
    }
    return render(request, "deliberation/place.html", context)


def _below(unit: Unit) -> list[tuple[str, str, int]]:
    """Return code, name and number of open matters of the units one level down. Two queries."""
    children = list(Unit.objects.filter(path__startswith=unit.path, depth=unit.depth + 1).order_by("path"))
    length = (unit.depth + 1) * Unit.steplen
    open_matters = queries.public_proposals().exclude(status__in=FINAL).filter(unit__path__startswith=unit.path)
    counts = Counter(path[:length] for path in open_matters.values_list("unit__path", flat=True))
    return [(child.code, short_name(child.name), counts[child.path]) for child in children]


def _staff(unit: Unit) -> list[tuple[str, list[str]]]:
    """Return title and masked names of those who work for the place: their offices stand on every wall. One query."""
    terms = Term.objects.filter(in_force(clock.local_date()), unit=unit, office__in=STAFF_OFFICES, user__is_active=True)
    found: dict[str, list[str]] = {}
    for office, name in terms.order_by("user_id").values_list("office", "user__name"):
        found.setdefault(office, []).append(mask_name(name))
    return [(str(Office(office).label), found[office]) for office in STAFF_OFFICES if office in found]
