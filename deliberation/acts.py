"""The table of acts between the moves: who may, in which statuses. A leaf, like `deliberation.moves`.

These acts change no status: they put in place what the next move needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deliberation.moves import MOVES, PROPOSER
from deliberation.stages import Status

_S = Status
_LEADERS = ("secretary", "director")
_COMMITTEE = (*_LEADERS, "committee_member")
_INTAKE = (*_COMMITTEE, "grid_worker")
_SETTLING = (_S.DRAFTING_PLAN, _S.PLAN_PUBLICISED, _S.PARTY_REVIEWED)
_WITH_TASKS = (_S.EFFECTIVE, _S.EXECUTING, _S.RECTIFYING, _S.ESCALATED)


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `statuses` empty: in any status. `own_page`: it has a form of its own on the proposal's work page."""

    key: str
    title: str | Promise
    offices: tuple[str, ...]
    statuses: tuple[Status, ...] = ()
    own_page: bool = True


_ALL = (
    Act("edit_proposal", _("修改提案"), (PROPOSER, *_INTAKE), (_S.DRAFT, _S.SUPPLEMENT_REQUESTED)),
    Act("acknowledge_proposal", _("签收"), _INTAKE, (_S.SUBMITTED,)),
    Act("record_screening", _("记录把关意见"), _COMMITTEE, (_S.SUBMITTED,)),
    Act("extend_screening", _("延长审核"), _LEADERS, (_S.SUBMITTED,)),
    Act("file_appeal", _("申诉"), (PROPOSER, *_INTAKE), (_S.REJECTED,)),
    Act("decide_appeal", _("答复申诉"), (*_LEADERS, "subdistrict_officer"), (_S.REJECTED,)),
    Act("publish_topic", _("公示议题"), _LEADERS, (_S.ACCEPTED,)),
    Act("list_stakeholder", _("列入利益相关方"), (*_INTAKE, "facilitator"), (_S.ACCEPTED, _S.DELIBERATING)),
    Act("convene_next_round", _("召集下一轮协商"), _LEADERS, (_S.DELIBERATING,)),
    Act("record_consultation", _("记录协商意见"), (*_LEADERS, "facilitator"), (_S.DELIBERATING,)),
    Act("draft_plan", _("拟定方案"), _COMMITTEE, (_S.DRAFTING_PLAN,)),
    Act("review_legality", _("合法性审查"), (*_COMMITTEE, "subdistrict_officer"), _SETTLING),
    Act("choose_rule", _("确定表决规则"), _LEADERS, _SETTLING),
    Act("publish_roll", _("公示名册"), _LEADERS, _SETTLING),
    Act("record_party_review", _("记录党组织研究意见"), ("secretary",), (_S.PLAN_PUBLICISED,)),
    Act("record_party_step", _("记录四议两公开步骤"), ("secretary",), _SETTLING),
    Act("document_emergency", _("写明紧急情况"), _LEADERS, (_S.ACCEPTED, _S.DELIBERATING, _S.DRAFTING_PLAN)),
    Act("list_task", _("列入责任清单"), _LEADERS, (_S.EFFECTIVE, _S.EXECUTING)),
    Act("record_completion", _("提交完工报告"), (*_COMMITTEE, "subdistrict_officer"), (_S.EXECUTING, _S.ESCALATED)),
    Act("report_rectification", _("提交整改报告"), _COMMITTEE, (_S.RECTIFYING,)),
    Act("report_progress", _("报告进展"), _INTAKE, _WITH_TASKS, own_page=False),
    Act("finish_task", _("办结任务"), _INTAKE, _WITH_TASKS, own_page=False),
    Act(
        "order_follow_up",
        _("督办"),
        (*_LEADERS, "supervision_committee", "subdistrict_officer"),
        _WITH_TASKS,
        own_page=False,
    ),
    Act("answer_follow_up", _("答复督办"), _INTAKE, own_page=False),
    Act("answer_opinion", _("答复意见"), _INTAKE, own_page=False),
)

ACTS: Mapping[str, Act] = MappingProxyType({act.key: act for act in _ALL})

# Acts of the ledger that are neither moves nor in the table: anybody's voice, or the platform's own.
OTHER_TITLES: Mapping[str, str | Promise] = MappingProxyType(
    {
        "register_proposal": _("登记提案"),
        "co_sign": _("联名"),
        "give_opinion": _("发表意见"),
        "meeting_decided": _("会议议定"),
        "minutes_signed": _("会议纪要签字"),
        "rate": _("评议"),
        "receive_merged": _("并入提案"),
    }
)


def acts_in(status: str) -> tuple[Act, ...]:
    """Return the acts with a page of their own that are possible in `status`."""
    return tuple(act for act in _ALL if act.own_page and Status(status) in act.statuses)


def act_title(key: str) -> str:
    """Return a move, an act or another entry of the ledger as a reader sees it; what is unknown as it stands."""
    if key in MOVES:
        return str(MOVES[key].title)
    return str(ACTS[key].title if key in ACTS else OTHER_TITLES.get(key, key))
