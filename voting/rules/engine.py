"""Decides by a rule: exact integers, cross-multiplied; never a float, never a rounded percentage. Pure."""

from collections.abc import Mapping
from typing import Any

from voting.rules.catalogue import Entry
from voting.rules.reading import number, read_numbers, rule_of
from voting.rules.sentence import sentence
from voting.rules.shapes import Decision, Numbers, Reckoning, Rule, Threshold, parts_of


def reckon(threshold: Threshold, numbers: Numbers) -> Reckoning:
    """Return how one threshold comes out.

    `needed` is the smallest number that meets it; for a `below` threshold the largest that still does (0 where none
    does, too).
    """
    hundredths = threshold.measure in numbers.hundredths
    reached = _amount(threshold.counts, threshold.measure, numbers)
    if threshold.at_least is not None:
        exact, _decimals = number(threshold.at_least, "at_least")
        base, needed = 0, exact if hundredths else -(-exact // 100)
    else:
        base = _amount(threshold.of, threshold.measure, numbers)
        product = base * threshold.numerator
        if threshold.below:
            most = product // threshold.denominator if threshold.inclusive else -(-product // threshold.denominator) - 1
            over = max(0, reached - most)
            return Reckoning(threshold, base, max(most, 0), reached, over, over == 0, hundredths)
        needed = -(-product // threshold.denominator) if threshold.inclusive else product // threshold.denominator + 1
    return Reckoning(threshold, base, needed, reached, max(0, needed - reached), reached >= needed, hundredths)


def _amount(group: str, measure: str, numbers: Numbers) -> int:
    groups = numbers.groups
    if group == "present" and "present" not in groups:
        group = "participating"
    return sum(groups[part].get(measure, 0) for part in parts_of(group) if part in groups)


def decide(rule: Rule | str | Entry, numbers: Numbers | Mapping[str, Any]) -> Decision:
    """Return what `rule` says about `numbers`.

    `rule` is a key, an object of the catalogue's form, or a Rule; `numbers` as in `read_numbers`. The outcome is
    "not_quorate" when a quorum is not met, else "passed" when every pass threshold is met, else "rejected". Where
    nobody took part nothing passes. Raises BadNumbers.
    """
    made = rule if isinstance(rule, Rule) else rule_of(rule)
    read = numbers if isinstance(numbers, Numbers) else read_numbers(numbers, made)
    quorum = tuple(reckon(t, read) for t in made.quorum)
    passing = tuple(reckon(t, read) for t in made.passing)
    took_part = read.groups["participating"]
    nobody = took_part.get("heads") == 0 or not any(took_part.values())
    if not all(r.met for r in quorum):
        outcome = "not_quorate"
    elif nobody or not all(r.met for r in passing):
        outcome = "rejected"
    else:
        outcome = "passed"
    basis = made.entry["article"]
    return Decision(outcome, quorum, passing, basis, sentence(made, read, quorum, passing, outcome))
