"""The five stages and every status a proposal can have (RULEBOOK 1). A leaf: no tables."""

from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(TextChoices):
    """The five stages of the method, in their order."""

    PROPOSE = "propose", _("提议")
    DELIBERATE = "deliberate", _("共议")
    SETTLE = "settle", _("定议")
    DECIDE = "decide", _("决议")
    EVALUATE = "evaluate", _("评议")


class Status(TextChoices):
    """Where a proposal is. The identifiers are fixed: users script them."""

    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    SUPPLEMENT_REQUESTED = "supplement_requested", pgettext_lazy("status", "退回补正")
    ACCEPTED = "accepted", _("已受理")
    MERGED = "merged", _("已并案")
    TRANSFERRED = "transferred", _("已转办")
    REJECTED = "rejected", pgettext_lazy("status", "不予受理")
    WITHDRAWN = "withdrawn", _("已撤回")
    DELIBERATING = "deliberating", _("协商中")
    CONSENSUS_RECORDED = "consensus_recorded", _("已形成协商意见")
    DRAFTING_PLAN = "drafting_plan", _("拟定方案")
    PLAN_PUBLICISED = "plan_publicised", _("方案公示中")
    PARTY_REVIEWED = "party_reviewed", _("党组织已研究")
    READY_TO_VOTE = "ready_to_vote", _("待表决")
    NOTICE_PERIOD = "notice_period", _("表决公告期")
    VOTING = "voting", _("表决中")
    COUNTING = "counting", _("计票中")
    RESULT_PUBLICISED = "result_publicised", _("结果公示中")
    NOT_QUORATE = "not_quorate", _("未达法定人数")
    NOT_PASSED = "not_passed", _("未通过")
    EFFECTIVE = "effective", _("决议生效")
    EXECUTING = "executing", _("执行中")
    AWAITING_ACCEPTANCE = "awaiting_acceptance", _("待验收")
    EVALUATING = "evaluating", _("评议中")
    RECTIFYING = "rectifying", _("整改中")
    ARCHIVED = "archived", _("已归档")
    SUSPENDED = "suspended", _("已中止")
    ESCALATED = "escalated", _("已上报街道")
    TERMINATED = "terminated", _("已终止")
    ANNULLED = "annulled", _("决议已撤销")


FINAL = frozenset(
    {
        Status.MERGED,
        Status.TRANSFERRED,
        Status.REJECTED,
        Status.WITHDRAWN,
        Status.NOT_PASSED,
        Status.ARCHIVED,
        Status.TERMINATED,
    }
)

_STATUSES_OF = {
    Stage.PROPOSE: (
        Status.DRAFT,
        Status.SUBMITTED,
        Status.SUPPLEMENT_REQUESTED,
        Status.ACCEPTED,
        Status.MERGED,
        Status.TRANSFERRED,
        Status.REJECTED,
        Status.WITHDRAWN,
    ),
    Stage.DELIBERATE: (Status.DELIBERATING, Status.CONSENSUS_RECORDED),
    Stage.SETTLE: (Status.DRAFTING_PLAN, Status.PLAN_PUBLICISED, Status.PARTY_REVIEWED, Status.READY_TO_VOTE),
    Stage.DECIDE: (
        Status.NOTICE_PERIOD,
        Status.VOTING,
        Status.COUNTING,
        Status.RESULT_PUBLICISED,
        Status.NOT_QUORATE,
        Status.NOT_PASSED,
        Status.EFFECTIVE,
        Status.EXECUTING,
        Status.ANNULLED,
    ),
    Stage.EVALUATE: (
        Status.AWAITING_ACCEPTANCE,
        Status.EVALUATING,
        Status.RECTIFYING,
        Status.ESCALATED,
        Status.ARCHIVED,
    ),
}

# Suspended and terminated are reached from several stages: the stage is that of the status before them.
STAGE_OF = MappingProxyType({status: stage for stage, statuses in _STATUSES_OF.items() for status in statuses})
STAGELESS = frozenset({Status.SUSPENDED, Status.TERMINATED})
# Escalation can come from carrying out, too; it is shown where the residents wait for it.


def stage_of(status: str, previous: str = "") -> Stage:
    """Return the stage of `status`; for a stageless one that of `previous`, the status it came from."""
    key = Status(status)
    if key in STAGELESS:
        return STAGE_OF[Status(previous)] if previous and Status(previous) not in STAGELESS else Stage.PROPOSE
    return STAGE_OF[key]


def statuses_in(stage: str) -> tuple[Status, ...]:
    """Return the statuses of `stage`, in the order of the main path."""
    return _STATUSES_OF[Stage(stage)]


def is_final(status: str) -> bool:
    """Return whether nothing can follow `status`."""
    return Status(status) in FINAL


# A draft is its author's alone; everything else is public, with the proposer masked.
PUBLIC = frozenset(Status) - {Status.DRAFT}
