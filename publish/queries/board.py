"""The public board: posted notices, newest first."""

from dataclasses import dataclass

from django.db import models
from django.db.models import QuerySet

from community.models import Unit
from core import ledger
from publish.models import Notice, NoticeStatus
from publish.models.notice import UNPUBLISHED

# What a list shows of a notice; facts and paper can be large and stay in the database.
_LIST_DEFERS = ("facts", "paper")
PAGE_SIZE = 20
PAGE_SIZE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page of the board. `total` counts all that match."""

    notices: list[Notice]
    total: int
    page: int
    pages: int


def public_notices(*, unit: Unit | None = None, kind: str = "", state: str = "") -> QuerySet[Notice]:
    """Return the posted public notices, newest first: of `unit` and all below it, of `kind`, running or ended.

    `state`: "running", "ended" (period over, superseded or withdrawn), "" both. Lazy; bound it before showing.
    """
    found = Notice.objects.filter(is_public=True).exclude(status__in=UNPUBLISHED)
    if unit is not None:
        found = found.filter(issuer__path__startswith=unit.path)
    if kind:
        found = found.filter(kind=kind)
    if state == "running":
        found = found.filter(status=NoticeStatus.POSTED)
    elif state == "ended":
        found = found.filter(status__in=[NoticeStatus.ENDED, NoticeStatus.SUPERSEDED, NoticeStatus.WITHDRAWN])
    return found.select_related("issuer").defer(*_LIST_DEFERS).order_by("-posted_on", "-id")


def board_page(found: QuerySet[Notice], *, page: int = 1, size: int = PAGE_SIZE) -> BoardPage:
    """Return one page of `found`; a page beyond the last is the last. Two queries."""
    size = max(1, min(size, PAGE_SIZE_LIMIT))
    total = found.count()
    pages = max(1, -(-total // size))
    page = max(1, min(page, pages))
    return BoardPage(list(found[(page - 1) * size : page * size]), total, page, pages)


def notice_by_number(number_or_id: str) -> Notice | None:
    """Return the notice of a number text (平城社区〔2026〕12号) or an id, or None. One query."""
    found = Notice.objects.select_related("issuer", "supersedes")
    if number_or_id.isascii() and number_or_id.isdigit():
        return found.filter(pk=int(number_or_id)).first() if len(number_or_id) <= 18 else None  # noqa: PLR2004 - bigint
    return found.filter(number=number_or_id).first() if number_or_id else None


def notices_about(subject: models.Model) -> QuerySet[Notice]:
    """Return every notice about `subject`, oldest first, unpublished ones included. Lazy."""
    found = Notice.objects.filter(subject_type=ledger.subject_type(subject), subject_id=str(subject.pk))
    return found.select_related("issuer").defer(*_LIST_DEFERS).order_by("id")
