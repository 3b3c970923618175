"""What each move needs: a predicate with a sentence and an article. Reads only; the table of moves names the keys."""

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.requirements import Requirement, no_article, no_day
from deliberation import limits
from deliberation.case import WAITING, Case, Outcome, ballot_is_ending, reaches_quorum
from deliberation.covenants import sets_fine
from deliberation.models import PartyStepKind, Purpose
from deliberation.moves import MOVES
from deliberation.stages import Stage, Status
from publish.models import ObjectionStatus
from voting.models import Phase
from voting.requirements import OF_REPRESENTATIVES

RC_ACT = _("《城市居民委员会组织法》")
ART_17 = _("《城市居民委员会组织法》第十七条")
ART_26 = _("《城市居民委员会组织法》第二十六条")
ART_30 = _("《城市居民委员会组织法》第三十条")
ART_34 = _("《城市居民委员会组织法》第三十四条")
CC_278 = _("《民法典》第二百七十八条")
PENALTY_17 = _("《行政处罚法》第十七条")
CC_281 = _("《民法典》第二百八十一条第二款")
METHOD = _("五议工作法议事规则")
FOUR_STEP = _("“四议两公开”工作法")


Needs = Requirement[Case]


def need(
    key: str,
    sentence: str | Promise,
    is_met: object,
    article: str | Promise = METHOD,
    *,
    until: Callable[[Case], dt.date | None] = no_day,
    rests_on: Callable[[Case], str] = no_article,
) -> Needs:
    """Return a requirement; it rests on the method's own rules where no article is given."""
    return Requirement(
        key=key,
        sentence=sentence,  # type: ignore[arg-type] # lazy text
        article=article,  # type: ignore[arg-type] # lazy text
        is_met=is_met,  # type: ignore[arg-type] # any truth will do
        until=until,
        rests_on=rests_on,
    )


def _rule_of_vote(case: Case) -> str:
    """Return the article of the rule the vote is decided by: owners', residents' or another body's."""
    return str(case.ballot.rule["article"]) if case.ballot is not None else ""


def _stakeholders_came(case: Case) -> bool:
    record = case.consultation
    numerator, denominator = limits.STAKEHOLDERS_PRESENT
    return (
        record is not None
        and record.invited_stakeholders > 0
        and record.present_stakeholders * denominator >= numerator * record.invited_stakeholders
    )


def _vote_is_over(case: Case) -> bool:
    ballot = case.ballot
    if ballot is None:
        return False
    is_certified = all(one.phase == Phase.CERTIFIED for one in case.ballots)
    return is_certified or (ballot.phase == Phase.OPEN and ballot_is_ending(ballot, case.now))


def _quorum_missed(case: Case) -> bool:
    """Return whether too few took part; the rows of an open vote are counted only on its last day."""
    ballot = case.ballot
    if ballot is None:
        return False
    if ballot.phase == Phase.OPEN:
        return not ballot_is_ending(ballot, case.now) or not reaches_quorum(ballot)
    return case.outcome == Outcome.NOT_QUORATE


def _reported(case: Case) -> bool:
    """Return whether there is a report, and none from before the work was returned."""
    if case.completion is None:
        return False
    return case.proposal.status != Status.EXECUTING or case.completion.reported_at > case.proposal.entered_at


def _escalation_holds(case: Case) -> bool:
    return case.reason_code != "ratings_failed_twice" or case.rectified_in_vain


_ALL: tuple[Needs, ...] = (
    # --- propose ----------------------------------------------------------------------------------------------
    need("text_written", _("标题和内容还没有写"), lambda c: bool(c.proposal.title.strip() and c.proposal.body.strip())),
    need(
        "proposer_known",
        _("还没有提案人的姓名和电话"),
        lambda c: bool(c.proposal.proposer_id or (c.proposal.proposer_name and c.proposal.proposer_phone)),
    ),
    need("supplements_left", _("补正已满两次，不能再退回补正"), lambda c: c.proposal.supplements < limits.SUPPLEMENTS),
    need("identity_verified", _("提案人身份还没有核实"), lambda c: c.proposal.identity_verified),
    need("in_scope", _("还没有确认属于社区议事范围"), lambda c: c.proposal.in_scope, RC_ACT),
    need("not_duplicate", _("还没有确认不与在办事项重复"), lambda c: c.proposal.not_duplicate),
    need("legality_prechecked", _("合法性初审还没有通过"), lambda c: c.proposal.legality_prechecked),
    need("not_barred", _("同一事项表决未通过不满六个月，暂不能再次提交"), lambda c: not c.is_barred),
    need(
        "merge_target_open",
        _("要并入的提案不存在、已经办结，或不在本社区"),
        lambda c: (
            c.proposal.merged_into is not None
            and c.proposal.merged_into_id != c.proposal.pk
            and c.proposal.merged_into.community_id == c.proposal.community_id
            and not c.proposal.merged_into.is_final
            and c.proposal.merged_into.status != Status.DRAFT
        ),
    ),
    need(
        "merge_target_undecided",
        _("要并入的提案已经进入决议，并进去的人来不及参加；请另行办理"),
        lambda c: c.proposal.merged_into is None or c.proposal.merged_into.stage not in {Stage.DECIDE, Stage.EVALUATE},
    ),
    need(
        "supplement_time_over",
        _("补正期限还没有届满"),
        lambda c: (
            c.proposal.status != Status.SUPPLEMENT_REQUESTED
            or (c.proposal.due_on is not None and c.proposal.due_on < c.today)
        ),
        until=lambda c: c.proposal.due_on,
    ),
    # --- deliberate -------------------------------------------------------------------------------------------
    need("topic_posted", _("议题清单还没有公示"), lambda c: c.is_posted(Purpose.TOPIC)),
    need("stakeholders_listed", _("利益相关方名单还没有确定"), lambda c: c.has_stakeholders),
    need(
        "session_held",
        _("本轮协商会还没有开"),
        lambda c: (
            c.consultation is not None
            and c.consultation.meeting is not None
            and c.consultation.meeting.phase in {"closed", "minuted"}
        ),
    ),
    need("stakeholders_present", _("到会的利益相关方不足受邀人数的三分之二"), _stakeholders_came),
    need(
        "minutes_signed",
        _("会议纪要还没有签字"),
        lambda c: c.consultation is not None and bool(c.consultation.minutes_hash),
    ),
    need(
        "dissent_recorded",
        _("协商意见书还没有记录，不同意见也要写明"),
        lambda c: c.consultation is not None and c.consultation.recorded_at is not None,
    ),
    need(
        "consensus_reached",
        _("本轮协商没有达成一致意见"),
        lambda c: c.consultation is not None and c.consultation.consensus is True,
    ),
    need(
        "two_rounds_held",
        _("协商不满两轮，还不能在未达成一致时提交表决"),
        lambda c: c.rounds_failed >= limits.ROUNDS_WITHOUT_CONSENSUS,
    ),
    need(
        "rounds_as_said",
        _("协商不满两轮，不能以未达成一致为由"),
        lambda c: c.reason_code != "no_consensus" or c.rounds_failed >= limits.ROUNDS_WITHOUT_CONSENSUS,
    ),
    # --- settle -----------------------------------------------------------------------------------------------
    need(
        "plan_drafted",
        _("方案还没有写好，或上一版已经公示、需要新的版本"),
        lambda c: c.plan is not None and Purpose.PLAN not in c.notices,
    ),
    need("plan_budgeted", _("方案还没有预算"), lambda c: c.is_budgeted),
    need(
        "plan_funded",
        _("方案还没有写明资金来源"),
        lambda c: c.plan is not None and (c.plan.no_cost or bool(c.plan.funds.strip())),
    ),
    need(
        "covenant_fines_nobody",
        _("居民公约不能设定罚款，须改写方案"),
        lambda c: not c.makes_covenant or c.plan is None or not sets_fine(c.plan.text),
        PENALTY_17,
    ),
    need(
        "plan_period_over",
        _("方案公示期还没有届满"),
        lambda c: c.is_over(Purpose.PLAN),
        until=lambda c: c.last_day(Purpose.PLAN),
    ),
    need(
        "objections_answered",
        _("方案公示期间的书面异议还没有全部答复"),
        lambda c: not c.has_objection(Purpose.PLAN, *WAITING),
    ),
    need(
        "plan_revised",
        _("有对方案的异议成立，须修改方案后重新公示"),
        lambda c: not c.has_objection(Purpose.PLAN, ObjectionStatus.UPHELD),
    ),
    need(
        "objections_below_third",
        _("书面异议已达涉及户数的三分之一，应当退回共议"),
        lambda c: not c.third_objects,
    ),
    need(
        "objections_as_said",
        _("书面异议没有达到涉及户数的三分之一"),
        lambda c: c.reason_code != "objections" or c.third_objects,
    ),
    need(
        "party_studied",
        _("党组织研究记录"),
        lambda c: c.party_review is not None and c.party_review.agrees,
        ART_30,
    ),
    need(
        "branch_proposed",
        _("四议两公开的党组织提议还没有记录，或没有通过（须应到党员过半数同意）"),
        lambda c: c.party_step_passed(PartyStepKind.BRANCH),
        FOUR_STEP,
    ),
    need(
        "committees_consulted",
        _("四议两公开的两委会商议还没有记录，或没有通过（须到会的过半数同意）"),
        lambda c: c.party_step_passed(PartyStepKind.COMMITTEES),
        FOUR_STEP,
    ),
    need(
        "members_reviewed",
        _("四议两公开的党员大会审议还没有记录，或没有通过（须三分之二以上党员到会、应到党员半数以上同意）"),
        lambda c: c.party_step_passed(PartyStepKind.MEMBERS),
        FOUR_STEP,
    ),
    need(
        "legality_reviewed",
        _("合法性审查还没有通过"),
        lambda c: c.plan is not None and c.plan.is_lawful is True,
    ),
    need(
        "rule_chosen",
        _("还没有确定表决规则和表决人范围"),
        lambda c: bool(c.proposal.rule and c.proposal.electorate),
        CC_278,
    ),
    need("roll_posted", _("表决人名册还没有公示"), lambda c: c.is_posted(Purpose.ROLL), ART_17),
    need(
        "roll_period_over",
        _("名册公示期还没有届满"),
        lambda c: not c.is_posted(Purpose.ROLL) or c.is_over(Purpose.ROLL),
        ART_17,
        until=lambda c: c.last_day(Purpose.ROLL),
    ),
    need(
        "roll_objections_answered",
        _("对名册的异议还没有全部答复"),
        lambda c: c.objections_answered(Purpose.ROLL),
        ART_17,
    ),
    need(
        "roll_corrected",
        _("有对名册的异议成立，须更正名册后重新公示"),
        lambda c: not c.has_objection(Purpose.ROLL, ObjectionStatus.UPHELD),
        ART_17,
    ),
    # --- decide -----------------------------------------------------------------------------------------------
    need("ballot_prepared", _("表决票还没有准备好"), lambda c: c.ballot is not None),
    *(
        need(one.key, one.sentence, lambda c, key=one.key: key not in c.missing_to_open, one.article)
        for one in OF_REPRESENTATIVES
    ),
    need(
        "proxy_lawful",
        _("有受托人已是候选人或者物业服务人员，须先撤销他们的委托"),
        lambda c: "proxy_lawful" not in c.missing_to_open,
    ),
    need(
        "vote_notice_over",
        _("表决公告的天数还没有满"),
        lambda c: c.is_given(Purpose.VOTE),
        ART_26,
        until=lambda c: c.last_day_of_notice(Purpose.VOTE),
    ),
    need(
        "vote_is_over",
        _("表决还没有到最后一天，或监票计票人还没有确认结果"),
        _vote_is_over,
        until=lambda c: c.last_day_to_vote,
    ),
    need("quorum_missed", _("参与已经达到法定人数"), _quorum_missed, CC_278, rests_on=_rule_of_vote),
    need(
        "quorum_reached",
        _("参与没有达到法定人数，不能公布为表决结果"),
        lambda c: c.outcome != Outcome.NOT_QUORATE,
        CC_278,
        rests_on=_rule_of_vote,
    ),
    need("extension_left", _("表决只能延长一次"), lambda c: not c.proposal.vote_extended),
    need(
        "ballot_still_open",
        _("票箱已经封闭，只能重新召集"),
        lambda c: c.ballot is not None and c.ballot.phase == Phase.OPEN,
    ),
    need(
        "ballot_certified",
        _("监票计票人还没有确认结果"),
        lambda c: bool(c.ballots) and all(ballot.phase == Phase.CERTIFIED for ballot in c.ballots),
    ),
    need("ballot_passed", _("表决没有通过"), lambda c: c.outcome == Outcome.PASSED, CC_278, rests_on=_rule_of_vote),
    need("ballot_rejected", _("表决已经通过"), lambda c: c.outcome == Outcome.REJECTED, CC_278, rests_on=_rule_of_vote),
    need(
        "result_period_over",
        _("结果公示期还没有届满"),
        lambda c: c.is_over(Purpose.RESULT),
        until=lambda c: c.last_day(Purpose.RESULT),
    ),
    need(
        "result_objections_answered",
        _("对结果的异议还没有全部答复"),
        lambda c: c.objections_answered(Purpose.RESULT) and c.objections_answered(Purpose.PRELIMINARY),
    ),
    need(
        "result_stands",
        _("有对结果的异议成立，结果不能生效"),
        lambda c: not c.has_objection(Purpose.RESULT, ObjectionStatus.UPHELD),
    ),
    need(
        "emergency_documented",
        _("紧急情况的依据还没有写明"),
        lambda c: bool(c.proposal.emergency_basis.strip()),
        CC_281,
    ),
    need("tasks_listed", _("责任清单还没有列出"), lambda c: bool(c.tasks)),
    need(
        "covenant_filed",
        _("责任清单上还没有“报街道备案”：居民公约须报街道备案"),
        lambda c: not c.makes_covenant or any("备案" in task.title for task in c.tasks),
        RC_ACT,
    ),
    need(
        "tasks_done",
        _("责任清单上还有没办结的任务"),
        lambda c: bool(c.tasks) and all(task.done_at is not None for task in c.tasks),
    ),
    need("completion_reported", _("还没有完工报告"), _reported),
    # --- evaluate ---------------------------------------------------------------------------------------------
    need(
        "implementation_period_over",
        _("实施情况公示不满十五日"),
        lambda c: c.is_over(Purpose.IMPLEMENTATION),
        ART_34,
        until=lambda c: c.last_day(Purpose.IMPLEMENTATION),
    ),
    need(
        "rating_window_over",
        _("评议期还没有结束"),
        lambda c: c.proposal.due_on is None or c.proposal.due_on < c.today,
        until=lambda c: c.proposal.due_on,
    ),
    need("ratings_enough", _("参加评议的人数还不够"), lambda c: c.ratings.is_enough),
    need("ratings_good", _("满意率没有达到80%"), lambda c: c.ratings.is_good),
    need("ratings_bad", _("满意率已经达到80%，不需要整改"), lambda c: not c.ratings.is_good),
    need(
        "rectifications_left",
        _("整改已满两次，应当上报街道"),
        lambda c: c.proposal.rectifications_ordered < limits.RECTIFICATIONS,
    ),
    need(
        "rectification_reported",
        _("还没有整改报告"),
        lambda c: c.rectification is not None and c.rectification.reported_at is not None,
    ),
    need("escalation_as_said", _("没有两次整改后评议仍不达标的记录"), _escalation_holds),
)

REQUIREMENTS: Mapping[str, Needs] = MappingProxyType({one.key: one for one in _ALL})


def requirements_of(move: str) -> tuple[Needs, ...]:
    """Return the requirements of the move with this key, in their order."""
    return tuple(REQUIREMENTS[key] for key in MOVES[move].requirements)
