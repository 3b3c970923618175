"""Our websocket protocol on the wire: what leaves in one write, what does not wait, and how far it reads ahead."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from tests.live import a_ballot, item_of, phone, server_here, voters_of
from voting import consumers
from voting.live.reader import Opened, Opening, reader
from voting.models import Vote

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def host(django_db_setup: None) -> Iterator[str]:
    with server_here() as host:
        yield host


def test_the_answer_to_the_handshake_and_the_state_leave_in_one_write(host: str) -> None:
    ballot = a_ballot()
    name, _colon, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=10) as line:
        line.sendall(
            f"GET /ws/ballots/{ballot.pk}/ HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        got = line.recv(65_536)

    head, _blank, frame = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"Sec-WebSocket-Accept: BACScCJPNqyz+UBoqMH89VmURoA=" in head
    assert frame.startswith(b"\x81\x7e")
    assert frame[4:].startswith(b'{"type":"ballot.state"')


class SlowReader:
    """Asks the real reader when told to."""

    def __init__(self) -> None:
        self.may_go = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def ask(self, opening: Opening) -> Opened:
        self.loop = asyncio.get_running_loop()
        await self.may_go.wait()
        return await reader.ask(opening)

    def answer(self) -> None:
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.may_go.set)


def test_a_handshake_is_answered_although_the_database_is_slow(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ballot = a_ballot()
    slow = SlowReader()
    monkeypatch.setattr(consumers, "reader", slow)

    with phone(host, ballot) as screen:  # entered once the handshake is answered
        slow.answer()
        state = screen.next()

    assert (state["type"], state["ballot"]) == ("ballot.state", str(ballot.pk))


def test_votes_sent_in_one_go_are_answered_in_order(host: str) -> None:
    ballot = a_ballot(revisable=True)
    item = item_of(ballot)
    with phone(host, ballot, voters_of(ballot)[0]) as own:
        own.next()
        for number in range(20):
            own.send({"type": "vote.cast", "request": f"r{number}", "choices": {item: ["for", "against"][number % 2]}})
        answers: list[str] = []
        while len(answers) < 20:
            message = own.next()
            if message["type"] == "vote.accepted":
                answers.append(message["request"])

    assert answers == [f"r{number}" for number in range(20)]
    assert [vote.choice for vote in Vote.objects.all()] == ["against"]
