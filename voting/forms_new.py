"""The form of a new ballot: one question put before one electorate, by a rule that fits it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.models import Unit, UnitKind
from community.queries import place_names, units_under
from core.fields import MomentField
from voting.electorates import SCOPES
from voting.forms_rule import FittedSelect, RuleField
from voting.methods import MAX_POINTS
from voting.models import Ballot, BallotKind, Method

_PLACES = (UnitKind.COMMUNITY, UnitKind.GRID, UnitKind.ESTATE, UnitKind.BUILDING, UnitKind.ENTRANCE)
_LONGEST_OPTIONS = 4000
_OF_PLACES = " ".join(key for key, scope in SCOPES.items() if UnitKind.ENTRANCE in scope.kinds)
# The setting of its form that a method's number is, and the methods that cannot do without it.
_NUMBERS = {Method.ELECTION: "seats", Method.APPROVAL: "max", Method.BUDGET: "points", Method.SCORE: "max"}
_MUST_HAVE_NUMBER = {Method.ELECTION: _("选举须填应选人数。"), Method.BUDGET: _("分配预算须填总点数。")}
_WITH_OPTIONS = " ".join(method for method in Method.values if method != Method.FOR_AGAINST)


class PlaceField(forms.ModelChoiceField):  # type: ignore[type-arg] # not subscriptable when it runs
    """A unit by what it is called inside its community, 平城苑3幢2单元, and what kind it is."""

    names: Mapping[str, str] = {}

    def label_from_instance(self, obj: Any) -> str:
        """Return name and kind."""
        called = {"place": self.names.get(obj.path, obj.name), "kind": obj.get_kind_display()}
        return gettext("%(place)s（%(kind)s）") % called


class NewBallotForm(forms.Form):
    """One question put before one electorate. What else goes together the operation says."""

    title = forms.CharField(label=_("标题"), max_length=200)
    scope = forms.ChoiceField(
        label=_("由谁表决"), choices=[("", _("请选择")), *((key, scope.title) for key, scope in SCOPES.items())]
    )
    unit = PlaceField(
        label=_("名册范围"), queryset=Unit.objects.none(), widget=FittedSelect("scope"), empty_label=_("请选择")
    )
    rule = RuleField(label=_("表决规则"), fitted_by="scope", empty=_("请选择"))
    kind = forms.ChoiceField(
        label=_("方式"), choices=BallotKind.choices, initial=BallotKind.NAMED, widget=forms.RadioSelect
    )
    question = forms.CharField(label=_("表决的事项"), max_length=300)
    method = forms.ChoiceField(label=_("怎么选"), choices=Method.choices, initial=Method.FOR_AGAINST)
    options = forms.CharField(
        label=_("选项或者候选人"), required=False, max_length=_LONGEST_OPTIONS,
        widget=forms.Textarea(attrs={"rows": 4, "data-asked-by": "method", "data-asked-for": _WITH_OPTIONS}),
        help_text=_("一行一个，除“同意/反对/弃权”外都须填；反对和弃权总是有的，不用写。"),
    )  # fmt: skip
    seats = forms.IntegerField(
        label=_("名额，或者最多选几项"), required=False, min_value=1, max_value=MAX_POINTS,
        widget=forms.NumberInput(attrs={"data-asked-by": "method", "data-asked-for": " ".join(_NUMBERS)}),
        help_text=_("选举须填应选人数，分配预算须填总点数；可选多项填最多几项，打分填最高分，不填分别是全部和 5 分。"),
    )  # fmt: skip
    opens_at = MomentField(label=_("开始"), required=False, help_text=_("到时自动开始；不填由您开始"))
    closes_at = MomentField(label=_("截止"), required=False, help_text=_("到时自动截止；不填由您截止"))
    revisable = forms.BooleanField(label=_("截止前可以修改"), required=False)
    paper_wins = forms.BooleanField(label=_("同一人纸质票和网上票不同时，以纸质票为准"), required=False)
    petition = forms.ModelChoiceField(
        label=_("依据的联名要求"),
        queryset=Ballot.objects.none(),
        required=False,
        empty_label=_("没有联名要求"),
        help_text=_("罢免须先有联名要求。"),
    )

    def __init__(self, community: Unit, data: Any = None) -> None:
        super().__init__(data)
        units = units_under(community, *_PLACES)
        place: Any = self.fields["unit"]
        place.queryset, place.names, place.initial = units, place_names(units), community.pk
        place.widget.fits = {str(unit.pk): _OF_PLACES for unit in units if unit.kind != UnitKind.COMMUNITY}
        signed = Ballot.objects.filter(community=community, rule__key__startswith="requisition_residents")
        self.fields["petition"].queryset = signed.order_by("-pk")  # type: ignore[attr-defined] # a choice of rows
        for name in ("options", "seats"):
            self.fields[name].is_asked_by_another = True  # type: ignore[attr-defined] # not "optional": the method says

    def clean(self) -> dict[str, Any]:
        """Say which of the fields that only some methods need is missing."""
        said: dict[str, Any] = super().clean() or {}
        method = said.get("method")
        if method and method != Method.FOR_AGAINST and not said.get("options", "").strip() and not self.errors:
            self.add_error("options", gettext("“%(method)s”须填选项，一行一个。") % {"method": Method(method).label})
        if method in _MUST_HAVE_NUMBER and not said.get("seats") and "seats" not in self.errors:
            self.add_error("seats", str(_MUST_HAVE_NUMBER[method]))
        return said

    def item(self) -> dict[str, Any]:
        """Return the question as `create_ballot` takes it."""
        said = self.cleaned_data
        item: dict[str, Any] = {"title": said["question"], "method": said["method"]}
        if said["method"] != Method.FOR_AGAINST:
            item["options"] = [line.strip() for line in said["options"].splitlines() if line.strip()]
        if said["seats"] and (setting := _NUMBERS.get(said["method"])):
            item["form"] = {setting: said["seats"]}
        return item
