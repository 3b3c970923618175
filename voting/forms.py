"""Turns a posted ballot paper into the choices of a cast; what is a valid choice the cast itself decides."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from voting.models import Item, Method

SEVERAL = frozenset({Method.APPROVAL, Method.ELECTION})
NUMBERED = frozenset({Method.RANKING, Method.SCORE, Method.BUDGET})
_MOST_DIGITS = 7


def field_of(item: Item) -> str:
    """Return the name of an item's field."""
    return f"item-{item.pk}"


def choices_from(posted: QueryDict, items: Sequence[Item]) -> dict[str, Any]:
    """Return the choices of the items that were answered; the others stay as they were."""
    choices: dict[str, Any] = {}
    for item in items:
        choice = _choice(posted, item)
        if choice not in (None, "", [], {}):
            choices[str(item.pk)] = choice
    return choices


def _choice(posted: QueryDict, item: Item) -> Any:
    name = field_of(item)
    if plain := posted.get(f"{name}-plain"):
        return plain
    if item.method in SEVERAL:
        return posted.getlist(name)
    if item.method not in NUMBERED:
        return posted.get(name)
    numbers = {option.key: _number(posted.get(f"{name}-{option.key}", "")) for option in item.options.all()}
    given = {key: number for key, number in numbers.items() if number is not None}
    if item.method == Method.RANKING:
        return [key for key, _place in sorted(given.items(), key=lambda pair: pair[1])]
    return given


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
