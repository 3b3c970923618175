"""Who will decide on a proposal and what must agree, once that was chosen."""

from typing import Any

from community.queries import place_name
from deliberation.models import Electorate, Proposal
from voting.explained import rule_in_words
from voting.mandates import rule_at


def decision_of(proposal: Proposal) -> list[dict[str, Any]]:
    """Return each body that must agree: [{"body", "place", "rules"}], as the rules hold at the place. Empty before.

    `rules` as `voting.explained.rule_in_words`; of a vote that was called they are those frozen with it. At most three
    queries for each rule.
    """
    frozen = proposal.ballot
    bodies = [
        (proposal.electorate, [proposal.rule, *proposal.more_rules]),
        (proposal.second_electorate, [proposal.second_rule]),
    ]
    found = []
    for place, (electorate, keys) in enumerate(bodies):
        if not electorate:
            continue
        at = proposal.community if electorate == Electorate.REPRESENTATIVES else proposal.unit
        entries = (
            [frozen.rule, *frozen.more_rules]
            if frozen is not None and place == 0
            else [rule_at(key, proposal.community).entry for key in keys if key]
        )
        found.append(
            {
                "body": str(Electorate(electorate).label),
                "place": place_name(at),
                "rules": [rule_in_words(entry) for entry in entries],
            }
        )
    return found
