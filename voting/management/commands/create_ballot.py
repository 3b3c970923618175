"""`manage.py create_ballot FILE.json`: a draft ballot with its roll and printed codes."""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from community.models import Unit, UnitKind
from community.queries import unit_by_code
from core.actors import COMMAND_LINE
from core.commands import JsonCommand
from core.errors import BadInput, NotFound
from voting import electorates, reading
from voting.models import Ballot, Item, Voter
from voting.operations import VoterDraft, create_ballot, lodge_proxy, recuse
from voting.operations.ballot import MAX_VOTERS
from voting.rules import BadNumbers
from voting.rules.reading import number

_KEYS = {
    "community", "title", "kind", "revisable", "items", "rule", "electorate", "disclosure", "opens_at", "closes_at",
    "in_room", "proxies", "recusals", "more_rules", "paper_wins", "petition",
}  # fmt: skip
_VOTER_KEYS = {"name", "heads", "area", "place"}


class Command(JsonCommand):
    """Create a ballot from a file. The codes are printed once; only their keyed hashes are stored."""

    help = "Create a draft ballot from FILE.json; prints its id, its items and one voting code for each voter."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", help="one JSON object, or - for standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Create it whole or not at all."""
        path = options["file"]
        given = reading.json_object(path)
        try:
            self.emit(_created(given))
        except BadInput as error:
            field = f"electorate.{error.field}" if error.field.startswith("voters") else error.field
            reading.refuse(path, None, field, str(error.sentence))


@transaction.atomic
def _created(given: dict[str, Any]) -> dict[str, Any]:
    _known(given, _KEYS, "")
    for key in ("title", "items", "rule", "electorate"):
        if key not in given:
            raise BadInput("is missing", field=key)
    if not isinstance(given["items"], list):
        raise BadInput("must be a list of objects with a title", field="items")
    drawn_from = _drawn_from(given["electorate"])
    scope = given["electorate"].get("scope", "owners") if drawn_from is not None else ""
    created = create_ballot(
        community=_community(given.get("community")),
        title=given["title"],
        kind=_text(given, "kind", "named"),
        revisable=_flag(given, "revisable"),
        items=given["items"],
        rule=given["rule"],
        voters=_drawn(scope, drawn_from) if drawn_from is not None else _voters(given["electorate"]),
        disclosure=_text(given, "disclosure", None),
        opens_at=_moment(given, "opens_at"),
        closes_at=_moment(given, "closes_at"),
        in_room=_flag(given, "in_room"),
        more_rules=_list(given, "more_rules"),
        scope=scope,
        drawn_from=drawn_from,
        paper_wins=_flag(given, "paper_wins"),
        petition=_petition(given.get("petition")),
        by=COMMAND_LINE,
    )
    ballot = created.ballot
    voters = list(Voter.objects.filter(ballot=ballot).order_by("pk"))
    items = list(Item.objects.filter(ballot=ballot).order_by("position"))
    for place, one in enumerate(_list(given, "proxies")):
        principal, holder = _places(one, f"proxies[{place}]", {"principal": voters, "holder": voters})
        lodge_proxy(ballot, principal=principal, holder=holder, by=COMMAND_LINE)
    for place, one in enumerate(_list(given, "recusals")):
        item, voter = _places(one, f"recusals[{place}]", {"item": items, "voter": voters})
        recuse(item, voter, by=COMMAND_LINE)
    return {
        "ballot": str(ballot.pk),
        "items": [str(item.pk) for item in items],
        "voters": [{"voter": str(v.pk), "name": v.name, "code": created.codes[v.pk]} for v in voters],
        "warnings": [str(warning) for warning in (*created.warnings, *_unknown_ages(scope, drawn_from))],
    }


def _petition(given: Any) -> Ballot | None:
    if given is None:
        return None
    found = Ballot.objects.filter(pk=given).first() if isinstance(given, str) and given.isdecimal() else None
    if found is None:
        raise BadInput("must be the id of a ballot as text", field="petition")
    return found


def _unknown_ages(scope: str, unit: Unit | None) -> list[str]:
    count = electorates.residents_of_unknown_age(unit) if scope == "adults" and unit is not None else 0
    return [_("%(count)d位居民没有登记出生日期，没有列入名册。") % {"count": count}] if count else []


def _community(code: Any) -> Unit:
    if code is None:
        found = list(Unit.objects.filter(kind=UnitKind.COMMUNITY)[:2])
        if len(found) != 1:
            raise BadInput("must be given: there is not exactly one community", field="community")
        only: Unit = found[0]
        return only
    if not isinstance(code, str):
        raise BadInput("must be the code of a unit as text", field="community")
    return _unit(code, "community")


def _unit(code: str, field: str) -> Unit:
    try:
        return unit_by_code(code)
    except NotFound as error:
        raise BadInput(str(error), field=field) from None


def _drawn_from(given: Any) -> Unit | None:
    """Return the unit a roll is drawn at, None for a roll given as a list of voters."""
    if not isinstance(given, dict):
        raise BadInput("must be an object with voters, or with unit and scope", field="electorate")
    if "voters" in given:
        return None
    _known(given, {"unit", "scope"}, "electorate")
    if not isinstance(given.get("unit"), str):
        raise BadInput("must be the code of a unit as text", field="electorate.unit")
    return _unit(given["unit"], "electorate.unit")


def _drawn(scope: Any, unit: Unit) -> list[VoterDraft]:
    if not isinstance(scope, str) or scope not in electorates.SCOPES:
        raise BadInput(f"must be one of {', '.join(electorates.SCOPES)}", field="electorate.scope")
    try:
        return electorates.draw(scope, unit)
    except BadInput as error:
        raise BadInput(str(error.sentence), field=f"electorate.{error.field}") from None


def _voters(given: dict[str, Any]) -> list[VoterDraft]:
    _known(given, {"voters"}, "electorate")
    voters = given["voters"]
    if not isinstance(voters, list) or not 0 < len(voters) <= MAX_VOTERS:
        raise BadInput(f"must be a list of 1 to {MAX_VOTERS} voters", field="electorate.voters")
    return [_voter(voter, f"electorate.voters[{place}]") for place, voter in enumerate(voters)]


def _voter(given: Any, path: str) -> VoterDraft:
    if not isinstance(given, dict):
        raise BadInput("must be an object with a name", field=path)
    _known(given, _VOTER_KEYS, path)
    if "name" not in given:
        raise BadInput("is missing", field=f"{path}.name")
    try:
        area, _decimals = number(given.get("area", 0), f"{path}.area")
    except BadNumbers as error:
        raise BadInput(error.problem, field=error.field) from None
    return VoterDraft(given["name"], given.get("heads", 1), area, place=given.get("place", ""))


def _known(given: dict[str, Any], keys: set[str], path: str) -> None:
    for key in given:
        if key not in keys:
            raise BadInput("is not a known field", field=f"{path}.{key[:40]}" if path else key[:40])


def _flag(given: dict[str, Any], key: str) -> bool:
    value = given.get(key, False)
    if not isinstance(value, bool):
        raise BadInput("must be true or false", field=key)
    return value


def _text(given: dict[str, Any], key: str, default: Any) -> Any:
    value = given.get(key, default)
    if value is not default and not isinstance(value, str):
        raise BadInput("must be text", field=key)
    return value


def _moment(given: dict[str, Any], key: str) -> dt.datetime | None:
    if (value := given.get(key)) is None:
        return None
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput("must be a date and time with its offset, such as 2026-11-22T19:00:00+08:00", field=key)
    return moment


def _list(given: dict[str, Any], key: str) -> list[Any]:
    value = given.get(key, [])
    if not isinstance(value, list):
        raise BadInput("must be a list", field=key)
    return value


def _places(given: Any, path: str, lists: dict[str, list[Any]]) -> list[Any]:
    """Return what the places named in `given` stand for: {"principal": 0} is the first voter of the file."""
    if not isinstance(given, dict):
        raise BadInput(f"must be an object with {' and '.join(lists)}", field=path)
    _known(given, set(lists), path)
    found = []
    for key, values in lists.items():
        place = given.get(key)
        if type(place) is not int or not 0 <= place < len(values):
            raise BadInput("must be a place in the file's list, counted from 0", field=f"{path}.{key}")
        found.append(values[place])
    return found
