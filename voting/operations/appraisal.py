"""The yearly appraisal of the residents' committee, run by the supervision committee (Residents' Committees Act 37)."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from community.models import Office, Term, Unit
from community.operations import end_term
from community.rules import in_force, require_office
from core import clock, ledger
from core.actors import SYSTEM, Actor
from core.errors import BadInput, WrongStage
from voting import electorates
from voting.models import Appraisal, Ballot, BallotKind, Mark, Method, Phase
from voting.operations.ballot import CreatedBallot, create_ballot
from voting.operations.drafts import ItemDraft
from voting.persons import APPRAISERS

_ARTICLE = "城市居民委员会组织法（2025年修订，2026年1月1日起施行）第三十七条"
# More than half take part; a mark is given when more than half of them choose it.
RULE = {
    "key": "yearly_appraisal",
    "title": {"zh": "居民委员会成员年度评议", "en": "Yearly appraisal of the committee"},
    "article": _ARTICLE,
    "quorum": [{"measure": "heads", "of": "eligible", "fraction": "1/2", "inclusive": False}],
    "pass": [{"measure": "heads", "of": "participating", "fraction": "1/2", "inclusive": False}],
    "ballots": ["secret"],
    "proxy": {"allowed": False, "cap": 0},
}
# The options of every question, in their order: their keys are "1", "2" and "3".
_MARKS = (("称职", Mark.COMPETENT), ("基本称职", Mark.FAIR), ("不称职", Mark.INCOMPETENT))
SCOPES = ("elected_representatives", "adults", "households")


@transaction.atomic
def create_appraisal(
    community: Unit,
    *,
    year: int,
    closes_at: dt.datetime,
    by: Actor,
    scope: str = "elected_representatives",
    opens_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> CreatedBallot:
    """Put every serving member of the committee to the appraisal of `year`, secretly; the clock opens and closes it.

    By the supervision committee. Raises BadInput for a year that is not over the last two, without members or voters,
    and for members whose appraisal of that year runs or is marked; one without a quorum may be made again.
    """
    moment = now or clock.now()
    office = require_office(by, *APPRAISERS, unit=community, now=moment)
    today = clock.local_date(moment)
    if type(year) is not int or not today.year - 1 <= year <= today.year:
        raise BadInput(_("只能评议今年或者上一年度。"), field="year")
    if scope not in SCOPES:
        raise BadInput(_("评议由居民代表、居民或者户代表进行。"), field="scope")
    if closes_at <= moment:
        raise BadInput(_("截止时间须晚于现在。"), field="closes_at")
    terms = list(
        Term.objects.filter(
            in_force(today), unit=community, office__in=(Office.DIRECTOR, Office.COMMITTEE_MEMBER)
        ).select_related("user").order_by("pk")
    )  # fmt: skip
    if not terms:
        raise BadInput(_("没有在任的居民委员会成员。"), field="year")
    Unit.objects.select_for_update().get(pk=community.pk)  # one appraisal is made at a time
    without_quorum = Q(mark="", item__ballot__phase=Phase.CERTIFIED)
    if Appraisal.objects.filter(term__in=terms, year=year).exclude(without_quorum).exists():
        raise BadInput(_("%(year)d年度已经评议过。") % {"year": year}, field="year")
    voters = electorates.draw(scope, community)
    if not voters:
        raise BadInput(_("登记册里没有可以表决的人，请先导入名册。"), field="scope")
    created = create_ballot(
        community=community, title=f"居民委员会成员{year}年度评议", rule=RULE, kind=BallotKind.SECRET, voters=voters,
        items=[
            ItemDraft(f"{term.user.name}（{Office(term.office).label}）", Method.ONE_OF, [said for said, _m in _MARKS])
            for term in terms
        ],
        scope=scope, drawn_from=community, opens_at=opens_at or moment, closes_at=closes_at, by=by, makers=APPRAISERS,
        now=moment,
    )  # fmt: skip
    items = created.ballot.items.order_by("position")
    Appraisal.objects.bulk_create(
        Appraisal(item=item, term=term, year=year) for item, term in zip(items, terms, strict=True)
    )
    ledger.record(
        by=by, act="create_appraisal", subject=created.ballot, office=office,
        after={"year": year, "members": len(terms)}, now=moment,
    )  # fmt: skip
    return created


@transaction.atomic
def record_appraisal(ballot: Ballot, *, by: Actor = SYSTEM, now: dt.datetime | None = None) -> list[Appraisal]:
    """Give each member the mark of the certified count; end the office of whoever was 不称职 two years running.

    称职 or 不称职 when more than half of those who took part choose it, else 基本称职; no mark without a quorum.
    Recording again changes nothing. Raises WrongStage before certification.
    """
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    if locked.phase != Phase.CERTIFIED or locked.result is None:
        raise WrongStage(_("结果确认后才能记入评议结果。"), code="not_certified")
    by_item = {int(item["id"]): item for item in locked.result["items"]}
    made = list(Appraisal.objects.filter(item__ballot=locked).select_related("term__unit", "term__user").order_by("pk"))
    for one in made:
        result = by_item[one.item_id]
        if one.mark or result["outcome"] == "not_quorate":
            continue
        won = dict(zip("123", (mark for _label, mark in _MARKS), strict=True))
        one.mark = won[result["winners"][0]] if result["winners"] else Mark.FAIR
        before = Appraisal.objects.filter(
            term__user=one.term.user_id,
            term__unit=one.term.unit_id,
            year__in=(one.year - 1, one.year + 1),  # in whichever order the two years are counted
            mark=Mark.INCOMPETENT,
        )
        one.ended_term = one.mark == Mark.INCOMPETENT and before.exists()
        one.save(update_fields=["mark", "ended_term"])
        ledger.record(
            by=by, act="record_appraisal", subject=one.term, document_hash=locked.result["hash"],
            after={"year": one.year, "mark": one.mark, "ended_term": one.ended_term}, now=now,
        )  # fmt: skip
        if one.ended_term:
            end_term(one.term, by=SYSTEM, reason=f"连续两年评议为不称职（{_ARTICLE}）", now=now)
    return made
