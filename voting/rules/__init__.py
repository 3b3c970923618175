"""Decision rules: the catalogue as data, the engine, elections. A pure leaf: no Django, no database."""

from voting.rules.catalogue import ENTRIES
from voting.rules.election import Election, elect
from voting.rules.engine import decide
from voting.rules.fitting import electorates_of, fits
from voting.rules.reading import read_numbers, rule_of
from voting.rules.shapes import BadNumbers, Decision, Numbers, Rule, written

__all__ = [
    "ENTRIES",
    "BadNumbers",
    "Decision",
    "Election",
    "Numbers",
    "Rule",
    "decide",
    "elect",
    "electorates_of",
    "fits",
    "read_numbers",
    "rule_of",
    "written",
]
