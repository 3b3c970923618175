"""The residents' desk: who lives here, their accounts, printed codes and identities."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from community import codes, operations
from community.desks import desk_place
from community.forms_residents import IdentityForm, ResidentForm
from community.models import Owner, Residency, Unit, User
from community.queries import community_of, households_under, residents_of
from community.rules import STAFF_OFFICES, require_office
from core import qr
from core.errors import BadInput, NotFound, Refused
from core.web import page_errors

_PAGE = 50
_LONGEST_SEARCH = 80


@never_cache
@require_GET
@login_required
@page_errors
def residents_desk(request: HttpRequest) -> HttpResponse:
    """List who lives in the place one serves, or whom a name, an address or the end of a phone number finds."""
    place = desk_place(request)
    text = request.GET.get("q", "").strip()[:_LONGEST_SEARCH].replace("\x00", "")
    page = Paginator(residents_of(place, text), _PAGE).get_page(request.GET.get("page", "1"))
    context = {"place": place, "page": page, "text": text}
    context["query"] = urlencode({"place": place.code, "q": text})
    return render(request, "community/residents.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def new_resident(request: HttpRequest) -> HttpResponse:
    """Register somebody who has come to the desk, or whom the grid worker visits."""
    place = desk_place(request)
    form = ResidentForm(households_under(place), request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid() and form.household is not None:
            said = form.cleaned_data
            try:
                user = operations.register_resident(
                    household=form.household,
                    name=said["name"],
                    phone=said["phone"],
                    relation=said["relation"],
                    born_on=said["born_on"],
                    is_representative=said["is_representative"],
                    by=cast("User", request.user),
                )
            except BadInput as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused.sentence))
            else:
                messages.success(request, _("已登记%(name)s，接着可以发登录码。") % {"name": user.name})
                return redirect("community:resident", pk=user.pk)
    context = {"place": place, "form": form}
    return render(request, "community/new_resident.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def resident(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one resident; print a sign-in code, take codes back, record an identity, name the household's voice."""
    person, place, home = _found(pk)
    community = community_of(place)
    require_office(request.user, *STAFF_OFFICES, unit=place)
    form = IdentityForm(_owners_called(person, community), request.POST if _asks(request, "verify") else None)
    status = 200
    if request.method == "POST":
        try:
            if _asks(request, "code"):
                code = operations.issue_sign_in_code(person, by=cast("User", request.user))
                return render(request, "community/sign_in_code.html", _slip(person, home, code))
            if said := _carried_out(request, person, home, form):
                messages.success(request, said)
                return redirect("community:resident", pk=pk)
            status = 422
        except Refused as refused:
            messages.error(request, str(refused))
            status = refused.status
    context = {
        "home": home,
        "person": person,
        "form": form,
        "owned": Owner.objects.filter(user=person, community=community),
        "codes": person.sign_in_codes.filter(revoked_at=None).count(),
    }
    return render(request, "community/resident.html", context, status=status)


def _found(pk: int) -> tuple[User, Unit, Residency | None]:
    """Return the person, where they belong, and their home; who only works here has none."""
    person = User.objects.select_related("unit").filter(pk=pk).first()
    home = Residency.objects.select_related("household__unit").filter(user=person).order_by("pk").first()
    if person is None:
        raise NotFound(_("没有这位居民。"))
    place = home.household.unit if home is not None else person.unit
    if place is None:
        raise NotFound(_("没有这位居民。"))
    return person, place, home


def _owners_called(person: User, community: Unit) -> Any:
    """Return the owners of the register with this name whom no other account claims."""
    found = Owner.objects.filter(community=community, name=person.name)
    return (found.filter(user=None) | found.filter(user=person)).order_by("pk")


def _asks(request: HttpRequest, act: str) -> bool:
    return request.method == "POST" and request.POST.get("act") == act


def _carried_out(request: HttpRequest, person: User, home: Residency | None, form: IdentityForm) -> str:
    """Do what was posted and return what to say, "" where the form says itself what is wrong."""
    by = cast("User", request.user)
    if _asks(request, "verify"):
        if not form.is_valid():
            return ""
        said = form.cleaned_data
        operations.verify_identity(person, level=said["level"], owner=said["owner"], reason=said["reason"], by=by)
        return _("身份已核验，依据记入台账。")
    if _asks(request, "revoke"):
        operations.revoke_sign_in_codes(person, by=by, reason=request.POST.get("reason", "")[:200])
        return _("登录码已作废。")
    if _asks(request, "represent") and home is not None:
        operations.name_household_representative(home, by=by)
        return _("以后由%(name)s代表这一户。") % {"name": person.name}
    raise BadInput(_("没有这样的操作。"), field="act")


def _slip(person: User, home: Residency | None, code: str) -> dict[str, Any]:
    """Return what the slip of paper says: the code is shown this once."""
    address = f"{settings.PUBLIC_URL}{reverse('community:sign_in')}"
    return {
        "home": home,
        "person": person,
        "code": codes.grouped(code),
        "address": address,
        "qr": qr.data_url(address),
    }
