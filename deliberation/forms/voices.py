"""What residents fill in: a proposal, an opinion, a rating; and the owner of a task."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.models import Unit, UnitKind
from community.queries import place_names, units_under
from deliberation.forms.fields import PhotosField, TextArea
from deliberation.models import Category, Grade, Source, Stance


class ProposeForm(forms.Form):
    """A new proposal. Staff may write it down for somebody who is at the desk or on the phone."""

    title = forms.CharField(label=_("想办什么事"), max_length=80, help_text=_("一句话，如：3幢2单元加装电梯"))
    body = TextArea(label=_("详细说说"), rows=6, max_length=4000, help_text=_("什么情况、影响多少人、希望怎么办"))
    category = forms.ChoiceField(label=_("类别"), choices=Category.choices, initial=Category.OTHER)
    unit = forms.ModelChoiceField(label=_("在哪里"), queryset=Unit.objects.none(), empty_label=_("请选择"))
    photos = PhotosField(label=_("照片（最多9张）"), required=False)

    def __init__(self, *args: Any, community: Unit, for_staff: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.community = community
        places = units_under(community, "community", "grid", "estate", "building", "entrance")
        self.fields["unit"].queryset = places  # type: ignore[attr-defined] # a ModelChoiceField
        self.fields["unit"].label_from_instance = _named_in(places)  # type: ignore[attr-defined] # a ModelChoiceField
        if for_staff:
            self.fields["source"] = forms.ChoiceField(
                label=_("来源"), choices=Source.choices, initial=Source.DESK, required=False
            )
            self.fields["proposer_name"] = forms.CharField(
                label=_("替谁登记"), max_length=50, required=False, help_text=_("到场或来电的提案人；自己提案就空着。")
            )
            self.fields["proposer_phone"] = forms.CharField(
                label=_("提案人的电话"), max_length=20, required=False,
                help_text=_("没有电话的，写能转告的家人或邻居的。"),
            )  # fmt: skip
            self.order_fields(["proposer_name", "proposer_phone", "source"])

    def clean(self) -> dict[str, Any]:
        """Ask for both the name and the phone of somebody who is written down, or for neither."""
        data: dict[str, Any] = super().clean() or {}
        name, phone = data.get("proposer_name", ""), data.get("proposer_phone", "")
        if name and not phone and "proposer_phone" not in self.errors:
            self.add_error("proposer_phone", _("请写能找到提案人的电话。"))
        if phone and not name and "proposer_name" not in self.errors:
            self.add_error("proposer_name", _("请写提案人的姓名。"))
        return data

    def facts(self) -> dict[str, Any]:
        """Return the keywords of register_proposal."""
        facts = dict(self.cleaned_data)
        facts["source"] = facts.get("source") or Source.RESIDENT
        if facts["source"] == Source.DESK and not facts.get("proposer_name"):
            facts["source"] = Source.RESIDENT
        return {**facts, "community": self.community}


def _named_in(places: Iterable[Unit]) -> Callable[[Unit], str]:
    """Return what names a place whole, 平城苑3幢2单元: a closed list shows only the chosen line."""
    found = list(places)
    names = place_names(found)

    def named(unit: Unit) -> str:
        if unit.kind == UnitKind.COMMUNITY:
            return gettext("整个社区")
        return f"{'　' * max(0, unit.depth - 4)}{names.get(unit.path, unit.name)}"

    return named


class OpinionForm(forms.Form):
    """For, against or neutral, and why."""

    stance = forms.ChoiceField(label=_("我的态度"), choices=Stance.choices, widget=forms.RadioSelect)
    text = TextArea(label=_("我想说"), rows=3, max_length=1000, required=False)


class RatingForm(forms.Form):
    """One of three grades, and a word."""

    grade = forms.ChoiceField(label=_("您满意吗"), choices=Grade.choices, widget=forms.RadioSelect)
    text = TextArea(label=_("还想说的"), rows=3, max_length=1000, required=False)


class TaskForm(forms.Form):
    """Progress, evidence, a follow-up order or its answer: one text."""

    text = TextArea(label=_("情况"), rows=4, max_length=4000)
