"""The public board and the permanent page of a notice."""

from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.models import Unit
from community.queries import unit_by_code
from community.rules import offices_at
from core import qr
from core.errors import NotFound
from core.web import page_errors
from publish import kinds, signing
from publish.cards import card
from publish.models import Notice, NoticeStatus, Rendering, RenderingStatus, Variant
from publish.models.notice import FREE_VARIANTS, IN_FORCE, UNPUBLISHED
from publish.operations import request_variant
from publish.queries import (
    board_page,
    follower_of,
    issuers_on_the_board,
    notice_by_number,
    objection_counts,
    public_notices,
    with_working_days,
)
from publish.queries.board import STATES
from publish.rules import (
    OBJECTION_OFFICE,
    POSTERS,
    RULERS,
    SEALERS,
    WITHDRAWERS,
    issuing_offices,
    may_read,
    require_reader,
)
from publish.web_paper import body_html, outcomes_of

IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE = "private, no-store"
CARD_KEPT = "public, max-age=86400"


def found_notice(request: HttpRequest, pk: int) -> Notice:
    """Return the notice the request may see. Raises NotFound, NotAllowed."""
    notice = notice_by_number(str(pk))
    if notice is None or (notice.is_public and not notice.number and not may_read(request.user, notice)):
        raise NotFound(_("没有这份公示。"))
    require_reader(request.user, notice)
    return notice


def unit_of(request: HttpRequest) -> Unit | None:
    """Return the unit of `?unit=CODE`, None without one. Raises NotFound."""
    code = request.GET.get("unit", "")
    return unit_by_code(code) if code else None


@require_safe
@page_errors
def board(request: HttpRequest) -> HttpResponseBase:
    """Show the board: by unit, kind, running or ended."""
    unit = unit_of(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds.KINDS else ""
    state = request.GET.get("state", "running")
    state = state if state in STATES else ""
    chosen = {"unit": unit.code if unit else "", "kind": kind}
    page = board_page(public_notices(unit=unit, kind=kind, state=state), page=request.GET.get("page", "1"))
    context = {
        "page": page,
        "notices": with_working_days(page),
        "query": urlencode({**{key: value for key, value in chosen.items() if value}, "state": state or "all"}),
        "tabs": [
            {"label": label, "href": f"?{urlencode({**chosen, 'state': key})}", "current": key == (state or "all")}
            for key, label in (("running", _("公示中")), ("ended", _("已结束")), ("all", _("全部")))
        ],
        "kinds": [(key, one.title) for key, one in kinds.KINDS.items() if one.form in {"notice", "minutes"}],
        "titles": {key: one.title for key, one in kinds.KINDS.items()},
        "units": issuers_on_the_board()[:800],
        "unit": unit,
        "kind": kind,
        "state": state or "all",
        "feed_query": urlencode({"unit": unit.code}) if unit else "",
    }
    return render(request, "publish/board.html", context)


@require_safe
@page_errors
def notice_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a notice as it looks on paper; to its own staff while it is being made, too."""
    notice = found_notice(request, pk)
    offices = offices_at(request.user, notice.issuer) if request.user.is_authenticated else frozenset()
    if notice.status in UNPUBLISHED:
        context: dict[str, Any] = {"notice": notice, "kind_title": kinds.title_of(notice.kind)}
        context["may_retry"] = bool(offices.intersection(issuing_offices(notice.kind)))
        response = render(request, "publish/preparing.html", context)
        if notice.status == NoticeStatus.PREPARING:
            response["Refresh"] = "2"
        return response
    paper = notice.paper or {}
    is_running = notice.status == NoticeStatus.POSTED
    renderings = {rendering.variant: rendering for rendering in notice.renderings.all()}
    successor = None
    if notice.status == NoticeStatus.SUPERSEDED:
        successor = notice.corrections.exclude(status__in=UNPUBLISHED).first()
    context = {
        "notice": notice,
        "body": body_html(notice),
        "verdicts": outcomes_of(notice),
        "kind_title": kinds.title_of(notice.kind),
        "issuer": paper["issuer"],
        "addressee": paper["facts"].get("addressee", ""),
        "qr": qr.data_url(paper["verify_url"]),
        "state_word": notice.state_word,
        "ends": notice.ends_on if is_running and notice.days else None,
        "working_days": with_working_days([notice])[0][1],
        "variants": [(one.value, one.label, renderings.get(one.value)) for one in FREE_VARIANTS],
        "endorsed": [
            renderings[one.value]
            for one in (Variant.SEALED, Variant.SIGNED)
            if one.value in renderings and renderings[one.value].status == RenderingStatus.READY
        ],
        "seals": _seal_acts(notice, renderings) if offices.intersection(SEALERS) else [],
        "successor": successor,
        "follower": follower_of(notice),
        "counts": objection_counts(notice) if notice.days else None,
        "takes_objections": is_running and notice.days > 0 and notice.is_public,
        "may_withdraw": notice.status in IN_FORCE and bool(offices.intersection(WITHDRAWERS)),
        "may_post": bool(offices.intersection(POSTERS)),
        "may_rule": bool(offices.intersection({*OBJECTION_OFFICE, *RULERS})),
        "card_url": f"{settings.PUBLIC_URL}{reverse('publish:card', args=[notice.pk])}" if notice.is_public else "",
        "share_url": f"{settings.PUBLIC_URL}{reverse('publish:notice', args=[notice.pk])}",
    }
    return render(request, "publish/notice.html", context)


@require_safe
@page_errors
def card_picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the picture of a notice for those who share its address."""
    notice = found_notice(request, pk)
    made = card(
        above=f"{kinds.title_of(notice.kind)} {notice.number}".strip(), title=notice.title,
        below=f"{notice.issuer} · {notice.posted_on:%Y-%m-%d}" if notice.posted_on else str(notice.issuer),
        tone="vermilion",
    )  # fmt: skip
    keep = CARD_KEPT if notice.is_public else PRIVATE
    return HttpResponse(made, content_type="image/png", headers={"Cache-Control": keep})


def _seal_acts(notice: Notice, renderings: dict[str, Rendering]) -> list[dict[str, Any]]:
    """Return what a leader may put on the paper: the act, its word, and how far it is."""
    if notice.status not in IN_FORCE:
        return []
    acts: list[tuple[str, str, Rendering | None]] = []
    if notice.family not in {"form", "minutes"}:
        acts.append(("seal", _("加盖电子印章"), renderings.get(Variant.SEALED)))
    if signing.is_configured(notice.issuer.code):
        acts.append(("sign", _("数字签名"), renderings.get(Variant.SIGNED)))
    return [
        {"act": act, "word": word, "rendering": rendering}
        for act, word, rendering in acts
        if rendering is None or rendering.status != RenderingStatus.READY
    ]


@require_safe
@page_errors
def notice_by_its_number(request: HttpRequest, number: str) -> HttpResponseBase:
    """Send 平城社区〔2026〕12号 to the permanent page."""
    notice = notice_by_number(number)
    if notice is None:
        raise NotFound(_("没有这个文号的公示。"))
    return redirect("publish:notice", pk=found_notice(request, notice.pk).pk)


@require_safe
@page_errors
def pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the frozen file: the document, or ?variant=poster|large once it has been made. ?download saves it."""
    notice = found_notice(request, pk)
    variant = request.GET.get("variant", "document")
    if variant == "document":
        if notice.status in UNPUBLISHED:
            raise NotFound(_("这份文书还没有发布。"))
        name, digest = str(notice.file), notice.file_hash
    else:
        rendering = Rendering.objects.filter(notice=notice, variant=variant, status=RenderingStatus.READY).first()
        if rendering is None:
            raise NotFound(_("这种版式还没有生成。"))
        name, digest = str(rendering.file), rendering.file_hash
    return file_response(request, name, digest, notice, variant)


def file_response(request: HttpRequest, name: str, digest: str, notice: Notice, variant: str) -> HttpResponse:
    """Return a frozen PDF, or 304 when the reader has it. Raises NotFound when storage has lost it."""
    etag = f'"{digest}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        try:
            with default_storage.open(name) as file:
                response = HttpResponse(file.read(), content_type="application/pdf")
        except OSError:
            raise NotFound(_("文件暂时取不到，请稍后再试。")) from None
        words = {"poster": "（张贴版）", "large": "（大字版）", "sealed": "（印章版）", "signed": "（签名版）"}
        filename = quote(f"{notice.number}{words.get(variant, '')}.pdf")
        disposition = "attachment" if "download" in request.GET else "inline"
        response["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{filename}"
    response["ETag"] = etag
    response["Cache-Control"] = IMMUTABLE if notice.is_public else PRIVATE
    return response


def _notice_url(_request: HttpRequest, pk: int, **_kwargs: str) -> str:
    return reverse("publish:notice", args=[pk])


@require_POST
@page_errors(back=_notice_url)
def ask_for_variant(request: HttpRequest, pk: int, variant: str) -> HttpResponseBase:
    """Ask for a poster or large print; the page then shows how far it is."""
    request_variant(found_notice(request, pk), variant=variant)
    return redirect("publish:variant", pk=pk, variant=variant)


@require_safe
@page_errors
def variant_progress(request: HttpRequest, pk: int, variant: str) -> HttpResponseBase:
    """Show whether a poster or large print is ready; go to it when it is."""
    notice = found_notice(request, pk)
    rendering = Rendering.objects.filter(notice=notice, variant=variant).first()
    if rendering is None:
        raise NotFound(_("还没有人要过这种版式。"))
    if rendering.status == RenderingStatus.READY:
        return redirect(f"{reverse('publish:pdf', args=[pk])}?variant={variant}")
    response = render(request, "publish/variant.html", {"notice": notice, "rendering": rendering})
    if rendering.status == RenderingStatus.WAITING:
        response["Refresh"] = "2"
    return response
