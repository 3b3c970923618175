"""Reads JSON numbers exactly: a float stays visible as one, so that the field that holds it can be named. Pure."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from core.commands import file_name, one_line, read_text
from core.errors import BadInput

MAX_LINES = 2_000_000


class Inexact:
    """A number with a fraction or exponent, or NaN: whoever expects a number refuses it, naming the field."""


def loads(text: str) -> Any:
    """Return the JSON value of `text` with Inexact in place of floats. Raises ValueError, for repeated keys too."""
    return json.loads(text, parse_float=_inexact, parse_constant=_inexact, object_pairs_hook=_distinct)


def json_lines(path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row, object) for each line of a file or "-". Raises BadInput naming file and row."""
    name = file_name(path)
    for row, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{name}, row {row}"
        value = _parsed(line, where)
        if not isinstance(value, dict):
            raise BadInput(f"{where}: must be a JSON object")
        yield row, value


def json_object(path: str) -> dict[str, Any]:
    """Return the one JSON object of a file or "-". Raises BadInput naming the file."""
    name = file_name(path)
    value = _parsed(read_text(path), name)
    if not isinstance(value, dict):
        raise BadInput(f"{name}: must be a JSON object")
    return value


def refuse(path: str, row: int | None, field: str, problem: str) -> NoReturn:
    """Raise BadInput that names file, row and field."""
    where = file_name(path) + (f", row {row}" if row is not None else "")
    raise BadInput(f"{where}, {field}: {problem}" if field else f"{where}: {problem}", field=field)


def _parsed(text: str, where: str) -> Any:
    try:
        value = loads(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError as error:
        line = f", row {error.lineno}" if "row" not in where else ""
        raise BadInput(f"{where}{line}: not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise BadInput(f"{where}: nested too deeply") from None
    except UnicodeEncodeError:
        raise BadInput(f"{where}: half a surrogate pair is no text") from None
    except ValueError as error:
        raise BadInput(f"{where}: {one_line(str(error))}") from None
    return value


def _inexact(_text: str) -> Inexact:
    return Inexact()


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # add() says nothing, which is false
        raise ValueError(f"the key {twice[:40]!r} stands twice in one object")
    return made
