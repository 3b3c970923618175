"""Where a proposal stands and what comes next, as one says it to a resident. A leaf.

What the office still has to bring together is the staff's list (`deliberation.requirements`), not an answer to a
resident's question.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deliberation.stages import Status

_S = Status
RECEIVED: str | Promise = _("已经收到，社区先签收，再审核属不属于社区议事的范围，结果会写在这里。")

SITUATIONS: Mapping[Status, str | Promise] = MappingProxyType(
    {
        _S.DRAFT: _("还是草稿，只有您看得到；提交后社区才会受理。"),
        _S.SUBMITTED: _("社区已经签收，正在审核属不属于社区议事的范围，结果会写在这里。"),
        _S.SUPPLEMENT_REQUESTED: _("社区请提案人补充材料；补齐后继续审核。"),
        _S.ACCEPTED: _("社区已经受理，接下来公示议题，请相关的人来商量。"),
        _S.MERGED: _("已与另一件相同的事并在一起办，往后看那一件。"),
        _S.TRANSFERRED: _("这件事由别的部门办，社区已经转过去。"),
        _S.REJECTED: _("社区没有受理，理由写在下面；提案人可以在十个工作日内申诉。"),
        _S.WITHDRAWN: _("提案人已经撤回。"),
        _S.DELIBERATING: _("相关的人正在开会商量；有话可以在下面说，也可以到会上说。"),
        _S.CONSENSUS_RECORDED: _("已经商量出意见，接下来写成方案。"),
        _S.DRAFTING_PLAN: _("正在把商量的结果写成方案，写好后公示，听大家意见。"),
        _S.PLAN_PUBLICISED: _("方案正在公示；不同意的可以在公示期内提出异议。"),
        _S.PARTY_REVIEWED: _("方案公示已满，党组织已经研究；接下来审查合法性、公示表决人名册。"),
        _S.READY_TO_VOTE: _("方案已经定下，接下来公告表决的时间和办法。"),
        _S.NOTICE_PERIOD: _("表决已经公告，时间到了就可以投票。"),
        _S.VOTING: _("正在表决；名册上的人请在截止前投票。"),
        _S.COUNTING: _("表决已经截止，监票人、计票人正在核对，随后公布结果。"),
        _S.RESULT_PUBLICISED: _("结果正在公示；有异议的可以在公示期内提出，期满后生效。"),
        _S.NOT_QUORATE: _("参加表决的人数不够，社区将延长或者重新召集。"),
        _S.NOT_PASSED: _("表决没有通过；同一件事六个月以后可以再提。"),
        _S.EFFECTIVE: _("决议已经生效，接下来列出谁在什么时候办什么。"),
        _S.EXECUTING: _("正在照决议办；每项任务由谁办、什么时候办完，列在下面。"),
        _S.AWAITING_ACCEPTANCE: _("已经完工，监督委员会验收后请居民评议。"),
        _S.EVALUATING: _("办完了，正在请居民评议；满意率达到80%才算办结。"),
        _S.RECTIFYING: _("居民评议不满意，正在整改；改好后再请居民评议。"),
        _S.ARCHIVED: _("已经办结归档；全部文件和记录都在这里。"),
        _S.SUSPENDED: _("暂时中止，到期后继续。"),
        _S.ESCALATED: _("社区办不了，已经报街道办理，由街道答复。"),
        _S.TERMINATED: _("这件事已经终止，理由写在下面。"),
        _S.ANNULLED: _("决议已被撤销，退回定议，重新写方案。"),
    }
)


def situation_of(status: str, *, is_acknowledged: bool) -> str:
    """Return where a proposal in `status` stands and what comes next, in one or two plain sentences."""
    if status == Status.SUBMITTED and not is_acknowledged:
        return str(RECEIVED)
    return str(SITUATIONS[Status(status)])
