"""Forms of a ballot's desk: the appraisal, changes of its roll, the authorisation it rests on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.models import Unit
from core.fields import MomentField
from publish.models import Objection, ObjectionStatus
from voting.electorates import SCOPES
from voting.mandates import authorisations_in_force
from voting.models import Authorisation
from voting.operations.appraisal import SCOPES as APPRAISERS

_SIGNED = 50


class AppraisalForm(forms.Form):
    """The yearly appraisal: which year, by whom, until when."""

    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2200)
    scope = forms.ChoiceField(
        label=_("由谁评议"), choices=[(key, SCOPES[key].title) for key in APPRAISERS], widget=forms.RadioSelect,
        initial=APPRAISERS[0],
    )  # fmt: skip
    opens_at = MomentField(label=_("开始"), required=False, help_text=_("不填：马上开始"))
    closes_at = MomentField(label=_("截止"), required=False)

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["closes_at"].required = True


class RollForm(forms.Form):
    """Somebody to be put on the roll."""

    name = forms.CharField(label=_("姓名"), max_length=100)
    place = forms.CharField(label=_("房号"), max_length=100, required=False)
    area = forms.CharField(
        label=_("面积（平方米）"), max_length=20, required=False, help_text=_("按面积计算的表决填。")
    )
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

    authorisation = forms.ModelChoiceField(
        label=_("居民会议授权"), queryset=Authorisation.objects.none(), empty_label=_("请选择")
    )
    why = forms.CharField(label=_("为什么包括本次表决的事项"), max_length=200)

    def __init__(self, community: Unit, today: Any, data: Any = None) -> None:
        super().__init__(data)
        in_force = authorisations_in_force(community, today=today)
        self.fields["authorisation"].queryset = in_force  # type: ignore[attr-defined] # a choice of rows
