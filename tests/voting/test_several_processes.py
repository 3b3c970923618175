"""Votes by socket, HTTP and paper, proxies, recusals, revisions and the close, at once and from several processes.

Two server processes and this one on PostgreSQL; on SQLite one server process, and this one for paper and commands.
"""

import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from community.models import Office, Term, User
from core.actors import COMMAND_LINE
from core.errors import Refused
from tests.live import ServerApart, phone
from tests.servers import SCALE_OUT
from tests.voting.factories import HALF, items_of, make_ballot, voters_of
from voting.live import limits
from voting.models import Ballot, CastRequest, Item, Recusal, Vote, Voter
from voting.operations import CastIntent, cast_votes, close_ballot, lodge_proxy, open_ballot, recuse
from voting.operations.paper import assist_vote, enter_paper, issue_papers
from voting.receipts import request_hash

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]


@pytest.fixture(scope="module")
def servers(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[ServerApart]]:
    with django_db_blocker.unblock():
        started = [ServerApart() for _server in range(2 if SCALE_OUT else 1)]
    yield started
    for server in started:
        assert "Traceback" not in server.logged()
        server.close()


@dataclass
class Told:
    """One request to vote and what was answered."""

    voter: int
    request: str
    choices: dict[str, str]
    sent_at: float
    answered_at: float
    code: str  # "" for accepted


def in_thread(work: Callable[[], Any]) -> Any:
    """Do `work` and give the thread's database connection back."""
    try:
        return work()
    finally:
        connection.close()


def all_at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do all acts at the same moment, each in a thread of its own."""
    ready = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        ready.wait(30)
        return in_thread(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def by_socket(host: str, ballot: Ballot, sender: Voter, request: str, choices: dict[str, str], behalf: int) -> str:
    more = {"on_behalf_of": str(behalf)} if behalf != sender.pk else {}
    with phone(host, ballot, sender, open_timeout=30) as own:
        return str(own.cast(choices, request, **more).get("code", ""))


def cookie_of(ballot: Ballot, voter: Voter) -> str:
    session = SessionStore()
    session["voters"] = {str(ballot.pk): voter.pk}
    session.save()
    return str(session.session_key)


def by_http(host: str, ballot: Ballot, cookie: str, request: str, choices: dict[str, str], behalf: str | None) -> str:
    link = HTTPConnection(host, timeout=60)
    headers = {"Cookie": f"sessionid={cookie}", "Idempotency-Key": request, "Content-Type": "application/json"}
    body = json.dumps({"choices": choices, "on_behalf_of": behalf})
    link.request("POST", f"/api/v1/ballots/{ballot.pk}/votes", body, headers)
    with link.getresponse() as answer:
        told = json.loads(answer.read())
    link.close()
    return "" if answer.status == 200 else str(told["code"])


def officers(ballot: Ballot, count: int) -> list[User]:
    made = []
    for number in range(count):
        user = User.objects.create(username=f"{ballot.pk}-{number}", name=f"工作人员{number}")
        Term.objects.create(user=user, office=Office.TELLER, unit=ballot.community, starts_on="2026-01-01")
        made.append(user)
    return made


def test_a_hundred_casts_of_one_voter_by_socket_http_and_paper_count_once(servers: list[ServerApart]) -> None:
    ballot = open_ballot(make_ballot(3), by=COMMAND_LINE)
    voter, item = voters_of(ballot)[0], str(items_of(ballot)[0].pk)
    clerks = officers(ballot, 21)
    issue_papers(ballot, issued=3, by=clerks[0])
    enter_paper(voter, choices={item: "for"}, by=clerks[0])  # the second entry, whoever's, makes it count
    cookie = cookie_of(ballot, voter)
    asked: list[Callable[[], Any]] = []
    for number in range(100):
        host, request = servers[number % len(servers)].host, str(uuid.uuid4())
        if number < 10 * len(servers):  # a process takes 12 sockets of one voter
            asked.append(partial(by_socket, host, ballot, voter, request, {item: "for"}, voter.pk))
        elif number < limits.BURST * len(servers):  # and 30 casts at once
            asked.append(partial(by_http, host, ballot, cookie, request, {item: "against"}, None))
        elif number < 80:
            intent = CastIntent(ballot.pk, voter.pk, request, {item: "abstain"})
            asked.append(partial(_cast_code, intent))
        else:
            asked.append(partial(_code_of, partial(_paper_code, voter, item, clerks[number - 79])))

    codes = Counter(all_at_once(asked))

    assert codes.pop("") == 1
    assert set(codes) <= {"already_voted", "already_entered", "conflict"}
    assert Vote.objects.filter(item__ballot=ballot).count() == 1
    closed = close_ballot(ballot, by=COMMAND_LINE)
    assert (closed.cast, closed.result and closed.result["counters_matched"]) == (1, True)


def _cast_code(intent: CastIntent) -> str:
    return cast_votes([intent])[0].code


def _paper_entry(voter: Voter, choices: dict[str, str], by: User) -> None:
    enter_paper(voter, choices=choices, by=by)


def _paper_code(voter: Voter, item: str, by: User) -> str:
    state = enter_paper(voter, choices={item: "for"}, by=by).state
    return "" if state == "counted" else str(state)


def _code_of(act: Callable[[], Any]) -> str:
    try:
        return str(act() or "")
    except Refused as refused:
        return refused.reason_code


def test_fifty_casts_against_fifty_closes_agree(servers: list[ServerApart]) -> None:
    ballot = open_ballot(make_ballot(50), by=COMMAND_LINE)
    item = str(items_of(ballot)[0].pk)
    hashes: list[str] = []

    def close() -> str:
        closed = close_ballot(Ballot.objects.get(pk=ballot.pk), by=COMMAND_LINE)
        hashes.append((closed.result or {})["hash"])
        return "close"

    acts: list[Callable[[], Any]] = [close] * 50
    for number, voter in enumerate(voters_of(ballot)):
        host = servers[number % len(servers)].host
        acts.append(partial(by_socket, host, ballot, voter, str(uuid.uuid4()), {item: "for"}, voter.pk))
    random.Random(7).shuffle(acts)  # noqa: S311 - a seeded order

    codes = Counter(all_at_once(acts))

    closed = Ballot.objects.get(pk=ballot.pk)
    assert len(hashes) == 50
    assert len(set(hashes)) == 1
    assert closed.result is not None
    assert closed.result["items"][0]["counts"]["for"]["heads"] == codes[""] == closed.cast
    assert codes[""] + codes["closed"] == 50
    assert Vote.objects.filter(item__ballot=ballot).count() == codes[""]


class Walk:
    """Ten voters, two of them represented, two clerks with papers, and whoever closes: each act in a thread."""

    def __init__(self, servers: list[ServerApart], seed: int) -> None:
        self.servers = servers
        self.dice = random.Random(seed)  # noqa: S311 - a seeded walk
        self.ballot = make_ballot(10, revisable=seed % 2 == 1, items=[{"title": "一"}, {"title": "二"}], rule=HALF)
        self.voters = voters_of(self.ballot)
        self.holders = {self.voters[0].pk: self.voters[1], self.voters[2].pk: self.voters[3]}
        for principal, holder in ((self.voters[0], self.voters[1]), (self.voters[2], self.voters[3])):
            lodge_proxy(self.ballot, principal=principal, holder=holder, by=COMMAND_LINE)
        open_ballot(self.ballot, by=COMMAND_LINE)
        self.clerks = officers(self.ballot, 2)
        issue_papers(self.ballot, issued=10, by=self.clerks[0])
        self.items = items_of(self.ballot)
        self.told: list[Told] = []
        self.stepped_aside: list[tuple[int, int]] = []
        self.closed_at: list[float] = []

    def act(self) -> Callable[[], Any]:
        """Return a random act."""
        voter, host = self.dice.choice(self.voters), self.dice.choice(self.servers).host
        choices = {
            str(item.pk): self.dice.choice(["for", "against", "abstain"])
            for item in self.dice.sample(self.items, self.dice.choice([1, 2]))
        }
        item = self.dice.choice(self.items)
        kinds: list[Callable[[], Any]] = [
            lambda: self.vote("socket", voter, choices, host),
            lambda: self.vote("http", voter, choices, host),
            lambda: self.paper(self.voters[4 + voter.pk % 6], choices),
            lambda: self.assist(self.voters[4 + voter.pk % 6], choices),
            lambda: self.step_aside(voter, item),
        ]
        return self.dice.choices(kinds, [8, 6, 2, 1, 1])[0]

    def vote(self, kind: str, voter: Voter, choices: dict[str, str], host: str) -> None:
        """Vote over a server, for a principal through the holder."""
        sender, request, began = self.holders.get(voter.pk, voter), str(uuid.uuid4()), time.monotonic()
        if kind == "socket":
            code = by_socket(host, self.ballot, sender, request, choices, voter.pk)
        else:
            behalf = str(voter.pk) if sender != voter else None
            code = by_http(host, self.ballot, cookie_of(self.ballot, sender), request, choices, behalf)
        self.told.append(Told(voter.pk, request, choices, began, time.monotonic(), code))

    def paper(self, voter: Voter, choices: dict[str, str]) -> None:
        """Enter a paper twice."""
        for clerk in self.clerks:
            _code_of(partial(_paper_entry, voter, choices, clerk))

    def assist(self, voter: Voter, choices: dict[str, str]) -> None:
        """Mark the paper of somebody present."""
        _code_of(lambda: assist_vote(voter, choices=choices, witness="见证人", by=self.clerks[0]) and "")

    def step_aside(self, voter: Voter, item: Item) -> None:
        """Recuse a voter."""
        if not _code_of(lambda: recuse(item, voter, by=COMMAND_LINE) and ""):
            self.stepped_aside.append((item.pk, voter.pk))

    def close(self) -> None:
        """Close."""
        close_ballot(Ballot.objects.get(pk=self.ballot.pk), by=COMMAND_LINE)
        self.closed_at.append(time.monotonic())


@pytest.mark.parametrize("seed", range(4))
def test_any_interleaving_counts_the_fold_of_the_accepted(servers: list[ServerApart], seed: int) -> None:
    walk = Walk(servers, seed)
    acts = [walk.act() for _act in range(50)]
    acts[35:35] = [walk.close, walk.close]

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(in_thread, act) for act in acts]:
            done.result(120)

    _check(Ballot.objects.get(pk=walk.ballot.pk), walk.told, set(walk.stepped_aside), min(walk.closed_at))


def _check(closed: Ballot, told: list[Told], stepped_aside: set[tuple[int, int]], closed_at: float) -> None:
    accepted = [one for one in told if not one.code]
    hashes = Counter(CastRequest.objects.filter(voter__ballot=closed).values_list("voter_id", "request_hash"))
    rows = {(v.item_id, v.voter_id): v for v in Vote.objects.filter(item__ballot=closed).select_related("voter")}
    assert {one.code for one in told} <= {"", "already_voted", "closed", "recused"}
    assert [n for n in hashes.values() if n > 1] == []
    assert [one for one in accepted if hashes[one.voter, request_hash(one.voter, one.request)] != 1] == []
    assert [one for one in told if one.sent_at > closed_at and one.code not in {"closed", "recused"}] == []
    assert not stepped_aside & set(rows)
    assert set(Recusal.objects.filter(item__ballot=closed).values_list("item_id", "voter_id")) == stepped_aside
    for one in accepted:
        for item, choice in one.choices.items():
            row = rows[int(item), one.voter]
            mine = row.channel in {"live", "web"} and row.choice == choice
            later = [o for o in accepted if o is not one and o.voter == one.voter and o.answered_at > one.sent_at]
            replaced = closed.revisable and any(o.choices.get(item) == row.choice for o in later)
            assert mine or replaced or row.channel == "assisted" or (closed.revisable and row.channel == "paper")
    assert closed.result is not None
    assert closed.result["counters_matched"] is True
    for counted in closed.result["items"]:
        fold = Counter(row.choice for (item, _voter), row in rows.items() if item == int(counted["id"]))
        assert {k: c["votes"] for k, c in counted["counts"].items() if c["votes"]} == dict(fold)
    assert closed.cast == len({voter for _item, voter in rows})
