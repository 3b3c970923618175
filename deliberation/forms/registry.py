"""One form for each move and each act of the tables."""

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import BadInput, NotFound, WrongStage
from core.fields import DayField, MomentField
from deliberation import limits, operations
from deliberation.forms.acting import ActForm, StaffField, local_person
from deliberation.forms.fields import LinesField, TextArea, YesNoField
from deliberation.forms.intake import WithdrawForm
from deliberation.forms.votes import CallVoteForm, CloseVotingForm, RuleForm
from deliberation.models import Appeal, Category, PartyStepKind, Proposal
from deliberation.moves import MOVES
from deliberation.operations.acting import REASON_LENGTH


def _reason(label: Any = None, **more: Any) -> forms.CharField:
    return TextArea(label=label or _("理由"), max_length=REASON_LENGTH, **more)


def _form(
    key: str, operation: Callable[..., Any], base: type[ActForm] = ActForm, **fields: forms.Field
) -> type[ActForm]:
    """Return the form of one act; coded moves get their list of reasons, the others theirs when it is needed."""
    move = MOVES.get(key)
    if move is not None and move.reason_codes:
        coded = forms.ChoiceField(label=_("理由"), choices=list(move.reason_codes.items()), widget=forms.RadioSelect)
        fields = {"reason_code": coded, "reason": _reason(_("说明"), required=False), **fields}
    elif move is not None and move.needs_reason and "reason" not in fields and "acceptance" not in fields:
        fields = {"reason": _reason(), **fields}
    made = {"key": key, "operation": staticmethod(operation), "__module__": __name__, **fields}
    return type(f"{key.title().replace('_', '')}Form", (base,), made)


def _session_fields() -> dict[str, forms.Field]:
    return {
        "starts_at": MomentField(label=_("时间")),
        "place": forms.CharField(label=_("地点"), max_length=200),
        "chair": StaffField(label=_("主持人")),
        "recorder": StaffField(label=_("记录人"), required=False),
        "kind": forms.ChoiceField(
            label=_("形式"), choices=[("deliberation_council", _("协商议事会")), ("hearing", _("听证会"))]
        ),
        "urgent_reason": _reason(_("紧急召开的理由（不满通知天数时填写）"), required=False),
    }


class _AlikeForm(ActForm):
    """A page that names the proposals which look like this one."""

    shows_alike = True


class _MergeForm(_AlikeForm):
    """Into which other proposal: a number."""

    into = forms.IntegerField(
        label=_("并入哪一件（编号）"), min_value=1, widget=forms.NumberInput(attrs={"list": "alike"})
    )
    reason = _reason()

    def facts(self) -> dict[str, Any]:
        """Return the other proposal itself."""
        facts = dict(self.cleaned_data)
        into = Proposal.objects.filter(pk=facts["into"], community_id=self.proposal.community_id).first()
        if into is None:
            raise BadInput(gettext("本社区没有这个编号的提案。"), field="into")
        return {**facts, "into": into}


class _StakeholdersForm(ActForm):
    """One line for each party."""

    stakeholders = LinesField(
        label=_("利益相关方"),
        columns=("name", "interest"),
        needed=2,
        extra=("user",),
        help_text=_("每行一个：姓名或单位，与事项的关系"),
    )

    def facts(self) -> dict[str, Any]:
        """Return the rows with the accounts of those whose name is clear."""
        rows = []
        for row in self.cleaned_data["stakeholders"]:
            user = local_person(self.proposal, row.get("name", ""))
            rows.append({**row, "user": user})
        return {**self.cleaned_data, "stakeholders": rows}


class _TasksForm(ActForm):
    """One line for each task."""

    tasks = LinesField(
        label=_("责任清单"),
        columns=("title", "owner_name", "due_on"),
        needed=3,
        help_text=_("每行一项：任务，责任人，期限（如 2026-12-31）"),
    )

    def facts(self) -> dict[str, Any]:
        """Return the rows with days and, where the name is clear, accounts."""
        rows = []
        for number, row in enumerate(self.cleaned_data["tasks"]):
            try:
                due_on = dt.date.fromisoformat(row.get("due_on", ""))
            except ValueError as error:
                raise BadInput(
                    gettext("第%(row)d项任务的期限不对，应如 2026-12-31。") % {"row": number + 1},
                    field=f"tasks[{number}].due_on",
                ) from error
            owner = local_person(self.proposal, row.get("owner_name", ""))
            rows.append({**row, "due_on": due_on, "owner": owner})
        return {**self.cleaned_data, "tasks": rows}


class _TopicsForm(ActForm):
    """The topic list with this one topic; several are listed together from the work list."""

    def apply(self) -> Any:
        """Post it."""
        return operations.publish_topics([self.proposal], by=self.user)


class _AppealForm(ActForm):
    """Object to a rejection."""

    text = _reason(_("申诉理由"))

    def apply(self) -> Any:
        """File it."""
        return operations.file_appeal(self.proposal, by=self.user, text=self.cleaned_data["text"])


class _AppealDecisionForm(ActForm):
    """Decide an appeal."""

    upheld = YesNoField(label=_("申诉是否成立"), yes=_("成立，重新办理"), no=_("不成立"))
    decision = _reason(_("答复"))

    def apply(self) -> Any:
        """Decide it."""
        appeal = Appeal.objects.filter(proposal=self.proposal).first()
        if appeal is None:
            raise WrongStage(gettext("没有人申诉。"))
        facts = dict(self.cleaned_data)
        return operations.decide_appeal(appeal, by=self.user, upheld=facts["upheld"], decision=facts["decision"])


class _PlanForm(ActForm):
    """The next version of the plan; begins with the words of the last one."""

    text = TextArea(label=_("方案"), rows=12, max_length=20_000)
    funds = forms.CharField(label=_("资金来源"), max_length=200, required=False)
    budget = LinesField(
        label=_("预算"),
        columns=("item", "amount", "source"),
        needed=2,
        required=False,
        help_text=_("每行一项：项目，金额（元），来源"),
    )
    sharing = forms.CharField(label=_("分摊办法"), max_length=200, required=False)
    schedule = forms.CharField(label=_("工期"), max_length=200, required=False)
    no_cost = forms.BooleanField(label=_("不需要资金"), required=False)

    def __init__(self, *args: Any, proposal: Proposal, user: Any, **more: Any) -> None:
        last = proposal.plans.order_by("-number").first()
        if last is not None:
            more.setdefault("initial", {}).update(
                text=last.text,
                funds=last.funds,
                sharing=last.sharing,
                schedule=last.schedule,
                no_cost=last.no_cost,
                budget="\n".join(
                    f"{line.item}，{line.amount_fen // 100}.{line.amount_fen % 100:02d}，{line.source}"
                    for line in last.budget_lines.all()
                ),
            )
        super().__init__(*args, proposal=proposal, user=user, **more)


class _EditForm(ActForm):
    """The words of a draft, or of one that was returned."""

    title = forms.CharField(label=_("标题"), max_length=80)
    body = TextArea(label=_("内容"), rows=8, max_length=4000)
    category = forms.ChoiceField(label=_("类别"), choices=Category.choices, required=False)

    def __init__(self, *args: Any, proposal: Proposal, user: Any, **more: Any) -> None:
        words = {"title": proposal.title, "body": proposal.body, "category": proposal.category}
        more.setdefault("initial", {}).update(words)
        super().__init__(*args, proposal=proposal, user=user, **more)


_op = operations
_MOVE_FORMS = (
    _form("submit", _op.submit_proposal),
    _form("request_supplement", _op.request_supplement, reason=_reason(_("需要补正什么"))),
    _form(
        "supplement",
        _op.supplement_proposal,
        reason=_reason(_("补正说明")),
        title=forms.CharField(label=_("新的标题（不改就空着）"), max_length=80, required=False),
        body=TextArea(label=_("新的内容（不改就空着）"), max_length=4000, required=False),
    ),
    _form("accept", _op.accept_proposal),
    _form("merge", _op.merge_proposals, _MergeForm),
    _form("transfer", _op.transfer_proposal),
    _form("reject", _op.reject_proposal),
    _form("withdraw", _op.withdraw_proposal, WithdrawForm),
    _form("start_deliberation", _op.start_deliberation, ActForm, **_session_fields()),
    _form("confirm_consensus", _op.confirm_consensus),
    _form("proceed_without_consensus", _op.proceed_without_consensus),
    _form("start_drafting", _op.start_drafting),
    _form("publicise_plan", _op.publicise_plan),
    _form("revise_plan", _op.revise_plan),
    _form("return_to_deliberation", _op.return_to_deliberation),
    _form("complete_party_review", _op.complete_party_review),
    _form("make_ready", _op.make_ready),
    _form("call_vote", _op.call_vote, CallVoteForm),
    _form("open_voting", _op.open_voting),
    _form("close_voting", _op.close_voting, CloseVotingForm),
    _form("declare_not_quorate", _op.declare_not_quorate, reason=_reason(_("说明"), required=False)),
    _form("extend_voting", _op.extend_voting, closes_at=MomentField(label=_("延长到"))),
    _form("reconvene", _op.reconvene_vote),
    _form("publish_result", _op.publish_result),
    _form("take_effect", _op.take_effect),
    _form("record_not_passed", _op.record_not_passed),
    _form("annul", _op.annul_decision),
    _form("resettle", _op.resettle_proposal),
    _form("order_emergency_repair", _op.order_emergency_repair),
    _form("start_execution", _op.start_execution),
    _form("report_completion", _op.report_completion),
    _form("return_work", _op.return_work),
    _form("start_evaluation", _op.start_evaluation, acceptance=_reason(_("验收意见"))),
    _form("archive", _op.archive_proposal, conclusion=_reason(_("评议结论"), required=False)),
    _form("order_rectification", _op.order_rectification, reason=_reason(_("整改要求"))),
    _form("finish_rectification", _op.finish_rectification),
    _form("escalate", _op.escalate_proposal),
    _form("answer_escalation", _op.answer_escalation, reason=_reason(_("答复"))),
    _form("hand_back", _op.hand_back_proposal, reason=_reason(_("办理要求"))),
    _form(
        "suspend",
        _op.suspend_proposal,
        days=forms.IntegerField(
            label=_("中止几天"), min_value=1, max_value=limits.SUSPENSION.days, initial=limits.SUSPENSION.days
        ),
    ),
    _form("resume", _op.resume_proposal),
    _form("terminate", _op.terminate_proposal),
)

_ACT_FORMS = (
    _form("edit_proposal", _op.edit_proposal, _EditForm),
    _form("acknowledge_proposal", _op.acknowledge_proposal),
    _form(
        "record_screening",
        _op.record_screening,
        _AlikeForm,
        identity_verified=YesNoField(label=_("提案人身份是否已核实")),
        in_scope=YesNoField(label=_("是否属于社区议事范围")),
        not_duplicate=YesNoField(label=_("是否确认不与在办事项重复")),
        legality_prechecked=YesNoField(label=_("合法性初审是否通过")),
        note=_reason(_("说明"), required=False),
    ),
    _form("extend_screening", _op.extend_screening, reason=_reason()),
    _form("file_appeal", _op.file_appeal, _AppealForm),
    _form("decide_appeal", _op.decide_appeal, _AppealDecisionForm),
    _form("publish_topic", _op.publish_topics, _TopicsForm),
    _form("list_stakeholder", _op.list_stakeholders, _StakeholdersForm),
    _form("convene_next_round", _op.convene_next_round, ActForm, **_session_fields()),
    _form(
        "record_consultation",
        _op.record_consultation,
        consensus=YesNoField(label=_("是否达成一致")),
        summary=TextArea(label=_("协商意见"), rows=6, max_length=4000),
        dissent=TextArea(label=_("不同意见（没有请写“无”）"), max_length=4000),
    ),
    _form("draft_plan", _op.draft_plan, _PlanForm),
    _form(
        "review_legality",
        _op.review_legality,
        is_lawful=YesNoField(label=_("是否通过")),
        opinion=TextArea(label=_("审查意见"), max_length=20_000),
        reviewer=forms.CharField(label=_("审查人或单位"), max_length=100, required=False),
    ),
    _form("choose_rule", _op.choose_rule, RuleForm),
    _form("publish_roll", _op.publish_roll),
    _form(
        "record_party_review",
        _op.record_party_review,
        held_on=DayField(label=_("研究日期")),
        due=forms.IntegerField(label=_("应到人数"), min_value=1, max_value=1000),
        present=forms.IntegerField(label=_("实到人数"), min_value=0, max_value=1000),
        agrees=YesNoField(label=_("是否同意")),
        conclusion=TextArea(label=_("研究意见"), max_length=4000),
    ),
    _form(
        "record_party_step",
        _op.record_party_step,
        kind=forms.ChoiceField(label=_("步骤"), choices=PartyStepKind.choices, widget=forms.RadioSelect),
        held_on=DayField(label=_("日期")),
        due=forms.IntegerField(label=_("应到人数"), min_value=1, max_value=1000),
        present=forms.IntegerField(label=_("实到人数"), min_value=0, max_value=1000),
        agreed=forms.IntegerField(label=_("同意人数"), min_value=0, max_value=1000),
        conclusion=TextArea(label=_("意见"), max_length=4000),
    ),
    _form("document_emergency", _op.document_emergency, basis=TextArea(label=_("紧急情况和依据"), max_length=2000)),
    _form("list_task", _op.list_tasks, _TasksForm),
    _form(
        "record_completion",
        _op.record_completion,
        text=TextArea(label=_("完工报告"), rows=6, max_length=4000),
        cost=forms.CharField(label=_("实际支出（元）"), max_length=20),
        contractor=forms.CharField(label=_("实施单位"), max_length=200, required=False),
        started_on=DayField(label=_("开工日期"), required=False),
        finished_on=DayField(label=_("完工日期")),
    ),
    _form("report_rectification", _op.report_rectification, report=TextArea(label=_("整改报告"), max_length=4000)),
)

MOVE_FORMS: Mapping[str, type[ActForm]] = MappingProxyType({form.key: form for form in _MOVE_FORMS})
ACT_FORMS: Mapping[str, type[ActForm]] = MappingProxyType({form.key: form for form in _ACT_FORMS})


def form_of_move(key: str) -> type[ActForm]:
    """Return the form of a move. Raises NotFound."""
    if key not in MOVE_FORMS:
        raise NotFound(gettext("没有这种流转。"))
    return MOVE_FORMS[key]


def form_of_act(key: str) -> type[ActForm]:
    """Return the form of an act. Raises NotFound."""
    if key not in ACT_FORMS:
        raise NotFound(gettext("没有这种操作。"))
    return ACT_FORMS[key]
