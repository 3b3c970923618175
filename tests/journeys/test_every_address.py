"""Every address and every write of the platform, found in its own tables: wrong people do nothing, no id breaks it.

A new address whose ids are unknown here fails: it is added to IDS, and then tried like the others.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from community.models import ExclusiveUnit, Office, Term, Unit, User
from core.models import LedgerEntry
from deliberation.acts import ACTS
from deliberation.models import Opinion, ResponsibilityTask
from deliberation.moves import MOVES
from deliberation.stages import Status
from meetings.models import Attendance, Meeting
from meetings.views import chair, minutes, pages
from publish.models import Notice
from tests.deliberation.world import World
from voting.models import Ballot

pytestmark = pytest.mark.django_db

# The acts that a part of an address or a field names. The others of their kind are answered the same way.
MEETING_ACTS = {
    "room": list(pages._ROOM_ACTS),
    "chair": list(chair._ACTS),
    "minutes": list(minutes._ACTS),
    "tasks": ["assign", "finish"],
    "proxies": ["lodge", "revoke"],
    "papers": ["add", "withdraw"],
}
DESK_ACTS = (
    "open",
    "close",
    "cancel",
    "add",
    "remove",
    "redraw",
    "next_round",
    "authorise",
    "certify",
    "sign",
    "enter",
)
# What is everybody's to send, with why nothing of a community is changed by it, or why it may be.
EVERYBODYS = {
    "api/v1/session": "signing in and out",
    "i18n/setlang/": "the language of one's own pages",
    "sign-in/": "signing in",
    "sign-out/": "signing out",
    "large-type/": "the size of one's own pages",
    "account/": "one's own account",
    "account/news/": "one's own news",
    "account/units/": "one's own units, none here",
    "notices/verify/": "a file is compared, nothing is kept",
    "notices/<int:pk>/object/": "the law lets everybody object (an empty objection is refused)",
    "notices/<int:pk>/variants/<str:variant>/ask/": "a public paper in another size",
    "ballots/<str:ballot_id>/": "a vote by whoever stands on the roll (nobody here does)",
    "api/v1/ballots/<ballot_id>/votes": "the same over the API",
    "api/v1/proposals/<proposal_id>/co-signatures": "over at this status, for everybody",
    "meetings/<int:meeting_id>/signin/": "wants the code of the room",
    "proposals/new/": "a proposal in one's own community",
    "api/v1/proposals": "a proposal in one's own community",
    "register/people/new/": "a resident of one's own community",
    "ballots/new/": "a ballot of one's own community",
    "ballots/appraisal/": "the appraisal of one's own community",
    "work/topics/": "the topics of one's own community",
}
# What shows something and does nothing, whatever the method.
PLAIN = frozenset({"healthz", "readyz", "metrics", "api/v1/openapi.json", "api/v1/docs", "style/", "offline/"})
READ_ONLY = re.compile(r"service-worker\.js|meetings/$|\.ics$|^meetings/<int:meeting_id>/$|/result/$")
WORDS = {
    "text": "隔壁的人写的一段话，超过了十个字。",
    "reason": "隔壁的人写的一段话，超过了十个字。",
    "answer": "for",
    "stance": "for",
    "grade": "satisfied",
    "name": "隔壁",
    "sure": "on",
}
OVERSIZED = (str(2**63), "9" * 5000)  # past a key of the database; past what Python makes a number of


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Yield the route of every address but those of Django's own back office."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if route != "admin/":
                yield from routes(entry, route)
        elif isinstance(entry, URLPattern) and not route.startswith("^"):
            yield route


@pytest.fixture
def ids(world: World) -> dict[str, list[Any]]:
    """Return what stands for each variable of each room's addresses: things of one community, far along its way."""
    world.walk_to(Status.EXECUTING)
    meeting = Meeting.objects.latest("pk")
    notice = Notice.objects.filter(is_public=True).latest("pk")
    opinion = Opinion.objects.create(
        proposal=world.p, user=world.residents[1], text="楼道照明也要改。", stance="for", given_at=world.now
    )
    return {
        "proposals/pk": [world.p.pk],
        "proposals/proposal_id": [world.p.pk],
        "moves/key": list(MOVES),
        "acts/key": list(ACTS),
        "proposals/move": list(MOVES),
        "proposals/act": list(ACTS),
        "proposals/opinion": [opinion.pk],
        "proposals/number": [1],
        "proposals/position": [1],
        "work/pk": [ResponsibilityTask.objects.latest("pk").pk],
        "places/code": [world.community.code],
        "ballots/ballot_id": [Ballot.objects.latest("pk").pk],
        "ballots/run_id": [1],
        "ballots/code": ["SSFXPJ56VM"],
        "notices/pk": [notice.pk],
        "notices/code": [world.community.code],
        "notices/number": [notice.number],
        "notices/variant": ["poster"],
        "notices/digest": ["0" * 64],
        "notices/act": ["seal", "sign", "mark", "damage", "repair", "remove"],
        "verify/digest": ["0" * 64],
        "meetings/meeting_id": [meeting.pk],
        "meetings/attendance_id": [Attendance.objects.filter(meeting=meeting).latest("pk").pk],
        "meetings/paper_id": [1],
        "meetings/code": [world.community.code],
        "register/pk": [world.residents[0].pk, ExclusiveUnit.objects.latest("pk").pk],
    }


def filled(route: str, ids: dict[str, list[Any]]) -> list[str]:
    """Return the addresses of a route: every act of its table, and the ids of the one community."""
    room = route.removeprefix("api/v1/").split("/")[0]
    found = [f"/{route}"]
    for variable in re.findall(r"<(?:\w+:)?(\w+)>", route):
        before = route.split(variable, maxsplit=1)[0].split("/")[-2]
        is_meeting_act = room == "meetings" and variable == "act"
        values = (
            MEETING_ACTS[before] if is_meeting_act else ids.get(f"{before}/{variable}") or ids[f"{room}/{variable}"]
        )
        found = [re.sub(rf"<(\w+:)?{variable}>", str(value), address) for address in found for value in values]
    return found


def written() -> list[tuple[str, int]]:
    """Return the number of entries in the ledger and of rows in every table of the rooms."""
    names = [name for name in connection.introspection.django_table_names(only_existing=True) if "session" not in name]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' AS name, COUNT(*) FROM {name}" for name in names))
        return sorted(cursor.fetchall())


def strangers(world: World) -> dict[str, Client]:
    """Return who has no business here: nobody, everybody who counts next door, and one who lives there."""
    next_door = Unit.objects.get(code="511302001002")
    people: dict[str, Client] = {"nobody": Client()}
    for name, offices in (("staff", set(Office.values) - {Office.SUBDISTRICT_OFFICER}), ("neighbour", {"resident"})):
        user = User.objects.create(username=f"{name}-next-door", name="隔壁", unit=next_door)
        Term.objects.bulk_create(
            Term(user=user, office=office, unit=next_door, starts_on="2024-01-01") for office in offices
        )
        people[name] = Client()
        people[name].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return people


def test_who_has_no_business_here_writes_nothing_anywhere(world: World, ids: dict[str, list[Any]]) -> None:
    people = strangers(world)
    before, entries, sent, problems = written(), LedgerEntry.objects.count(), 0, []

    for route in routes():
        if route in EVERYBODYS or route in PLAIN or READ_ONLY.search(route):
            continue
        for address in (addresses := filled(route, ids)):
            acts = [{**WORDS, "act": act} for act in DESK_ACTS] if address.startswith("/ballots/") else [WORDS]
            # An act is refused by one rule for all strangers: those who are nothing anywhere try one of each kind.
            for who, person in people.items() if address == addresses[0] else [("staff", people["staff"])]:
                for fields in acts if who == "staff" else acts[:1]:
                    more = {"content_type": "application/json"} if address.startswith("/api/") else {}
                    answer = person.post(address, fields, **more)  # type: ignore[arg-type] # a content type
                    sent += 1
                    if answer.status_code not in {302, 401, 403, 404, 405}:
                        problems.append((who, address, fields.get("act"), answer.status_code))

    assert not problems, problems
    assert written() == before
    assert LedgerEntry.objects.count() == entries
    # Had the tables been empty, nothing would have been tried.
    assert sent > 300


def test_no_id_however_large_breaks_an_address(world: World, ids: dict[str, list[Any]]) -> None:
    staff = Client()
    staff.force_login(world.secretary, backend="django.contrib.auth.backends.ModelBackend")
    last_key = re.compile(
        r"<(?:int:|str:)?(?:pk|\w+_id|opinion|position|number)>(?!.*<(?:int:)?(?:\w+_id|opinion|position|number)>)"
    )
    named = {name: values[:1] for name, values in ids.items()}
    tried = 0

    for route in routes():
        for size in OVERSIZED if last_key.search(route) else ():
            for address in filled(last_key.sub(size, route), named):
                for answer in (staff.get(address), staff.post(address)):
                    assert answer.status_code in {302, 400, 401, 403, 404, 405, 409, 422}, (address, answer.status_code)
                    tried += 1

    assert tried > 100
