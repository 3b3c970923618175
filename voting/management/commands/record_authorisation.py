"""`manage.py record_authorisation FILE.json`: what the residents' meeting entrusts to the representatives' meeting."""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser
from django.utils.dateparse import parse_date

from community.queries import unit_by_code
from core.actors import COMMAND_LINE
from core.commands import JsonCommand
from core.errors import BadInput
from voting import reading
from voting.operations import record_authorisation

_KEYS = ("community", "matter", "given_on", "until_on", "document")


class Command(JsonCommand):
    """Record an authorisation: community, matter, given_on, until_on, document, document_hash, is_general."""

    help = "Record an authorisation of the representatives' meeting from FILE.json."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", help="one JSON object, or - for standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Record it; print its id."""
        path = options["file"]
        given = reading.json_object(path)
        if unknown := sorted(set(given) - {*_KEYS, "document_hash", "is_general"}):
            reading.refuse(path, None, unknown[0][:40], "is not a known field")
        for key in _KEYS:
            if not isinstance(given.get(key), str):
                reading.refuse(path, None, key, "must be given, as text")
        digest = given.get("document_hash", "")
        if not isinstance(digest, str) or len(digest) not in {0, 64} or set(digest) - set("0123456789abcdef"):
            reading.refuse(path, None, "document_hash", "must be a SHA-256 in 64 lower-case hex digits")
        is_general = given.get("is_general", False)
        if not isinstance(is_general, bool):
            reading.refuse(path, None, "is_general", "must be true or false")
        try:
            stored = record_authorisation(
                community=unit_by_code(given["community"]), matter=given["matter"], document=given["document"],
                given_on=_day(path, given, "given_on"), until_on=_day(path, given, "until_on"), document_hash=digest,
                is_general=is_general, by=COMMAND_LINE,
            )  # fmt: skip
        except BadInput as error:
            reading.refuse(path, None, error.field, str(error.sentence))
        self.emit({"authorisation": str(stored.pk), "until_on": stored.until_on.isoformat()})


def _day(path: str, given: dict[str, Any], key: str) -> dt.date:
    try:
        day = parse_date(given[key])
    except ValueError:
        day = None
    if day is None:
        reading.refuse(path, None, key, "must be a date such as 2026-11-22")
    return day
