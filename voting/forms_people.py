"""Forms of the page of proxies and tellers. Who may hold a power or count, the operations say."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import DayField


class ProxyForm(forms.Form):
    """A written power brought to the office."""

    principal = forms.CharField(label=_("委托人"), max_length=100, help_text=_("名册号或姓名"))
    holder = forms.CharField(label=_("受托人"), max_length=150, help_text=_("名册号、姓名；不在名册上的，填用户名"))
    powers = forms.CharField(label=_("授权权限"), max_length=300)
    valid_until = DayField(
        label=_("期限"), required=False,
        help_text=_("不填：至本次表决结束"),
    )  # fmt: skip
    instructions = forms.CharField(
        label=_("委托人的指示"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class TellersForm(forms.Form):
    """Who watches and counts."""

    tellers = forms.CharField(
        label=_("监票人、计票人"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一人，填用户名或姓名，至少两人；用流动票箱的至少三人。候选人及其家人不能担任。"),
    )  # fmt: skip
