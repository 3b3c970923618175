"""Forms of meeting pages."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.models import Office, Unit, User
from community.queries import office_holders, units_under
from core.fields import MomentField
from meetings.kinds import CHOICES
from meetings.models import Attendance, CountMethod, Meeting, Role, Stance
from meetings.queries.prepared import why_not_by_roll_call
from voting.electorates import SCOPES
from voting.models import Ballot, BallotKind, Disclosure
from voting.operations.ballot import LONGEST_REASON
from voting.warnings import SMALL_GROUP, open_counts, small_group

_INVITED_OFFICES = [
    (Office.RESIDENT_REPRESENTATIVE.value, Office.RESIDENT_REPRESENTATIVE.label),
    (Office.COMMITTEE_MEMBER.value, Office.COMMITTEE_MEMBER.label),
    (Office.SECRETARY.value, Office.SECRETARY.label),
    (Office.DIRECTOR.value, Office.DIRECTOR.label),
    (Office.SECONDED_MEMBER.value, Office.SECONDED_MEMBER.label),
    (Office.GRID_WORKER.value, Office.GRID_WORKER.label),
    (Office.SUPERVISION_COMMITTEE.value, Office.SUPERVISION_COMMITTEE.label),
]
# Whom a meeting may be called of by the register; the bodies are invited by their offices.
_INVITED_SCOPES = ("owners", "households", "adults")
_AGENDA_LIMIT = 60
ROLL_CALL = "roll_call"


class ConveneForm(forms.Form):
    """Calling a meeting: what, where, when, who."""

    kind = forms.ChoiceField(label=_("会议类别"), choices=CHOICES)
    title = forms.CharField(label=_("会议名称"), max_length=100)
    place = forms.CharField(label=_("地点"), max_length=200)
    starts_at = MomentField(label=_("开始时间"))
    chair = forms.ModelChoiceField(label=_("主持人"), queryset=User.objects.none(), empty_label=_("请选择"))
    recorder = forms.ModelChoiceField(label=_("记录人"), queryset=User.objects.none(), empty_label=_("请选择"))
    agenda = forms.CharField(
        label=_("议程"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=20_000,
        help_text=_("一行一项。要表决的事项，在同一行写“事项｜表决的内容”。通知里没有的事项不能表决。"),
    )
    offices = forms.MultipleChoiceField(
        label=_("邀请（按职务）"), choices=_INVITED_OFFICES, widget=forms.CheckboxSelectMultiple, required=False
    )
    scope = forms.ChoiceField(
        label=_("邀请（按名册）"),
        choices=[("", _("不按名册邀请")), *((key, SCOPES[key].title) for key in _INVITED_SCOPES)],
        required=False,
        help_text=_("名册上的每一位都应到会；作为利益相关方计算法定人数。"),
    )
    unit = forms.ModelChoiceField(
        label=_("名册的范围"),
        queryset=Unit.objects.none(),
        required=False,
        empty_label=_("全社区"),
    )
    people = forms.CharField(
        label=_("另外邀请"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=20_000,
        required=False,
        help_text=_("一行一人：姓名或登录名，可加“｜列席”或“｜旁听”。"),
    )
    urgent_reason = forms.CharField(
        label=_("紧急召开的理由"),
        required=False,
        max_length=300,
        help_text=_("通知天数不够时才需要写，会登在公告上。"),
    )

    def __init__(self, *args: Any, community: Unit, **more: Any) -> None:
        super().__init__(*args, **more)
        self.community = community
        staff = office_holders(
            community, "secretary", "director", "facilitator", "committee_member", "supervision_committee"
        )
        for name in ("chair", "recorder"):
            chooser = self.fields[name]
            if isinstance(chooser, forms.ModelChoiceField):
                chooser.queryset = staff
        unit = self.fields["unit"]
        if isinstance(unit, forms.ModelChoiceField):
            unit.queryset = units_under(community, "grid", "estate", "building", "entrance")

    def clean_agenda(self) -> list[tuple[str, str]]:
        """Return (title, motion) pairs."""
        lines = [line.strip() for line in str(self.cleaned_data["agenda"]).splitlines() if line.strip()]
        if len(lines) > _AGENDA_LIMIT:
            raise forms.ValidationError(_("议程最多60项。"))
        pairs = []
        for line in lines:
            title, _bar, motion = line.replace("|", "｜").partition("｜")
            pairs.append((title.strip()[:300], motion.strip()[:4000]))
        return pairs

    def clean_people(self) -> list[tuple[str, str]]:
        """Return (name or username, role) pairs."""
        roles = {"列席": Role.GUEST.value, "旁听": Role.OBSERVER.value}
        pairs = []
        for line in str(self.cleaned_data["people"]).splitlines():
            name, _bar, word = line.replace("|", "｜").partition("｜")
            if name.strip():
                pairs.append((name.strip()[:100], roles.get(word.strip(), Role.MEMBER.value)))
        return pairs


class WalkInForm(forms.Form):
    """Letting somebody in who was not invited: a guest or an observer, never a member."""

    name = forms.CharField(label=_("姓名或登录名"), max_length=100)
    role = forms.ChoiceField(
        label=_("身份"), choices=[(role.value, role.label) for role in (Role.OBSERVER, Role.GUEST)]
    )


class LeaveForm(forms.Form):
    """Asking for leave."""

    reason = forms.CharField(label=_("请假事由"), max_length=300)


class HandForm(forms.Form):
    """Raising a hand."""

    stance = forms.ChoiceField(label=_("发言立场"), choices=Stance.choices)


class MotionForm(forms.Form):
    """Putting a motion."""

    text = forms.CharField(label=_("动议内容"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class SplitForm(forms.Form):
    """Parting a question: one part a line."""

    parts = forms.CharField(label=_("一行一项"), max_length=8000, widget=forms.Textarea(attrs={"rows": 3}))


class AmendmentForm(forms.Form):
    """Moving an amendment."""

    passage = forms.CharField(
        label=_("要修改的原句"),
        max_length=2000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("照抄动议里要改的那一句，一字不差。"),
    )
    replacement = forms.CharField(
        label=_("改为"),
        max_length=2000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("留空就是删去。"),
    )

    def clean_passage(self) -> str:
        """Return the passage without the line that a pressed Enter left behind it."""
        return str(self.cleaned_data["passage"]).rstrip("\r\n")

    def clean_replacement(self) -> str:
        """Return the new words, cleaned in the same way."""
        return str(self.cleaned_data["replacement"]).rstrip("\r\n")


class PersonForm(forms.Form):
    """Naming somebody in the room."""

    attendance = forms.ModelChoiceField(
        label=_("是哪一位"), queryset=Attendance.objects.none(), empty_label=_("请选择")
    )

    def __init__(self, *args: Any, meeting: Meeting, **more: Any) -> None:
        super().__init__(*args, **more)
        chooser = self.fields["attendance"]
        if isinstance(chooser, forms.ModelChoiceField):
            chooser.queryset = Attendance.objects.filter(
                meeting=meeting, role=Role.MEMBER, signed_in_at__isnull=False, signed_out_at__isnull=True
            ).order_by("id")


class RaisedHandForm(PersonForm, HandForm):
    """A hand that the desk raises for somebody without a phone."""

    field_order = ["attendance", "stance"]


class MovedMotionForm(PersonForm, MotionForm):
    """A motion that the chair enters for its mover."""

    field_order = ["text", "attendance"]


class MovedAmendmentForm(PersonForm, AmendmentForm):
    """An amendment that the chair enters for its mover."""

    field_order = ["passage", "replacement", "attendance"]


class CountForm(forms.Form):
    """A count taken in the room."""

    method = forms.ChoiceField(
        label=_("方式"), choices=[(m.value, m.label) for m in (CountMethod.HAND, CountMethod.PAPER)]
    )
    for_ = forms.IntegerField(label=_("同意"), min_value=0)
    against = forms.IntegerField(label=_("反对"), min_value=0, initial=0)
    abstain = forms.IntegerField(label=_("弃权"), min_value=0, initial=0)


class BallotForm(forms.Form):
    """Opening a vote. How one announced with the meeting is taken was announced too; it may still be by roll call."""

    kind = forms.ChoiceField(
        label=_("方式"), choices=[*BallotKind.choices, (ROLL_CALL, _("唱名表决"))], initial=BallotKind.NAMED
    )
    disclosure = forms.ChoiceField(label=_("计数公开"), choices=Disclosure.choices, initial=Disclosure.AT_CLOSING)

    def __init__(self, *args: Any, prepared: Sequence[Ballot] = (), heads: int | None = None, **more: Any) -> None:
        """`heads`: how many may vote in the room, None where nobody asks."""
        super().__init__(*args, **more)
        kind = self.fields["kind"]
        self.fields["disclosure"].help_text = open_counts()
        if heads is not None and heads < SMALL_GROUP:
            kind.help_text = _("无记名：%(warning)s") % {"warning": small_group()}
        if prepared and isinstance(kind, forms.ChoiceField):
            why_not = why_not_by_roll_call(prepared)
            announced = prepared[0]
            kind.choices = [
                (announced.kind, _("%(kind)s（已随会议公布）") % {"kind": announced.get_kind_display()}),
                *([] if why_not else [(ROLL_CALL, _("唱名表决"))]),
            ]
            kind.initial, kind.help_text = (
                announced.kind,
                why_not or (kind.help_text if announced.kind == BallotKind.SECRET else ""),
            )
            del self.fields["disclosure"]


class ConsentForm(forms.Form):
    """Asking whether anybody objects."""

    seconds = forms.TypedChoiceField(
        label=_("异议期"),
        coerce=int,
        initial=30,
        choices=[(15, _("15秒")), (30, _("30秒")), (60, _("60秒")), (120, _("120秒"))],
    )


class ExtensionForm(forms.Form):
    """Giving the speaker more time."""

    seconds = forms.TypedChoiceField(
        label=_("延长"), coerce=int, initial=60, choices=[(30, _("30秒")), (60, _("60秒")), (120, _("120秒"))]
    )
    reason = forms.CharField(label=_("延长的理由"), max_length=300)


class GistForm(forms.Form):
    """What the recorder keeps of a speech."""

    gist = forms.CharField(label=_("发言要点"), max_length=2000, required=False)


class ReasonForm(forms.Form):
    """A reason, where one is needed."""

    reason = forms.CharField(label=_("理由（还有议程未议时必填）"), max_length=500, required=False)


class EarlyEndForm(forms.Form):
    """Why a vote ends before its announced end: the field of the desk of votes, and its words."""

    early_reason = forms.CharField(
        label=_("提前截止的理由"),
        max_length=LONGEST_REASON,
        help_text=_("还没有到公告的截止时间。理由记入台账，写进结果，人人都能看到。"),
    )


class LateForm(forms.Form):
    """Why a meeting opens although papers came late."""

    reason = forms.CharField(label=_("材料未在会前3日发出，仍然开会的理由"), max_length=500)


class PaperForm(forms.Form):
    """Handing out a paper."""

    title = forms.CharField(label=_("材料名称"), max_length=100)
    file = forms.FileField(
        label=_("文件（PDF 或者图片）"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png,image/webp"}),
    )


class AdjournForm(forms.Form):
    """Going on at another time."""

    resumes_at = MomentField(label=_("续会时间"))
    reason = forms.CharField(label=_("改期的理由"), max_length=500)


class HandOverForm(forms.Form):
    """Who presides from now on."""

    to = forms.ModelChoiceField(label=_("移交给"), queryset=User.objects.none(), empty_label=_("请选择"))
    reason = forms.CharField(label=_("原因"), max_length=300, required=False)

    def __init__(self, *args: Any, meeting: Meeting, **more: Any) -> None:
        super().__init__(*args, **more)
        chooser = self.fields["to"]
        if isinstance(chooser, forms.ModelChoiceField):
            invited = Attendance.objects.filter(meeting=meeting, user__isnull=False).values("user_id")
            staff = office_holders(meeting.community, "secretary", "director", "facilitator", "committee_member")
            ids = [*staff.values_list("pk", flat=True), *[row["user_id"] for row in invited]]
            chooser.queryset = User.objects.filter(pk__in=ids).exclude(pk=meeting.chair_id).order_by("pk")


class RecorderForm(HandOverForm):
    """Who writes and signs the minutes from now on."""

    def __init__(self, *args: Any, meeting: Meeting, **more: Any) -> None:
        super().__init__(*args, meeting=meeting, **more)
        self.fields["to"].label, self.fields["reason"].label = _("新的记录人"), _("理由")
        self.fields["reason"].required = True
        chooser = self.fields["to"]
        if isinstance(chooser, forms.ModelChoiceField) and chooser.queryset is not None:
            chooser.queryset = chooser.queryset.exclude(pk=meeting.recorder_id)


class DecisionForm(forms.Form):
    """What was decided on an item."""

    item = forms.IntegerField(widget=forms.HiddenInput, required=False)
    decision = forms.CharField(
        label=_("议定"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    dissent = forms.CharField(
        label=_("不同意见"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class MinutesForm(forms.Form):
    """The wording of the minutes."""

    text = forms.CharField(label=_("正文"), max_length=100_000, widget=forms.Textarea(attrs={"rows": 24}))
    reason = forms.CharField(label=_("修改说明"), max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ObjectionForm(forms.Form):
    """What is wrong with the minutes."""

    text = forms.CharField(label=_("纪要哪里不对"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(forms.Form):
    """The answer to an objection."""

    answer = forms.CharField(label=_("答复"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


def suggested_start(days: int) -> dt.datetime:
    """Return 19:30 of the first evening for which `days` of notice are enough."""
    evening = timezone.localtime() + dt.timedelta(days=days)
    return evening.replace(hour=19, minute=30, second=0, microsecond=0)
