"""Decision rules: the catalogue as data, the engine, elections. A pure leaf: no Django, no database."""

from voting.rules.catalogue import ENTRIES
from voting.rules.election import Election, elect
from voting.rules.engine import BadNumbers, Decision, Numbers, Rule, decide, read_numbers, rule_of, written

__all__ = [
    "ENTRIES",
    "BadNumbers",
    "Decision",
    "Election",
    "Numbers",
    "Rule",
    "decide",
    "elect",
    "read_numbers",
    "rule_of",
    "written",
]
