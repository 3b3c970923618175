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
    """Return the choice of one item. What contradicts itself comes out in a form that no method takes."""
    name = field_of(item)
    plain, marks = posted.get(f"{name}-plain"), _marks(posted, item, name)
    if plain is None or not marks:
        return plain or marks
    return {**(marks if isinstance(marks, dict) else dict.fromkeys(marks)), "plain": plain}


def _marks(posted: QueryDict, item: Item, name: str) -> Any:
    if item.method in SEVERAL:
        return posted.getlist(name)
    if item.method not in NUMBERED:
        given = posted.getlist(name)
        return given if len(given) > 1 else posted.get(name)
    texts = {option.key: posted.get(f"{name}-{option.key}", "").strip() for option in item.options.all()}
    numbers = {key: _number(text) for key, text in texts.items() if text}
    if item.method == Method.RANKING and _is_order(list(numbers.values())):
        return sorted(numbers, key=lambda key: numbers[key])
    return numbers


def _is_order(places: Sequence[int | str]) -> bool:
    """Return whether the numbers of a ranking put the options in one order: from 1, none twice."""
    return all(isinstance(place, int) and place > 0 for place in places) and len(set(places)) == len(places)


def _number(text: str) -> int | str:
    """Return the number a field holds, or what stands there instead: a mark nobody can read is not left out."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else text[:_MOST_DIGITS]
