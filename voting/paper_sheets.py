"""How a ballot paper is shown: its items with what may be marked, and two readings of a paper side by side."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voting import methods
from voting.finding import PLAIN_WORDS, said
from voting.forms import NUMBERED, SEVERAL, field_of
from voting.models import Item, Method, PaperState

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
            "chosen": mark_of(chosen, option.key),
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
        "limits": limits_of(item),
        "options": [*options, *only_paper],
        "own": [option for option in options if option["key"] not in methods.PLAIN],
        "plain": [option for option in options if option["key"] in methods.PLAIN] + only_paper,
        "chosen": chosen,
        "locked": False,
    }


def mark_of(chosen: Any, key: str) -> Any:
    """Return what stands beside an option: its place, its points, or "" for nothing."""
    if isinstance(chosen, list):
        return chosen.index(key) + 1 if key in chosen else ""
    return chosen.get(key, "") if isinstance(chosen, dict) else ""


def hint_of(item: Item) -> str:
    """Return how an item is filled in, in a few words without a full stop; "" where that is plain."""
    form, least = item.form, item.form.get("min", 1)
    most = form.get("max") or form.get("seats") or 1
    if item.method in {Method.APPROVAL, Method.ELECTION} and least > 1:
        said = _("选 %(least)d 至 %(most)d 项") if item.method == Method.APPROVAL else _("选 %(least)d 至 %(most)d 人")
        return said % {"least": least, "most": most}
    return {
        Method.APPROVAL: _("可选多项，最多 %(most)d 项") % {"most": most},
        Method.ELECTION: _("最多选 %(most)d 人") % {"most": most},
        Method.RANKING: _("最想要的填 1，其次填 2、3……，数字不能重复")
        + (_("，至少排 %(least)d 个") % {"least": least} if least > 1 else ""),
        Method.SCORE: _("每项打 0 到 %(most)d 分，用整数") % {"most": most},
        Method.BUDGET: _("合计不超过 %(points)s，用整数") % {"points": form.get("points", "")},
    }.get(Method(item.method), "")


def limits_of(item: Item) -> list[tuple[str, int]]:
    """Return the bounds the page's script checks (static/js/marks.js), by the name of its attribute."""
    form = item.form
    marks = [("least", form.get("min", 1)), ("most", form.get("max", 0) or form.get("seats", 1))]
    return {
        Method.APPROVAL: marks,
        Method.ELECTION: marks,
        Method.RANKING: [*marks, ("lowest", 1)],
        Method.SCORE: [("highest", form.get("max", 0))],
        Method.BUDGET: [("highest", form.get("cap", 0)), ("total", form.get("points", 0))],
    }.get(Method(item.method), [])
