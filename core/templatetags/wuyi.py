"""What templates say in one word: icons, masked names, areas, days left, stages."""

import datetime as dt
import re

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core import deadlines, measure

register = template.Library()

# The five stages: key (the class of its colour) and name.
STAGES = {
    "propose": _("提议"),
    "deliberate": _("共议"),
    "settle": _("定议"),
    "decide": _("决议"),
    "evaluate": _("评议"),
}
DUE_SOON_DAYS = 3
HAN = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
BETWEEN_SCRIPTS = re.compile(f"(?<=[{HAN}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[{HAN}])")
AMOUNT = re.compile(r"-?\d+(\.\d+)?")
THIN_SPACE = "\u2009"


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the icon `name` of static/icons/sprite.svg. It is decoration: the word stands beside it."""
    return format_html(
        '<svg class="icon" width="24" height="24" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("icons/sprite.svg"),
        name,
    )


@register.simple_tag
def stage_dot(stage: str, *, word: bool = True) -> SafeString:
    """Return the dot of a stage ("propose" ... "evaluate") and its word (`word=False`: only read out)."""
    label = STAGES.get(stage, stage)
    kind = "stage-dot__word" if word else "visually-hidden"
    return format_html('<span class="stage-dot stage--{}"><span class="{}">{}</span></span>', stage, kind, label)


@register.filter
def stage_word(stage: str) -> str:
    """Return the Chinese name of a stage key."""
    return str(STAGES.get(stage, stage))


@register.filter
def mask_name(name: object) -> str:
    """Return a name as the public may see it: 张三丰 -> 张**."""
    from core.masking import mask_name as masked  # noqa: PLC0415 - loaded only where a name is shown

    return masked(str(name))


@register.filter
def mask_phone(phone: object) -> str:
    """Return a phone number as the public may see it: 138****1234."""
    from core.masking import mask_phone as masked  # noqa: PLC0415 - loaded only where a number is shown

    return masked(str(phone))


@register.filter
def area(value: int | None) -> str:
    """Return an area of `value` x 0.01 m2 as people read it: 124960 -> 1249.60平方米. Nothing for None.

    Without a thousands mark, as the sentences of the rules and the papers write areas.
    """
    return "" if value is None else measure.square_metres(measure.format_area(int(value)))


@register.filter
def square_metres(figure: object) -> str:
    """Return a figure of square metres with its unit: "88.40" -> 88.40平方米."""
    return measure.square_metres(figure)


@register.filter
def money(amount: object) -> str:
    """Return an amount of yuan in groups of three: "198000.00" -> "198,000.00". Anything else is left as it is."""
    text = str(amount)
    whole, point, rest = text.partition(".")
    return f"{int(whole):,}{point}{rest}" if AMOUNT.fullmatch(text) else text


@register.filter
def days_left(ends: dt.date | dt.datetime | None) -> int | None:
    """Return the calendar days from today to `ends`: 0 on the last day, negative when it is over."""
    return deadlines.days_left(ends)


@register.filter
def days_words(ends: dt.date | dt.datetime | None, working_days: object = None) -> str:
    """Return the days left in words: 剩4天, 今天截止, 已逾期2天; 剩3个工作日 where the term counts working days."""
    return deadlines.left_in_words(ends, working_days if isinstance(working_days, int) else None)


@register.filter
def urgency(ends: dt.date | dt.datetime | None) -> str:
    """Return "late", "soon" (up to three days) or "calm" for a due date."""
    days = days_left(ends)
    if days is None:
        return "calm"
    if days < 0:
        return "late"
    return "soon" if days <= DUE_SOON_DAYS else "calm"


@register.filter
def spaced(text: object) -> str:
    """Return `text` with a thin space between Chinese and Latin, for places where `text-autospace` does not reach."""
    return BETWEEN_SCRIPTS.sub(THIN_SPACE, str(text))


@register.filter
def grouped(value: object) -> str:
    """Return a long number in groups of four, as people read and copy it."""
    text = str(value)
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@register.filter
def short_hash(value: object) -> str:
    """Return a hash in groups of four that two people can read to each other; the first 16 signs."""
    return grouped(str(value)[:16])


@register.filter
def share(part: int | None, whole: int | None) -> str:
    """Return `part`/`whole` as a percentage, half up to one place; "—" when there is nothing to divide by."""
    if not whole or part is None:
        return "—"
    tenths = (2000 * int(part) + int(whole)) // (2 * int(whole))
    return f"{tenths // 10}.{tenths % 10}%"


@register.simple_tag(takes_context=True)
def here(context: template.Context, prefix: str) -> SafeString:
    """Return aria-current for a link of the navigation when the page stands under `prefix`."""
    path = getattr(context.get("request"), "path", "")
    if not prefix or not path:
        return SafeString("")
    if path == prefix:
        return SafeString('aria-current="page"')
    return SafeString('aria-current="true"' if prefix != "/" and path.startswith(prefix) else "")


@register.simple_tag
def bar(value: int, whole: int, width: int = 1000) -> int:
    """Return `value`/`whole` of `width`, rounded down and kept between 0 and `width`: the length of a bar."""
    if not whole:
        return 0
    return max(0, min(width, int(value) * width // int(whole)))
