"""The office's side: what is in trouble, withdrawal, retry, places and photos."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.models import Unit
from community.rules import require_office, running_terms
from core.errors import BadInput, NotFound
from core.web import page_errors
from publish import kinds
from publish.forms import DamageForm, EvidenceForm, PlaceForm, ReasonForm, RepostForm
from publish.models import EvidencePhoto, NoticeStatus, Posting
from publish.operations import (
    add_evidence,
    add_posting,
    record_damage,
    repost,
    retry_notice,
    withdraw_notice,
)
from publish.queries import notices_in_trouble, objections_awaiting, with_days_to_acknowledge
from publish.rules import OBJECTION_OFFICE, POSTERS, RULERS, SEALERS, STAFF, WITHDRAWERS, may, signed_in
from publish.views.board import PRIVATE, found_notice

SHOWN = 100


@require_safe
@page_errors
def desk(request: HttpRequest) -> HttpResponseBase:
    """Show what waits: objections by deadline, papers that could not be published."""
    person = signed_in(request.user)
    terms = running_terms(person).filter(office__in={*STAFF, *OBJECTION_OFFICE, *RULERS})
    unit = Unit.objects.filter(pk__in=terms.values("unit_id")).order_by("depth", "path").first()
    if unit is None:
        require_office(person, *STAFF, unit=_anywhere(person.unit))
    context = {
        "unit": unit,
        "objections": with_days_to_acknowledge(objections_awaiting(unit)[:SHOWN]) if unit else [],
        "notices": notices_in_trouble(unit)[:SHOWN] if unit else [],
        "titles": {key: one.title for key, one in kinds.KINDS.items()},
        "may_seal": unit is not None and may(person, SEALERS, unit),
    }
    return render(request, "publish/desk.html", context)


def _anywhere(unit: Unit | None) -> Unit:
    """Return a unit to name in the refusal."""
    found = unit or Unit.objects.order_by("path").first()
    if found is None:
        raise NotFound(_("还没有任何单位。"))
    return found


def _notice_url(_request: HttpRequest, pk: int) -> str:
    return reverse("publish:notice", args=[pk])


@require_POST
@page_errors(back=_notice_url)
def retry(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Try to publish a failed notice again."""
    retry_notice(found_notice(request, pk), by=signed_in(request.user))
    messages.success(request, _("已重新排版，请稍候。"))
    return redirect("publish:notice", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page_errors
def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Withdraw a notice with its reason."""
    notice = found_notice(request, pk)
    require_office(request.user, *WITHDRAWERS, unit=notice.issuer)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        withdraw_notice(notice, reason=form.cleaned_data["reason"], by=signed_in(request.user))
        messages.success(request, _("已撤回。原件仍可查看，并注明撤回理由。"))
        return redirect("publish:notice", pk=pk)
    status = 200 if request.method != "POST" else 422
    return render(request, "publish/withdraw.html", {"notice": notice, "form": form}, status=status)


@require_safe
@page_errors
def postings(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show where a notice hangs, with photos, and the forms to prove it."""
    notice = found_notice(request, pk)
    require_office(request.user, *POSTERS, *RULERS, unit=notice.issuer)
    context = {
        "notice": notice,
        "postings": [
            {
                "posting": posting,
                "photos": [
                    {
                        "url": reverse("publish:evidence", args=[photo.pk]),
                        "alt": f"{posting.place} {photo.get_view_display()}",
                        "caption": _caption(photo),
                    }
                    for photo in posting.photos.all()
                ],
            }
            for posting in notice.postings.prefetch_related("photos__uploaded_by")
        ],
        "place_form": PlaceForm(),
        "evidence_form": EvidenceForm(),
        "damage_form": DamageForm(),
        "repost_form": RepostForm(),
        "is_running": notice.status == NoticeStatus.POSTED,
    }
    return render(request, "publish/postings.html", context)


def _caption(photo: EvidencePhoto) -> str:
    return f"{photo.get_moment_display()}{photo.get_view_display()} · {photo.uploaded_by or ''}"


def _postings_url(_request: HttpRequest, pk: int) -> str:
    return reverse("publish:postings", args=[pk])


def _of_posting(_request: HttpRequest, pk: int, act: str) -> str:  # noqa: ARG001 - the view's own arguments
    notice_id = Posting.objects.filter(pk=pk).values_list("notice_id", flat=True).first()
    return reverse("publish:postings", args=[notice_id]) if notice_id else reverse("publish:board")


def _posting(pk: int) -> Posting:
    found = Posting.objects.select_related("notice__issuer").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有这个张贴地点。"))
    return found


@require_POST
@page_errors(back=_postings_url)
def add_place(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Add a place."""
    form = PlaceForm(request.POST)
    place = form.cleaned_data["place"] if form.is_valid() else ""
    add_posting(found_notice(request, pk), place=place, by=signed_in(request.user))
    return redirect("publish:postings", pk=pk)


@require_POST
@page_errors(back=_of_posting)
def posting_act(request: HttpRequest, pk: int, act: str) -> HttpResponseBase:
    """Store a photo, or record damage or reposting."""
    posting = _posting(pk)
    person = signed_in(request.user)
    if act == "photo":
        evidence = EvidenceForm(request.POST, request.FILES)
        if not evidence.is_valid():
            raise BadInput(_("请选择时点、景别和照片。"), field="photo")
        data = evidence.cleaned_data
        add_evidence(posting, photo=data["photo"], moment=data["moment"], view=data["view"], by=person)
        messages.success(request, _("照片已保存。"))
    elif act == "damage":
        damaged = DamageForm(request.POST)
        if not damaged.is_valid():
            raise BadInput(_("请写明损毁情况和日期。"), field="damage")
        record_damage(posting, damage=damaged.cleaned_data["damage"], on=damaged.cleaned_data["on"], by=person)
        messages.success(request, _("已登记损毁，请尽快重新张贴。"))
    elif act == "repost":
        again = RepostForm(request.POST)
        if not again.is_valid():
            raise BadInput(_("请写明重新张贴的日期。"), field="on")
        repost(posting, on=again.cleaned_data["on"], by=person)
        messages.success(request, _("已登记重新张贴，缺失的天数已补入公示期。"))
    else:
        raise NotFound
    return redirect("publish:postings", pk=posting.notice_id)


@require_safe
@page_errors
def evidence_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send one photo to the office."""
    photo = EvidencePhoto.objects.select_related("posting__notice__issuer").filter(pk=pk).first()
    if photo is None:
        raise NotFound(_("没有这张照片。"))
    require_office(request.user, *POSTERS, *RULERS, unit=photo.posting.notice.issuer)
    try:
        with default_storage.open(str(photo.photo)) as file:
            response = HttpResponse(file.read(), content_type="image/jpeg")
    except OSError:
        raise NotFound(_("照片暂时取不到，请稍后再试。")) from None
    response["Cache-Control"] = PRIVATE
    return response
