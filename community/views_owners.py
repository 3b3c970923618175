"""Pages of who votes for a property: the owner's own units, and the office's desk for paper declarations."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from community import operations
from community.desks import desk_place
from community.forms_owners import GuardianForm, VoterForm
from community.models import ExclusiveUnit, Guardianship, Owner, User
from community.queries import (
    co_owned_in,
    community_of,
    guardians_of,
    is_minor,
    units_named,
    units_owned_by,
)
from community.rules import STAFF_OFFICES, require_office
from core import clock
from core.errors import BadInput, NotFound, Refused
from core.web import key_of, page_errors

_PAGE = 50
_LONGEST_SEARCH = 80


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def my_units(request: HttpRequest) -> HttpResponse:
    """Show what the reader owns or is guardian of, who votes for it, and let co-owners say whom they choose."""
    reader = cast("User", request.user)
    owned = units_owned_by(reader, clock.local_date())
    if request.method == "POST":
        try:
            unit = owned.filter(pk=key_of(request.POST.get("unit", ""))).first()
            owner = Owner.objects.filter(pk=key_of(request.POST.get("owner", ""))).first()
            if unit is None or owner is None:
                raise NotFound
            agreed = operations.name_co_owner_voter(unit, owner=owner, by=reader)
            said = (
                _("共有人意见一致，以后由%(name)s代表这一户表决。")
                if agreed
                else _("已记下您推选%(name)s；等其他共有人也推选同一人后生效。")
            )
            messages.success(request, said % {"name": owner.name})
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("community:my_units")
    return render(request, "community/my_units.html", {"units": _units_told(owned, reader)})


@never_cache
@require_GET
@login_required
@page_errors
def owners_desk(request: HttpRequest) -> HttpResponse:
    """List the units of a place that several own, or those an address or an owner's name finds, for the office."""
    place = desk_place(request)
    text = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    found = units_named(place, text) if text and "\x00" not in text else co_owned_in(place)
    page = Paginator(found, _PAGE).get_page(request.GET.get("page", "1"))
    context = {"place": place, "page": page, "units": _units_told(page), "text": text}
    context["query"] = urlencode({"place": place.code, "q": text})
    return render(request, "community/owners.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def unit_desk(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a paper declaration: whom the co-owners chose, and the guardian of an owner who cannot vote in person."""
    unit = get_object_or_404(ExclusiveUnit.objects.select_related("household__unit"), pk=pk)
    require_office(request.user, *STAFF_OFFICES, unit=unit.household.unit)
    owners = [one.owner for one in unit.ownerships.select_related("owner").order_by("pk")]
    form, guardian = VoterForm(owners), GuardianForm(owners)
    status = 200
    if request.method == "POST":
        form, guardian = _bound(request, owners)
        try:
            if said := _carried_out(request, unit, form, guardian):
                messages.success(request, said)
                return redirect("community:unit_desk", pk=unit.pk)
            status = 422
        except Refused as refused:
            messages.error(request, str(refused))
            status = refused.status
    context = {
        "unit": unit,
        "community": community_of(unit.household.unit),
        "told": _units_told([unit])[0],
        "form": form if len(owners) > 1 else None,
        "guardian": guardian if guardian.fields["owner"].choices else None,  # type: ignore[attr-defined] # a choice
    }
    return render(request, "community/unit_desk.html", context, status=status)


def _bound(request: HttpRequest, owners: list[Owner]) -> tuple[VoterForm, GuardianForm]:
    act = request.POST.get("act", "")
    return (
        VoterForm(owners, request.POST if act == "choose" else None),
        GuardianForm(owners, request.POST if act == "guardian" else None),
    )


def _carried_out(request: HttpRequest, unit: ExclusiveUnit, form: VoterForm, guardian: GuardianForm) -> str:
    """Do what was posted and return what to say, "" where a form says itself what is wrong."""
    by = cast("User", request.user)
    act = request.POST.get("act", "")
    if act == "choose":
        if not form.is_valid():
            return ""
        operations.choose_co_owner_voter(unit, owner=form.chosen(), by=by, reason=form.cleaned_data["reason"])
        return _("已记下，以后由%(name)s代表这一户表决。") % {"name": form.chosen().name}
    if act == "guardian":
        if not guardian.is_valid():
            return ""
        said = guardian.cleaned_data
        user = User.objects.filter(username=said["username"], is_active=True).first() if said["username"] else None
        if said["username"] and user is None:
            raise NotFound(_("没有叫%(name)s的账号。") % {"name": said["username"][:40]})
        operations.name_guardian(
            guardian.chosen(), name=said["name"], ground=said["ground"], basis=said["basis"], user=user,
            until_on=said["until_on"], by=by,
        )  # fmt: skip
        return _("监护人已登记。")
    if act == "end":
        held = Guardianship.objects.filter(
            pk=key_of(request.POST.get("guardianship", "")), owner__ownerships__exclusive_unit=unit
        ).first()
        if held is None:
            raise NotFound
        operations.end_guardianship(held, by=by, reason=request.POST.get("reason", ""))
        return _("监护已终止，以后由业主本人表决。")
    raise BadInput(_("没有这样的操作。"), field="act")


def _units_told(units: Iterable[ExclusiveUnit], reader: User | None = None) -> list[dict[str, Any]]:
    """Return units as their pages show them. One query for the guardians of all their owners."""
    today = clock.local_date()
    told = list(units)
    guardians = guardians_of({one.owner_id for unit in told for one in unit.ownerships.all()}, today)
    return [_unit_told(unit, guardians, today, reader) for unit in told]


def _unit_told(
    unit: ExclusiveUnit, guardians: Mapping[int, Guardianship], today: dt.date, reader: User | None
) -> dict[str, Any]:
    lines = []
    for one in unit.ownerships.all():
        guardian = guardians.get(one.owner_id)
        lines.append(
            {
                "owner": one.owner,
                "is_voter": one.is_voter,
                "named": one.named,
                "guardian": guardian,
                "is_minor": one.owner.user is not None and is_minor(one.owner.user, today),
                "is_me": reader is not None
                and (guardian.user_id == reader.pk if guardian is not None else one.owner.user_id == reader.pk),
            }
        )
    voter = next((line for line in lines if line["is_voter"]), None)
    return {
        "unit": unit,
        "lines": lines,
        "voter": voter,
        "is_shared": len(lines) > 1,
        "mine": next((line["named"] for line in lines if line["is_me"] and line["named"] is not None), None),
        "is_open": any(line["named"] is not None and voter and line["named"] != voter["owner"] for line in lines),
    }
