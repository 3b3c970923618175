"""Explains a result to its readers: what was due, who came, what was needed, who agreed, what follows and why."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from community.rules import office_titles
from core import clock
from core.measure import parse_decimal, square_metres
from voting import methods
from voting.finding import PLAIN_WORDS
from voting.mandates import MotionState, motion_state
from voting.models import Appraisal, Ballot, Convening
from voting.result import counts_present, is_by_area, public_result, share
from voting.special import CONVENERS, lacking, requisition_of, what_follows
from voting.verdicts import (
    BY_ORDER,
    OUTCOME_TONES,
    OUTCOMES,
    is_preliminary,
    leaders,
    mark_of,
    preliminary,
    tone_of,
    verdict_of,
)
from voting.wording import counted_people, rule_title

MEASURES = {"heads": gettext_lazy("人数"), "area": gettext_lazy("面积")}
# What the numbers beside the options are, where they are not heads who chose them.
COUNT_WORDS = {
    "score": gettext_lazy("得分"),
    "budget": gettext_lazy("分得"),
    "ranking": gettext_lazy("排第一的人数"),
    "election": gettext_lazy("得票"),
}
# A second figure beside the points.
MORE_WORDS = {"score": gettext_lazy("平均分"), "budget": gettext_lazy("占全部")}
# Of what a share is asked.
BASES = {
    "eligible": gettext_lazy("应参加"),
    "present": pgettext_lazy("of whom a share is asked", "到会"),
    "participating": gettext_lazy("参与表决"),
    "cast": gettext_lazy("投票"),
    "for_and_against": gettext_lazy("同意和反对合计"),
}
UNITS = {"heads": gettext_lazy("人"), "area": gettext_lazy("平方米")}
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
        "is_preliminary": is_preliminary(ballot),
        "result": result,
        "by_area": by_area,
        "counted_people": counted_people(ballot),
        "rule_titles": _("；").join(rule_title(entry) for entry in entries_of(result)),
        "items": [_explained(item, ballot, by_area=by_area) for item in result["items"]],
        "motion": _motion(motion_state(ballot.motion)) if ballot.motion is not None else None,
        "authorisation": ballot.authorisation,
        "early": _early(result),
        "other_kind": [entry["article"] for entry in entries_of(result) if result["kind"] not in entry["ballots"]],
        "follows": what_follows(ballot) or lacking(ballot),
        **_requisition(ballot),
        "rounds": rounds_of(ballot),
        "appraisals": list(Appraisal.objects.filter(item__ballot=ballot).exclude(mark="").order_by("item__position"))
        if result["rule"]["key"] == "yearly_appraisal"
        else [],
    }


def _requisition(ballot: Ballot) -> dict[str, Any]:
    """Return what the page of a requisition says besides: that it was one, and the meeting that must be called."""
    key = requisition_of(ballot)
    if not key:
        return {}
    convening = Convening.objects.filter(ballot=ballot).first()
    overdue = convening is not None and convening.due_on is not None and clock.local_date() > convening.due_on
    return {"signing": True, "convening": convening, "is_late": overdue, "conveners": office_titles(CONVENERS[key])}


def entries_of(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rules a stored result was decided by."""
    return [result["rule"], *result["more_rules"]]


def _early(result: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return when a ballot closed before its planned end should have ended, and why it did not."""
    early = result.get("closed_early")
    return early and {"planned": dt.datetime.fromisoformat(early["planned"]), "reason": early["reason"]}


def counted_beside(ballot: Ballot, context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the other counted ballots of the matter, explained like this one: those of its motion, and its rounds.

    `context` is what `result_context` returned. Runs no query.
    """
    beside = [part["ballot"] for part in (context["motion"] or {"parts": []})["parts"]]
    beside += [one["ballot"] for one in context["rounds"]]
    found = {one.pk: one for one in beside if one.pk != ballot.pk and one.result is not None}
    return [
        {
            "ballot": one,
            "is_preliminary": is_preliminary(one),
            "by_area": is_by_area(one.result),
            "items": [_explained(item, one, by_area=is_by_area(one.result)) for item in one.result["items"]],
        }
        for one in found.values()
    ]


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
            "rule": rule_title(one.rule),
            "outcome": verdict_of(one)["outcome_word"] if one.result else _("尚未计票"),
        }
        for one in chain
    ]


def _explained(item: Mapping[str, Any], ballot: Ballot, *, by_area: bool) -> dict[str, Any]:
    result: Mapping[str, Any] = ballot.result or {}
    labels = {option["id"]: PLAIN_WORDS.get(option["id"], option["label"]) for option in item["options"]}
    here = item["present"] or item["participating"]
    return {
        **item,
        **verdict_of(ballot, item),
        "due": _amount(result["roll"], by_area=by_area),
        "here": _amount(here, by_area=by_area),
        "here_word": _("实到") if item["present"] else _("参与"),
        "agreed": _amount(item["counts"]["for"], by_area=by_area) if "for" in item["counts"] else "",
        "is_preliminary": is_preliminary(ballot),
        "chosen": [labels[key] for key in item["winners"]],
        "chosen_word": mark_of(item, item["winners"][0]) if item["winners"] else "",
        "to_runoff": [labels[key] for key in item.get("runoff", [])],
        "count_word": COUNT_WORDS.get(item["method"], _("人数")),
        "lines": [
            {
                "label": label,
                "mark": mark_of(item, key),
                "mark_tone": tone_of(item, key),
                "more": _more_of(item, key),
                **item["counts"][key],
            }
            for key, label in labels.items()
        ],
        "more_word": MORE_WORDS.get(item["method"], ""),
        "is_ranked": item["method"] == "ranking",
        "rules": [
            _by_rule(one, entry, item, _judged(item, labels))
            for one, entry in zip((item, *item.get("also", [])), entries_of(result), strict=True)
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


def rule_in_words(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a rule asks before anything is counted: title, article, what must take part and what must agree."""
    is_objection = any(t.get("below") for t in entry["pass"])
    return {
        "title": rule_title(entry),
        "article": entry["article"],
        "quorum": [_asked(t) for t in _heads_first(entry["quorum"])],
        "passing_word": _("反对限度") if is_objection else _("赞成需达"),
        "passing": [_asked(t) for t in _heads_first(entry["pass"])],
    }


def _asked(threshold: Mapping[str, Any]) -> str:
    share = _share(threshold) or str(threshold.get("at_least", ""))
    return _("%(measure)s：%(share)s") % {
        "measure": MEASURES.get(threshold["measure"], threshold["measure"]),
        "share": share,
    }


def _judged(item: Mapping[str, Any], labels: Mapping[str, Any]) -> str:
    """Return which options the majority is shown of, where there are several: those that passed, else the first."""
    if item["method"] not in {"one_of", "approval"}:
        return ""
    shown = item["winners"] or leaders(item)
    return _("、").join(f"“{labels[key]}”" for key in (shown[:1] if item["method"] == "approval" else shown))


def _more_of(item: Mapping[str, Any], key: str) -> str:
    """Return a second figure beside the sum of points: of scores the average, of a budget the share of all points."""
    if item["method"] not in MORE_WORDS or key in methods.PLAIN:
        return ""
    points = item["counts"][key]["heads"]
    if item["method"] == "budget":
        return share(points, sum(n["heads"] for name, n in item["counts"].items() if name not in methods.PLAIN))
    counts = item["counts"]
    scored = item["participating"]["heads"] - sum(counts[name]["heads"] for name in ("against", "abstain"))
    tenths = (20 * points + scored) // (2 * scored) if scored > 0 else 0
    return f"{tenths // 10}.{tenths % 10}" if scored > 0 else "—"


def _by_rule(one: Mapping[str, Any], entry: Mapping[str, Any], item: Mapping[str, Any], judged: str) -> dict[str, Any]:
    """Return how one rule decided on `item`. By order there is no majority; in an election each candidate has one.

    `judged` names the options that the majority is shown of.
    """
    decision, method = one["decision"], item["method"]
    is_objection = any(t.get("below") for t in decision["pass"])
    is_of_present = any(counts_present(item, t) for t in decision["quorum"])
    return {
        **_verdict(decision["outcome"]),
        "title": rule_title(entry),
        "entry": entry,
        "basis": decision["basis"],
        "quorum_needs": [_need(t) for t in _heads_first(decision["quorum"])],
        "needs_word": _("反对限度") if is_objection else _("当选需达") if method == "election" else _("赞成需达"),
        "needs": [] if method in BY_ORDER else [_need(t) for t in _heads_first(decision["pass"])],
        "quorum_title": _("到会是否达到法定数") if is_of_present else _("参与是否达到法定数"),
        "quorum_bars": [threshold_bar(t) for t in _heads_first(decision["quorum"])],
        "pass_title": _("反对是否在限度以内") if is_objection else _pass_title(judged),
        "pass_bars": []
        if method in BY_ORDER or method == "election"
        else [threshold_bar(t) for t in _heads_first(decision["pass"])],
    }


def _pass_title(judged: str) -> str:
    return _("%(options)s是否达到法定数") % {"options": judged} if judged else _("同意是否达到法定数")


def _verdict(outcome: str) -> dict[str, Any]:
    return {"outcome_word": OUTCOMES[outcome], "tone": OUTCOME_TONES[outcome]}


def _motion(state: MotionState) -> dict[str, Any]:
    """Return the motion's ballots, each with its outcome once counted, and what they came to together."""
    parts = [
        {
            "ballot": ballot,
            "rules": _("；").join(rule_title(entry) for entry in (ballot.rule, *ballot.more_rules)),
            "outcome": verdict_of(ballot)["outcome_word"] if ballot.result else "",
        }
        for ballot in state.ballots
    ]
    waiting = any(is_preliminary(ballot) for ballot in state.ballots)
    verdict = preliminary(_verdict(state.outcome), waiting=waiting) if state.outcome else {}
    return {"title": state.motion.title, "parts": parts, "conclusion": state.conclusion, **verdict}


def _amount(sums: Mapping[str, Any], *, by_area: bool) -> str:
    heads = _("%(number)s人") % {"number": sums["heads"]}
    return f"{heads} · {square_metres(sums['area'])}" if by_area else heads


def _heads_first(thresholds: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(thresholds, key=lambda t: list(MEASURES).index(t["measure"]))


def _need(threshold: Mapping[str, Any]) -> str:
    """Return what a threshold needs, of what: 参与表决 12人的 3/4 以上，即 9人."""
    need = _figure(threshold, "needed")
    if not threshold.get("fraction"):
        return need
    return _("%(share)s，即 %(need)s") % {"share": _share(threshold, _figure(threshold, "base")), "need": need}


def _share(threshold: Mapping[str, Any], base: str = "") -> str:
    """Return a share and of what it is: 应参加的 2/3 以上. Empty for a fixed number."""
    if not threshold.get("fraction"):
        return ""
    of = str(BASES[threshold["of"]])
    asked = {
        "of": _("%(group)s %(base)s的") % {"group": of, "base": base} if base else _("%(group)s的") % {"group": of},
        "share": threshold["fraction"],
    }
    if threshold.get("below"):
        return (_("不超过%(of)s %(share)s") if threshold["inclusive"] else _("不到%(of)s %(share)s")) % asked
    if threshold["fraction"] == "1/1":
        return _("%(of)s全部") % asked
    return (_("%(of)s %(share)s 以上") if threshold["inclusive"] else _("超过%(of)s %(share)s")) % asked


def _figure(threshold: Mapping[str, Any], name: str) -> str:
    amount = threshold[name]
    return square_metres(amount) if threshold["measure"] == "area" else _("%(number)s人") % {"number": amount}


def threshold_bar(threshold: Mapping[str, Any]) -> dict[str, Any]:
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
        "fraction": _share(threshold),
        "needed": f"{need} {unit}",
        "value": _hundredths(reached),
        "need": _hundredths(need),
        "whole": max(_hundredths(threshold.get("base") or 0), _hundredths(need), 1),
        "met": threshold["met"],
        "sentence": said,
    }


def _hundredths(number: Any) -> int:
    return parse_decimal(str(number))
