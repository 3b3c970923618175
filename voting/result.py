"""The result of a ballot: counted from the rows, decided by the frozen rule, explained in Chinese."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core import clock
from core.canonical import sha256_hex
from core.errors import WrongStage
from core.masking import distinguish
from core.measure import format_area, parse_decimal
from core.official import official_language
from voting import bulk, methods
from voting.counting import CountedItem, count_items, counters_match
from voting.deciding import decide_item, rules_of
from voting.mandates import ballots_together, motion_state
from voting.models import Ballot, BallotKind, Phase, Proxy, Voter
from voting.persons import masked_pairs
from voting.tally import Sums

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


def make_result(ballot: Ballot, *, closed_at: dt.datetime, early: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Count and decide a ballot; return the result as it is stored at closing, with its hash.

    `early`: the planned end and the reason of a ballot closed before it.
    """
    items = count_items(ballot, at=closed_at)
    by = rules_of(ballot)
    roll = (ballot.roll_heads, ballot.roll_area)
    decided = [_item_result(item, decide_item(item, by, roll)) for item in items]
    outcomes = {one["outcome"] for one in decided}
    result: dict[str, Any] = {
        "ballot": str(ballot.pk),
        "title": ballot.title,
        "community": ballot.community.name,
        "kind": ballot.kind,
        "rule": by[0].entry,
        "more_rules": [rule.entry for rule in by[1:]],
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
    if early:
        result["closed_early"] = dict(early)
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
        "motion": _motion(ballot),
    }


def _motion(ballot: Ballot) -> dict[str, Any] | None:
    """Return what the ballots of the motion came to together; `outcome` is null until all of them are counted."""
    if ballot.motion is None:
        return None
    state = motion_state(ballot.motion)
    return {
        "title": state.motion.title,
        "ballots": [str(one.pk) for one in state.ballots],
        "outcome": state.outcome or None,
        "sentence": state.sentence,
    }


@official_language()
def result_facts(ballot: Ballot) -> dict[str, Any]:
    """Return the facts of the notice kind vote_result but title and matter. Raises WrongStage before closing."""
    facts = _vote_facts(ballot)
    others = [one for one in ballots_together(ballot) if one.pk != ballot.pk and one.phase == Phase.CERTIFIED]
    if others:
        facts["other_votes"] = [{"title": one.title[:200], **_vote_facts(one)} for one in others]
    return facts | _motion_facts(_motion(ballot))


def _vote_facts(ballot: Ballot) -> dict[str, Any]:
    """Return what a notice says of one ballot, whatever others decide the same matter."""
    result = public_result(ballot)
    decided_by_area = is_by_area(result)
    entries = [result["rule"], *result["more_rules"]]

    def measure(heads: int, area: str) -> dict[str, Any]:
        return {"heads": heads, "area": area} if decided_by_area else {"heads": heads}

    turnout, roll = result["turnout"], result["roll"]
    return {
        "basis": [entry["article"][:200] for entry in entries] + _authority(ballot),
        "opened_at": clock.local_minute(ballot.opened_at),
        "closed_at": clock.local_minute(ballot.closed_at),
        **_early_facts(result),
        "method": str(ballot.get_kind_display()),
        "rule": "；".join(entry["title"].get("zh", "") for entry in entries)[:200],
        "eligible": measure(roll["heads"], roll["area"]),
        "participating": measure(turnout["cast"], turnout["area"]),
        "items": [_item_facts(one, measure) for one in result["items"]],
        "proxies": _masked_proxies(ballot),
        "tellers": distinguish(result["certified_by"]),
        "roll_hash": roll["hash"],
        "result_hash": result["hash"],
    }


def _early_facts(result: Mapping[str, Any]) -> dict[str, Any]:
    early = result.get("closed_early")
    if not early:
        return {}
    return {
        "planned_end": clock.local_minute(dt.datetime.fromisoformat(early["planned"])),
        "early_reason": early["reason"],
    }


def _masked_proxies(ballot: Ballot) -> list[str]:
    """Return who votes for whom as a notice names them, at most 200."""
    proxies = Proxy.objects.filter(ballot=ballot, revoked_at__isnull=True).select_related("principal").order_by("pk")
    return [f"{principal} → {holder}" for principal, holder in masked_pairs(proxies[:200])]


def counts_present(item: Mapping[str, Any], threshold: Mapping[str, Any]) -> bool:
    """Return whether an item's quorum was reckoned by those in the room: the rule says so and their number is known."""
    return item["present"] is not None and threshold.get("counts") == "present"


def is_by_area(result: Mapping[str, Any]) -> bool:
    """Return whether one of the rules of a stored result compares areas."""
    entries = (result["rule"], *result["more_rules"])
    return any(t["measure"] == "area" for entry in entries for t in (*entry["quorum"], *entry["pass"]))


def _authority(ballot: Ballot) -> list[str]:
    given = ballot.authorisation
    return [f"{given.document}（居民会议授权：{given.matter}，至{given.until_on}）"[:200]] if given is not None else []


def _motion_facts(motion: Mapping[str, Any] | None) -> dict[str, Any]:
    if motion is None:
        return {}
    waiting = "其余表决尚未结束，以全部表决通过为准。"
    return {"together": f"本事项须由{len(motion['ballots'])}项表决全部通过。{motion['sentence'] or waiting}"[:4000]}


def _item_facts(one: Mapping[str, Any], measure: Any) -> dict[str, Any]:
    part = one["participating"]
    decisions = [each["decision"] for each in (one, *one.get("also", []))]
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
        "quorum": [
            _threshold_facts(t) | ({"counts": "present"} if counts_present(one, t) else {})
            for decision in decisions
            for t in decision["quorum"]
        ],
        "thresholds": [_threshold_facts(t) for decision in decisions for t in decision["pass"]],
        "sentence": one["sentence"],
        "basis": "；".join(decision["basis"] for decision in decisions)[:200],
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
