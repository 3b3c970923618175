"""The forms in which an item can be answered: what is a valid choice, and how it is written down. Pure Python.

A choice becomes one canonical string: an option key as it stands ("for", "abstain", "3"), or canonical JSON for the
methods with several marks. Equal choices have equal strings, so the database can group and count them.

| method | choice | settings in `form` |
|---|---|---|
| for_against | "for", "against" or "abstain" | |
| one_of | one option key | |
| approval | list of keys, `min` to `max` of them | min (1), max (all) |
| election | list of candidates, at most `max` of them | seats (1), min (1), max (seats) |
| ranking | list of keys, best first | min (1), max (all) |
| score | {key: 0..max} | max (5) |
| budget | {key: points}, together at most `points`, each at most `cap` | points, cap (points) |

Every method also takes the plain keys "against" (where offered) and "abstain". With `min` 0 an empty list abstains.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

FOR, AGAINST, ABSTAIN, INVALID, EVERYBODY = "for", "against", "abstain", "invalid", "*"
FOR_AGAINST = "for_against"
PLAIN = {FOR, AGAINST, ABSTAIN, INVALID}
MAX_OPTIONS = 500
MAX_RANKED = 60  # the Schulze count grows with the cube
MAX_POINTS = 1_000_000

Check = Callable[[Any], str]


class InvalidChoice(ValueError):
    """A choice that breaks the form of its item."""


class BadForm(ValueError):
    """Settings of an item that make no sense; the text names the setting."""


def settings_of(method: str, form: Mapping[str, Any], options: int) -> dict[str, int]:
    """Return the complete settings of an item with `options` options of its own. Raises BadForm."""
    known: dict[str, dict[str, int]] = {
        "for_against": {},
        "one_of": {},
        "approval": {"min": 1, "max": options},
        "election": {"seats": 1, "min": 1, "max": 0},
        "ranking": {"min": 1, "max": options},
        "score": {"max": 5},
        "budget": {"points": 0, "cap": 0},
    }
    if method not in known:
        raise BadForm("method")
    settings = dict(known[method])
    for key, value in form.items():
        if key not in settings or type(value) is not int or not 0 <= value <= MAX_POINTS:
            raise BadForm(f"form.{key}")
        settings[key] = value
    if method == "election":
        settings["max"] = settings["max"] or settings["seats"]
    if method == "budget":
        settings["cap"] = settings["cap"] or settings["points"]
    _check_sense(method, settings, options)
    return settings


def _check_sense(method: str, settings: Mapping[str, int], options: int) -> None:
    for key in ("max", "seats", "points", "cap"):
        if key in settings and settings[key] < 1:
            raise BadForm(f"form.{key}")
    if method in {"approval", "election", "ranking"}:
        if settings["max"] > options:
            raise BadForm("form.max")
        if settings["min"] > settings["max"]:
            raise BadForm("form.min")
    if method == "ranking" and options > MAX_RANKED:
        raise BadForm("options")
    if method == "election" and settings["seats"] > options:
        raise BadForm("form.seats")


def stored_settings(form: str | Mapping[str, int]) -> Mapping[str, int]:
    """Return settings as the database gives them: JSON text in a raw query, a map from the ORM."""
    return json.loads(form) if isinstance(form, str) else form


def check_for(method: str, settings: Mapping[str, int], keys: Sequence[str]) -> Check:
    """Return the function that turns a choice into its canonical string, or raises InvalidChoice.

    `keys` are all option keys of the item, in their order, "against" and "abstain" included where offered.
    """
    plain = frozenset(keys) if method in {"for_against", "one_of"} else frozenset(keys) & PLAIN
    own = {key: place for place, key in enumerate(k for k in keys if k not in PLAIN)}

    def check(choice: Any) -> str:
        if type(choice) is str:
            if choice in plain:
                return choice
            if choice in own and method in {"approval", "election", "ranking"}:
                return several([choice])
        elif several is not None:
            return several(choice)
        raise InvalidChoice

    several: Callable[[Any], str] = {
        "approval": lambda choice: _marks(choice, own, settings),
        "election": lambda choice: _marks(choice, own, settings),
        "ranking": lambda choice: _ranking(choice, own, settings),
        "score": lambda choice: _score(choice, own, settings),
        "budget": lambda choice: _budget(choice, own, settings),
    }.get(method, _refuse)
    return check


def _refuse(_choice: Any) -> str:
    raise InvalidChoice


def _keys(choice: Any, own: Mapping[str, int], settings: Mapping[str, int]) -> list[str]:
    if type(choice) is not list or len(choice) > len(own):
        raise InvalidChoice
    if any(type(key) is not str or key not in own for key in choice) or len(set(choice)) != len(choice):
        raise InvalidChoice
    if not settings["min"] <= len(choice) <= settings["max"]:
        raise InvalidChoice
    return choice


def _marks(choice: Any, own: Mapping[str, int], settings: Mapping[str, int]) -> str:
    marks = sorted(_keys(choice, own, settings), key=own.__getitem__)
    return _written(marks) if marks else ABSTAIN


def _ranking(choice: Any, own: Mapping[str, int], settings: Mapping[str, int]) -> str:
    ranked = _keys(choice, own, settings)
    return _written(ranked) if ranked else ABSTAIN


def _amounts(choice: Any, own: Mapping[str, int], most: int) -> dict[str, int]:
    if type(choice) is not dict or not choice or len(choice) > len(own):
        raise InvalidChoice
    for key, amount in choice.items():
        if key not in own or type(amount) is not int or not 0 <= amount <= most:
            raise InvalidChoice
    return {key: choice[key] for key in sorted(choice, key=own.__getitem__)}


def _score(choice: Any, own: Mapping[str, int], settings: Mapping[str, int]) -> str:
    return _written(_amounts(choice, own, settings["max"]))


def _budget(choice: Any, own: Mapping[str, int], settings: Mapping[str, int]) -> str:
    amounts = {key: amount for key, amount in _amounts(choice, own, settings["cap"]).items() if amount}
    if not amounts or sum(amounts.values()) > settings["points"]:
        raise InvalidChoice
    return _written(amounts)


def _written(value: list[str] | dict[str, int]) -> str:
    return json.dumps(value, separators=(",", ":"))


@lru_cache(maxsize=50_000)
def marks_of(method: str, choice: str) -> tuple[tuple[str, int], ...]:
    """Return what a canonical choice adds to the counts: pairs of option key and amount.

    A ranking counts its first place here; its real count is `voting.tally.schulze`.
    """
    if choice[0] not in "[{":
        return ((choice, 1),)
    value = json.loads(choice)
    if isinstance(value, dict):
        return tuple(value.items())
    return ((value[0], 1),) if method == "ranking" else tuple((key, 1) for key in value)


def readable(choice: str) -> Any:
    """Return a canonical choice as the JSON value the voter sent: a key, a list or a map."""
    return json.loads(choice) if choice[0] in "[{" else choice


def option_keys(method: str, labels: Iterable[str]) -> list[tuple[str, str]]:
    """Return the (key, label) pairs of an item: its own options numbered from "1", then 反对 and 弃权."""
    if method == "for_against":
        return [(FOR, "同意"), (AGAINST, "反对"), (ABSTAIN, "弃权")]
    numbered = [(str(number), label) for number, label in enumerate(labels, start=1)]
    return [*numbered, (AGAINST, "反对"), (ABSTAIN, "弃权")]
