"""Filters for papers: the wording of official Chinese."""

from typing import Any

from django import template

from publish.typeset import wording

register = template.Library()

register.filter("date_text", wording.date_text)
register.filter("moment_text", wording.moment_text)
register.filter("until_text", wording.until_text)
register.filter("numeral", wording.numeral)
register.filter("amount", wording.amount_text)
register.filter("capitals", wording.amount_capitals)
register.filter("person", wording.spaced_name)


@register.filter
def figure(value: Any) -> str:
    """Return a count or an area as the rule's own sentence writes it, without a thousands mark; "—" for the unknown.

    GB/T 15835 leaves the mark to the writer but wants one form in one paper; sums of money carry it (`amount`).
    """
    return "—" if value is None or value == "" else str(value)


@register.filter
def clause(text: str) -> str:
    """Return somebody's words without the full stop they may have typed, where the paper sets one itself."""
    return str(text).rstrip().rstrip("。．.；;，,")


@register.filter
def names(values: list[str]) -> str:
    """Return names joined the Chinese way."""
    return "、".join(values)


@register.filter
def people(values: list[str]) -> str:
    """Return the names of people joined the Chinese way, those of two characters spaced."""
    return "、".join(map(wording.spaced_name, values))


@register.filter
def digest_lines(digest: str | None) -> list[str]:
    """Return a hash in two lines of four groups of eight, to be compared by eye; a check takes the spaces too.

    A paper that is only looked at has none.
    """
    if not digest:
        return []
    groups = [digest[start : start + 8] for start in range(0, len(digest), 8)]
    return [" ".join(groups[:4]), " ".join(groups[4:])]


@register.filter
def any_has(rows: list[dict[str, Any]] | None, field: str) -> bool:
    """Return whether one of the rows says something in `field`: a column without a word is left out."""
    return any(row.get(field) not in {None, ""} for row in rows or ())


@register.filter
def half(number: int) -> int:
    """Return a whole number divided by two, the rest left off: the rows of a table two wide."""
    return number // 2
