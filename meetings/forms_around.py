"""Forms of what happens around a meeting: tasks after a decision, written powers before it."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.models import User
from community.queries import office_holders
from community.rules import STAFF_OFFICES
from core.fields import DayField
from meetings.models import AgendaItem, Attendance, Meeting, Role


class AssignForm(forms.Form):
    """Giving somebody a task."""

    item = forms.ModelChoiceField(
        label=_("依据哪一项议定"), queryset=AgendaItem.objects.none(), empty_label=_("请选择")
    )
    title = forms.CharField(label=_("要办的事"), max_length=200)
    owner = forms.ModelChoiceField(label=_("责任人"), queryset=User.objects.none(), empty_label=_("请选择"))
    due_on = DayField(label=_("期限"))

    def __init__(self, *args: Any, meeting: Meeting, **more: Any) -> None:
        super().__init__(*args, **more)
        item, owner = self.fields["item"], self.fields["owner"]
        if isinstance(item, forms.ModelChoiceField):
            item.queryset = AgendaItem.objects.filter(meeting=meeting).exclude(decision="").order_by("position")
        if isinstance(owner, forms.ModelChoiceField):
            invited = Attendance.objects.filter(meeting=meeting, user__isnull=False).values_list("user_id", flat=True)
            staff = office_holders(meeting.community, *STAFF_OFFICES).values_list("pk", flat=True)
            owner.queryset = User.objects.filter(pk__in=[*staff, *invited]).order_by("pk")


class ResultForm(forms.Form):
    """Reporting a task done."""

    result = forms.CharField(label=_("办理结果"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ProxyForm(forms.Form):
    """A written power. `principal` set: it is the reader's own; otherwise the desk names whose it is."""

    principal = forms.ModelChoiceField(label=_("委托人"), queryset=Attendance.objects.none(), empty_label=_("请选择"))
    holder = forms.ModelChoiceField(label=_("受托人"), queryset=Attendance.objects.none(), empty_label=_("请选择"))
    matters = forms.CharField(label=_("授权事项"), max_length=300, help_text=_("写明就哪些议程、怎样投票。"))

    def __init__(self, *args: Any, meeting: Meeting, principal: Attendance | None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.own = principal
        members = Attendance.objects.filter(meeting=meeting, role=Role.MEMBER).order_by("id")
        guests = Q(role=Role.GUEST, user__isnull=False)
        holders = Attendance.objects.filter(Q(role=Role.MEMBER) | guests, meeting=meeting, guardian_name="")
        if principal is not None:
            del self.fields["principal"]
            holders = holders.exclude(pk=principal.pk)
        for name, people in (("principal", members), ("holder", holders.order_by("id"))):
            chooser = self.fields.get(name)
            if isinstance(chooser, forms.ModelChoiceField):
                chooser.queryset = people
