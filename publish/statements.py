"""The 公示情况说明: what happened during a period, from the rows."""

from typing import Any

from django.utils import dateformat

from publish.models import Notice, ObjectionStatus
from publish.queries.objections import objection_counts

STATEMENT = "period_statement"
_DAY = "Y年n月j日"
_TITLE_LIMIT = 120


def statement_facts(notice: Notice) -> dict[str, Any]:
    """Return the facts of the statement about a notice whose period has ended. Two queries.

    The words are those of the paper, so they are Chinese whatever language the reader of the page has chosen.
    """
    counts = objection_counts(notice)
    places = [posting.place for posting in notice.postings.all()]
    posted, ends = (dateformat.format(day, _DAY) for day in (notice.posted_on, notice.ends_on) if day)
    paragraphs = [f"《{notice.title}》（{notice.number}）于{posted}张贴，公示期至{ends}24时止，现已期满。"]
    if places:
        paragraphs.append(f"张贴地点：{'、'.join(places)}。")
    if notice.extra_days:
        paragraphs.append(f"公示期间张贴件曾有损毁，已重新张贴并补足{notice.extra_days}天。")
    paragraphs.append(_objections(counts))
    return {"title": f"关于{notice.title.removeprefix('关于')}情况的说明"[-_TITLE_LIMIT:], "paragraphs": paragraphs}


def _objections(counts: dict[str, int]) -> str:
    if not counts["all"]:
        return "公示期内未收到异议。"
    waiting = counts[ObjectionStatus.RECEIVED] + counts[ObjectionStatus.ACKNOWLEDGED]
    parts = [
        (counts[ObjectionStatus.UPHELD], "成立"),
        (counts[ObjectionStatus.DISMISSED], "不成立"),
        (counts[ObjectionStatus.WITHDRAWN], "由提出人撤回"),
        (waiting, "正在办理"),
    ]
    return f"公示期内收到异议{counts['all']}件，其中{'，'.join(f'{word}{n}件' for n, word in parts if n)}。"
