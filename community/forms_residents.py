"""Forms of the residents' desk: who lives where, how well they are known, and what is taken back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.models import Household, IdentityLevel, Owner
from core.fields import DayField

_MOST_NAMED = 5


class ResidentForm(forms.Form):
    """Somebody who lives here and has no account yet. `households`: those of the place one serves."""

    place = forms.CharField(label=_("门牌"), max_length=80, help_text=_("如：3幢2单元401，与名册上写的一样。"))
    name = forms.CharField(label=_("姓名"), max_length=50)
    phone = forms.RegexField(r"^\+?[0-9][0-9 -]{4,18}$", label=_("电话"), required=False)
    relation = forms.CharField(
        label=_("与房屋的关系"), max_length=20, required=False, help_text=_("如：业主、租户、家人。")
    )
    born_on = DayField(
        label=_("出生日期"), required=False,
        help_text=_("未满十八周岁的请填写，表决由监护人代为行使。"),
    )  # fmt: skip
    is_representative = forms.BooleanField(label=_("由这个人代表本户参加户代表的表决"), required=False)

    def __init__(self, households: Any, data: Any = None) -> None:
        super().__init__(data)
        self._households = households
        self.household: Household | None = None

    def clean_place(self) -> str:
        """Find the household: by its whole label, or by the only one that ends so."""
        text = "".join(self.cleaned_data["place"].split())
        found = list(self._households.filter(label=text)[:2])
        if not found:
            found = list(self._households.filter(label__endswith=text).order_by("label")[: _MOST_NAMED + 1])
        if not found:
            raise forms.ValidationError(_("您服务的范围里没有这个门牌。"))
        if len(found) > 1:
            names = "、".join(one.label for one in found[:_MOST_NAMED])
            raise forms.ValidationError(_("不止一户这样写，请写全：%(names)s。"), params={"names": names})
        self.household = found[0]
        return text


class IdentityForm(forms.Form):
    """What the person has shown. `owners`: those of the register whom this may be."""

    level = forms.TypedChoiceField(
        label=_("核验到哪一级"), coerce=int, widget=forms.RadioSelect,
        choices=[(level.value, level.label) for level in IdentityLevel if level > IdentityLevel.NONE],
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        Owner.objects.none(), label=_("是名册上的哪位业主"), required=False, empty_label=_("不是业主，或还没有核对")
    )
    reason = forms.CharField(label=_("依据"), max_length=200, help_text=_("如：当面核对身份证和房产证。"))

    def __init__(self, owners: Any, data: Any = None) -> None:
        super().__init__(data)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined] # a choice
        self.fields["owner"].label_from_instance = lambda one: " ".join(  # type: ignore[attr-defined] # the same
            word for word in (one.name, one.id_suffix) if word
        )
