"""The result of a ballot: counted from the rows, decided by the frozen rule, explained in Chinese."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.canonical import sha256_hex
from core.errors import WrongStage
from core.measure import format_area, parse_decimal
from core.official import official_language
from voting import bulk, methods, rules, tally
from voting.counting import CountedItem, count_items, counters_match
from voting.models import Ballot, BallotKind, Phase, Proxy, Voter
from voting.rules import election
from voting.rules.engine import Decision, Numbers, Rule
from voting.tally import NONE, Counts, Sums

_THRESHOLD_FACTS = (
    "measure",
    "of",
    "base",
    "fraction",
    "at_least",
    "inclusive",
    "needed",
    "reached",
    "shortfall",
    "met",
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
        "SELECT COUNT(*), COALESCE(SUM(r.heads), 0), COALESCE(SUM(r.area), 0) FROM voting_voter r"  # noqa: S608 - our own words
        f" WHERE r.ballot_id = %s AND r.id IN (SELECT v.voter_id FROM {table} v"
        " JOIN voting_item i ON i.id = v.item_id WHERE i.ballot_id = %s)",
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
        raise WrongStage(_("表决尚未截止，没有结果。"), code="not_closed")
    return {
        **ballot.result,
        "phase": ballot.phase,
        "certified_by": [signed.teller_name for signed in ballot.certifications.filter(agrees=True).order_by("pk")]
        if ballot.phase == Phase.CERTIFIED
        else [],
    }


@official_language()
def result_facts(ballot: Ballot) -> dict[str, Any]:
    """Return the facts of the notice kind vote_result but title and matter. Raises WrongStage before closing."""
    result = public_result(ballot)
    decided_by_area = any(t["measure"] == "area" for t in (*result["rule"]["quorum"], *result["rule"]["pass"]))

    def measure(heads: int, area: str) -> dict[str, Any]:
        return {"heads": heads, "area": area} if decided_by_area else {"heads": heads}

    turnout, roll = result["turnout"], result["roll"]
    return {
        "basis": [result["rule"]["article"]],
        "opened_at": _local_minute(ballot.opened_at),
        "closed_at": _local_minute(ballot.closed_at),
        "method": str(ballot.get_kind_display()),
        "rule": result["rule"]["title"].get("zh", ""),
        "eligible": measure(roll["heads"], roll["area"]),
        "participating": measure(turnout["cast"], turnout["area"]),
        "items": [_item_facts(one, measure) for one in result["items"]],
        "proxies": [
            f"{proxy.principal.name} → {proxy.holder_name}"
            for proxy in Proxy.objects.filter(ballot=ballot, revoked_at__isnull=True)
            .select_related("principal")
            .order_by("pk")[:200]
        ],
        "tellers": result["certified_by"],
        "roll_hash": roll["hash"],
        "result_hash": result["hash"],
    }


def _item_facts(one: Mapping[str, Any], measure: Any) -> dict[str, Any]:
    part = one["participating"]
    return {
        "title": one["title"][:200],
        "outcome": one["outcome"],
        "participating": measure(part["heads"], part["area"]),
        "invalid": measure(one["invalid"]["heads"], one["invalid"]["area"]),
        "options": [
            {
                "label": option["label"],
                **measure(one["counts"][option["id"]]["heads"], one["counts"][option["id"]]["area"]),
                **_shares(one["counts"][option["id"]], part, with_area="area" in measure(0, "0.00")),
            }
            for option in one["options"]
        ],
        "quorum": [_threshold_facts(t) for t in one["decision"]["quorum"]],
        "thresholds": [_threshold_facts(t) for t in one["decision"]["pass"]],
        "sentence": one["sentence"],
        "basis": one["decision"]["basis"][:200],
    }


def _threshold_facts(threshold: Mapping[str, Any]) -> dict[str, Any]:
    return {key: threshold[key] for key in _THRESHOLD_FACTS if threshold.get(key) is not None}


def _shares(counts: Mapping[str, Any], part: Mapping[str, Any], *, with_area: bool) -> dict[str, str]:
    shares = {"share_heads": share(counts["heads"], part["heads"])}
    if with_area:
        shares["share_area"] = share(parse_decimal(counts["area"]), parse_decimal(part["area"]))
    return shares


def share(part: int, base: int) -> str:
    """Return part/base in per cent, half up to one place, "—" of nothing. To be read; nothing is decided by it."""
    if not base:
        return "—"
    tenths = (part * 2000 + base) // (2 * base)
    return f"{tenths // 10}.{tenths % 10}%"


def _local_minute(moment: dt.datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment is not None else ""
