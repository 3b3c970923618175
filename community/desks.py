"""Which place a desk of the office is opened for."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.models import Unit
from community.queries import unit_by_code
from community.rules import STAFF_OFFICES, require_office, running_terms
from core.errors import NotAllowed


def desk_place(request: HttpRequest) -> Unit:
    """Return the place named by `?place=`, or the highest one serves: a grid worker's grid, an officer's subdistrict.

    Raises NotFound for a place there is not, NotAllowed for who serves none or not that one.
    """
    if code := request.GET.get("place", ""):
        place = unit_by_code(code)
        require_office(request.user, *STAFF_OFFICES, unit=place)
        return place
    terms = running_terms(request.user).filter(office__in=STAFF_OFFICES)
    term = terms.order_by("unit__depth", "unit__path").first()
    if term is None:
        raise NotAllowed(_("居民和业主由社区工作人员登记。"))
    return term.unit
