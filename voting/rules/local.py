"""A jurisdiction's own form of a rule, held against the law's floor; several rules over one item. Pure."""

from collections.abc import Iterable
from typing import Any

from voting.rules.catalogue import Entry
from voting.rules.reading import rule_of
from voting.rules.shapes import BadNumbers, Rule, Threshold

# Keys whose numbers are not statute: past law, local practice, rules of an assembly or of the method itself.
LOCAL_KEYS = frozenset({"owners_pre2021", "owner_reps_negative_consent", "owners_committee", "four_step_party_review"})
_SAID = {"passed": "表决通过", "rejected": "表决未通过", "not_quorate": "未达到法定参与数，本次表决无效"}


class WeakerThanLaw(BadNumbers):
    """A local rule asks for less than the statute does; `article` is the statute's."""

    def __init__(self, field: str, article: str) -> None:
        super().__init__(field, f"asks for less than {article}")
        self.article = article


def localised(key: str, changes: Entry) -> Rule:
    """Return the catalogue's rule `key` with `changes` (quorum, pass, article, silence, invalid).

    The article becomes the jurisdiction's, beside the statute's where that binds. Raises BadNumbers, and WeakerThanLaw
    for a binding key when a national threshold is not matched by one at least as strict.
    """
    national = rule_of(key)
    own = dict(changes)
    if key not in LOCAL_KEYS:
        own["article"] = f"{own['article']}和{national.entry['article']}"
    made = rule_of({**national.entry, **own})
    if key not in LOCAL_KEYS:
        for name, floor, asked in (("quorum", national.quorum, made.quorum), ("pass", national.passing, made.passing)):
            if not all(any(is_as_strict(mine, law) for mine in asked) for law in floor):
                raise WeakerThanLaw(name, national.entry["article"])
    return made


def is_as_strict(mine: Threshold, law: Threshold) -> bool:
    """Return whether whoever meets `mine` meets `law` for certain: the same count, of the same base or of all."""
    if mine.at_least is not None or mine.below or law.below:
        return mine == law
    if (mine.measure, mine.counts) != (law.measure, law.counts) or mine.of not in {law.of, "eligible"}:
        return False
    asked, floor = mine.numerator * law.denominator, law.numerator * mine.denominator
    return asked > floor or (asked == floor and (law.inclusive or not mine.inclusive))


def outcome_of_all(outcomes: Iterable[str]) -> str:
    """Return the outcome of a matter that every one of several decisions must pass."""
    held = set(outcomes)
    return "not_quorate" if "not_quorate" in held else "passed" if held == {"passed"} else "rejected"


def sentence_of_all(sentences: Iterable[str], outcome: str) -> str:
    """Return the sentence that covers several rules: each of them numbered, then what follows."""
    told = list(sentences)
    numbered = "".join(f"（{place}）{one}" for place, one in enumerate(told, start=1))
    return f"须同时符合{len(told)}项规则：{numbered}{conclusion(outcome)}"


def conclusion(outcome: str) -> str:
    """Return the last sentence: what follows from several decisions together."""
    return f"总的结论：{_SAID[outcome]}。"


def as_changes(quorum: Any, passing: Any, article: str, silence: str, invalid: str) -> Entry:
    """Return the changes of an override as an entry's keys; what is not given is left out."""
    given = {"quorum": quorum, "pass": passing, "silence": silence or None, "invalid": invalid or None}
    return {"article": article, **{key: value for key, value in given.items() if value is not None}}
