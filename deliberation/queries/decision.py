"""Who will decide on a proposal, where their roll is drawn, and what must agree, once that was chosen."""

from typing import Any

from community.models import Unit
from community.queries import place_name
from deliberation.models import Electorate, Proposal
from voting.explained import rule_in_words
from voting.mandates import ballots_together, rule_at


def place_of_roll(proposal: Proposal, electorate: str) -> Unit:
    """Return where the roll of an electorate is drawn: the representatives are the community's, others the place's."""
    return proposal.community if electorate == Electorate.REPRESENTATIVES else proposal.unit


def decision_of(proposal: Proposal) -> list[dict[str, Any]]:
    """Return each body that must agree: [{"body", "place", "rules"}], as the rules hold at the place. Empty before.

    `rules` as `voting.explained.rule_in_words`; of a vote that was called they are those frozen with the ballot of each
    body. At most three queries for each rule.
    """
    called = {one.scope: one for one in ballots_together(proposal.ballot)} if proposal.ballot is not None else {}
    bodies = [
        (proposal.electorate, [proposal.rule, *proposal.more_rules]),
        (proposal.second_electorate, [proposal.second_rule]),
    ]
    found = []
    for electorate, keys in bodies:
        if not electorate:
            continue
        ballot = called.get(electorate)
        entries = (
            [ballot.rule, *ballot.more_rules]
            if ballot is not None
            else [rule_at(key, proposal.community).entry for key in keys if key]
        )
        found.append(
            {
                "body": str(Electorate(electorate).label),
                "place": place_name(place_of_roll(proposal, electorate)),
                "rules": [rule_in_words(entry) for entry in entries],
            }
        )
    return found
