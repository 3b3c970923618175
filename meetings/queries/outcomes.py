"""What the votes of the agenda came to: a ballot on the phones, or a count entered from a sheet."""

from typing import Any

from django.utils.translation import gettext as _

from meetings.models import AgendaBallot, AgendaItem, CountMethod, Meeting, SheetCount
from voting.electorates import SCOPES
from voting.explained import threshold_bar
from voting.mandates import MotionState, motion_state
from voting.models import Ballot
from voting.rules import decide
from voting.verdicts import is_preliminary, item_word

Verdict = dict[str, Any]
_TOLD_APART = ("lines", "thresholds")


def outcome_of(ballot: Ballot) -> tuple[bool, str]:
    """Return whether every item of a closed ballot passed, and the sentences of its result, one of several named."""
    items = (ballot.result or {"items": []})["items"]
    passed = bool(items) and all(item["outcome"] == "passed" for item in items)
    if len(items) == 1:
        return passed, str(items[0]["sentence"])
    said = [f"{number}. {item['title']}：{item['sentence']}" for number, item in enumerate(items, start=1)]
    return passed, "\n".join(said)


def chosen_of(ballot: Ballot) -> str:
    """Return the options that won in a closed ballot, "" where it was answered for or against, or nothing won."""
    labels = []
    for entry in (ballot.result or {}).get("items", []):
        words = {str(option["id"]): str(option["label"]) for option in entry["options"]}
        labels += [words[key] for key in entry.get("winners", []) if key in words]
    return "、".join(labels)


def outcome_together(ballot: Ballot) -> tuple[bool, str]:
    """Return the same of all the ballots that decide a matter together: it passes when every one of them does."""
    if ballot.motion is None:
        return outcome_of(ballot)
    state = motion_state(ballot.motion)
    return state.outcome == "passed", state.sentence


def latest_verdict(meeting: Meeting) -> Verdict | None:
    """Return the newest result on the present agenda item, else on the last one finished; None when it has none.

    Counts are heads, and areas as decimal strings of m2 where a rule counts them; thresholds, of quorum and majority,
    are as the rules reckon them. At most four queries.
    """
    item = (
        AgendaItem.objects.filter(meeting=meeting, started_at__isnull=False)
        .order_by("-started_at", "-position")
        .first()
    )
    if item is None:
        return None
    ballot = AgendaBallot.objects.filter(item=item, settled_at__isnull=False).select_related("ballot__motion").last()
    count = SheetCount.objects.filter(item=item).select_related("amendment", "motion").last()
    if ballot is not None and (count is None or ballot.settled_at is None or count.recorded_at <= ballot.settled_at):
        return _of_ballot(item, ballot.ballot)
    return _of_sheet(item, count, meeting) if count is not None else None


def _of_ballot(item: AgendaItem, ballot: Ballot) -> Verdict | None:
    entries = (ballot.result or {}).get("items", [])
    if not entries:
        return None
    first = entries[0]
    if ballot.motion is not None:
        return _of_bodies(item, ballot, motion_state(ballot.motion))
    if len(entries) > 1:
        return _of_questions(item, ballot, entries)
    decisions = [one["decision"] for one in (first, *first.get("also", []))]
    method = _method(_("现场表决"), ballot)
    verdict = verdict_of(
        item, str(first["title"]), method, _lines(first), str(first["outcome"]), decisions, first["sentence"]
    )
    word = {} if first["method"] == "for_against" else {"outcome_word": item_word(first)}
    return {**verdict, **word, "is_preliminary": is_preliminary(ballot)}


def _method(how: str, *ballots: Ballot) -> str:
    """Return how it was voted; what the tellers have not signed may still be counted anew, and says so."""
    if any(is_preliminary(ballot) for ballot in ballots):
        return _("%(how)s，初步结果，待监票人签认") % {"how": how}
    return how


def _lines(entry: dict[str, Any]) -> list[dict[str, Any]]:
    plain = _plain_words()
    return [
        {
            "body": "",
            "option": option["id"],
            "label": plain.get(option["id"], str(option["label"])),
            "heads": entry["counts"][option["id"]]["heads"],
            "area": str(entry["counts"][option["id"]].get("area") or ""),
            "is_chosen": option["id"] in entry.get("winners", []),
        }
        for option in entry["options"]
    ]


def _of_questions(item: AgendaItem, ballot: Ballot, entries: list[dict[str, Any]]) -> Verdict:
    """Return what became of each question of one ballot, every line and threshold under the name of its question.

    The outcome is that of all of them, "" where they came out differently.
    """
    parts = []
    for number, entry in enumerate(entries, start=1):
        body = f"{number}. {entry['title']}"[:60]
        decisions = [each["decision"] for each in (entry, *entry.get("also", []))]
        part = verdict_of(item, "", "", _lines(entry), str(entry["outcome"]), decisions, "")
        parts.append(_named(part, body))
    outcomes = [str(entry["outcome"]) for entry in entries]
    passed = outcomes.count("passed")
    same = outcomes[0] if len(set(outcomes)) == 1 else ""
    _passed, said = outcome_of(ballot)
    whole = verdict_of(item, ballot.title, _method(_("现场表决"), ballot), [], same, [], said)
    if not same:
        whole["outcome_word"] = _("%(all)d项中%(passed)d项通过") % {"all": len(entries), "passed": passed}
    return {**whole, "is_preliminary": is_preliminary(ballot), **_together(parts)}


def _named(part: Verdict, body: str) -> dict[str, list[dict[str, Any]]]:
    """Return the lines and thresholds of a part of a result under the name of its body or question."""
    return {
        key: [{**line, "body": body, "label": f"{body} {line['label']}"} for line in part[key]] for key in _TOLD_APART
    }


def _together(parts: list[dict[str, list[dict[str, Any]]]]) -> dict[str, list[dict[str, Any]]]:
    return {key: [line for part in parts for line in part[key]] for key in _TOLD_APART}


def _of_bodies(item: AgendaItem, ballot: Ballot, state: MotionState) -> Verdict:
    """Return what several bodies decided together, every line and threshold under the name of its body."""
    parts = []
    for one in state.ballots:
        entry, body = (one.result or {})["items"][0], name_of_body(one)
        decisions = [each["decision"] for each in (entry, *entry.get("also", []))]
        part = verdict_of(item, "", "", _lines(entry), str(entry["outcome"]), decisions, "")
        parts.append(_named(part, body))
    method = _method(_("两方分别表决"), *state.ballots)
    title = ballot.motion.title if ballot.motion else ""
    whole = verdict_of(item, title, method, [], state.outcome, [], state.sentence)
    unsigned = any(is_preliminary(one) for one in state.ballots)
    return {**whole, "is_preliminary": unsigned, **_together(parts)}


def name_of_body(ballot: Ballot) -> str:
    """Return what the body that votes in this ballot is called, its title where the roll was given as a list."""
    return str(SCOPES[ballot.scope].title) if ballot.scope in SCOPES else ballot.title


def _of_sheet(item: AgendaItem, count: SheetCount, meeting: Meeting) -> Verdict:
    numbers = {"for": count.for_count, "against": count.against_count, "abstain": count.abstain_count}
    groups = {name: {"heads": heads} for name, heads in numbers.items()}
    groups |= {
        "eligible": {"heads": count.due_count},
        "present": {"heads": count.present_count + count.represented_count},
    }
    decision = decide(meeting.rule, {**groups, "participating": {"heads": sum(numbers.values())}})
    plain = _plain_words()
    lines = [
        {"body": "", "option": key, "label": plain[key], "heads": heads, "area": "", "is_chosen": False}
        for key, heads in numbers.items()
    ]
    if count.amendment is not None:
        old, new = count.amendment.passage[:60], count.amendment.replacement[:60]
        title = _("修正案：把“%(old)s”改为“%(new)s”") % {"old": old, "new": new}
    else:
        title = count.motion.text if count.motion is not None else item.motion_text or item.title
    method = str(CountMethod(count.method).label)
    return verdict_of(item, title, method, lines, decision.outcome, [decision.as_json()], count.sentence)


def _plain_words() -> dict[str, str]:
    return {"for": _("同意"), "against": _("反对"), "abstain": _("弃权")}


def verdict_of(
    item: AgendaItem,
    title: str,
    method: str,
    lines: list[dict[str, Any]],
    outcome: str,
    decisions: list[dict[str, Any]],
    sentence: str,
) -> Verdict:
    """Return one result for the screens. `decisions` are those of every rule it was decided by."""
    words = {"passed": _("通过"), "rejected": _("未通过"), "not_quorate": _("未达到法定人数")}
    thresholds = [
        _threshold(part, one)
        for decision in decisions
        for part in ("quorum", "pass")
        for one in sorted(decision[part], key=lambda t: t["measure"] != "heads")
    ]
    if not any(one["measure"] == "area" for one in thresholds):
        lines = [{**line, "area": ""} for line in lines]
    return {
        "item": str(item.pk),
        "title": title[:300],
        "method": method,
        "outcome": outcome,
        "outcome_word": words.get(outcome, outcome),
        "sentence": sentence,
        "is_preliminary": False,
        "lines": lines,
        "thresholds": thresholds,
    }


def _threshold(part: str, threshold: dict[str, Any]) -> dict[str, Any]:
    """Return one threshold as the screens draw it, with the words of the result's own page."""
    bar = threshold_bar(threshold)
    side = _("参与") if part == "quorum" else _("反对") if threshold.get("below") else _("同意")
    return {
        "body": "",
        "part": part,
        "measure": str(threshold["measure"]),
        "label": _("%(side)s%(what)s") % {"side": side, "what": bar["label"]},
        "fraction": str(bar["fraction"]),
        "base": str(threshold.get("base") or 0),
        "needed": str(threshold["needed"]),
        "reached": str(threshold["reached"]),
        "met": bool(threshold["met"]),
        "sentence": str(bar["sentence"]),
    }
