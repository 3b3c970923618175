"""The table of moves: every road from one status to another, who may take it, and what must be there (RULEBOOK 1).

A leaf. The django-fsm transitions on Proposal must equal this table; the pages, the API, docs/states.md and the
operations read it. Requirements are named by key and defined in `deliberation.requirements`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deliberation.stages import Status

# Besides offices: the person who proposed it, and the platform's own clock and signals.
PROPOSER = "proposer"
SYSTEM = "system"

_LEADERS = ("secretary", "director")
_COMMITTEE = ("secretary", "director", "committee_member")
_INTAKE = ("secretary", "director", "committee_member", "grid_worker")

_S = Status
_Text = str | Promise


@dataclass(frozen=True, slots=True)
class Move:
    """One road. `title` is the verb on the button; `targets` has one status, or several of which the case picks one.

    `offices` are keys of community.Office, or PROPOSER, or SYSTEM. `requirements` are keys. With `reason_codes` the
    reason must be one of them; with `needs_reason` a sentence must be given. `article` names what the move rests on.
    """

    key: str
    title: _Text
    sources: tuple[Status, ...]
    targets: tuple[Status, ...]
    offices: tuple[str, ...]
    requirements: tuple[str, ...] = ()
    needs_reason: bool = False
    reason_codes: Mapping[str, _Text] = field(default_factory=lambda: MappingProxyType({}))
    article: str = ""
    main: bool = False

    @property
    def target(self) -> Status | None:
        """Return the one target, or None when the case decides."""
        return self.targets[0] if len(self.targets) == 1 else None


_SUSPENDABLE = (
    _S.ACCEPTED,
    _S.DELIBERATING,
    _S.CONSENSUS_RECORDED,
    _S.DRAFTING_PLAN,
    _S.PLAN_PUBLICISED,
    _S.PARTY_REVIEWED,
    _S.READY_TO_VOTE,
    _S.EFFECTIVE,
    _S.EXECUTING,
)
_TERMINABLE = (
    _S.ACCEPTED,
    _S.DELIBERATING,
    _S.CONSENSUS_RECORDED,
    _S.DRAFTING_PLAN,
    _S.PLAN_PUBLICISED,
    _S.PARTY_REVIEWED,
    _S.READY_TO_VOTE,
    _S.NOTICE_PERIOD,
    _S.NOT_QUORATE,
    _S.EFFECTIVE,
    _S.EXECUTING,
    _S.SUSPENDED,
    _S.ESCALATED,
    _S.ANNULLED,
)

TRANSFER_CODES = MappingProxyType(
    {
        "hotline": _("转12345热线办理"),
        "mediation": _("转人民调解"),
        "owners_assembly": _("转业主大会"),
        "subdistrict": _("上报街道"),
    }
)
REJECT_CODES = MappingProxyType(
    {
        "out_of_scope": _("不属于本社区事务范围"),
        "unlawful": _("违反法律法规"),
        "no_identity": _("提案人身份无法核实"),
        "already_decided": _("同一事项六个月内已有结论"),
        "private_matter": _("属于私人纠纷"),
        "supplement_overdue": _("逾期未补正"),
    }
)
RETURN_CODES = MappingProxyType(
    {"new_facts": _("出现新的事实"), "objections": _("书面异议达三分之一")},
)
SUSPEND_CODES = MappingProxyType(
    {"no_consensus": _("两轮协商未达成一致"), "waiting_outside": _("等待外部条件"), "dispute": _("涉诉或有争议")},
)
TERMINATE_CODES = MappingProxyType(
    {
        "unlawful": _("合法性审查不通过"),
        "no_consensus": _("两轮协商未达成一致"),
        "impossible": _("客观上无法实施"),
        "matter_gone": _("事项已不存在"),
    }
)
ESCALATE_CODES = MappingProxyType(
    {
        "ratings_failed_twice": _("两次整改后评议仍不达标"),
        "beyond_powers": _("超出社区权限，提请街道协调"),
        "overdue": _("逾期未办结"),
    }
)
ANNUL_CODES = MappingProxyType(
    {"court": _("人民法院撤销"), "subdistrict": _("街道责令改正"), "procedure": _("表决程序违法")},
)

_ALL = (
    # --- propose ----------------------------------------------------------------------------------------------
    Move(
        "submit",
        _("提交提案"),
        (_S.DRAFT,),
        (_S.SUBMITTED,),
        (PROPOSER, *_INTAKE, SYSTEM),  # the platform hands in again what an appeal brought back
        ("text_written", "proposer_known"),
        main=True,
    ),
    Move(
        "request_supplement",
        _("退回补正"),
        (_S.SUBMITTED,),
        (_S.SUPPLEMENT_REQUESTED,),
        _LEADERS,
        ("supplements_left",),
        needs_reason=True,
    ),
    Move(
        "supplement",
        _("提交补正"),
        (_S.SUPPLEMENT_REQUESTED,),
        (_S.SUBMITTED,),
        (PROPOSER, *_INTAKE),
        ("text_written",),
        needs_reason=True,
    ),
    Move(
        "accept",
        _("受理"),
        (_S.SUBMITTED,),
        (_S.ACCEPTED,),
        _LEADERS,
        ("identity_verified", "in_scope", "not_duplicate", "legality_prechecked", "not_barred"),
        main=True,
    ),
    Move(
        "merge",
        _("并案"),
        (_S.SUBMITTED, _S.ACCEPTED),
        (_S.MERGED,),
        _LEADERS,
        ("merge_target_open", "merge_target_undecided"),
        needs_reason=True,
    ),
    Move(
        "transfer",
        _("转办"),
        (_S.SUBMITTED, _S.ACCEPTED),
        (_S.TRANSFERRED,),
        _LEADERS,
        (),
        needs_reason=True,
        reason_codes=TRANSFER_CODES,
    ),
    Move(
        "reject",
        _("不予受理"),
        (_S.SUBMITTED, _S.SUPPLEMENT_REQUESTED),
        (_S.REJECTED,),
        _LEADERS,
        ("supplement_time_over",),
        needs_reason=True,
        reason_codes=REJECT_CODES,
    ),
    Move(
        "withdraw",
        _("撤回提案"),
        (_S.DRAFT, _S.SUBMITTED, _S.SUPPLEMENT_REQUESTED, _S.ACCEPTED),
        (_S.WITHDRAWN,),
        (PROPOSER,),
        (),
        needs_reason=True,
    ),
    # --- deliberate -------------------------------------------------------------------------------------------
    Move(
        "start_deliberation",
        _("召集协商会"),
        (_S.ACCEPTED,),
        (_S.DELIBERATING,),
        _LEADERS,
        ("topic_posted", "stakeholders_listed"),
        main=True,
    ),
    Move(
        "confirm_consensus",
        _("确认协商意见"),
        (_S.DELIBERATING,),
        (_S.CONSENSUS_RECORDED,),
        ("director",),
        ("session_held", "stakeholders_present", "minutes_signed", "dissent_recorded", "consensus_reached"),
        main=True,
    ),
    Move(
        "proceed_without_consensus",
        _("未达成一致，提交表决"),
        (_S.DELIBERATING,),
        (_S.DRAFTING_PLAN,),
        _LEADERS,
        ("session_held", "minutes_signed", "dissent_recorded", "two_rounds_held"),
        needs_reason=True,
    ),
    Move(
        "start_drafting",
        _("开始拟定方案"),
        (_S.CONSENSUS_RECORDED,),
        (_S.DRAFTING_PLAN,),
        _COMMITTEE,
        (),
        main=True,
    ),
    # --- settle -----------------------------------------------------------------------------------------------
    Move(
        "publicise_plan",
        _("公示方案"),
        (_S.DRAFTING_PLAN,),
        (_S.PLAN_PUBLICISED,),
        _LEADERS,
        ("plan_drafted", "plan_budgeted", "plan_funded", "covenant_fines_nobody"),
        main=True,
    ),
    Move(
        "revise_plan",
        _("修改方案"),
        (_S.PLAN_PUBLICISED, _S.PARTY_REVIEWED, _S.READY_TO_VOTE),
        (_S.DRAFTING_PLAN,),
        _LEADERS,
        (),
        needs_reason=True,
    ),
    Move(
        "return_to_deliberation",
        _("退回共议"),
        (_S.PLAN_PUBLICISED, _S.PARTY_REVIEWED, _S.READY_TO_VOTE),
        (_S.DELIBERATING,),
        _LEADERS,
        ("objections_as_said",),
        needs_reason=True,
        reason_codes=RETURN_CODES,
    ),
    Move(
        "complete_party_review",
        _("党组织研究通过"),
        (_S.PLAN_PUBLICISED,),
        (_S.PARTY_REVIEWED,),
        ("secretary",),
        ("plan_period_over", "objections_answered", "plan_revised", "objections_below_third", "party_studied"),
        article="《城市居民委员会组织法》第三十条",
        main=True,
    ),
    Move(
        "make_ready",
        _("确定提交表决"),
        (_S.PARTY_REVIEWED,),
        (_S.READY_TO_VOTE,),
        _LEADERS,
        (
            "party_studied",
            "branch_proposed",
            "committees_consulted",
            "members_reviewed",
            "legality_reviewed",
            "plan_budgeted",
            "plan_funded",
            "rule_chosen",
            "objections_below_third",
            "roll_posted",
            "roll_period_over",
            "roll_objections_answered",
            "roll_corrected",
        ),
        main=True,
    ),
    # --- decide -----------------------------------------------------------------------------------------------
    Move(
        "call_vote",
        _("发布表决公告"),
        (_S.READY_TO_VOTE,),
        (_S.NOTICE_PERIOD,),
        _LEADERS,
        (
            "party_studied",
            "legality_reviewed",
            "rule_chosen",
            "roll_posted",
            "roll_period_over",
            "roll_objections_answered",
            "roll_corrected",
        ),
        main=True,
    ),
    Move(
        "open_voting",
        _("开始表决"),
        (_S.NOTICE_PERIOD,),
        (_S.VOTING,),
        ("secretary", "director", "facilitator", SYSTEM),
        (
            "party_studied",
            "ballot_prepared",
            "representatives_composed",
            "representatives_authorised",
            "authorisation_covers",
            "proxy_lawful",
            "vote_notice_over",
        ),
        main=True,
    ),
    Move(
        "close_voting",
        _("截止表决"),
        (_S.VOTING,),
        (_S.COUNTING,),
        ("secretary", "director", "facilitator", "teller", SYSTEM),
        ("ballot_prepared",),
        main=True,
    ),
    Move(
        "declare_not_quorate",
        _("宣布未达法定人数"),
        (_S.VOTING, _S.COUNTING),
        (_S.NOT_QUORATE,),
        _LEADERS,
        ("vote_is_over", "quorum_missed"),
    ),
    Move(
        "extend_voting",
        _("延长表决"),
        (_S.NOT_QUORATE,),
        (_S.VOTING,),
        _LEADERS,
        ("extension_left", "ballot_still_open"),
        needs_reason=True,
    ),
    Move(
        "reconvene",
        _("重新召集"),
        (_S.NOT_QUORATE,),
        (_S.READY_TO_VOTE,),
        _LEADERS,
        (),
        needs_reason=True,
    ),
    Move(
        "publish_result",
        _("公布结果"),
        (_S.COUNTING,),
        (_S.RESULT_PUBLICISED,),
        _LEADERS,
        ("ballot_certified", "quorum_reached"),
        main=True,
    ),
    Move(
        "take_effect",
        _("决议生效"),
        (_S.RESULT_PUBLICISED,),
        (_S.EFFECTIVE,),
        (*_LEADERS, SYSTEM),
        ("result_period_over", "result_objections_answered", "result_stands", "ballot_passed"),
        main=True,
    ),
    Move(
        "record_not_passed",
        _("记录未通过"),
        (_S.RESULT_PUBLICISED,),
        (_S.NOT_PASSED,),
        (*_LEADERS, SYSTEM),
        ("result_period_over", "result_objections_answered", "result_stands", "ballot_rejected"),
    ),
    Move(
        "annul",
        _("撤销决议"),
        (_S.RESULT_PUBLICISED, _S.EFFECTIVE, _S.EXECUTING),
        (_S.ANNULLED,),
        ("subdistrict_officer",),
        (),
        needs_reason=True,
        reason_codes=ANNUL_CODES,
        article="《民法典》第二百八十条",
    ),
    Move(
        "resettle",
        _("重新拟定方案"),
        (_S.ANNULLED,),
        (_S.DRAFTING_PLAN,),
        _LEADERS,
        (),
        needs_reason=True,
    ),
    Move(
        "order_emergency_repair",
        _("紧急维修"),
        (_S.ACCEPTED, _S.DELIBERATING, _S.DRAFTING_PLAN),
        (_S.EFFECTIVE,),
        _LEADERS,
        ("emergency_documented", "topic_posted"),
        needs_reason=True,
        article="《民法典》第二百八十一条第二款",
    ),
    Move(
        "start_execution",
        _("开始执行"),
        (_S.EFFECTIVE,),
        (_S.EXECUTING,),
        _LEADERS,
        ("tasks_listed", "covenant_filed"),
        main=True,
    ),
    Move(
        "report_completion",
        _("报告完工"),
        (_S.EXECUTING,),
        (_S.AWAITING_ACCEPTANCE,),
        _COMMITTEE,
        ("tasks_done", "completion_reported"),
        main=True,
    ),
    # --- evaluate ---------------------------------------------------------------------------------------------
    Move(
        "return_work",
        _("验收不合格，退回"),
        (_S.AWAITING_ACCEPTANCE,),
        (_S.EXECUTING,),
        ("director", "supervision_committee"),
        (),
        needs_reason=True,
    ),
    Move(
        "start_evaluation",
        _("验收并公示实施情况"),
        (_S.AWAITING_ACCEPTANCE,),
        (_S.EVALUATING,),
        ("supervision_committee",),
        ("completion_reported",),
        article="《城市居民委员会组织法》第三十四条",
        main=True,
    ),
    Move(
        "archive",
        _("评议通过，归档"),
        (_S.EVALUATING,),
        (_S.ARCHIVED,),
        ("supervision_committee",),
        ("implementation_period_over", "rating_window_over", "ratings_enough", "ratings_good"),
        main=True,
    ),
    Move(
        "order_rectification",
        _("责令整改"),
        (_S.EVALUATING,),
        (_S.RECTIFYING,),
        ("supervision_committee",),
        ("implementation_period_over", "rating_window_over", "ratings_enough", "ratings_bad", "rectifications_left"),
        needs_reason=True,
    ),
    Move(
        "finish_rectification",
        _("整改完成，再次评议"),
        (_S.RECTIFYING,),
        (_S.EVALUATING,),
        _COMMITTEE,
        ("rectification_reported",),
    ),
    Move(
        "escalate",
        _("上报街道"),
        (_S.EXECUTING, _S.EVALUATING, _S.RECTIFYING),
        (_S.ESCALATED,),
        ("secretary", "director", "supervision_committee"),
        ("escalation_as_said",),
        needs_reason=True,
        reason_codes=ESCALATE_CODES,
    ),
    Move(
        "answer_escalation",
        _("街道答复，交居民评价"),
        (_S.ESCALATED,),
        (_S.EVALUATING,),
        ("subdistrict_officer",),
        ("completion_reported",),
        needs_reason=True,
    ),
    Move(
        "hand_back",
        _("街道交回执行"),
        (_S.ESCALATED,),
        (_S.EXECUTING,),
        ("subdistrict_officer",),
        (),
        needs_reason=True,
    ),
    # --- at many points ---------------------------------------------------------------------------------------
    Move(
        "suspend",
        _("中止"),
        _SUSPENDABLE,
        (_S.SUSPENDED,),
        _LEADERS,
        ("rounds_as_said",),
        needs_reason=True,
        reason_codes=SUSPEND_CODES,
    ),
    Move(
        "resume",
        _("恢复"),
        (_S.SUSPENDED,),
        _SUSPENDABLE,
        (*_LEADERS, SYSTEM),
        (),
    ),
    Move(
        "terminate",
        _("终止"),
        _TERMINABLE,
        (_S.TERMINATED,),
        _LEADERS,
        ("rounds_as_said",),
        needs_reason=True,
        reason_codes=TERMINATE_CODES,
    ),
)

MOVES: Mapping[str, Move] = MappingProxyType({move.key: move for move in _ALL})


def moves_from(status: str) -> tuple[Move, ...]:
    """Return the moves that leave `status`, the main path's first."""
    found = [move for move in _ALL if Status(status) in move.sources]
    return tuple(sorted(found, key=lambda move: not move.main))
