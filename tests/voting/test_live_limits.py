"""What one voter, one session, one address and one slow phone may take of the live path, with exact numbers."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from core.realtime import announce, hub, topics
from core.realtime import screen as screen_module
from tests.live import Phone, a_ballot, item_of, phone, server_here, voters_of
from voting.live import limits
from voting.live.limits import Allowance, Places
from voting.models import Ballot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]


@pytest.fixture(scope="module")
def host(django_db_setup: None) -> Iterator[str]:
    with server_here() as host:
        yield host


@pytest.fixture
def ballot() -> Ballot:
    return a_ballot()


def close_code(screen: Phone) -> int:
    """Return the code with which the server closes."""
    with pytest.raises(ConnectionClosed) as closed:
        screen.next("what is never sent")
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def wait_until(is_so: Any) -> None:
    for _look in range(1000):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError


def test_an_allowance_is_thirty_at_once_and_five_a_second() -> None:
    allowance = Allowance()

    at_once = [allowance.take("voter", 100.0) for _cast in range(31)]
    later = [allowance.take("voter", moment) for moment in (100.19, 100.2, 100.39, 100.4)]

    assert at_once == [True] * 30 + [False]
    assert later == [False, True, False, True]
    assert allowance.take("another", 100.0) is True


def test_an_allowance_forgets_who_was_longest_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REMEMBERED", 2)
    allowance = Allowance(burst=1, per_second=0)

    taken = [allowance.take(key, 0.0) for key in ("a", "b", "a", "c", "b", "a")]

    assert taken == [True, True, False, True, True, True]  # b, then a gave way to others


def test_places_are_counted_and_given_back() -> None:
    places = Places()

    taken = [places.enter("a", 2), places.enter("a", 2), places.enter("a", 2), places.enter("b", 2)]
    places.leave("a")

    assert taken == [True, True, False, True]
    assert places.enter("a", 2) is True


def test_a_voter_gets_thirty_answers_then_is_throttled(
    host: str, ballot: Ballot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "casts", Allowance(per_second=0))
    with phone(host, ballot, voters_of(ballot)[0]) as own, phone(host, ballot, voters_of(ballot)[0]) as other_tab:
        codes = [own.cast({item_of(ballot): "nonsense"})["code"] for _cast in range(29)]
        codes += [other_tab.cast({item_of(ballot): "nonsense"})["code"] for _cast in range(2)]

    assert codes == ["invalid_choice"] * 30 + ["throttled"]


def test_strangers_are_throttled_each_socket_for_itself(
    host: str, ballot: Ballot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "casts", Allowance(burst=2, per_second=0))
    with phone(host, ballot) as one, phone(host, ballot) as other:
        codes = [one.cast({item_of(ballot): "for"})["code"] for _cast in range(3)]
        codes.append(other.cast({item_of(ballot): "for"})["code"])

    assert codes == ["not_eligible", "not_eligible", "throttled", "not_eligible"]


def test_a_session_opens_twelve_sockets_and_gets_a_place_back(host: str, ballot: Ballot) -> None:
    session = SessionStore()
    session.create()
    key = ("session", session.session_key)
    tab = partial(phone, host, ballot, additional_headers={"Cookie": f"sessionid={session.session_key}"})
    with ExitStack() as stack:
        states = [stack.enter_context(tab()).next()["type"] for _tab in range(11)]
        with tab() as twelfth:
            states.append(twelfth.next()["type"])
            with tab() as thirteenth, phone(host, ballot) as without_session:
                refused, seen = close_code(thirteenth), without_session.next()["type"]
        wait_until(lambda: limits.sockets._taken[key] == 11)
        again = stack.enter_context(tab()).next()["type"]

    assert states == ["ballot.state"] * limits.SOCKETS_PER_SESSION
    assert refused == 4429
    assert (seen, again) == ("ballot.state", "ballot.state")


@pytest.mark.parametrize("path", ["ballots/{}", "meetings/1"])
def test_an_address_has_its_limit_on_every_live_socket(
    host: str, ballot: Ballot, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(limits, "address_of", lambda _scope: "192.0.2.7")
    monkeypatch.setattr(limits, "SOCKETS_PER_ADDRESS", 1)
    with phone(host, ballot) as first:
        first.next()
        with connect(f"ws://{host}/ws/{path.format(ballot.pk)}/") as line:
            code = close_code(Phone(line))

    assert code == 4429


def test_the_address_of_this_machine_has_no_limit() -> None:
    clients: list[Any] = [None, ("127.0.0.1", 5), ("::1", 5), ("192.0.2.7", 5)]

    assert [limits.address_of({"client": client}) for client in clients] == [None, None, None, "192.0.2.7"]


def test_a_frame_of_256_kib_is_answered_and_a_larger_one_closes(host: str, ballot: Ballot) -> None:
    with phone(host, ballot) as screen:
        screen.next()
        screen.send(" " * 256 * 1024)
        answer = screen.next("error")["code"]
        screen.send(" " * (256 * 1024 + 1))
        code = close_code(screen)

    assert (answer, code) == ("too_large", 1009)


def test_five_broken_frames_close(host: str, ballot: Ballot) -> None:
    with phone(host, ballot) as screen:
        screen.next()
        for _frame in range(5):
            screen.send("{")
        answers = [screen.next("error")["code"] for _frame in range(5)]
        code = close_code(screen)

    assert (answers, code) == (["bad_json"] * 5, 4400)


def test_a_phone_that_reads_nothing_is_cut_off_and_the_others_see_everything(
    host: str, ballot: Ballot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_module, "SLOW_SECONDS", 0.2)
    topic, pad = topics.ballot(ballot.pk), "x" * 4_000_000  # more than the kernel takes for one line
    here = hub.alive()[-1]
    name, _colon, port = host.partition(":")
    with phone(host, ballot, max_size=None) as reading, socket.create_connection((name, int(port)), 10) as slow:
        slow.sendall(
            f"GET /ws/ballots/{ballot.pk}/ HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        state = reading.next()
        wait_until(lambda: len(here._topics[topic].screens) == 2)
        for version in range(state["version"] + 1, state["version"] + 4):
            announce(topic, "tally", version, {"type": "ballot.tally", "version": version, "pad": pad})
            while reading.next()["version"] < version:
                pass
        wait_until(lambda: len(here._topics[topic].screens) == 1)
        got = b""
        while part := slow.recv(1 << 20):
            got += part

    assert got.endswith(b"\x88\x02" + (4008).to_bytes(2, "big"))
    assert got.count(b'"type":"ballot.tally"') == 1  # the one that was on its way; what waited is not worth sending
    assert json.dumps(pad)[1:-1].encode() in got
