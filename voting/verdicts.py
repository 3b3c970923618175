"""What a count came to, in a word and its tone: said of one question, of a whole ballot, and while it is unsigned."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from voting import methods
from voting.models import Ballot, Phase

OUTCOMES = {
    "passed": gettext_lazy("通过"),
    "rejected": gettext_lazy("未通过"),
    "not_quorate": gettext_lazy("未达到法定参与数"),
}
OUTCOME_TONES = {"passed": "jade", "rejected": "slate", "not_quorate": "amber"}
# What is decided by the order of the options, not by a majority.
BY_ORDER = frozenset({"ranking", "score", "budget"})
_CHOSEN = gettext_lazy("已选出")
# What stands beside an option that won.
_MARKS = {
    "one_of": gettext_lazy("通过"),
    "approval": gettext_lazy("通过"),
    "election": pgettext_lazy("mark", "当选"),
    "ranking": gettext_lazy("排在最前"),
    "score": gettext_lazy("得分最高"),
    "budget": gettext_lazy("分得最多"),
}


def is_preliminary(ballot: Ballot) -> bool:
    """Return whether a count is there that the tellers have not signed: it may still be corrected."""
    return ballot.result is not None and ballot.phase != Phase.CERTIFIED


def leaders(item: Mapping[str, Any]) -> list[str]:
    """Return the own options of a stored item's result with the most votes or points; none without any."""
    own = {key: sums["heads"] for key, sums in item["counts"].items() if key not in methods.PLAIN}
    most = max(own.values(), default=0)
    return [key for key, heads in own.items() if heads == most] if most else []


def item_word(item: Mapping[str, Any]) -> str:
    """Return what one question of a stored result came to, in the words of its method."""
    outcome, method = item["outcome"], item["method"]
    if outcome == "not_quorate" or method == "for_against":
        return str(OUTCOMES[outcome])
    if outcome == "passed":
        return str(_CHOSEN if method == "election" or method in BY_ORDER else OUTCOMES[outcome])
    if method == "election":
        return _("只选出一部分") if item["winners"] else _("没有选出")
    if method in BY_ORDER:
        return _("并列，没有选出") if leaders(item) else _("没有人选择")
    if method == "one_of" and len(leaders(item)) > 1:
        return _("未通过：得票相同")
    return str(OUTCOMES[outcome])


def mark_of(item: Mapping[str, Any], key: str) -> str:
    """Return what stands beside an option in the table of a stored result: whether it won, or goes on."""
    if key in item["winners"]:
        return str(_MARKS.get(item["method"], ""))
    return _("另行选举") if key in item.get("runoff", []) else ""


def tone_of(item: Mapping[str, Any], key: str) -> str:
    """Return the tone of an option's mark."""
    return "jade" if key in item["winners"] else "amber"


def outcome_word(result: Mapping[str, Any]) -> str:
    """Return what a stored result came to, in a word: items that came out differently have none in common."""
    words = {item_word(item) for item in result["items"]}
    return words.pop() if len(words) == 1 else str(OUTCOMES.get(result["outcome"]) or _("各项不同"))


def verdict_of(ballot: Ballot, item: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return word and tone of a counted ballot, or of one `item` of its result; until it is signed both say so."""
    result = ballot.result or {}
    known = item["outcome"] if item is not None else result["outcome"]
    verdict = {
        "outcome_word": item_word(item) if item is not None else outcome_word(result),
        "tone": OUTCOME_TONES.get(known, "slate"),
    }
    return preliminary(verdict, waiting=is_preliminary(ballot))


def preliminary(verdict: dict[str, Any], *, waiting: bool) -> dict[str, Any]:
    """Return a verdict, marked as one that waits for the tellers where it does."""
    if not waiting:
        return verdict
    word = _("初步结果：%(outcome)s，待监票人签认") % {"outcome": verdict["outcome_word"]}
    return {"outcome_word": word, "tone": "slate"}
