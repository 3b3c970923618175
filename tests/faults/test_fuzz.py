"""Whatever bytes a socket sends: no traceback, no hang, no memory that stays taken."""

import json
import os
import random
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.live_client import frame
from tests.live import ServerApart, a_ballot, item_of, phone, voters_of
from voting import tickets
from voting.models import Ballot, Vote

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]
PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 30.0  # seconds until a server that says nothing is said to hang
GOODBYE = frame(struct.pack("!H", 1000), 8)
UPGRADE = [
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
]  # fmt: skip
GROWTH = 8 * 1024 * 1024  # bytes a round may leave behind: allocators keep a little, a leak keeps it all


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: Any) -> Iterator[ServerApart]:
    with django_db_blocker.unblock():
        server = ServerApart()
    yield server
    server.close()


def resident(server: ServerApart) -> int:
    """Return the bytes the server keeps in memory."""
    return int(Path(f"/proc/{server.process.pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE


def asking(server: ServerApart, ballot: Ballot, ticket: str = "") -> tuple[socket.socket, bytes]:
    """Return a raw connection and the handshake to send on it."""
    address, _colon, port = server.host.partition(":")
    link = socket.create_connection((address, int(port)), timeout=PATIENCE)
    return link, (
        f"GET /ws/ballots/{ballot.pk}/?ticket={ticket} HTTP/1.1\r\nHost: {server.host}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )


def handshaken(server: ServerApart, ballot: Ballot, ticket: str = "") -> socket.socket:
    """Return a raw connection after the handshake."""
    link, handshake = asking(server, ballot, ticket)
    link.sendall(handshake)
    assert link.recv(12) == b"HTTP/1.1 101"
    return link


def say(link: socket.socket, *sent: bytes) -> None:
    """Send, and say that no more comes, to a server that may have closed meanwhile."""
    with suppress(ConnectionError):
        for data in sent:
            link.sendall(data)
    with suppress(OSError):  # a line already closed from the other end is "not connected"
        link.shutdown(socket.SHUT_WR)


def drained(link: socket.socket) -> bytes:
    """Read until the server closes; a server that hangs fails by the time limit of the connection."""
    got = b""
    try:
        while data := link.recv(65_536):
            got += data
    except ConnectionError:
        pass
    return got


def is_alive(server: ServerApart, ballot: Ballot) -> bool:
    """Return whether the server shows the ballot to somebody else."""
    with phone(server.host, ballot) as other:
        return bool(other.next()["type"] == "ballot.state")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
votes = st.fixed_dictionaries(
    {"type": st.sampled_from(["vote.cast", "vote.casts", ""]), "request": st.text(max_size=110) | json_values},
    optional={"choices": st.dictionaries(st.text(max_size=22), json_values, max_size=3) | json_values,
              "on_behalf_of": json_values, "more": json_values},
)  # fmt: skip
texts = st.one_of(votes.map(json.dumps), json_values.map(json.dumps), st.text(max_size=200)).map(str.encode)
frames = st.one_of(
    texts.filter(lambda text: len(text) < 60_000).map(frame),
    st.builds(frame, st.binary(max_size=120), st.integers(0, 15)),
    st.binary(max_size=60),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(sent=st.lists(frames, min_size=1, max_size=8))
def test_no_bytes_bring_a_traceback_or_a_hang(server: ServerApart, sent: list[bytes]) -> None:
    ballot = Ballot.objects.first() or a_ballot()
    ticket, _expires = tickets.mint(ballot.pk, voters_of(ballot)[0].pk)

    with handshaken(server, ballot, ticket) as link:
        say(link, *sent, GOODBYE)
        drained(link)

    assert is_alive(server, ballot)
    assert not Vote.objects.exists()
    assert server.logged() == ""


@pytest.mark.parametrize("broken", [frame(b"", 3), frame(b"\xff"), b"\x81\x00", GOODBYE], ids=bytes.hex)
def test_an_answer_owed_to_a_line_that_broke_the_protocol_is_nobodys_mistake(
    server: ServerApart, broken: bytes
) -> None:
    ballot = a_ballot()
    ticket, _expires = tickets.mint(ballot.pk, voters_of(ballot)[0].pk)
    cast = json.dumps({"type": "vote.cast", "request": "r", "choices": {item_of(ballot): "for"}}).encode()

    for _time in range(5):  # the second packet comes while the vote is on its way to the disk
        with handshaken(server, ballot, ticket) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            say(link, frame(cast), broken)
            drained(link)

    assert is_alive(server, ballot)
    assert server.logged() == ""


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(sent=frames | st.just(GOODBYE), at_once=st.booleans())
def test_who_talks_before_the_handshake_is_answered_is_hung_up_on(
    server: ServerApart, sent: bytes, *, at_once: bool
) -> None:
    ballot = Ballot.objects.first() or a_ballot()

    link, handshake = asking(server, ballot)
    with link:
        say(link, *([handshake + sent] if at_once else [handshake, sent]))
        drained(link)

    assert is_alive(server, ballot)
    assert server.logged() == ""


lines = st.sampled_from(
    ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 7",
     "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Key: \u4e2d", "Host: 127.0.0.1", "Origin: http://[",
     "Origin: null", "Cookie: sessionid=\xff; sessionid", "Sec-WebSocket-Protocol: \xe9, ,", "Content-Length: 5"]
) | st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40)  # fmt: skip
paths = st.sampled_from(["/ws/ballots/1/", "/ws/ballots/%ff/", "/ws/meetings/1/?ticket=%00", "/ws/", "*"]) | st.text(
    st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=30
).map("/ws/ballots/".__add__)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(path=paths, headers=st.lists(lines, max_size=8))
def test_no_handshake_brings_a_traceback_or_a_hang(server: ServerApart, path: str, headers: list[str]) -> None:
    ballot = Ballot.objects.first() or a_ballot()
    head = [f"GET {path} HTTP/1.1", *headers, *UPGRADE, "", ""]

    link, _handshake = asking(server, ballot)
    with link:
        say(link, "\r\n".join(head).encode())
        drained(link)

    assert is_alive(server, ballot)
    assert server.logged() == ""


def test_rounds_of_nonsense_leave_no_memory_taken(server: ServerApart) -> None:
    ballot = a_ballot()
    item = item_of(ballot)
    sizes = []
    for turn in range(4):
        dice = random.Random(turn)  # noqa: S311 - a seeded round
        for _socket in range(60):
            with handshaken(server, ballot) as link, suppress(ConnectionError):
                for _frame in range(4):
                    link.sendall(frame(dice.randbytes(dice.randrange(40_000))))
                link.sendall(frame(json.dumps({"type": "vote.cast", "request": "r", "choices": {item: "x"}}).encode()))
        assert is_alive(server, ballot)
        sizes.append(resident(server))

    assert sizes[-1] - sizes[1] < GROWTH


def test_a_flood_of_pings_that_nobody_reads_answers_of_takes_no_memory(server: ServerApart) -> None:
    ballot = a_ballot()
    assert is_alive(server, ballot)
    before = resident(server)
    pings = frame(b"x" * 100, 9) * 1000

    with handshaken(server, ballot) as link:
        link.settimeout(5)
        for _thousand in range(300):  # 30 MB of answers
            link.sendall(pings)
        assert is_alive(server, ballot)
        taken = resident(server) - before

    assert taken < GROWTH
