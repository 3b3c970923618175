"""Forms of the owners' desk: whom co-owners chose on paper, and who is an owner's guardian."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.models import Ground, Owner, OwnerKind
from core.fields import DayField


class _OfOwners(forms.Form):
    """A form about one of a unit's owners."""

    owner = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, owners: list[Owner], data: Any = None) -> None:
        super().__init__(data, use_required_attribute=data is None)
        self._owners = {str(owner.pk): owner for owner in owners}
        self.fields["owner"].choices = [(key, owner.name) for key, owner in self._owners.items()]  # type: ignore[attr-defined] # a choice

    def chosen(self) -> Owner:
        """Return the owner chosen on a valid form."""
        return self._owners[self.cleaned_data["owner"]]


class VoterForm(_OfOwners):
    """Whom the co-owners chose on paper."""

    owner = forms.ChoiceField(label=_("共有人推选的表决人"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("依据"), max_length=200, help_text=_("如：2026年11月20日全体共有人签字的推选书，存本社区档案。")
    )


class GuardianForm(_OfOwners):
    """Who votes for a minor or incapable owner."""

    owner = forms.ChoiceField(label=_("业主"), widget=forms.RadioSelect)
    ground = forms.ChoiceField(label=_("事由"), choices=Ground.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("监护人姓名"), max_length=50)
    username = forms.CharField(
        label=_("监护人的用户名"),
        max_length=150,
        required=False,
        help_text=_("没有账户的不填，可凭表决码或纸质票表决。"),
    )
    basis = forms.CharField(label=_("依据"), max_length=200, help_text=_("如：户口簿；法院判决书文号。"))
    until_on = DayField(
        label=_("有效期至"), required=False,
        help_text=_("未成年的，填满十八周岁的前一日；不填为长期。"),
    )  # fmt: skip

    def __init__(self, owners: list[Owner], data: Any = None) -> None:
        super().__init__([owner for owner in owners if owner.kind == OwnerKind.PERSON], data)
