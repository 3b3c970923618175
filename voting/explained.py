"""Explains a result to its readers: what was due, who came, what was needed, who agreed, what follows and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.measure import parse_decimal
from voting.mandates import MotionState, motion_state
from voting.models import Appraisal, Ballot
from voting.result import is_by_area, public_result
from voting.special import what_follows

OUTCOMES = {
    "passed": gettext_lazy("通过"),
    "rejected": gettext_lazy("未通过"),
    "not_quorate": gettext_lazy("未达到法定参与数"),
}
OUTCOME_TONES = {"passed": "jade", "rejected": "slate", "not_quorate": "amber"}
MEASURES = {"heads": gettext_lazy("人数"), "area": gettext_lazy("面积")}
# The plain choices are stored with their Chinese words, which stand in the result; readers see their own language.
PLAIN_WORDS = {"for": gettext_lazy("同意"), "against": gettext_lazy("反对"), "abstain": gettext_lazy("弃权")}
# What the numbers beside the options are, where they are not heads who chose them.
COUNT_WORDS = {
    "score": gettext_lazy("得分"),
    "budget": gettext_lazy("分得"),
    "ranking": gettext_lazy("排第一的人数"),
    "election": gettext_lazy("得票"),
}
_BY_ORDER = frozenset({"ranking", "score", "budget"})
UNITS = {"heads": gettext_lazy("人"), "area": "㎡"}
CONVENTIONS = {
    "invalid_in_base": gettext_lazy("如果把无效票算作参与表决"),
    "invalid_out": gettext_lazy("如果不把无效票算作参与表决"),
    "silence_excluded": gettext_lazy("如果不计未表决的人"),
}


def result_context(ballot: Ballot) -> dict[str, Any]:
    """Return what the pages of a closed ballot show. Raises WrongStage before closing."""
    result = public_result(ballot)
    by_area = is_by_area(result)
    return {
        "ballot": ballot,
        "result": result,
        "by_area": by_area,
        "entries": [result["rule"], *result["more_rules"]],
        "items": [_explained(item, result, by_area=by_area) for item in result["items"]],
        "motion": _motion(motion_state(ballot.motion)) if ballot.motion is not None else None,
        "authorisation": ballot.authorisation,
        "follows": what_follows(ballot),
        "rounds": rounds_of(ballot),
        "appraisals": list(Appraisal.objects.filter(item__ballot=ballot).exclude(mark="").order_by("item__position"))
        if result["rule"]["key"] == "yearly_appraisal"
        else [],
    }


def rounds_of(ballot: Ballot) -> list[dict[str, Any]]:
    """Return the rounds of the matter in their order, each with its outcome once counted; empty for a single one."""
    chain = [ballot]
    while chain[0].previous is not None:
        chain.insert(0, chain[0].previous)
    while (following := Ballot.objects.filter(previous=chain[-1]).first()) is not None:
        chain.append(following)
    if len(chain) == 1:
        return []
    return [
        {
            "ballot": one,
            "is_this": one.pk == ballot.pk,
            "outcome": OUTCOMES.get(one.result["outcome"], _("各项不同")) if one.result else _("尚未计票"),
        }
        for one in chain
    ]


def _explained(item: Mapping[str, Any], result: Mapping[str, Any], *, by_area: bool) -> dict[str, Any]:
    labels = {option["id"]: PLAIN_WORDS.get(option["id"], option["label"]) for option in item["options"]}
    here = item["present"] or item["participating"]
    return {
        **item,
        **_verdict(item["outcome"]),
        "due": _amount(result["roll"], by_area=by_area),
        "here": _amount(here, by_area=by_area),
        "here_word": _("实到") if item["present"] else _("参与"),
        "agreed": _amount(item["counts"]["for"], by_area=by_area) if "for" in item["counts"] else "",
        "chosen": [labels[key] for key in item["winners"]],
        "to_runoff": [labels[key] for key in item.get("runoff", [])],
        "count_word": COUNT_WORDS.get(item["method"], _("人数")),
        "lines": [{"label": label, **item["counts"][key]} for key, label in labels.items()],
        "rules": [
            _by_rule(one, entry, item["method"])
            for one, entry in zip((item, *item.get("also", [])), [result["rule"], *result["more_rules"]], strict=True)
        ],
        "flips": [
            {
                "convention": CONVENTIONS[other["convention"]],
                "outcome": OUTCOMES[other["outcome"]],
                "chosen": [labels[key] for key in other["winners"]],
            }
            for other in item["differs_if"]
        ],
    }


def _by_rule(one: Mapping[str, Any], entry: Mapping[str, Any], method: str) -> dict[str, Any]:
    """Return how one rule decided. What is decided by order has no majority; in an election each candidate has one."""
    decision = one["decision"]
    is_objection = any(t.get("below") for t in decision["pass"])
    return {
        **_verdict(decision["outcome"]),
        "entry": entry,
        "basis": decision["basis"],
        "needs": [] if method in _BY_ORDER else [_need(t) for t in _heads_first(decision["pass"])],
        "quorum_bars": [_bar(t) for t in _heads_first(decision["quorum"])],
        "pass_title": _("反对是否在限度以内") if is_objection else _("同意是否达到法定数"),
        "pass_bars": []
        if method in _BY_ORDER or method == "election"
        else [_bar(t) for t in _heads_first(decision["pass"])],
    }


def _verdict(outcome: str) -> dict[str, Any]:
    return {"outcome_word": OUTCOMES[outcome], "tone": OUTCOME_TONES[outcome]}


def _motion(state: MotionState) -> dict[str, Any]:
    """Return the motion's ballots, each with its outcome once counted, and what they came to together."""
    parts = [
        {
            "ballot": ballot,
            "rules": "；".join(entry["title"]["zh"] for entry in (ballot.rule, *ballot.more_rules)),
            "outcome": OUTCOMES.get(ballot.result["outcome"], _("各项不同")) if ballot.result else "",
        }
        for ballot in state.ballots
    ]
    verdict = _verdict(state.outcome) if state.outcome else {}
    return {"title": state.motion.title, "parts": parts, "conclusion": state.conclusion, **verdict}


def _amount(sums: Mapping[str, Any], *, by_area: bool) -> str:
    heads = _("%(number)s人") % {"number": sums["heads"]}
    return f"{heads} · {sums['area']}㎡" if by_area else heads


def _heads_first(thresholds: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(thresholds, key=lambda t: list(MEASURES).index(t["measure"]))


def _need(threshold: Mapping[str, Any]) -> str:
    amount = threshold["needed"]
    return f"{amount}㎡" if threshold["measure"] == "area" else _("%(number)s人") % {"number": amount}


def _bar(threshold: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the threshold bar draws: integers of one unit, and the words."""
    measure = threshold["measure"]
    unit = UNITS.get(measure, "")
    need, reached = threshold["needed"], threshold["reached"]
    below = threshold.get("below", False)
    pattern = (
        _("至多 %(need)s%(unit)s，实际 %(reached)s%(unit)s")
        if below
        else _("需 %(need)s%(unit)s，已 %(reached)s%(unit)s")
    )
    said = pattern % {"need": need, "reached": reached, "unit": unit}
    if not threshold["met"]:
        more = _("，多出 %(short)s%(unit)s") if below else _("，还差 %(short)s%(unit)s")
        said += more % {"short": threshold["shortfall"], "unit": unit}
    return {
        "label": MEASURES.get(measure, measure),
        "fraction": threshold.get("fraction") or "",
        "needed": f"{need} {unit}",
        "value": _hundredths(reached),
        "need": _hundredths(need),
        "whole": max(_hundredths(threshold.get("base") or 0), _hundredths(need), 1),
        "met": threshold["met"],
        "sentence": said,
    }


def _hundredths(number: Any) -> int:
    return parse_decimal(str(number))
