"""What the votes of the agenda came to: a ballot on the phones, or a count entered from a sheet."""

from typing import Any

from django.utils.translation import gettext as _

from meetings.models import AgendaBallot, AgendaItem, CountMethod, Meeting, SheetCount
from voting.models import Ballot
from voting.rules import decide

Verdict = dict[str, Any]


def outcome_of(ballot: Ballot) -> tuple[bool, str]:
    """Return whether every item of a closed ballot passed, and the sentences of its result."""
    items = (ballot.result or {}).get("items", [])
    entries = list(items.values()) if isinstance(items, dict) else list(items)
    passed = bool(entries) and all(entry.get("outcome") == "passed" for entry in entries)
    return passed, "；".join(str(entry.get("sentence", "")) for entry in entries if entry.get("sentence"))


def latest_verdict(meeting: Meeting) -> Verdict | None:
    """Return the newest result on the present agenda item, else on the last one finished; None when it has none.

    Counts are heads; thresholds are as the rule reckons them, areas as decimal strings of m2. At most four queries.
    """
    item = (
        AgendaItem.objects.filter(meeting=meeting, started_at__isnull=False)
        .order_by("-started_at", "-position")
        .first()
    )
    if item is None:
        return None
    ballot = AgendaBallot.objects.filter(item=item, settled_at__isnull=False).select_related("ballot").last()
    count = SheetCount.objects.filter(item=item).select_related("amendment", "motion").last()
    if ballot is not None and (count is None or ballot.settled_at is None or count.recorded_at <= ballot.settled_at):
        return _of_ballot(item, ballot.ballot)
    return _of_sheet(item, count, meeting) if count is not None else None


def _of_ballot(item: AgendaItem, ballot: Ballot) -> Verdict | None:
    entries = (ballot.result or {}).get("items", [])
    if not entries:
        return None
    first, plain = entries[0], _plain_words()
    lines = [
        {
            "option": option["id"],
            "label": plain.get(option["id"], str(option["label"])),
            "heads": first["counts"][option["id"]]["heads"],
        }
        for option in first["options"]
    ]
    return _verdict(item, str(first["title"]), _("现场表决"), lines, first["decision"], str(first["sentence"]))


def _of_sheet(item: AgendaItem, count: SheetCount, meeting: Meeting) -> Verdict:
    numbers = {"for": count.for_count, "against": count.against_count, "abstain": count.abstain_count}
    groups = {name: {"heads": heads} for name, heads in numbers.items()}
    groups |= {
        "eligible": {"heads": count.due_count},
        "present": {"heads": count.present_count + count.represented_count},
    }
    decision = decide(meeting.rule, {**groups, "participating": {"heads": sum(numbers.values())}})
    plain = _plain_words()
    lines = [{"option": key, "label": plain[key], "heads": heads} for key, heads in numbers.items()]
    if count.amendment is not None:
        old, new = count.amendment.passage[:60], count.amendment.replacement[:60]
        title = _("修正案：把“%(old)s”改为“%(new)s”") % {"old": old, "new": new}
    else:
        title = count.motion.text if count.motion is not None else item.motion_text or item.title
    method = str(CountMethod(count.method).label)
    return _verdict(item, title, method, lines, decision.as_json(), count.sentence)


def _plain_words() -> dict[str, str]:
    return {"for": _("同意"), "against": _("反对"), "abstain": _("弃权")}


def _verdict(
    item: AgendaItem, title: str, method: str, lines: list[dict[str, Any]], decision: dict[str, Any], sentence: str
) -> Verdict:
    words = {"passed": _("通过"), "rejected": _("未通过"), "not_quorate": _("未达到法定人数")}
    outcome = str(decision["outcome"])
    return {
        "item": str(item.pk),
        "title": title[:300],
        "method": method,
        "outcome": outcome,
        "outcome_word": words.get(outcome, outcome),
        "sentence": sentence,
        "lines": lines,
        "thresholds": [
            {
                "measure": str(t["measure"]),
                "fraction": str(t.get("fraction") or ""),
                "base": str(t.get("base") or 0),
                "needed": str(t["needed"]),
                "reached": str(t["reached"]),
                "met": bool(t["met"]),
            }
            for t in decision["pass"]
        ],
    }
