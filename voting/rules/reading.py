"""Reads a rule and the numbers of a decision: exact, checked against each other, or refused by path. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from voting.rules.catalogue import ENTRIES, Entry
from voting.rules.shapes import MOST, BadNumbers, Numbers, Rule, Threshold, parts_of

BASES = ("eligible", "present", "participating", "cast", "for_and_against")
COUNTS = ("participating", "present", "cast", "for", "against")
GROUPS = ("eligible", "present", "participating", "for", "against", "abstain", "invalid")
REQUIRED = ("eligible", "participating", "for")
MAX_THRESHOLDS = 12
MAX_MEASURES = 12
LONGEST_MEASURE = 40

_DECIMAL = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,2}))?", re.ASCII)
FRACTION = re.compile(r"([0-9]{1,6})/([0-9]{1,6})", re.ASCII)
_SHARE_KEYS = {"measure", "of", "fraction", "inclusive", "counts", "below"}
_ABSOLUTE_KEYS = {"measure", "at_least", "of", "inclusive", "counts", "fraction"}
# What an entry may carry beside its thresholds.
_ENTRY_KEYS = {
    "key", "title", "article", "electorate", "quorum", "pass", "ballots", "proxy", "abstain", "invalid", "silence",
    "conditions",
}  # fmt: skip

# --- rules ------------------------------------------------------------------


_BY_KEY = {entry["key"]: entry for entry in ENTRIES}


def rule_of(rule: Any, *, field: str = "rule") -> Rule:
    """Return the rule of a catalogue key, or of an object of the same form as an entry. Raises BadNumbers."""
    if isinstance(rule, str):
        if rule not in _BY_KEY:
            raise BadNumbers(field, f"unknown rule {rule[:60]!r}")
        return _catalogued(rule)
    if not isinstance(rule, dict):
        raise BadNumbers(field, "must be a key of the catalogue or an object with quorum and pass")
    _refuse_unknown(rule, _ENTRY_KEYS, field)
    quorum = _thresholds(rule.get("quorum", []), f"{field}.quorum", counts="participating")
    if "pass" not in rule:
        raise BadNumbers(f"{field}.pass", "is missing")
    passing = _thresholds(rule["pass"], f"{field}.pass", counts="for")
    if not passing:
        raise BadNumbers(f"{field}.pass", "must hold at least one threshold")
    entry = {
        "key": _text(rule.get("key", "custom"), f"{field}.key", 60),
        "title": _title(rule.get("title", {"zh": "自定规则", "en": "Custom rule"}), f"{field}.title"),
        "article": _text(rule.get("article", "本次表决办法"), f"{field}.article", 300),
        "electorate": _text(rule.get("electorate", ""), f"{field}.electorate", 100),
        "quorum": rule.get("quorum", []),
        "pass": rule["pass"],
        "ballots": _words(rule.get("ballots", ["named", "secret"]), f"{field}.ballots", {"named", "secret"}),
        "proxy": _proxy(rule.get("proxy", {"allowed": True, "cap": 3}), f"{field}.proxy"),
        "abstain": _one_of(rule.get("abstain", "participates"), f"{field}.abstain", {"participates"}),
        "invalid": _one_of(rule.get("invalid", "out"), f"{field}.invalid", {"out", "in_base"}),
        "silence": _one_of(rule.get("silence", "none"), f"{field}.silence", {"none", "follows_majority", "consents"}),
        "conditions": _conditions(rule.get("conditions", []), f"{field}.conditions"),
    }
    return Rule(entry, quorum, passing, _measures(quorum, passing))


@lru_cache(maxsize=64)
def _catalogued(key: str) -> Rule:
    entry = _BY_KEY[key]
    quorum = _thresholds(entry["quorum"], f"{key}.quorum", counts="participating")
    passing = _thresholds(entry["pass"], f"{key}.pass", counts="for")
    return Rule(entry, quorum, passing, _measures(quorum, passing))


def _measures(*thresholds: tuple[Threshold, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t.measure for group in thresholds for t in group))


def _thresholds(given: Any, field: str, *, counts: str) -> tuple[Threshold, ...]:
    if not isinstance(given, list) or len(given) > MAX_THRESHOLDS:
        raise BadNumbers(field, f"must be a list of at most {MAX_THRESHOLDS} thresholds")
    made = tuple(_threshold(one, f"{field}[{place}]", counts) for place, one in enumerate(given))
    if len(set(made)) != len(made):
        raise BadNumbers(field, "a threshold stands twice")
    return made


def _threshold(given: Any, field: str, counts: str) -> Threshold:
    if not isinstance(given, dict):
        raise BadNumbers(field, "must be an object")
    absolute = given.get("at_least") is not None
    _refuse_unknown(given, _ABSOLUTE_KEYS if absolute else _SHARE_KEYS, field)
    measure = given.get("measure")
    if not isinstance(measure, str) or not 0 < len(measure) <= LONGEST_MEASURE or not measure.isprintable():
        raise BadNumbers(f"{field}.measure", "must be the name of a measure, such as heads")
    counted = _one_of(given.get("counts", counts), f"{field}.counts", set(COUNTS))
    if absolute:
        if given.get("fraction") is not None:
            raise BadNumbers(f"{field}.fraction", "a threshold has a fraction or at_least, not both")
        number(given["at_least"], f"{field}.at_least")
        return Threshold(measure, "", counted, 0, 1, inclusive=True, at_least=given["at_least"])
    of = _one_of(given.get("of"), f"{field}.of", set(BASES))
    fraction = given.get("fraction")
    found = FRACTION.fullmatch(fraction) if isinstance(fraction, str) else None
    if found is None:
        raise BadNumbers(f"{field}.fraction", 'must be a fraction such as "2/3"')
    numerator, denominator = int(found[1]), int(found[2])
    if not 0 < numerator <= denominator:
        raise BadNumbers(f"{field}.fraction", "must be more than 0 and at most 1")
    inclusive = _flag(given, "inclusive", field)
    below = _flag(given, "below", field) if "below" in given else False
    return Threshold(measure, of, counted, numerator, denominator, inclusive, below)


def _flag(given: Mapping[str, Any], key: str, field: str) -> bool:
    value = given.get(key)
    if not isinstance(value, bool):
        raise BadNumbers(f"{field}.{key}", "must be true or false")
    return value


def _one_of(value: Any, field: str, known: set[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise BadNumbers(field, f"must be one of {', '.join(sorted(known))}")
    return value


def _words(value: Any, field: str, known: set[str]) -> list[str]:
    if not isinstance(value, list) or not value or len(value) > len(known):
        raise BadNumbers(field, f"must be a list of {', '.join(sorted(known))}")
    return [_one_of(word, f"{field}[{place}]", known) for place, word in enumerate(value)]


def _text(value: Any, field: str, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise BadNumbers(field, f"must be text of at most {most} characters")
    return value


def _title(value: Any, field: str) -> dict[str, str]:
    if isinstance(value, str):
        value = {"zh": value, "en": value}
    if not isinstance(value, dict):
        raise BadNumbers(field, "must be an object with zh and en")
    _refuse_unknown(value, {"zh", "en"}, field)
    return {language: _text(text, f"{field}.{language}", 100) for language, text in value.items()}


def _proxy(value: Any, field: str) -> Entry:
    if not isinstance(value, dict):
        raise BadNumbers(field, "must be an object with allowed and cap")
    _refuse_unknown(value, {"allowed", "cap"}, field)
    allowed = _flag(value, "allowed", field)
    cap = value.get("cap", 3 if allowed else 0)
    if type(cap) is not int or not 0 <= cap <= 3:  # noqa: PLR2004 - at most 3 for each holder (RULEBOOK 2)
        raise BadNumbers(f"{field}.cap", "must be a whole number from 0 to 3")
    return {"allowed": allowed, "cap": cap}


def _conditions(value: Any, field: str) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_THRESHOLDS:
        raise BadNumbers(field, "must be a list of sentences")
    return [_text(one, f"{field}[{place}]", 200) for place, one in enumerate(value)]


def _refuse_unknown(given: Mapping[str, Any], known: set[str], field: str) -> None:
    for key in given:
        if key not in known:
            raise BadNumbers(f"{field}.{key[:40]}" if field else key[:40], "is not a known field")


# --- numbers ----------------------------------------------------------------


def number(value: Any, field: str) -> tuple[int, bool]:
    """Return (hundredths, was it written with decimals). Raises BadNumbers for all but exact non-negative numbers."""
    if type(value) is int:
        if value < 0:
            raise BadNumbers(field, "must not be negative")
        if value > MOST:
            raise BadNumbers(field, "is too large")
        return value * 100, False
    if isinstance(value, str):
        found = _DECIMAL.fullmatch(value)
        if found is None:
            raise BadNumbers(field, 'must be a whole number or a decimal string with at most two places ("88.40")')
        decimals = found[2]
        return int(found[1]) * 100 + (int(decimals.ljust(2, "0")) if decimals else 0), bool(decimals)
    raise BadNumbers(field, "must be a whole number or a decimal string; floats are not exact")


def read_numbers(given: Mapping[str, Any], rule: Rule, *, field: str = "") -> Numbers:
    """Return the numbers of one decision, checked against each other. Raises BadNumbers.

    `given` holds the groups eligible, present, participating, for, against, abstain, invalid (the first, third and
    fourth always; "present" is taken from "participating" where a rule needs it and it is missing).
    """
    prefix = f"{field}." if field else ""
    groups: dict[str, dict[str, int]] = {}
    decimal: set[str] = {"area"}
    for group in GROUPS:
        measures = given.get(group)
        if measures is not None:
            groups[group] = _read_group(measures, f"{prefix}{group}", decimal)
        elif group in REQUIRED:
            raise BadNumbers(f"{prefix}{group}", "is missing")
    for held in groups.values():
        for measure in held:
            if measure not in decimal:
                held[measure] //= 100
    _check_sums(groups, rule, prefix)
    _check_present(groups, rule, prefix)
    return Numbers(groups, frozenset(decimal))


def _read_group(measures: Any, path: str, decimal: set[str]) -> dict[str, int]:
    """Return one group in hundredths; add the measures written with decimals to `decimal`."""
    if not isinstance(measures, dict) or len(measures) > MAX_MEASURES:
        raise BadNumbers(path, "must be an object of measures")
    held = {}
    for measure, value in measures.items():
        held[measure], with_decimals = number(value, f"{path}.{measure[:40]}")
        if with_decimals and measure == "heads":
            raise BadNumbers(f"{path}.heads", "must be a whole number")
        if with_decimals:
            decimal.add(measure)
    return held


def _check_sums(groups: Mapping[str, Mapping[str, int]], rule: Rule, prefix: str) -> None:
    eligible, participating = groups["eligible"], groups["participating"]
    for measure, took_part in participating.items():
        if measure in eligible and took_part > eligible[measure]:
            raise BadNumbers(f"{prefix}participating.{measure}", "is more than eligible")
        together = 0
        for group in ("for", "against", "abstain"):
            part = groups.get(group, {}).get(measure, 0)
            together += part
            if part > took_part:
                raise BadNumbers(f"{prefix}{group}.{measure}", "is more than participating")
        if together > took_part:
            raise BadNumbers(f"{prefix}participating.{measure}", "is less than for, against and abstain together")
        cast = took_part + groups.get("invalid", {}).get(measure, 0)
        if measure in eligible and cast > eligible[measure]:
            raise BadNumbers(f"{prefix}invalid.{measure}", "participating and invalid are more than eligible")
    for measure, present in groups.get("present", {}).items():
        if measure in eligible and present > eligible[measure]:
            raise BadNumbers(f"{prefix}present.{measure}", "is more than eligible")
        counted = any("present" in {t.of, t.counts} for t in (*rule.quorum, *rule.passing))
        if counted and participating.get(measure, 0) > present:
            raise BadNumbers(f"{prefix}participating.{measure}", "is more than present")


def _check_present(groups: Mapping[str, Mapping[str, int]], rule: Rule, prefix: str) -> None:
    """Refuse numbers that lack a measure the rule compares."""
    for threshold in (*rule.quorum, *rule.passing):
        wanted = [threshold.counts] if threshold.at_least is not None else [threshold.counts, threshold.of]
        for group in wanted:
            for part in parts_of(group):
                held = groups.get(part)
                if held is None and part in {"present", "invalid"}:
                    continue
                if held is None:
                    raise BadNumbers(f"{prefix}{part}", "is missing")
                if threshold.measure not in held and part != "invalid":
                    raise BadNumbers(f"{prefix}{part}.{threshold.measure}", "is missing")
