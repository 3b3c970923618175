"""Bringing proposals in from a table, and finding those that look like one another."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from community.models import Unit
from community.queries import households_under
from community.rules import require_office
from core import clock
from core.actors import Actor
from core.errors import BadInput
from core.tables import Row
from deliberation import rules
from deliberation.models import Category, Proposal, Source
from deliberation.operations.propose import BODY_LENGTH, PHONE, TITLE_LENGTH, check_words, register_proposal
from deliberation.queries.alike import comparable, words_of
from deliberation.similarity import SimilarityIndex, normalised

COLUMNS = ("title", "body", "category", "proposer", "phone", "submitted_at", "source")
LONGEST = {"title": TITLE_LENGTH, "body": BODY_LENGTH, "proposer": 50, "phone": 20, "category": 20, "source": 20}
ALIASES = {
    "标题": "title",
    "内容": "body",
    "类别": "category",
    "提案人": "proposer",
    "姓名": "proposer",
    "电话": "phone",
    "提交时间": "submitted_at",
    "来源": "source",
}
# Two texts are suspected to be one matter from here on: chosen by trying rephrased complaints.
SUSPECT_AT = 550
MOST_OPEN = 20_000
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T](\d{1,2}):(\d{2})(?::\d{2})?)?$")
_CATEGORY_WORDS = (
    ("电梯", Category.ELEVATOR),
    ("停车", Category.PARKING),
    ("车位", Category.PARKING),
    ("维修资金", Category.MAINTENANCE_FUND),
    ("充电", Category.CHARGING),
    ("垃圾", Category.WASTE),
    ("改造", Category.RENOVATION),
    ("绿化", Category.GREENING),
    ("环境", Category.GREENING),
    ("消防", Category.SAFETY),
    ("安全", Category.SAFETY),
    ("养老", Category.ELDERLY),
    ("助残", Category.ELDERLY),
    ("公约", Category.COVENANT),
)
_SOURCE_WORDS = (
    ("12345", Source.HOTLINE),
    ("热线", Source.HOTLINE),
    ("网格", Source.GRID_WORKER),
    ("电话", Source.PHONE),
    ("窗口", Source.DESK),
    ("现场", Source.DESK),
    ("单位", Source.INSTITUTION),
    ("联名", Source.REQUISITION),
    ("居民", Source.RESIDENT),
    ("网上", Source.RESIDENT),
)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row that looks like another matter: a proposal stored before, or an earlier row of the same file."""

    row: int
    title: str
    proposal: int | None
    similar_to: int
    similar_row: int | None
    similar_title: str
    similarity: int
    is_exact: bool

    def as_json(self) -> dict[str, Any]:
        """Return the public form; `similarity` as a decimal string."""
        return {
            "row": self.row,
            "title": self.title,
            "proposal": self.proposal,
            "similar_to": self.similar_to,
            "similar_row": self.similar_row,
            "similar_title": self.similar_title,
            "similarity": f"{self.similarity // 1000}.{self.similarity % 1000:03d}",
            "exact": self.is_exact,
        }


@dataclass(slots=True)
class ProposalImport:
    """What an import did."""

    created: list[int] = field(default_factory=list)
    unchanged: int = 0
    suspects: list[Suspect] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return what `manage.py import_proposals` prints."""
        return {
            "created": len(self.created),
            "unchanged": self.unchanged,
            "proposals": self.created,
            "suspected_duplicates": [suspect.as_json() for suspect in self.suspects],
        }


@dataclass(frozen=True, slots=True)
class _Known:
    pk: int
    row: int | None
    title: str
    text: str
    who: tuple[str, str]


@transaction.atomic
def import_proposals(
    rows: Iterable[Row], *, community: Unit, by: Actor, now: dt.datetime | None = None
) -> ProposalImport:
    """Register every row as a handed-in proposal of `community`; a row that is there already is not stored again.

    "There already" means the same words by the same person. Rows that only look alike are stored and listed as
    suspected duplicates, for a human to merge. By those who take proposals in. All or nothing: a bad row raises
    BadInput naming file, row and field.
    """
    moment = now or clock.now()
    require_office(by, *rules.INTAKE, unit=community, now=moment)
    done = ProposalImport()
    index: SimilarityIndex[int] = SimilarityIndex()
    known: dict[int, _Known] = {}
    exact: dict[tuple[str, tuple[str, str]], _Known] = {}

    def remember(one: _Known) -> None:
        known[one.pk] = one
        exact.setdefault((one.text, one.who), one)
        index.add(one.pk, one.text)

    for proposal in comparable(community).select_related("proposer")[:MOST_OPEN]:
        remember(_known(proposal, None))
    households = households_under(community).count()
    for row in rows:
        facts = _facts(row, moment)
        text = normalised(f"{facts['title']}\n{facts['body']}")
        who = (facts["proposer_name"], facts["proposer_phone"])
        if (same := exact.get((text, who))) is not None:
            done.unchanged += 1
            done.suspects.append(_suspect(row, facts, None, same, 1000, is_exact=True))
            continue
        alike = index.similar(text, at_least=SUSPECT_AT)
        proposal = register_proposal(community=community, affected_households=households, by=by, now=moment, **facts)
        done.created.append(proposal.pk)
        done.suspects += [
            _suspect(row, facts, proposal.pk, known[pk], n, is_exact=n == 1000 and known[pk].text == text)  # noqa: PLR2004 - all of it
            for pk, n in alike[:3]
        ]
        remember(_Known(proposal.pk, row.number, facts["title"], text, who))
    return done


def _known(proposal: Proposal, row: int | None) -> _Known:
    name = proposal.proposer_name or (proposal.proposer.actor_name() if proposal.proposer else "")
    phone = proposal.proposer_phone or (proposal.proposer.phone if proposal.proposer else "")
    return _Known(proposal.pk, row, proposal.title, words_of(proposal), (name, phone))


def _suspect(row: Row, facts: dict[str, Any], pk: int | None, other: _Known, n: int, *, is_exact: bool) -> Suspect:
    return Suspect(
        row=row.number,
        title=facts["title"],
        proposal=pk,
        similar_to=other.pk,
        similar_row=other.row,
        similar_title=other.title,
        similarity=n,
        is_exact=is_exact,
    )


def _facts(row: Row, now: dt.datetime) -> dict[str, Any]:
    """Return the keywords of register_proposal from one row. Raises BadInput naming file, row and field."""
    try:
        title, body = check_words(row["title"], row["body"])
    except BadInput as error:
        raise row.error(error.field, str(error.sentence)) from error
    if not row["proposer"]:
        raise row.error("proposer", _("没有写提案人。"))
    if not PHONE.match(row["phone"]):
        raise row.error("phone", _("电话号码不对。"))
    return {
        "title": title,
        "body": body,
        "category": _category(row["category"]),
        "proposer_name": row["proposer"],
        "proposer_phone": row["phone"],
        "submitted_at": _moment(row, now),
        "source": _source(row),
    }


def _category(text: str) -> str:
    if text in Category.values:
        return text
    labels = {str(label): key for key, label in Category.choices}
    if text in labels:
        return labels[text]
    return next((key for word, key in _CATEGORY_WORDS if word in text), Category.OTHER)


def _source(row: Row) -> str:
    text = row["source"]
    if not text:
        return Source.DESK
    if text in Source.values:
        return text
    found = next((key for word, key in _SOURCE_WORDS if word in text), None)
    if found is None:
        raise row.error("source", _("没有这种来源：%(text)s。") % {"text": text})
    return found


def _moment(row: Row, now: dt.datetime) -> dt.datetime:
    text = row["submitted_at"]
    if not text:
        return now
    try:
        if (found := _DAY.match(text)) is not None:
            year, month, day, hour, minute = (int(part) if part else 0 for part in found.groups())
            moment = dt.datetime(year, month, day, hour, minute, tzinfo=timezone.get_current_timezone())
        else:
            moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise row.error("submitted_at", _("时间不对，应如 2026-03-01 或 2026-03-01 09:30。")) from error
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    if moment > now + dt.timedelta(days=1) or moment.year < 1990:  # noqa: PLR2004 - older than any record
        raise row.error("submitted_at", _("时间不对：%(text)s。") % {"text": text})
    return min(moment, now)
