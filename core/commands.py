"""The base of every command that scripts call: JSON in, JSON out, one line on a refusal."""

import argparse
import contextlib
import io
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError, connection

from core.errors import BadInput, Refused

BAD_INPUT = 2
MAX_BYTES = 256 * 1024 * 1024
MAX_LINE = 16 * 1024 * 1024
IN_MEMORY = 1024 * 1024  # bytes of answers; more wait in a temporary file
_LONGEST_LINE = 500


class _OneLineParser(CommandParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        if self.called_from_command_line:
            self.exit(BAD_INPUT, f"{one_line(message)}\n")
        raise CommandError(one_line(message), returncode=BAD_INPUT)


class JsonCommand(BaseCommand):
    """A command that prints JSON and exits 0, or prints one line on stderr and exits 2 with nothing stored.

    Subclasses write `handle` as usual, raise `core.errors.Refused` (or `BadInput` with its field) and print with
    `emit`. A missing or unreadable file needs no care of theirs.
    """

    requires_system_checks: list[str] = []  # scripts call these often; `manage.py check` runs the checks

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return Django's parser, with errors of one line."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = _OneLineParser
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command; turn a refusal into its one line."""
        try:
            return super().execute(*args, **options)
        except BadInput as error:
            sentence = str(error)
            where = f"{error.field}: " if error.field and error.field not in sentence else ""
            raise CommandError(one_line(f"{where}{sentence}"), returncode=BAD_INPUT) from error
        except Refused as error:
            raise CommandError(one_line(str(error)), returncode=BAD_INPUT) from error
        except (OperationalError, ProgrammingError) as error:
            if connection.introspection.table_names():
                raise
            raise CommandError("the database is empty: run manage.py migrate first", returncode=BAD_INPUT) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            named = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            raise CommandError(one_line(named), returncode=BAD_INPUT) from error

    def emit(self, value: Any) -> None:
        """Print one JSON value on one line. Floats have no place in it: `allow_nan` is off and numbers are exact."""
        self.stdout.write(_written(value))

    def emit_all(self, values: Iterable[Any]) -> None:
        """Print one JSON value on a line each, once all of them are there: where one is refused, none is printed.

        They wait in a temporary file, so a million lines take no more memory than one.
        """
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as waiting:
            for value in values:
                waiting.write(_written(value).encode() + b"\n")
            waiting.seek(0)
            text = io.TextIOWrapper(waiting, encoding="utf-8", newline="\n")
            while part := text.read(io.DEFAULT_BUFFER_SIZE):
                self.stdout.write(part, ending="")


_written = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def one_line(text: str) -> str:
    """Return `text` without line breaks or control characters, cut to a readable length."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= _LONGEST_LINE else f"{flat[:_LONGEST_LINE]}…"


def read_text(path: str, *, max_bytes: int = MAX_BYTES) -> str:
    """Return the UTF-8 text of a file, or of standard input for "-". Raises BadInput naming the file."""
    if path == "-":
        data = sys.stdin.buffer.read(max_bytes + 1)
    else:
        with Path(path).open("rb") as file:
            data = file.read(max_bytes + 1)
    name = file_name(path)
    if len(data) > max_bytes:
        raise BadInput(f"{name}: larger than {max_bytes} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{name}, row {row}: not UTF-8 text") from error


class _Unwanted(ValueError):
    """Readable JSON that is refused all the same."""


class Inexact:
    """A number with a fraction or exponent, or NaN: whoever expects a number refuses it, naming the field."""


def read_json(path: str, *, keep_inexact: bool = False) -> Any:
    """Return the one JSON value in a file (or "-"). Raises BadInput naming the file and row."""
    return parse_json(read_text(path), where=file_name(path), keep_inexact=keep_inexact)


def read_json_lines(path: str, *, keep_inexact: bool = False) -> Iterator[tuple[int, Any]]:
    """Yield (row, value) for each line of a file (or "-") that is not blank, reading one line at a time.

    Raises BadInput naming file and row.
    """
    name = file_name(path)
    with contextlib.nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as file:
        for row, data in enumerate(iter(partial(file.readline, MAX_LINE + 1), b""), start=1):
            if len(data) > MAX_LINE:
                raise BadInput(f"{name}, row {row}: longer than {MAX_LINE} bytes")
            try:
                line = data.decode("utf-8-sig" if row == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise BadInput(f"{name}, row {row}: not UTF-8 text") from error
            if line.strip():
                yield row, parse_json(line, where=f"{name}, row {row}", keep_inexact=keep_inexact)


def parse_json(text: str, *, where: str, keep_inexact: bool = False) -> Any:
    """Return the JSON value of `text`; repeated keys, half surrogates and deep nesting are refused.

    A float or NaN is refused too, or stays visible as Inexact with `keep_inexact`, so that its field can be named.
    """
    try:
        value = (_keeping if keep_inexact else _exact).decode(text)
        if "\\u" in text:  # only an escape can bring half a surrogate in: the text itself was UTF-8
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError as error:
        line = f", row {error.lineno}" if "row" not in where else ""
        raise BadInput(f"{where}{line}: not JSON: {error.msg} (column {error.colno})") from error
    except RecursionError as error:
        raise BadInput(f"{where}: nested too deeply") from error
    except UnicodeEncodeError as error:
        raise BadInput(f"{where}: half a surrogate pair is no text") from error
    except _Unwanted as error:
        raise BadInput(f"{where}: {one_line(str(error))}") from error
    except ValueError as error:  # Python's own bound on the digits of a number
        raise BadInput(f"{where}: a number has more than {sys.get_int_max_str_digits()} digits") from error
    return value


def file_name(path: str) -> str:
    """Return how `path` is named in a message."""
    return "stdin" if path == "-" else Path(path).name


def positive_int(most: int) -> Any:
    """Return an argparse type for whole numbers from 1 to `most`."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
            message = f"must be a whole number from 1 to {most}: {text[:40]!r}"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    return parse


def _refuse_number(text: str) -> NoReturn:
    message = f"write {text[:40]} as a decimal string, numbers are whole"
    raise _Unwanted(message)


def _inexact(_text: str) -> Inexact:
    return Inexact()


def _object_of_distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        message = f"the key {twice[:40]!r} stands twice in one object"
        raise _Unwanted(message)
    return made


def _decoder(number: Any) -> json.JSONDecoder:
    return json.JSONDecoder(parse_float=number, parse_constant=number, object_pairs_hook=_object_of_distinct_keys)


_exact, _keeping = _decoder(_refuse_number), _decoder(_inexact)
