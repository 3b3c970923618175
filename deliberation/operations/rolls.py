"""Who decides on a proposal: the roll, built from the register by the chosen electorate and place."""

from django.utils.translation import gettext as _

from core.errors import WrongStage
from deliberation.models import Electorate, Proposal
from voting import electorates
from voting.operations import VoterDraft


def roll_of_proposal(proposal: Proposal) -> list[VoterDraft]:
    """Return the voters of the proposal's electorate at its place. Raises WrongStage when nobody is there."""
    if proposal.electorate == Electorate.OWNERS:
        voters = electorates.owners_of(proposal.unit)
    elif proposal.electorate == Electorate.HOUSEHOLDS:
        voters = electorates.households_of(proposal.unit)
    else:
        voters = electorates.representatives_of(proposal.community)
    if not voters:
        raise WrongStage(_("登记册里没有可以表决的人，请先导入名册。"))
    return list(voters)
