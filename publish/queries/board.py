"""The public board: posted notices, newest first."""

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import QuerySet

from community.models import Unit
from core import ledger
from publish.models import Family, Notice, NoticeStatus
from publish.models.notice import UNPUBLISHED

PAGE_SIZE = 20
PAGE_SIZE_LIMIT = 100
_ID_DIGITS = 18
STATES = {
    "running": [NoticeStatus.POSTED],
    "ended": [NoticeStatus.ENDED, NoticeStatus.SUPERSEDED, NoticeStatus.WITHDRAWN],
}


def public_notices(*, unit: Unit | None = None, kind: str = "", state: str = "") -> QuerySet[Notice]:
    """Return the posted public notices, newest first: of `unit` and all below it, of `kind`, running or ended.

    Forms to be filled in hang nowhere: they are offered with their matter. `state`: "running", "ended" (period over,
    superseded or withdrawn), "" both. Minutes stand for good and are no running notice: they are found by their kind,
    or among all. Lazy; bound it before showing.
    """
    found = Notice.objects.filter(is_public=True).exclude(status__in=UNPUBLISHED).exclude(family=Family.FORM)
    if unit is not None:
        found = found.filter(issuer__path__startswith=unit.path)
    if kind:
        found = found.filter(kind=kind)
    if state in STATES:
        found = found.filter(status__in=STATES[state])
        if state == "running" and not kind:
            found = found.exclude(family=Family.MINUTES)
    return found.select_related("issuer").defer("facts", "paper").order_by("-posted_on", "-id")


def board_page(found: QuerySet[Notice], *, page: int | str = 1, size: int = PAGE_SIZE) -> Page[Notice]:
    """Return one page of `found`; a page beyond the last is the last. Two queries."""
    return Paginator(found, max(1, min(size, PAGE_SIZE_LIMIT))).get_page(page)


def issuers_on_the_board() -> QuerySet[Unit]:
    """Return the units that have posted a public notice, in the order of the tree. Lazy."""
    issuers = Notice.objects.filter(is_public=True).exclude(status__in=UNPUBLISHED).values("issuer_id")
    units: QuerySet[Unit] = Unit.objects.filter(pk__in=issuers).order_by("path")
    return units


def notice_by_number(number_or_id: str) -> Notice | None:
    """Return the notice of a number text (平城社区〔2026〕12号) or an id, or None. One query."""
    found = Notice.objects.select_related("issuer", "supersedes").defer("supersedes__facts", "supersedes__paper")
    if number_or_id.isascii() and number_or_id.isdigit():
        return found.filter(pk=int(number_or_id)).first() if len(number_or_id) <= _ID_DIGITS else None
    return found.filter(number=number_or_id).first() if number_or_id and "\x00" not in number_or_id else None


def notices_about(subject: models.Model) -> QuerySet[Notice]:
    """Return every notice about `subject`, oldest first, unpublished ones included. Lazy."""
    found = Notice.objects.filter(subject_type=ledger.subject_type(subject), subject_id=str(subject.pk))
    return found.select_related("issuer").defer("facts", "paper").order_by("id")


def latest_about(subject: models.Model, kind: str) -> Notice | None:
    """Return the latest numbered paper of a kind about `subject`. One query."""
    return notices_about(subject).filter(kind=kind).exclude(status__in=UNPUBLISHED).last()


def notices_in_trouble(unit: Unit) -> QuerySet[Notice]:
    """Return what `unit` and the units below are still preparing or could not publish, oldest first. Lazy."""
    found = Notice.objects.filter(status__in=UNPUBLISHED, issuer__path__startswith=unit.path)
    return found.select_related("issuer").defer("facts", "paper").order_by("id")
