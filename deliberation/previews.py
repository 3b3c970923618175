"""The notice a move will post, shown before it is pressed. For moves whose notice needs nothing typed first."""

import datetime as dt
from typing import Any

from core.errors import Refused
from deliberation.models import Proposal
from deliberation.operations.decide import result_notice_facts
from deliberation.operations.papers import resolution_facts
from deliberation.operations.rolls import roll_facts, rolls_of_proposal
from deliberation.operations.settle import plan_facts
from deliberation.operations.vote_papers import preliminaries_of
from publish.models import Notice
from publish.preview import Preview, preview_notice

ENTRIES_SHOWN = 100


def notice_of_move(key: str, proposal: Proposal, *, now: dt.datetime) -> Preview | None:
    """Return the notice that a move or act would post now; None for one that posts none, or cannot post it yet.

    Of a roll the first 100 entries, with the sums of all.
    """
    try:
        found = _facts_of(key, proposal, now)
        if found is None:
            return None
        kind, facts, follows = found
        return preview_notice(kind=kind, facts=facts, issuer=proposal.community, follows=follows, now=now)
    except Refused:  # the page says beside it what is missing
        return None


def _facts_of(key: str, proposal: Proposal, now: dt.datetime) -> tuple[str, dict[str, Any], list[Notice]] | None:
    ballot, plan = proposal.ballot, proposal.plans.order_by("-number").first()
    if key == "publish_result" and ballot is not None and ballot.result is not None:
        return "vote_result", result_notice_facts(proposal), preliminaries_of(proposal, ballot)
    if key == "take_effect" and ballot is not None and ballot.result is not None:
        return "resolution", resolution_facts(ballot, proposal, now=now), []
    if key == "publicise_plan" and plan is not None:
        return "plan_for_comment", plan_facts(proposal, plan), []
    if key == "publish_roll" and proposal.electorate:
        facts = roll_facts(proposal, rolls_of_proposal(proposal))
        return "roll", facts | {"entries": facts["entries"][:ENTRIES_SHOWN]}, []
    return None
