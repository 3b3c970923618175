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
    """Return the bars of a result (`latest_verdict`), heads before area; [] without one."""
    thresholds = sorted(verdict["thresholds"], key=lambda t: t["measure"] != "heads") if verdict else []
    return [_verdict_bar(threshold) for threshold in thresholds]


def _verdict_bar(threshold: dict[str, Any]) -> Bar:
    is_area = threshold["measure"] == "area"
    unit = "㎡" if is_area else _("人")
    need, value, whole = (_hundredths(threshold[name]) for name in ("needed", "reached", "base"))
    facts = {"needed": f"{threshold['needed']}{unit}", "reached": f"{threshold['reached']}{unit}"}
    said = _("需%(needed)s，得%(reached)s，达到") if threshold["met"] else _("需%(needed)s，得%(reached)s，未达到")
    return {
        "label": _("同意面积") if is_area else _("同意人数"),
        "fraction": threshold["fraction"],
        "needed": facts["needed"],
        "value": value,
        "need": need,
        "whole": max(whole, need, value),
        "met": threshold["met"],
        "sentence": said % facts,
    }


def _hundredths(number: str) -> int:
    return int(Decimal(number.replace(",", "")) * 100)
