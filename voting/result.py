"""The result of a ballot: counted from the rows, decided by the frozen rule, explained in Chinese."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.canonical import sha256_hex
from core.errors import WrongStage
from core.measure import format_area
from voting import bulk, methods, rules, tally
from voting.models import Ballot, BallotKind, Item, OptionCount, Phase, Recusal, Voter
from voting.rules import election
from voting.rules.engine import Decision, Numbers, Rule
from voting.tally import NONE, Counts, Sums

OUTCOMES = {"passed": "通过", "rejected": "未通过", "not_quorate": "未达到法定参与数"}


@dataclass(frozen=True, slots=True)
class CountedItem:
    """One item with its counts and what bears on its decision. Weights in persons and 0.01 m2."""

    pk: int
    title: str
    method: str
    form: Mapping[str, int]
    options: tuple[tuple[str, str], ...]
    counts: Counts
    rankings: tuple[tuple[list[str], int], ...]
    recused: tuple[int, int]
    present: tuple[int, int] | None


# --- counting ---------------------------------------------------------------


def count_items(ballot: Ballot) -> list[CountedItem]:
    """Count the rows of a ballot. The database groups them; the cost does not grow with Python work per vote.

    Of a secret ballot with unequal weights the rows give the votes, and the running sums how the weights fell.
    """
    secret = ballot.kind == BallotKind.SECRET
    grouped = _grouped_secret(ballot) if secret else _grouped_named(ballot)
    weights = _weights(ballot)
    present = _present(ballot)
    items = []
    for item in Item.objects.filter(ballot=ballot).prefetch_related("options").order_by("position"):
        keys = [option.key for option in item.options.all()]
        choices = grouped.get(item.pk, [])
        if secret and weights is not None:
            choices = [(choice, (votes, votes * weights[0], votes * weights[1])) for choice, (votes, _h, _a) in choices]
        counts = tally.fold(item.method, keys, choices)
        if secret and weights is None:
            counts = _with_summed_weights(item, counts)
        recused = _sum_of(Voter.objects.filter(recusals__item=item))
        rankings = tuple(
            (methods.readable(choice), sums[1])
            for choice, sums in choices
            if item.method == "ranking" and choice[0] == "["
        )
        items.append(
            CountedItem(
                item.pk, item.title, item.method, item.form, tuple((o.key, o.label) for o in item.options.all()),
                counts, rankings, recused,
                None if present is None else (present[0] - recused[0], present[1] - recused[1]),
            )
        )  # fmt: skip
    return items


def _grouped_named(ballot: Ballot) -> dict[int, list[tuple[str, Sums]]]:
    found: dict[int, list[tuple[str, Sums]]] = {}
    for item, choice, votes, heads, area in bulk.rows(
        "SELECT v.item_id, v.choice, COUNT(*), SUM(r.heads), SUM(r.area) FROM voting_item i"
        " JOIN voting_vote v ON v.item_id = i.id JOIN voting_voter r ON r.id = v.voter_id"
        " WHERE i.ballot_id = %s GROUP BY v.item_id, v.choice ORDER BY v.item_id, v.choice",
        ballot.pk,
    ):
        found.setdefault(item, []).append((choice, (int(votes), int(heads), int(area))))
    return found


def _grouped_secret(ballot: Ballot) -> dict[int, list[tuple[str, Sums]]]:
    found: dict[int, list[tuple[str, Sums]]] = {}
    for item, choice, votes in bulk.rows(
        "SELECT s.item_id, s.choice, COUNT(*) FROM voting_item i JOIN voting_secretvote s ON s.item_id = i.id"
        " WHERE i.ballot_id = %s GROUP BY s.item_id, s.choice ORDER BY s.item_id, s.choice",
        ballot.pk,
    ):
        found.setdefault(item, []).append((choice, (int(votes), 0, 0)))
    return found


def _weights(ballot: Ballot) -> tuple[int, int] | None:
    """Return (heads, area) where every voter of the roll weighs the same, else None."""
    found = list(Voter.objects.filter(ballot=ballot).values_list("heads", "area").distinct()[:2])
    return found[0] if len(found) == 1 else None


def _with_summed_weights(item: Item, counts: Counts) -> Counts:
    sums = {row.key: row for row in OptionCount.objects.filter(item=item)}

    def weighed(key: str, votes: Sums) -> Sums:
        row = sums.get(key)
        return (votes[0], row.heads, row.area) if row is not None else votes

    everybody = weighed(methods.EVERYBODY, counts.participating)
    invalid = weighed(methods.INVALID, counts.invalid)
    return Counts(
        {key: weighed(key, votes) for key, votes in counts.options.items()},
        (counts.participating[0], everybody[1] - invalid[1], everybody[2] - invalid[2]),
        invalid,
    )


def _present(ballot: Ballot) -> tuple[int, int] | None:
    """Return heads and area of those present and represented, or None where presence is not counted apart."""
    if ballot.present_heads is not None:
        return ballot.present_heads, ballot.present_area or 0
    if not ballot.in_room:
        return None
    here = Voter.objects.filter(ballot=ballot, present=True)
    principals = Voter.objects.filter(
        ballot=ballot, present=False, proxies_given__revoked_at__isnull=True, proxies_given__holder__present=True
    )
    there, represented = _sum_of(here), _sum_of(principals)
    return there[0] + represented[0], there[1] + represented[1]


def _sum_of(voters: Any) -> tuple[int, int]:
    rows = list(voters.order_by().values_list("pk", "heads", "area").distinct())
    return sum(row[1] for row in rows), sum(row[2] for row in rows)


def counters_match(ballot: Ballot, items: list[CountedItem]) -> bool:
    """Return whether the running counters say what the rows say."""
    counted: dict[tuple[int, str], Sums] = {}
    for item in items:
        for key, sums in item.counts.options.items():
            counted[item.pk, key] = sums
        counted[item.pk, methods.INVALID] = item.counts.invalid
        counted[item.pk, methods.EVERYBODY] = tally.add(item.counts.participating, item.counts.invalid)
    ran = {
        (row.item_id, row.key): (row.votes, row.heads, row.area)
        for row in OptionCount.objects.filter(item__ballot=ballot)
    }
    return all(ran.get(place, NONE) == sums for place, sums in counted.items()) and all(
        place in counted or sums == NONE for place, sums in ran.items()
    )


# --- deciding ---------------------------------------------------------------


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


def decide_item(item: CountedItem, rule: Rule, roll: tuple[int, int]) -> dict[str, Any]:
    """Return the decision of one item: outcome, winners, the reckoning and the sentence."""
    in_base = rule.entry["invalid"] == "in_base"
    made = _decided(item, rule, roll, invalid_in_base=in_base)
    differs = []
    if item.counts.invalid[0]:
        other = _decided(item, rule, roll, invalid_in_base=not in_base)
        if _said(other) != _said(made):
            differs.append({"convention": "invalid_out" if in_base else "invalid_in_base", **_said(other)})
    if rule.entry["silence"] == "follows_majority" and item.method == methods.FOR_AGAINST:
        silent = _decided(_with_silence(item, roll), rule, roll, invalid_in_base=in_base)
        if _said(silent) != _said(made):
            differs.append({"convention": "silence_excluded", **_said(made)})
        made = silent
    return {**made, "differs_if": differs}


def _said(decided: Mapping[str, Any]) -> dict[str, Any]:
    return {"outcome": decided["outcome"], "winners": decided["winners"]}


def _with_silence(item: CountedItem, roll: tuple[int, int]) -> CountedItem:
    """Return the item with those who were silent on the side that has more heads."""
    counts = item.counts
    took_part = tally.add(counts.participating, counts.invalid)
    silent = (0, roll[0] - took_part[1] - item.recused[0], roll[1] - took_part[2] - item.recused[1])
    agree, against = counts.options["for"], counts.options["against"]
    if agree[1] == against[1]:
        return item
    side = "for" if agree[1] > against[1] else "against"
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


# --- the whole --------------------------------------------------------------


def make_result(ballot: Ballot, *, closed_at: dt.datetime) -> dict[str, Any]:
    """Count and decide a ballot; return the result as it is stored at closing, with its hash."""
    items = count_items(ballot)
    rule = rules.rule_of(ballot.rule)
    roll = (ballot.roll_heads, ballot.roll_area)
    decided = [_item_result(item, decide_item(item, rule, roll)) for item in items]
    outcomes = {one["outcome"] for one in decided}
    result: dict[str, Any] = {
        "ballot": str(ballot.pk),
        "title": ballot.title,
        "community": ballot.community.name,
        "kind": ballot.kind,
        "rule": rule.entry,
        "roll": {
            "voters": Voter.objects.filter(ballot=ballot).count(),
            "heads": ballot.roll_heads,
            "area": format_area(ballot.roll_area),
            "hash": ballot.roll_hash,
        },
        "turnout": _turnout(ballot),
        "items": decided,
        "tally": {one["id"]: one["counts"] for one in decided},
        "outcome": outcomes.pop() if len(outcomes) == 1 else "mixed",
        "counters_matched": counters_match(ballot, items),
        "opened_at": ballot.opened_at.astimezone(dt.UTC).isoformat() if ballot.opened_at else None,
        "closed_at": closed_at.astimezone(dt.UTC).isoformat(),
    }
    result["hash"] = sha256_hex(result)
    return result


def _turnout(ballot: Ballot) -> dict[str, Any]:
    table = "voting_participation" if ballot.kind == BallotKind.SECRET else "voting_vote"
    [(voters, heads, area)] = bulk.rows(
        "SELECT COUNT(*), COALESCE(SUM(r.heads), 0), COALESCE(SUM(r.area), 0) FROM voting_voter r WHERE r.ballot_id = %s"  # noqa: S608 - our own words
        f" AND r.id IN (SELECT v.voter_id FROM {table} v JOIN voting_item i ON i.id = v.item_id WHERE i.ballot_id = %s)",
        ballot.pk,
        ballot.pk,
    )
    return {
        "cast": int(heads),
        "eligible": ballot.roll_heads,
        "voters": int(voters),
        "area": format_area(int(area)),
        "eligible_area": format_area(ballot.roll_area),
    }


def written_sums(sums: Sums) -> dict[str, Any]:
    """Return sums as they stand in JSON."""
    return {"heads": sums[1], "area": format_area(sums[2]), "votes": sums[0]}


def _item_result(item: CountedItem, decided: dict[str, Any]) -> dict[str, Any]:
    counts = {key: written_sums(sums) for key, sums in item.counts.options.items()}
    if item.counts.invalid[0]:
        counts[methods.INVALID] = written_sums(item.counts.invalid)
    made: dict[str, Any] = {
        "id": str(item.pk),
        "title": item.title,
        "method": item.method,
        "options": [{"id": key, "label": label} for key, label in item.options],
        "counts": counts,
        "participating": written_sums(item.counts.participating),
        "invalid": written_sums(item.counts.invalid),
        "recused": {"heads": item.recused[0], "area": format_area(item.recused[1])},
        "present": None if item.present is None else {"heads": item.present[0], "area": format_area(item.present[1])},
    }
    return {**made, **decided}


def public_result(ballot: Ballot) -> dict[str, Any]:
    """Return what `ballot_result` prints. Raises WrongStage before the ballot is closed."""
    if ballot.result is None:
        raise WrongStage("表决尚未截止，没有结果。", code="not_closed")
    return {
        **ballot.result,
        "phase": ballot.phase,
        "certified_by": [signed.teller_name for signed in ballot.certifications.filter(agrees=True).order_by("pk")]
        if ballot.phase == Phase.CERTIFIED
        else [],
    }


def recused_voters(item: Item) -> list[int]:
    """Return the ids of the voters who stepped aside on an item."""
    return list(Recusal.objects.filter(item=item).values_list("voter_id", flat=True))
