"""Decides one item of a ballot by its rules, from counts that are given. Reads nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from voting import methods, rules, tally
from voting.counting import CountedItem
from voting.models import Ballot
from voting.rules import election
from voting.rules.local import outcome_of_all, sentence_of_all
from voting.rules.shapes import Decision, Numbers, Rule
from voting.tally import NONE, Counts, Sums


def rules_of(ballot: Ballot) -> list[Rule]:
    """Return the frozen rules of a ballot, all of which an item must pass; the first is its `rule`."""
    return [rules.rule_of(entry) for entry in (ballot.rule, *ballot.more_rules)]


def numbers_of(item: CountedItem, roll: tuple[int, int], chosen: Sums, *, invalid_in_base: bool = False) -> Numbers:
    """Return the numbers of one item with `chosen` as those in favour."""
    counts = item.counts
    part, invalid = counts.participating, counts.invalid
    if invalid_in_base:
        part, invalid = tally.add(part, invalid), NONE
    groups = {"eligible": roll, "participating": part[1:], "for": chosen[1:]}
    if item.present is not None:
        groups["present"] = item.present
    groups["against"] = counts.options.get(methods.AGAINST, NONE)[1:]
    groups["abstain"] = counts.options.get(methods.ABSTAIN, NONE)[1:]
    if invalid[0]:
        groups["invalid"] = invalid[1:]
    order = ("eligible", "present", "participating", "for", "against", "abstain", "invalid")
    return Numbers(
        {group: {"heads": groups[group][0], "area": groups[group][1]} for group in order if group in groups},
        frozenset({"area"}),
    )


def decide_item(item: CountedItem, by: Sequence[Rule], roll: tuple[int, int]) -> dict[str, Any]:
    """Return the decision of one item: outcome, winners, the reckoning and the sentence.

    Under several rules the item passes when it passes by each, and the winners are those of all; "also" explains the
    rules after the first. `differs_if` names the conventions (invalid votes, silence) under which another outcome
    would have come out.
    """
    decided = [_by_one(item, rule, roll) for rule in by]
    conventions = dict.fromkeys(other["convention"] for one in decided for other in one["differs_if"])
    first = decided[0]
    if len(decided) == 1:
        return first
    whole = _of_all(decided)
    differs = []
    for convention in conventions:
        others = _of_all(
            [next((o for o in one["differs_if"] if o["convention"] == convention), one) for one in decided]
        )
        if others != whole:
            differs.append({"convention": convention, **others})
    sentence = sentence_of_all([one["sentence"] for one in decided], whole["outcome"])
    also = [{"rule": rule.entry, **one} for rule, one in zip(by[1:], decided[1:], strict=True)]
    return {**first, **whole, "sentence": sentence, "differs_if": differs, "also": also}


def _of_all(decided: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    winners = [key for key in decided[0]["winners"] if all(key in one["winners"] for one in decided[1:])]
    outcome = outcome_of_all(one["outcome"] for one in decided)
    if outcome == "passed" and decided[0]["winners"] and not winners:
        outcome = "rejected"
    return {"outcome": outcome, "winners": winners if outcome == "passed" else []}


def _by_one(item: CountedItem, rule: Rule, roll: tuple[int, int]) -> dict[str, Any]:
    in_base = rule.entry["invalid"] == "in_base"
    silence = rule.entry["silence"]
    has_silence = silence != "none" and item.method == methods.FOR_AGAINST
    counted = _with_silence(item, roll, consents=silence == "consents") if has_silence else item
    made = _decided(counted, rule, roll, invalid_in_base=in_base)
    others = {}
    if item.counts.invalid[0]:
        others["invalid_out" if in_base else "invalid_in_base"] = _decided(
            counted, rule, roll, invalid_in_base=not in_base
        )
    if has_silence:
        others["silence_excluded"] = _decided(item, rule, roll, invalid_in_base=in_base)
    differs = [{"convention": name, **_said(o)} for name, o in others.items() if _said(o) != _said(made)]
    return {**made, "differs_if": differs}


def _said(decided: Mapping[str, Any]) -> dict[str, Any]:
    return {"outcome": decided["outcome"], "winners": decided["winners"]}


def _with_silence(item: CountedItem, roll: tuple[int, int], *, consents: bool) -> CountedItem:
    """Return the item with those who were silent in favour (`consents`), or on the side that has more heads."""
    counts = item.counts
    took_part = tally.add(counts.participating, counts.invalid)
    silent = (0, roll[0] - took_part[1] - item.recused[0], roll[1] - took_part[2] - item.recused[1])
    agree, against = counts.options["for"], counts.options["against"]
    if agree[1] == against[1] and not consents:
        return item
    side = "for" if consents or agree[1] > against[1] else "against"
    options = {**counts.options, side: tally.add(counts.options[side], silent)}
    return CountedItem(
        item.pk, item.title, item.method, item.form, item.options,
        Counts(options, tally.add(counts.participating, silent), counts.invalid), item.rankings, item.recused, None,
    )  # fmt: skip


def _decided(item: CountedItem, rule: Rule, roll: tuple[int, int], *, invalid_in_base: bool) -> dict[str, Any]:
    def by_rule(chosen: Sums) -> Decision:
        return rules.decide(rule, numbers_of(item, roll, chosen, invalid_in_base=invalid_in_base))

    options = item.counts.options
    if item.method == methods.FOR_AGAINST:
        decision = by_rule(options["for"])
        return {"outcome": decision.outcome, "winners": [], **_explained(decision)}
    labels = dict(item.options)
    own = [key for key in options if key not in methods.PLAIN]
    if item.method in {"ranking", "score", "budget"}:
        quorum = by_rule(item.counts.participating)
        order = (
            tally.schulze(own, item.rankings)[0]
            if item.method == "ranking" and item.rankings
            else [] if item.method == "ranking" else tally.leaders(options)
        )  # fmt: skip
        return _by_order(quorum, order, labels)
    if item.method == "election":
        return _elected(item, rule, by_rule(item.counts.participating), by_rule)
    decisions = {key: by_rule(options[key]) for key in own}
    passed = [key for key in own if decisions[key].outcome == "passed"]
    first = tally.leaders(options)
    if item.method == "one_of":
        passed = [key for key in passed if first == [key]]
    shown = decisions[(passed or first or own)[0]]
    outcome = "passed" if passed else "not_quorate" if shown.outcome == "not_quorate" else "rejected"
    explained = _explained(shown)
    explained["decision"]["outcome"] = outcome
    leading = "、".join(f"“{labels[key]}”" for key in (passed or first))
    tie = "得票相同，无一项通过" if outcome == "rejected" and len(first) > 1 and item.method == "one_of" else ""
    explained["sentence"] = f"{leading}{tie or '得票最多' if leading else ''}。{explained['sentence']}".lstrip("。")
    per_option = {key: decision.as_json() for key, decision in decisions.items()}
    return {"outcome": outcome, "winners": passed, **explained, "by_option": per_option}


def _explained(decision: Decision) -> dict[str, Any]:
    return {"decision": decision.as_json(), "sentence": decision.sentence}


def _by_order(quorum: Decision, first: list[str], labels: Mapping[str, str]) -> dict[str, Any]:
    """Decide by the order of the options: the quorum of the rule holds, its majority does not apply."""
    if quorum.outcome == "not_quorate":
        return {"outcome": "not_quorate", "winners": [], **_explained(quorum)}
    one = len(first) == 1
    names = "、".join(f"“{labels[key]}”" for key in first)
    said = f"{names}列第一，当选方案" if one else f"{names}并列，未能决出" if first else "没有有效选择"
    reckoned = {"decision": {**quorum.as_json(), "outcome": "passed" if one else "rejected"}}
    return {
        "outcome": "passed" if one else "rejected",
        "winners": first if one else [],
        **reckoned,
        "sentence": f"{said}。",
    }


def _elected(item: CountedItem, rule: Rule, quorum: Decision, by_rule: Any) -> dict[str, Any]:
    labels = dict(item.options)
    counts = {key: sums[1] for key, sums in item.counts.options.items() if key not in methods.PLAIN}
    if not counts or quorum.outcome == "not_quorate":
        return {"outcome": "not_quorate", "winners": [], **_explained(quorum)}
    some = by_rule(NONE)
    needed = max([1, *(r.needed for r in some.passing if r.threshold.measure == "heads" and not r.threshold.below)])
    base = next((r.base for r in some.passing if r.threshold.measure == "heads"), 0)
    settled = election.settle(counts, item.form["seats"], base, needed, f"至少须得{needed}票", labels)
    outcome = "passed" if settled.outcome == "elected" and not settled.open_seats else "rejected"
    return {
        "outcome": outcome,
        "winners": list(settled.elected),
        "runoff": list(settled.runoff),
        "tied": list(settled.tied),
        "open_seats": settled.open_seats,
        "decision": {**some.as_json(), "outcome": outcome},
        "sentence": f"{settled.reason}依据{rule.entry['article']}。",
    }
