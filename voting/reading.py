"""Reads the files of the voting commands: objects whose inexact numbers stay visible, so that their field is named."""

from collections.abc import Iterator
from typing import Any, NoReturn

from core.commands import file_name, read_json, read_json_lines
from core.errors import BadInput


def json_lines(path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row, object) for each line of a file or "-". Raises BadInput naming file and row."""
    name = file_name(path)
    for row, value in read_json_lines(path, keep_inexact=True):
        yield row, _object(value, f"{name}, row {row}")


def json_object(path: str) -> dict[str, Any]:
    """Return the one JSON object of a file or "-". Raises BadInput naming the file."""
    return _object(read_json(path, keep_inexact=True), file_name(path))


def refuse(path: str, row: int | None, field: str, problem: str) -> NoReturn:
    """Raise BadInput that names file, row and field."""
    where = file_name(path) + (f", row {row}" if row is not None else "")
    raise BadInput(f"{where}, {field}: {problem}" if field else f"{where}: {problem}", field=field)


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadInput(f"{where}: must be a JSON object")
    return value
