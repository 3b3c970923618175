"""What the threshold bars of the chair's page draw: the quorum, and the newest result. Reads nothing."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from meetings.quorum import Reached

Bar = dict[str, Any]


def bar_of(reached: Reached) -> Bar:
    """Return the bar of one threshold of the quorum: lengths as integers of one unit."""
    return {
        "label": _("到会面积") if reached.measure == "area" else _("到会人数"),
        "fraction": reached.fraction,
        "needed": reached.figure(reached.needed),
        "value": reached.reached,
        "need": reached.needed,
        "whole": reached.base,
        "met": reached.met,
        "sentence": reached.sentence(),
    }


def verdict_bars(verdict: dict[str, Any] | None) -> list[Bar]:
    """Return the bars of the thresholds that decided a result (`latest_verdict`); [] without one."""
    return [_verdict_bar(threshold) for threshold in decisive(verdict)] if verdict else []


def verdict_groups(verdict: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return {"body", "lines", "bars"} of each body or question of a result, "" where there is one; [] without one."""
    if not verdict:
        return []
    bars = list(zip(decisive(verdict), verdict_bars(verdict), strict=True))
    return [
        {
            "body": body,
            "lines": [{**line, "label": _plain(line)} for line in verdict["lines"] if line["body"] == body],
            "bars": [{**bar, "label": _plain(one)} for one, bar in bars if one["body"] == body],
        }
        for body in dict.fromkeys(line["body"] for line in verdict["lines"])
    ]


def _plain(named: dict[str, Any]) -> str:
    """Return a label without the name of the body that begins it."""
    return str(named["label"]).removeprefix(f"{named['body']} ")


def decisive(verdict: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the thresholds that tell why it came out so: of the quorum where it was missed, else of the majority.

    Of several questions of one ballot each is told by its own.
    """
    missed = {one["body"] for one in verdict["thresholds"] if one["part"] == "quorum" and not one["met"]}
    if verdict["outcome"]:
        part = "quorum" if verdict["outcome"] == "not_quorate" else "pass"
        return [one for one in verdict["thresholds"] if one["part"] == part]
    return [one for one in verdict["thresholds"] if one["part"] == ("quorum" if one["body"] in missed else "pass")]


def _verdict_bar(threshold: dict[str, Any]) -> Bar:
    need, value, whole = (_hundredths(threshold[name]) for name in ("needed", "reached", "base"))
    unit = _("平方米") if threshold["measure"] == "area" else _("人") if threshold["measure"] == "heads" else ""
    return {
        "label": threshold["label"],
        "fraction": threshold["fraction"],
        "needed": _("%(number)s%(unit)s") % {"number": threshold["needed"], "unit": unit},
        "value": value,
        "need": need,
        "whole": max(whole, need, value),
        "met": threshold["met"],
        "sentence": threshold["sentence"],
    }


def _hundredths(number: str) -> int:
    return int(Decimal(number.replace(",", "")) * 100)
