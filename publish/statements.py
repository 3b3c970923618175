"""The 公示情况说明: what happened during a period, from the rows."""

from typing import Any

from django.utils import timezone

from core import clock
from core.masking import distinguish, mask_name
from publish import press
from publish.models import EvidenceMoment, Notice, Objection, ObjectionStatus, PeriodMode, Posting
from publish.queries.objections import objection_counts, objections_of

STATEMENT = "period_statement"
_TITLE_LIMIT = 120
_OBJECTIONS_LIMIT = 500
_PLACES_LIMIT = 200


def statement_facts(notice: Notice) -> dict[str, Any]:
    """Return the facts of the statement about a notice whose period has ended. Four queries.

    The words are those of the paper, so they are Chinese whatever language the reader of a page has chosen. What an
    objector wrote that no face can draw stands as 〓.
    """
    objections = list(objections_of(notice)[:_OBJECTIONS_LIMIT])
    masked = distinguish([objection.name for objection in objections])
    postings = notice.postings.prefetch_related("photos__uploaded_by")[:_PLACES_LIMIT]
    facts = {
        "title": _title(notice.title),
        "notice_title": notice.title,
        "notice_number": notice.number,
        "posted_on": str(notice.posted_on),
        "ended_on": str(notice.ends_on),
        "days": notice.days + notice.extra_days if notice.mode == PeriodMode.CALENDAR else None,
        "postings": [_posting(posting, notice) for posting in postings],
        "objections": [_objection(objection, name) for objection, name in zip(objections, masked, strict=True)],
        "conclusion": _conclusion(objection_counts(notice), notice),
        "notice_hash": notice.content_hash,
    }
    return press.with_drawable(facts)


def _title(title: str) -> str:
    """Return 关于…的公示情况的说明 for 关于…的公示, within the length of a title."""
    body = title.removeprefix("关于")
    return f"关于{body[: _TITLE_LIMIT - 7]}情况的说明"


def _posting(posting: Posting, notice: Notice) -> dict[str, Any]:
    photos = posting.photos.all()
    start = next((photo for photo in photos if photo.moment == EvidenceMoment.START), None)
    end = next((photo for photo in photos if photo.moment == EvidenceMoment.END), None)
    posted_at = start.taken_at if start is not None else notice.posted_at
    return {
        "place": posting.place,
        "posted_at": clock.local_minute(posted_at),
        "removed_at": clock.local_minute(end.taken_at) if end is not None else "",
        "by": mask_name(str(start.uploaded_by)) if start is not None and start.uploaded_by is not None else "",
        "note": f"曾损毁重贴，缺失{posting.missing_days}天已补足" if posting.missing_days else "",
    }


def _objection(objection: Objection, masked: str) -> dict[str, Any]:
    return {
        "objector": masked,
        "received_on": f"{timezone.localtime(objection.received_at):%Y-%m-%d}",
        "text": objection.text,
        "ruling": {
            ObjectionStatus.UPHELD: "成立",
            ObjectionStatus.DISMISSED: "不成立",
            ObjectionStatus.WITHDRAWN: "已撤回",
        }.get(ObjectionStatus(objection.status), "正在办理"),
        "answer": objection.ruling,
    }


def _conclusion(counts: dict[str, int], notice: Notice) -> str:
    waiting = counts[ObjectionStatus.RECEIVED] + counts[ObjectionStatus.ACKNOWLEDGED]
    parts = [
        (counts[ObjectionStatus.UPHELD], "成立"),
        (counts[ObjectionStatus.DISMISSED], "不成立"),
        (counts[ObjectionStatus.WITHDRAWN], "由提出人撤回"),
        (waiting, "正在办理"),
    ]
    heard = f"收到异议{counts['all']}件，其中{'，'.join(f'{word}{n}件' for n, word in parts if n)}"
    unit = "天" if notice.mode == PeriodMode.CALENDAR else "个工作日"
    extended = f"张贴件曾损毁，公示期已延长{notice.extra_days}{unit}。" if notice.extra_days else ""
    return f"公示期满。{extended}{heard if counts['all'] else '公示期间没有收到异议'}。"
