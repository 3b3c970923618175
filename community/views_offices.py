"""The desk of offices: who holds what here, appointments, and terms that end."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community import operations
from community.desks import desk_place
from community.forms_offices import AppointmentForm
from community.models import Unit, UnitKind, User
from community.queries import terms_within, units_under
from community.rules import require_office
from core.errors import BadInput, NotFound, Refused
from core.web import key_of, page_errors

_PAGE = 50
_PLACES = (UnitKind.COMMUNITY, UnitKind.GRID, UnitKind.ESTATE)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def offices_desk(request: HttpRequest) -> HttpResponse:
    """List who holds an office in the place one serves; appoint, and end terms."""
    place = desk_place(request)
    require_office(request.user, *operations.REGISTRARS, unit=place)
    appoints = request.method == "POST" and request.POST.get("act") == "appoint"
    form = AppointmentForm(units_under(place, *_PLACES), request.POST if appoints else None)
    status = 200
    if request.method == "POST":
        try:
            if said := _carried_out(request, place, form):
                messages.success(request, said)
                return redirect(f"{request.path}?place={place.code}")
            status = 422
        except Refused as refused:
            field = refused.field if isinstance(refused, BadInput) else ""
            status = refused.status
            if appoints and field in form.fields:
                form.add_error(field, str(refused.sentence))
            else:
                messages.error(request, str(refused))
    page = Paginator(terms_within(place), _PAGE).get_page(request.GET.get("page", "1"))
    context = {"place": place, "page": page, "form": form, "query": f"place={place.code}"}
    return render(request, "community/offices.html", context, status=status)


def _carried_out(request: HttpRequest, place: Unit, form: AppointmentForm) -> str:
    """Do what was posted and return what to say, "" where the form says itself what is wrong."""
    by = cast("User", request.user)
    if form.is_bound:
        if not form.is_valid():
            return ""
        said = form.cleaned_data
        with transaction.atomic():
            user = said["user"] or operations.open_account(
                username=said["username"], name=said["name"], unit=said["unit"], by=by
            )
            term = operations.appoint(
                user=user,
                office=said["office"],
                unit=said["unit"],
                starts_on=said["starts_on"],
                ends_on=said["ends_on"],
                is_seconded=said["is_seconded"],
                by=by,
            )
        return _("%(name)s已任%(office)s。") % {"name": user.name, "office": term.get_office_display()}
    ending = terms_within(place).filter(pk=key_of(request.POST.get("term", ""))).first()
    if request.POST.get("act") != "end" or ending is None:
        raise NotFound
    reason = request.POST.get("reason", "").strip()[:200]
    if not reason:
        raise BadInput(_("请写明理由。"), field="reason")
    operations.end_term(ending, by=by, reason=reason)
    return _("%(name)s不再任%(office)s。") % {"name": ending.user.name, "office": ending.get_office_display()}
