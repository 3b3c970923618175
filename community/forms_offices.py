"""The form of an appointment: who, as what, where, from when."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.models import Office, Unit, User
from core import clock
from core.fields import DayField

# What one is by living, owning or coming from above the community is not given at this desk.
_NOT_HERE = {Office.RESIDENT, Office.OWNER, Office.SUBDISTRICT_OFFICER}


class AppointmentForm(forms.Form):
    """`places`: where an office may lie. Whoever has no account yet gets one: the new username and the full name."""

    username = forms.CharField(
        label=_("用户名"), max_length=150, help_text=_("已经有账户的填用户名；没有的在这里起一个。")
    )
    name = forms.CharField(label=_("姓名（新开账户时填写）"), max_length=50, required=False)
    office = forms.ChoiceField(
        label=_("职务"), choices=[(one.value, one.label) for one in Office if one not in _NOT_HERE]
    )
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("在哪里任职"), empty_label=None)
    starts_on = DayField(label=_("任职日期"), initial=clock.local_date)
    ends_on = DayField(label=_("届满日期"), required=False)
    is_seconded = forms.BooleanField(label=_("兼任"), required=False)

    def __init__(self, places: Any, data: Any = None) -> None:
        super().__init__(data)
        self.fields["unit"].queryset = places  # type: ignore[attr-defined] # a choice

    def clean(self) -> dict[str, Any]:
        """Ask for the name of whoever has no account."""
        given = super().clean() or self.cleaned_data
        username = given.get("username", "")
        given["user"] = User.objects.filter(username=username, is_active=True).first()
        if username and given["user"] is None:
            User.username_validator(username)
            if not given.get("name", "").strip():
                self.add_error("name", _("没有这个用户名的账户。要新开一个，请写姓名。"))
        return given
