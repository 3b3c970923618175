"""Forms of the intake: taking a proposal back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deliberation.forms.acting import ActForm
from deliberation.models import Proposal
from deliberation.operations.propose import LONGEST_REQUEST, asks_whose_request


class WithdrawForm(ActForm):
    """Taking back; the desk writes down how a proposer without an account asked for it."""

    request = forms.CharField(
        label=_("提案人怎样提出撤回"), max_length=LONGEST_REQUEST,
        help_text=_("何时、当面、电话还是书面。记入台账。"),
    )  # fmt: skip

    def __init__(self, *args: Any, proposal: Proposal, user: Any, **more: Any) -> None:
        super().__init__(*args, proposal=proposal, user=user, **more)
        if not asks_whose_request(proposal, user):
            del self.fields["request"]
