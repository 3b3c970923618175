"""The base of every form that is one act on a proposal."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from community.models import User
from community.queries import office_holders
from community.rules import STAFF_OFFICES
from core.errors import BadInput
from deliberation.models import Proposal


class StaffField(forms.ModelChoiceField[User]):
    """Somebody of the community's staff, by account id."""

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=User.objects.none(), **more)


class ActForm(forms.Form):
    """One act: its fields, and `apply`, which does it. `key` is the act's key in its table.

    `expected_version` carries the version of the page, so that a stale page is told what changed. With `shows_alike`
    the page names the proposals that look like this one.
    """

    key: ClassVar[str] = ""
    operation: ClassVar[Callable[..., Any]]
    shows_alike: ClassVar[bool] = False
    expected_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, proposal: Proposal, user: Any, **more: Any) -> None:
        more.setdefault("initial", {}).setdefault("expected_version", proposal.version)
        super().__init__(*args, **more)
        self.proposal, self.user = proposal, user
        for field in self.fields.values():
            if isinstance(field, StaffField):
                field.queryset = office_holders(proposal.community, *STAFF_OFFICES, "facilitator", "teller", below=True)

    @property
    def caution(self) -> str:
        """Return what a person should be asked once more before doing it, "" for nothing. The API does not ask."""
        return ""

    def facts(self) -> dict[str, Any]:
        """Return the keywords of the operation."""
        return dict(self.cleaned_data)

    def apply(self) -> Any:
        """Do the act; what the operation refuses is raised."""
        return type(self).operation(self.proposal, by=self.user, **self.facts())

    def refusal(self) -> BadInput:
        """Return the first error of the form as the refusal of the API."""
        field, errors = next(iter(self.errors.items()))
        label = self.fields[field].label if field in self.fields else ""
        sentence = f"{label}：{errors[0]}" if label else str(errors[0])
        return BadInput(sentence, field="" if field == "__all__" else field)


def local_person(proposal: Proposal, name: str) -> User | None:
    """Return the one person of the community's people or staff with this full name, None when nobody or several."""
    path = proposal.community.path
    found = User.objects.filter(name=name, is_active=True).filter(
        Q(unit__path__startswith=path)
        | Q(terms__unit__path__startswith=path)
        | Q(residencies__household__unit__path__startswith=path)
    )
    people = list(found.distinct()[:2])
    return people[0] if len(people) == 1 else None
