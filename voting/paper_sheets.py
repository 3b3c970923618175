"""How a paper being entered is shown: its items with what only a paper can be, and two readings side by side."""

from typing import Any

from django.utils.translation import gettext_lazy

from voting import methods
from voting.finding import PLAIN_WORDS, said
from voting.forms import NUMBERED, SEVERAL, field_of
from voting.models import Item, PaperState

INVALID_WORD = gettext_lazy("填写有误（该项无效）")
EMPTY_WORD = gettext_lazy("空白（没有填）")
SAID = {
    PaperState.ENTERED_ONCE: gettext_lazy("第一遍已记下，请另一人再录一遍。"),
    PaperState.DIFFERS: gettext_lazy("两遍录入不一致，请第三人核定。"),
    PaperState.COUNTED: gettext_lazy("已经核对一致，计入结果。"),
    PaperState.CONFLICT: gettext_lazy("此人已以其他方式投票，先到的有效，这张纸质票不计。"),
}
TONES = {
    PaperState.ENTERED_ONCE: "slate",
    PaperState.DIFFERS: "amber",
    PaperState.COUNTED: "jade",
    PaperState.CONFLICT: "crimson",
}


def differences_of(items: list[Item], read: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return the items the two readings disagree on, in words."""
    return [
        {"title": item.title, "read": [in_words(item, one.get(str(item.pk))) for one in read]}
        for item in items
        if len({one.get(str(item.pk)) for one in read}) > 1
    ]


def in_words(item: Item, choice: str | None) -> str:
    """Return a canonical choice in words; None is an item left empty."""
    if choice is None:
        return str(EMPTY_WORD)
    if choice == methods.INVALID:
        return str(INVALID_WORD)
    return said(item, choice)


def sheet_of(item: Item, chosen: Any) -> dict[str, Any]:
    """Return one item as templates/voting/_paper.html shows it, with what only a paper can be: wrong, or empty."""
    options = [
        {
            "key": option.key,
            "label": str(PLAIN_WORDS.get(option.key, option.label)),
            "chosen": _mark(chosen, option.key),
        }
        for option in item.options.all()
    ]
    only_paper = [{"key": methods.INVALID, "label": str(INVALID_WORD)}, {"key": "", "label": str(EMPTY_WORD)}]
    kind = "several" if item.method in SEVERAL else "numbered" if item.method in NUMBERED else "one"
    return {
        "id": str(item.pk),
        "name": field_of(item),
        "title": item.title,
        "kind": kind,
        "method": item.method,
        "hint": "",
        "options": [*options, *only_paper],
        "own": [option for option in options if option["key"] not in methods.PLAIN],
        "plain": [option for option in options if option["key"] in methods.PLAIN] + only_paper,
        "chosen": chosen,
        "locked": False,
    }


def _mark(chosen: Any, key: str) -> Any:
    if isinstance(chosen, list):
        return chosen.index(key) + 1 if key in chosen else ""
    return chosen.get(key, "") if isinstance(chosen, dict) else ""
