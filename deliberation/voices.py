"""What may still be said on a proposal: co-signatures, opinions, ratings. No query; who may say it: rules.py."""

import datetime as dt

from deliberation.models import Proposal
from deliberation.stages import Status


def takes_opinions(proposal: Proposal) -> bool:
    """Return whether it is handed in and not ended."""
    return proposal.status != Status.DRAFT and not proposal.is_final


def takes_co_signatures(proposal: Proposal) -> bool:
    """Return whether it may still be stood behind: until a vote on it is prepared."""
    return takes_opinions(proposal) and proposal.ballot_id is None


def is_rated_now(proposal: Proposal, today: dt.date) -> bool:
    """Return whether its rating window is open; it stays in the status after the last day, until somebody goes on."""
    return proposal.status == Status.EVALUATING and (proposal.due_on is None or today <= proposal.due_on)
