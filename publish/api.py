"""HTTP API of publish: public reads (CONTRACT 3)."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from community.queries import unit_by_code
from core.errors import BadInput, NotFound
from publish import kinds
from publish.models import Notice, RenderingStatus, Variant
from publish.models.notice import UNPUBLISHED
from publish.queries import board_page, follower_of, notice_by_number, public_notices, verdict_of
from publish.queries.board import PAGE_SIZE, PAGE_SIZE_LIMIT
from publish.rules import may_read
from publish.views.board import file_response

router = Router(tags=["publish"])


class IssuerOut(Schema):
    """Who issued it."""

    code: str
    name: str


class NoticeLine(Schema):
    """A notice in a list. `ends_on` is the last day of the period (24:00), null when there is none."""

    id: str
    number: str
    kind: str
    kind_title: str
    title: str
    issuer: IssuerOut
    status: Literal["posted", "ended", "superseded", "withdrawn"]
    posted_on: dt.date
    ends_on: dt.date | None
    provisional: bool
    version: int
    content_hash: str
    file_hash: str
    url: str
    pdf: str


class NoticeFull(NoticeLine):
    """A notice with what stands on it."""

    facts: dict[str, Any]
    verify_url: str
    subject_type: str
    subject_id: str
    supersedes: str | None
    superseded_by: str | None
    followed_by: str | None
    withdrawn_reason: str
    variants: dict[str, str]


class NoticePage(Schema):
    """One page of notices; `count` of all that match."""

    items: list[NoticeLine]
    count: int
    page: int
    pages: int


class VerdictOut(Schema):
    """Whether the paper with this hash holds. `matched` says what the hash was: the content's or the file's."""

    state: Literal["valid", "superseded", "withdrawn", "unknown"]
    matched: Literal["content", "file", ""]
    variant: Literal["document", "poster", "large", "sealed", "signed", ""]
    number: str | None = None
    kind: str | None = None
    title: str | None = None
    issuer: str | None = None
    posted_on: dt.date | None = None
    ends_on: dt.date | None = None
    url: str | None = None
    superseded_by: str | None = None
    followed_by: str | None = None


def _line(notice: Notice) -> dict[str, Any]:
    return {
        "id": str(notice.pk),
        "number": notice.number,
        "kind": notice.kind,
        "kind_title": kinds.title_of(notice.kind),
        "title": notice.title,
        "issuer": {"code": notice.issuer.code, "name": notice.issuer.name},
        "status": str(notice.status),
        "posted_on": notice.posted_on,
        "ends_on": notice.ends_on if notice.days else None,
        "provisional": notice.provisional,
        "version": notice.version,
        "content_hash": notice.content_hash,
        "file_hash": notice.file_hash,
        "url": f"{settings.PUBLIC_URL}/notices/{notice.pk}/",
        "pdf": f"{settings.PUBLIC_URL}/api/v1/notices/{notice.pk}/pdf",
    }


@router.get("/notices", response=NoticePage, summary="List posted notices, newest first")
def list_notices(
    request: HttpRequest,  # noqa: ARG001 - ninja names its first argument so
    unit: str = "",
    kind: str = "",
    state: Literal["running", "ended", ""] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=PAGE_SIZE_LIMIT)] = PAGE_SIZE,
) -> dict[str, Any]:
    """Return the public notices of `unit` (its code; all below it included), of `kind`, running or ended."""
    found_unit = unit_by_code(unit) if unit else None
    if kind and kind not in kinds.KINDS:
        raise BadInput(_("没有这种文书。"), field="kind")
    shown = board_page(public_notices(unit=found_unit, kind=kind, state=state), page=page, size=size)
    beyond = page > shown.paginator.num_pages
    return {
        "items": [] if beyond else [_line(notice) for notice in shown],
        "count": shown.paginator.count,
        "page": page,
        "pages": shown.paginator.num_pages,
    }


@router.get("/notices/{number}", response=NoticeFull, summary="One notice by its number or id")
def read_notice(request: HttpRequest, number: str) -> dict[str, Any]:
    """Return a notice. `number` is the text on the paper, e.g. 平城社区〔2026〕12号, URL-encoded, or the id."""
    notice = _found(request, number)
    paper = notice.paper or {}
    successor = notice.corrections.exclude(status__in=UNPUBLISHED).first()
    follower = follower_of(notice)
    variants = notice.renderings.filter(status=RenderingStatus.READY).values_list("variant", flat=True)
    return {
        **_line(notice),
        "facts": paper.get("facts", {}),
        "verify_url": paper.get("verify_url", ""),
        "subject_type": notice.subject_type,
        "subject_id": notice.subject_id,
        "supersedes": notice.supersedes.number if notice.supersedes else None,
        "superseded_by": successor.number if successor else None,
        "followed_by": follower.number if follower else None,
        "withdrawn_reason": notice.withdrawn_reason,
        "variants": {name: f"{settings.PUBLIC_URL}/api/v1/notices/{notice.pk}/pdf?variant={name}" for name in variants},
    }


@router.get("/notices/{number}/pdf", summary="The frozen PDF of a notice")
def read_pdf(
    request: HttpRequest, number: str, variant: Literal["document", "poster", "large", "sealed", "signed"] = "document"
) -> HttpResponse:
    """Send the file as it was published; poster and large print once somebody has asked for them."""
    notice = _found(request, number)
    if variant == "document":
        return file_response(request, str(notice.file), notice.file_hash, notice, variant)
    rendering = notice.renderings.filter(variant=Variant(variant), status=RenderingStatus.READY).first()
    if rendering is None:
        raise NotFound(_("这种版式还没有生成。"))
    return file_response(request, str(rendering.file), rendering.file_hash, notice, variant)


@router.get("/verify/{digest}", response=VerdictOut, summary="Whether a paper holds")
def verify(request: HttpRequest, digest: str) -> dict[str, Any]:
    """Answer for a content hash (the QR code) or the SHA-256 of a PDF; `unknown` is an answer, not an error.

    Of a paper that is not public only its number, issuer and day are told.
    """
    verdict = verdict_of(digest)
    told: dict[str, Any] = {"state": verdict.state, "matched": verdict.matched, "variant": verdict.variant}
    if (notice := verdict.notice) is None:
        return told
    told.update(number=notice.number, kind=notice.kind, issuer=notice.issuer.name, posted_on=notice.posted_on)
    if may_read(request.user, notice):
        line = _line(notice)
        told.update(title=notice.title, ends_on=line["ends_on"], url=line["url"])
    if verdict.successor is not None:
        told["superseded_by"] = verdict.successor.number
    if verdict.follower is not None:
        told["followed_by"] = verdict.follower.number
    return told


def _found(request: HttpRequest, number: str) -> Notice:
    """Return a posted notice the request may see; NotFound otherwise, so that letters are not even counted."""
    notice = notice_by_number(number)
    if notice is None or notice.status in UNPUBLISHED or not may_read(request.user, notice):
        raise NotFound(_("没有这份公示。"))
    return notice
