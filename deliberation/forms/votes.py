"""Forms of the vote: its rule, its announcement, its end."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.fields import MomentField
from core.words import day_in_words
from deliberation import operations
from deliberation.forms.acting import ActForm, StaffField
from deliberation.forms.fields import TextArea, YesNoField
from deliberation.models import Electorate, Proposal
from deliberation.operations.acting import REASON_LENGTH
from deliberation.stages import Status
from voting.entries import Entry
from voting.forms_rule import RuleField
from voting.models import BallotKind, ChangeKind, Phase
from voting.operations.ballot import LONGEST_REASON as LONGEST_EARLY
from voting.operations.roll import LONGEST_REASON
from voting.rules import rule_of


class CallVoteForm(ActForm):
    """The announcement of the vote."""

    opens_at = MomentField(label=_("开始时间"))
    closes_at = MomentField(label=_("截止时间"))
    place = forms.CharField(label=_("地点"), max_length=200, required=False)
    chair = StaffField(label=_("主持人（开会表决时选择；书面和网上表决不选）"), required=False)
    recorder = StaffField(label=_("记录人"), required=False)
    kind = forms.ChoiceField(required=False)
    revisable = forms.BooleanField(label=_("截止前可以修改"), required=False)
    urgent_reason = TextArea(label=_("紧急召开的理由（不满通知天数时填写）"), max_length=REASON_LENGTH, required=False)
    roll_reason = forms.CharField(
        label=_("名册与公示不同的理由"), max_length=LONGEST_REASON, required=False,
        help_text=_("上面列出的每一处变更都按这个理由记入台账。"),
    )  # fmt: skip

    def __init__(self, *args: Any, proposal: Proposal, user: Any, **more: Any) -> None:
        super().__init__(*args, proposal=proposal, user=user, **more)
        # What the rules refuse is not offered: owners' votes are named and signed, elections secret.
        kinds = _kinds_of(proposal)
        offered = [(one.value, one.label) for one in BallotKind if one.value in kinds]
        self.fields["kind"] = forms.ChoiceField(label=_("方式"), choices=offered, initial=kinds[0], required=False)
        earliest, days = operations.earliest_opening(proposal)
        self.fields["opens_at"].help_text = gettext("公告须满%(days)d日：最早%(day)s。开会表决的，这是开会的时间。") % {
            "days": days,
            "day": day_in_words(earliest),
        }
        self.roll_changes = _roll_changes(proposal) if proposal.status == Status.READY_TO_VOTE else []
        if not self.roll_changes:
            del self.fields["roll_reason"]

    def facts(self) -> dict[str, Any]:
        """Return the keywords; the kind defaults to the first the rules know."""
        facts = dict(self.cleaned_data)
        return {**facts, "kind": facts["kind"] or self.fields["kind"].initial}


def _kinds_of(proposal: Proposal) -> list[str]:
    """Return the ways of voting that every rule of the matter knows; all of them before one was chosen."""
    keys = [key for key in (proposal.rule, *proposal.more_rules, proposal.second_rule) if key]
    known = [rule_of(key).entry["ballots"] for key in keys]
    return [one for one in BallotKind.values if all(one in kinds for kinds in known)] or BallotKind.values


def _roll_changes(proposal: Proposal) -> list[tuple[str, Entry, Entry | None]]:
    """Return what the register changed since the roll was posted: (what happened, the entry, as it was posted)."""
    found = operations.changes_since_posting(proposal, operations.rolls_of_proposal(proposal))
    lines: list[tuple[str, Entry, Entry | None]] = []
    for one in found.values():
        lines += [(str(ChangeKind.REMOVED.label), entry, None) for entry in one.removed]
        lines += [(str(ChangeKind.CORRECTED.label), entry, was) for was, entry in one.corrected]
        lines += [(str(ChangeKind.ADDED.label), entry, None) for entry in one.added]
    return lines


class CloseVotingForm(ActForm):
    """Closing; before the announced end with a question and a reason that everybody will read."""

    reason = forms.CharField(
        label=_("提前截止的理由"), max_length=LONGEST_EARLY, help_text=_("记入台账，写进结果公示，人人都能看到。")
    )

    def __init__(self, *args: Any, proposal: Proposal, user: Any, **more: Any) -> None:
        super().__init__(*args, proposal=proposal, user=user, **more)
        if not self.caution:
            del self.fields["reason"]

    @property
    def caution(self) -> str:
        """Return what closing early takes away from those who have not voted; "" once the time is up."""
        ballot = self.proposal.ballot
        if ballot is None or ballot.phase != Phase.OPEN or ballot.closes_at is None or ballot.closes_at <= clock.now():
            return ""
        return gettext(
            "公告的截止时间是%(ends)s，还没有到；已投%(cast)d人，名册上共%(all)d人。提前截止后，没有投的人就不能再投了。"
        ) % {
            "ends": date_format(timezone.localtime(ballot.closes_at), gettext("n月j日 H:i")),
            "cast": ballot.cast,
            "all": ballot.roll_heads,
        }


class RuleForm(ActForm):
    """The rule and who decides; another rule for the same votes, or another body that must agree too."""

    electorate = forms.ChoiceField(label=_("由谁表决"), choices=Electorate.choices, widget=forms.RadioSelect)
    rule = RuleField(label=_("表决规则"), fitted_by="electorate", empty=_("请选择"), electorates=Electorate.values)
    also_rule = RuleField(
        label=_("同一次表决还须符合的规则"), fitted_by="electorate", empty=_("没有"), electorates=Electorate.values,
        required=False,
    )  # fmt: skip
    second_electorate = forms.ChoiceField(
        label=_("还须由谁另行表决"), choices=[("", _("不需要")), *Electorate.choices], required=False,
        help_text=_("如既涉及业主共有部分、又涉及居民公共事务的，两方分别表决，都通过才算通过。"),
    )  # fmt: skip
    second_rule = RuleField(
        label=_("另一表决的规则"), fitted_by="second_electorate", empty=_("不需要"), electorates=Electorate.values,
        required=False,
    )  # fmt: skip
    four_step = YesNoField(
        label=_("按四议两公开办理"), required=False, empty_value=None,
        help_text=_("提交表决之前，须先记录党组织提议、两委会商议、党员大会审议。"),
    )  # fmt: skip

    def __init__(self, *args: Any, proposal: Proposal, user: Any, **more: Any) -> None:
        more.setdefault("initial", {}).setdefault("four_step", "yes" if proposal.four_step else "no")
        super().__init__(*args, proposal=proposal, user=user, **more)

    def facts(self) -> dict[str, Any]:
        """Return the keywords; the further rule as a list."""
        facts = dict(self.cleaned_data)
        also = facts.pop("also_rule")
        return {**facts, "more_rules": [also] if also else []}
