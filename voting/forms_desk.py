"""Forms of a ballot's desk: a new ballot, changes of its roll, the authorisation it rests on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.models import Unit, UnitKind
from community.queries import units_under
from publish.models import Objection, ObjectionStatus
from voting.electorates import SCOPES
from voting.mandates import authorisations_in_force
from voting.models import Authorisation, Ballot, BallotKind, Method
from voting.operations.appraisal import SCOPES as APPRAISERS
from voting.rules import ENTRIES

_PLACES = (UnitKind.COMMUNITY, UnitKind.GRID, UnitKind.ESTATE, UnitKind.BUILDING, UnitKind.ENTRANCE)
_RULES: list[tuple[str, Any]] = [(entry["key"], entry["title"]["zh"]) for entry in ENTRIES]
_MOMENT = "%Y-%m-%dT%H:%M"
_LONGEST_OPTIONS, _SIGNED = 4000, 50


def _moment(label: Any, help_text: Any = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
    return forms.DateTimeField(label=label, required=False, widget=widget, help_text=help_text)


class NewBallotForm(forms.Form):
    """One question put before one electorate. What goes together the operation says."""

    title = forms.CharField(label=_("标题"), max_length=200)
    scope = forms.ChoiceField(label=_("由谁表决"), choices=[(key, scope.title) for key, scope in SCOPES.items()])
    unit = forms.ModelChoiceField(label=_("名册范围"), queryset=Unit.objects.none())
    rule = forms.ChoiceField(label=_("表决规则"), choices=_RULES)
    kind = forms.ChoiceField(
        label=_("方式"), choices=BallotKind.choices, initial=BallotKind.NAMED, widget=forms.RadioSelect
    )
    question = forms.CharField(label=_("表决的事项"), max_length=300)
    method = forms.ChoiceField(label=_("怎么选"), choices=Method.choices, initial=Method.FOR_AGAINST)
    options = forms.CharField(
        label=_("选项或者候选人"), required=False, max_length=_LONGEST_OPTIONS,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("一行一个；同意/反对/弃权的不用填，反对和弃权总是有的。"),
    )  # fmt: skip
    seats = forms.IntegerField(
        label=_("名额，或者最多选几项"), required=False, min_value=1, max_value=100,
        help_text=_("选举填应选人数；可选多项的填最多几项；分配预算的填总点数。"),
    )  # fmt: skip
    opens_at = _moment(_("开始"), _("到时自动开始；不填由您开始"))
    closes_at = _moment(_("截止"), _("到时自动截止；不填由您截止"))
    revisable = forms.BooleanField(label=_("截止前可以修改"), required=False)
    paper_wins = forms.BooleanField(label=_("同一人纸质票和网上票不同时，以纸质票为准"), required=False)
    petition = forms.ModelChoiceField(
        label=_("依据的联名要求"), queryset=Ballot.objects.none(), required=False, help_text=_("罢免须先有联名要求。")
    )

    def __init__(self, community: Unit, data: Any = None) -> None:
        super().__init__(data)
        units = units_under(community, *_PLACES)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined] # a choice of rows
        self.fields["unit"].initial = community.pk
        signed = Ballot.objects.filter(community=community, rule__key__startswith="requisition_residents")
        self.fields["petition"].queryset = signed.order_by("-pk")  # type: ignore[attr-defined] # the same

    def item(self) -> dict[str, Any]:
        """Return the question as `create_ballot` takes it."""
        said = self.cleaned_data
        item: dict[str, Any] = {"title": said["question"], "method": said["method"]}
        if said["method"] != Method.FOR_AGAINST:
            item["options"] = [line.strip() for line in said["options"].splitlines() if line.strip()]
        key = {Method.ELECTION: "seats", Method.APPROVAL: "max", Method.BUDGET: "points", Method.SCORE: "max"}
        if said["seats"] and (setting := key.get(said["method"])):
            item["form"] = {setting: said["seats"]}
        return item


class AppraisalForm(forms.Form):
    """The yearly appraisal: which year, by whom, until when."""

    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2200)
    scope = forms.ChoiceField(
        label=_("由谁评议"), choices=[(key, SCOPES[key].title) for key in APPRAISERS], widget=forms.RadioSelect,
        initial=APPRAISERS[0],
    )  # fmt: skip
    opens_at = _moment(_("开始"), _("不填：马上开始"))
    closes_at = _moment(_("截止"))

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["closes_at"].required = True


class RollForm(forms.Form):
    """Somebody to be put on the roll."""

    name = forms.CharField(label=_("姓名"), max_length=100)
    place = forms.CharField(label=_("房号"), max_length=100, required=False)
    area = forms.CharField(label=_("面积（㎡）"), max_length=20, required=False, help_text=_("按面积计算的表决填。"))
    username = forms.CharField(label=_("用户名"), max_length=150, required=False, help_text=_("没有账户的不填。"))


class ReasonForm(forms.Form):
    """Why the roll changes, and the objection whose ruling asks for it."""

    reason = forms.CharField(label=_("理由"), max_length=300)
    objection = forms.ModelChoiceField(
        label=_("依据的异议裁定"), queryset=Objection.objects.none(), required=False, empty_label=_("没有异议")
    )

    def __init__(self, community: Unit, data: Any = None, *, act: str) -> None:
        super().__init__(data, auto_id=f"{act}-%s")  # the page has one for each act
        upheld = Objection.objects.filter(notice__issuer=community, notice__kind="roll", status=ObjectionStatus.UPHELD)
        self.fields["objection"].queryset = upheld.order_by("-pk")[:_SIGNED]  # type: ignore[attr-defined] # a choice of rows


class AuthorisationForm(forms.Form):
    """Which authorisation the representatives act on, and why it covers the matter."""

    authorisation = forms.ModelChoiceField(label=_("居民会议授权"), queryset=Authorisation.objects.none())
    why = forms.CharField(label=_("为什么包括本次表决的事项"), max_length=200)

    def __init__(self, community: Unit, today: Any, data: Any = None) -> None:
        super().__init__(data)
        in_force = authorisations_in_force(community, today=today)
        self.fields["authorisation"].queryset = in_force  # type: ignore[attr-defined] # a choice of rows
