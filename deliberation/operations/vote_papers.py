"""The papers around a vote: how it is held, the form of a power, the tellers' sheet, the result before they sign.

They are filed on the news of what they tell of, after it is stored: a paper that cannot be made holds up no vote. What
a process that died left behind, `file_owed_count_papers` makes up for. Every fact is read from the record; filed a
second time nothing changes, and where the record was corrected (papers reconciled, a recount) a new paper takes the
place of the old one.
"""

import datetime as dt
import itertools
import logging
import math
import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from core import clock
from core.actors import SYSTEM
from core.ledger import subject_type
from core.masking import distinguish
from core.measure import format_area
from core.official import official_language
from deliberation.case import Outcome, ballot_outcome
from deliberation.models import Electorate, NoticeLink, Proposal, Purpose
from deliberation.operations.acting import lock
from deliberation.operations.notices import notice_title, post_notice
from deliberation.operations.papers import file_paper
from deliberation.stages import Status
from meetings.models import Meeting
from publish import press
from publish.models import Notice, NoticeStatus
from publish.models.notice import IN_FORCE
from voting.mandates import ballots_together
from voting.models import Ballot, BallotKind, Method, Phase, Voter
from voting.papers import batch_of
from voting.persons import tellers_of
from voting.result import is_by_area, result_facts
from voting.rules import rule_of
from voting.rules.sentence import demands

AT_ONCE = 200
# A vote that missed its quorum is counted like any other, and so is one given up for a new call.
_COUNTED = (Status.COUNTING, Status.NOT_QUORATE, Status.READY_TO_VOTE, Status.NOTICE_PERIOD)
_LINE = 200
# Where a process is killed again and again, it does not begin with the same matters each time.
_turn = itertools.count(int(time.time()))
_log = logging.getLogger(__name__)


@official_language()
def file_voting_procedure(proposal: Proposal, *, now: dt.datetime | None = None) -> list[Notice]:
    """Post how the called vote is held, and offer the form of a power where the rule allows one.

    Called when the call itself is posted. Returns what was filed now, nothing the second time.
    """
    moment = now or clock.now()
    with transaction.atomic():
        locked = lock(proposal)
        if locked.ballot is None or locked.status not in {Status.NOTICE_PERIOD, Status.VOTING}:
            return []
        filed = []
        for ballot in ballots_together(locked.ballot):
            if _paper_of(locked, Purpose.PROCEDURE, ballot) is None:
                facts = press.with_drawable(_procedure_facts(locked, ballot))
                filed.append(
                    post_notice(
                        locked, Purpose.PROCEDURE, kind="voting_procedure", facts=facts, by=SYSTEM, about=ballot,
                        now=moment,
                    )
                )  # fmt: skip
            if ballot.rule["proxy"]["allowed"] and _paper_of(locked, Purpose.PROXY_FORM, ballot) is None:
                filed.append(
                    file_paper(
                        locked, Purpose.PROXY_FORM, kind="proxy_form", facts=_proxy_facts(ballot), about=ballot,
                        public=True, now=moment,
                    )
                )  # fmt: skip
    return filed


@official_language()
def file_count_papers(proposal: Proposal, *, now: dt.datetime | None = None) -> list[Notice]:
    """File the count sheet of every closed ballot, for the tellers, and post the result before they have signed.

    A vote declared not quorate or given up for a new call has no later act that posts its result: it is posted here,
    once the tellers have signed.

    Returns what was filed now: nothing when the record says what the papers of before say.
    """
    moment = now or clock.now()
    with transaction.atomic():
        locked = lock(proposal)
        if locked.status not in _COUNTED:
            return []
        filed: list[Notice | None] = []
        for ballot in _counted_ballots(locked):
            filed += [
                _count_sheet(locked, ballot, moment),
                _preliminary_result(locked, ballot, moment),
                _missed_quorum(locked, ballot, moment),
            ]
    return [notice for notice in filed if notice is not None]


def file_owed_count_papers(now: dt.datetime | None = None) -> int:
    """File what counts still owe; return how many papers. Some queries for each of at most 200 matters.

    Where more are counting they take turns: every call looks at the next 200, so none waits for ever.
    """
    filed = 0
    for proposal in counting_in_turn(next(_turn)):
        try:
            filed += len(file_count_papers(proposal, now=now))
        except Exception:  # noqa: BLE001 - whatever this one lacks, the others are filed
            _log.exception("the count papers of proposal %s could not be filed", proposal.pk)
    return filed


def counting_in_turn(turn: int) -> QuerySet[Proposal]:
    """Return those of the matters in counting whose turn it is, at most 200; as many turns as it takes see them all."""
    closed = Q(ballot__phase__in=[Phase.CLOSED, Phase.CERTIFIED])
    given_up = Q(ballot=None, notice_links__purpose=Purpose.PROCEDURE)
    counting = Proposal.objects.filter(closed | given_up, status__in=_COUNTED).distinct()
    place = turn % max(1, math.ceil(counting.count() / AT_ONCE)) * AT_ONCE
    return counting.order_by("id")[place : place + AT_ONCE]


def proposals_owed_a_count(ballot: Ballot) -> QuerySet[Proposal]:
    """Return the matters in whose file the papers of this ballot's count belong."""
    decides = Q(ballot__in=ballots_together(ballot))
    called = NoticeLink.objects.filter(
        purpose=Purpose.PROCEDURE, notice__subject_type=subject_type(ballot), notice__subject_id=str(ballot.pk)
    )
    return Proposal.objects.filter(decides | Q(pk__in=called.values("proposal")), status__in=_COUNTED)


def preliminaries_of(proposal: Proposal, ballot: Ballot) -> list[Notice]:
    """Return the preliminary results which the final one, of this ballot and those beside it, follows."""
    latest = [_paper_of(proposal, Purpose.PRELIMINARY, one) for one in ballots_together(ballot)]
    return [one for one in latest if one is not None and one.status in {*IN_FORCE, NoticeStatus.PREPARING}]


# --- the count --------------------------------------------------------------


def _counted_ballots(proposal: Proposal) -> list[Ballot]:
    """Return the closed ballots the matter was called to vote by: those that decide it now, and those given up."""
    links = NoticeLink.objects.filter(proposal=proposal, purpose=Purpose.PROCEDURE)
    called = {int(pk) for pk in links.values_list("notice__subject_id", flat=True)}
    if proposal.ballot is not None:
        called |= {one.pk for one in ballots_together(proposal.ballot)}
    return list(Ballot.objects.filter(pk__in=called, result__isnull=False).order_by("pk"))


def _count_sheet(proposal: Proposal, ballot: Ballot, now: dt.datetime) -> Notice | None:
    facts = press.with_drawable(_count_facts(ballot))
    last = _paper_of(proposal, Purpose.COUNT_SHEET, ballot)
    if last is not None and (last.facts == facts or last.status == NoticeStatus.PREPARING):
        return None
    return file_paper(
        proposal, Purpose.COUNT_SHEET, kind="count_sheet", facts=facts, about=ballot, supersedes=_replaced(last),
        now=now,
    )  # fmt: skip


def _preliminary_result(proposal: Proposal, ballot: Ballot, now: dt.datetime) -> Notice | None:
    """Post the result as it was counted. A certified one is posted as the result itself (`publish_result`)."""
    last = _paper_of(proposal, Purpose.PRELIMINARY, ballot)
    counted = (ballot.result or {}).get("hash", "")
    if ballot.phase == Phase.CERTIFIED or (
        last is not None and (last.facts["result_hash"] == counted or last.status == NoticeStatus.PREPARING)
    ):
        return None
    facts = result_facts(ballot) | {
        "title": notice_title("关于", ballot.title, "表决初步结果的公告"),
        "addressee": "全体表决人",
        "matter": ballot.title[:_LINE],
        "tellers": distinguish(teller.user.actor_name() for teller in tellers_of(ballot)),
    }
    return post_notice(
        proposal, Purpose.PRELIMINARY, kind="preliminary_result", facts=press.with_drawable(facts), by=SYSTEM,
        about=ballot, supersedes=_replaced(last), now=now,
    )  # fmt: skip


def _missed_quorum(proposal: Proposal, ballot: Ballot, now: dt.datetime) -> Notice | None:
    """Post the certified result of a vote that missed its quorum, once that was declared or the vote given up."""
    together = ballots_together(ballot)
    is_given_up = proposal.ballot not in together
    if ballot != together[0] or any(one.phase != Phase.CERTIFIED for one in together):
        return None
    if ballot_outcome(ballot) != Outcome.NOT_QUORATE or not (is_given_up or proposal.status == Status.NOT_QUORATE):
        return None
    if _paper_of(proposal, Purpose.NOT_QUORATE, ballot) is not None:
        return None
    facts = result_facts(ballot) | {
        "title": notice_title("关于", ballot.title, "表决未达到法定人数的公告"),
        "addressee": "全体表决人",
        "matter": ballot.title[:_LINE],
    }
    return post_notice(
        proposal, Purpose.NOT_QUORATE, kind="vote_result", facts=press.with_drawable(facts), by=SYSTEM, about=ballot,
        follows=preliminaries_of(proposal, ballot), now=now,
    )  # fmt: skip


def _count_facts(ballot: Ballot) -> dict[str, Any]:
    result: Mapping[str, Any] = ballot.result or {}
    by_area = is_by_area(result)

    def measure(sums: Mapping[str, Any]) -> dict[str, Any]:
        return {"heads": sums["heads"], "area": sums["area"]} if by_area else {"heads": sums["heads"]}

    facts: dict[str, Any] = {
        "title": notice_title("", ballot.title, "计票单"),
        "matter": ballot.title[:_LINE],
        "counted_at": clock.local_minute(ballot.closed_at),
        "items": [
            {
                "title": item["title"][:_LINE],
                "options": [
                    {"label": option["label"], **measure(item["counts"][option["id"]])} for option in item["options"]
                ],
                "invalid": measure(item["invalid"]),
            }
            for item in result["items"]
        ],
        "tellers": [f"监票计票人 {teller.user.actor_name()}"[:_LINE] for teller in tellers_of(ballot)]
        or ["监票人", "计票人"],
        "roll_hash": ballot.roll_hash,
        "result_hash": result["hash"],
    }
    batch = batch_of(ballot)
    if batch is not None and batch.reconciled_at is not None:
        facts["paper"] = {name: getattr(batch, name) for name in ("issued", "returned", "valid", "invalid")}
    return facts


# --- the call ---------------------------------------------------------------


def _procedure_facts(proposal: Proposal, ballot: Ballot) -> dict[str, Any]:
    entries = [ballot.rule, *ballot.more_rules]
    meeting = Meeting.objects.filter(agenda__ballot=ballot).first()
    opens_at = meeting.starts_at if meeting is not None else ballot.opens_at
    tellers = distinguish(teller.user.actor_name() for teller in tellers_of(ballot))
    return {
        "title": notice_title("关于", ballot.title, "的表决办法"),
        "addressee": "全体表决人",
        "matter": ballot.title[:_LINE],
        "basis": list(dict.fromkeys(str(entry["article"])[:_LINE] for entry in entries)),
        "method": f"{ballot.get_kind_display()}表决，{'在会议上进行' if meeting is not None else '书面和网上征求意见'}",
        "opens_at": clock.local_minute(opens_at),
        "closes_at": clock.local_minute(ballot.closes_at),
        "electorate": _electorate(proposal, ballot),
        "rule": "；".join(str(entry["title"].get("zh", "")) for entry in entries)[:_LINE],
        "steps": _steps(ballot),
        "counting": [*(f"{said}。" for entry in entries for said in demands(rule_of(entry))), *_COUNTING],
        "proxies": _proxies(ballot),
        "tellers": tellers,
    }


def _electorate(proposal: Proposal, ballot: Ballot) -> str:
    sums = Voter.objects.filter(ballot=ballot).aggregate(heads=Sum("heads"), area=Sum("area"))
    name = Electorate(ballot.scope or proposal.electorate).label
    area = f"，专有部分面积{format_area(sums['area'])}平方米" if sums["area"] and _is_by_area(ballot) else ""
    return f"表决人为{name}，共{sums['heads']}人{area}，以公示并冻结的名册为准。"


def _steps(ballot: Ballot) -> list[str]:
    plain = all(item.method == Method.FOR_AGAINST for item in ballot.items.all())
    again = "截止前可以改投，以最后一次为准。" if ballot.revisable else "投出后不能更改。"
    twice = (
        "领取纸质票的，不能再在网上投票。"
        if ballot.kind == BallotKind.SECRET
        else f"同一人既在网上投票又交纸质票的，以{'纸质票' if ballot.paper_wins else '先到的'}为准。"
    )
    return [
        "凭表决码或者账号在网上表决，也可以领取纸质表决票。",
        "每一事项在同意、反对、弃权中选一项，多选的该项无效。"
        if plain
        else "每一事项按表决票上的说明填写，不按说明填写的该项无效。",
        again,
        twice,
    ]


_COUNTING = (
    "弃权计入参与表决；没有表决的不计入。",
    "人数和面积以整数和百分之一平方米为单位比较，不用四舍五入后的百分比。",
    "收回的纸质票多于发出的，表决无效。",
    "计票由两名以上监票人、计票人核对签字，候选人及其家人不得担任。",
)


def _proxies(ballot: Ballot) -> list[str]:
    policy = ballot.rule["proxy"]
    if not policy["allowed"]:
        return ["本次表决不接受委托。"]
    return [
        "委托须书面写明事项、权限和期限，在表决开始前提交。",
        f"每名受托人至多接受{policy['cap']}人的委托，不得转委托；候选人和物业服务企业的人员不得受托。",
    ]


def _proxy_facts(ballot: Ballot) -> dict[str, Any]:
    return {
        "title": "表决授权委托书",
        "matter": ballot.title[:_LINE],
        "powers": ["代为对全部事项表决"],
        "until": clock.local_date(ballot.closes_at).isoformat() if ballot.closes_at is not None else "",
        "notes": [*_proxies(ballot), "委托人须在表决人名册上；须出示委托人和受托人的身份证件。"],
    }


# --- inside -----------------------------------------------------------------


def _paper_of(proposal: Proposal, purpose: Purpose, ballot: Ballot) -> Notice | None:
    """Return the latest paper of this purpose about a ballot."""
    links = NoticeLink.objects.filter(
        proposal=proposal, purpose=purpose, notice__subject_type=subject_type(ballot), notice__subject_id=str(ballot.pk)
    )
    link = links.select_related("notice").order_by("-id").first()
    return link.notice if link is not None else None


def _replaced(last: Notice | None) -> Notice | None:
    """Return the paper a new one takes the place of: one that failed or was withdrawn takes none."""
    return last if last is not None and last.status in IN_FORCE else None


def _is_by_area(ballot: Ballot) -> bool:
    return is_by_area({"rule": ballot.rule, "more_rules": ballot.more_rules})
