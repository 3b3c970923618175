"""The issuer's electronic seal, and putting seal or signature on one paper. For its leaders only."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.models import Unit
from community.queries import unit_by_code
from community.rules import require_office
from core.errors import NotFound
from core.web import page_errors
from publish import signing
from publish.forms import SealForm
from publish.models import SealImage
from publish.operations import retire_seal, seal_notice, sign_notice, upload_seal
from publish.rules import SEALERS, signed_in
from publish.views.board import PRIVATE, found_notice

_ACTS = {"seal": seal_notice, "sign": sign_notice}


def _in_use(unit: Unit) -> SealImage | None:
    return SealImage.objects.filter(issuer=unit, retired_at__isnull=True).select_related("uploaded_by").first()


@require_http_methods(["GET", "HEAD", "POST"])
@page_errors
def seal(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show the seal in use, who uploaded it and when; take another."""
    unit = unit_by_code(code)
    require_office(request.user, *SEALERS, unit=unit)
    form = SealForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload_seal(
            unit,
            image=form.cleaned_data["image"],
            width_mm=form.cleaned_data["width_mm"],
            by=signed_in(request.user),
        )
        messages.success(request, _("电子印章已保存。"))
        return redirect("publish:seal", code=code)
    context = {"unit": unit, "seal": _in_use(unit), "form": form, "may_sign": signing.is_configured(unit.code)}
    return render(request, "publish/seal.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@page_errors
def picture(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the picture of the seal in use to its leaders: nobody else may copy it from here."""
    unit = unit_by_code(code)
    require_office(request.user, *SEALERS, unit=unit)
    found = _in_use(unit)
    if found is None:
        raise NotFound(_("没有在用的电子印章。"))
    with default_storage.open(str(found.file)) as file:
        response = HttpResponse(file.read(), content_type="image/png")
    response["Cache-Control"] = PRIVATE
    return response


def _seal_url(_request: HttpRequest, code: str) -> str:
    return reverse("publish:seal", args=[code])


@require_POST
@page_errors(back=_seal_url)
def retire(request: HttpRequest, code: str) -> HttpResponseBase:
    """Take the seal out of use."""
    retire_seal(unit_by_code(code), by=signed_in(request.user))
    messages.success(request, _("电子印章已停用。"))
    return redirect("publish:seal", code=code)


def _notice_url(_request: HttpRequest, pk: int, act: str) -> str:  # noqa: ARG001 - the view's own arguments
    return reverse("publish:notice", args=[pk])


@require_POST
@page_errors(back=_notice_url)
def endorse(request: HttpRequest, pk: int, act: str) -> HttpResponseBase:
    """Seal or sign a posted paper."""
    if act not in _ACTS:
        raise NotFound
    rendering = _ACTS[act](found_notice(request, pk), by=signed_in(request.user))
    return redirect("publish:variant", pk=pk, variant=rendering.variant)
