"""The ballot socket against a real server: state, votes, news, refusals, broken frames, strangers."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from core.actors import COMMAND_LINE
from tests.live import a_ballot, item_of, phone, server_here, voters_of
from voting import tickets
from voting.live import limits
from voting.live.reader import reader
from voting.models import Ballot, CastRequest, Vote
from voting.operations import close_ballot, open_ballot
from voting.queries import ballot_state

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]


@pytest.fixture(scope="module")
def host(django_db_setup: None) -> Iterator[str]:
    with server_here() as host:
        yield host


@pytest.fixture
def ballot() -> Ballot:
    return a_ballot()


def close_code(error: ConnectionClosed) -> int:
    assert error.rcvd is not None
    return error.rcvd.code


def test_a_stranger_sees_the_state_and_may_not_vote(host: str, ballot: Ballot) -> None:
    with phone(host, ballot) as screen:
        state = screen.next()
        answer = screen.cast({item_of(ballot): "for"}, "0b8f6a52-0000-4000-8000-000000000001")

    assert state == {**ballot_state(ballot.pk), "mine": None}
    assert answer["type"] == "vote.refused"
    assert answer["code"] == "not_eligible"
    assert answer["request"] == "0b8f6a52-0000-4000-8000-000000000001"


def test_a_vote_is_stored_before_it_is_answered_and_everybody_sees_it(host: str, ballot: Ballot) -> None:
    voter, item = voters_of(ballot)[0], item_of(ballot)
    with phone(host, ballot) as screen, phone(host, ballot, voter) as own:
        assert own.next()["mine"] == {"voter": str(voter.pk), "choices": {}}
        screen.next()

        answer = own.cast({item: "for"})

        assert answer["type"] == "vote.accepted"
        assert list(Vote.objects.values_list("voter_id", "choice")) == [(voter.pk, "for")]
        news = screen.next("ballot.tally")
    assert news["ballot"] == str(ballot.pk)
    assert news["turnout"] == {"cast": 1, "eligible": 3}
    assert news["tally"][item]["for"] == {"heads": 1, "area": "88.40", "votes": 1}
    with phone(host, ballot, voter) as again:
        assert again.next()["mine"] == {"voter": str(voter.pk), "choices": {item: "for"}}


def test_the_same_request_gets_the_same_answer_and_changes_nothing(host: str, ballot: Ballot) -> None:
    voter, item, request = voters_of(ballot)[0], item_of(ballot), str(uuid.uuid4())
    with phone(host, ballot, voter) as one, phone(host, ballot, voter) as other:
        first = one.cast({item: "for"}, request)
        second = other.cast({item: "for"}, request)
        third = other.cast({item: "against"})

    assert first == second
    assert third["code"] == "already_voted"
    assert Vote.objects.count() == CastRequest.objects.count() == 1


def test_refusals_have_their_codes(host: str) -> None:
    draft, closed = a_ballot(is_open=False), a_ballot()
    close_ballot(closed, by=COMMAND_LINE)
    running = a_ballot()
    mine, yours = voters_of(running)[:2]

    def answer(ballot: Ballot, voter: Any, choices: dict[str, Any], **more: Any) -> str:
        with phone(host, ballot, voter) as own:
            return str(own.cast(choices, **more)["code"])

    assert answer(draft, voters_of(draft)[0], {item_of(draft): "for"}) == "not_open"
    assert answer(closed, voters_of(closed)[0], {item_of(closed): "for"}) == "closed"
    assert answer(running, mine, {item_of(running): "maybe"}) == "invalid_choice"
    assert answer(running, mine, {item_of(running): 5}) == "invalid_choice"
    assert answer(running, mine, {item_of(draft): "for"}) == "invalid_choice"
    assert answer(running, mine, {item_of(running): "for"}, on_behalf_of=str(yours.pk)) == "proxy_not_allowed"
    assert not Vote.objects.exists()


def test_too_many_votes_of_one_voter_are_throttled(host: str, ballot: Ballot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "casts", limits.Allowance(burst=2, per_second=0.001))
    with phone(host, ballot, voters_of(ballot)[0]) as own:
        codes = [own.cast({item_of(ballot): "nonsense"})["code"] for _cast in range(3)]

    assert codes == ["invalid_choice", "invalid_choice", "throttled"]


def test_opening_closing_and_a_command_in_another_process_reach_the_screens(host: str) -> None:
    ballot = a_ballot(is_open=False)
    with phone(host, ballot) as screen:
        before = screen.next()
        open_ballot(ballot, by=COMMAND_LINE)
        opened = screen.next("ballot.phase")
        # What another process did is found in the database: nothing in this one announced it.
        Ballot.objects.filter(pk=ballot.pk).update(version=opened["version"] + 5)
        found = screen.next("ballot.phase")
        close_ballot(ballot, by=COMMAND_LINE)
        closed = screen.next("ballot.phase")

    assert [before["phase"], opened["phase"], found["phase"], closed["phase"]] == ["draft", "open", "open", "closed"]
    versions = [before["version"], opened["version"], found["version"], closed["version"]]
    assert versions == sorted(set(versions))
    assert closed["tally"] == {item_of(ballot): {k: {"heads": 0, "area": "0.00", "votes": 0} for k in OPTIONS}}


OPTIONS = ("for", "against", "abstain")


def test_a_secret_ballot_hides_counts_and_remembers_only_that_one_voted(host: str) -> None:
    ballot = a_ballot(kind="secret", rule="residents_meeting", voters=12)
    voter, item = voters_of(ballot)[0], item_of(ballot)
    with phone(host, ballot, voter) as own:
        assert own.next()["mine"] is None
        assert own.cast({item: "against"})["type"] == "vote.accepted"
    with phone(host, ballot, voter) as again:
        state = again.next()

    assert state["mine"] == {"cast": True}
    assert state["tally"] is None
    assert state["turnout"] == {"cast": 1, "eligible": 12}


@pytest.mark.parametrize("address", ["999999", "0", "x", "1.5", "9" * 40, "%20", "-1", "１"])
def test_an_unknown_ballot_is_closed_with_4404(host: str, address: str) -> None:
    with connect(f"ws://{host}/ws/ballots/{address}/") as link, pytest.raises(ConnectionClosed) as closed:
        link.recv(timeout=10)

    assert close_code(closed.value) == 4404


def test_an_address_nobody_serves_is_closed_with_4404(host: str) -> None:
    with connect(f"ws://{host}/ws/nothing/") as link, pytest.raises(ConnectionClosed) as closed:
        link.recv(timeout=10)

    assert close_code(closed.value) == 4404


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://[", "x"])
def test_a_foreign_origin_is_refused(host: str, ballot: Ballot, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, phone(host, ballot, origin=origin):
        pass

    assert refused.value.response.status_code == 403


def test_our_own_origin_is_accepted(host: str, ballot: Ballot) -> None:
    with phone(host, ballot, origin=f"http://{host}") as screen:
        assert screen.next()["type"] == "ballot.state"


def test_a_session_with_a_voting_code_may_vote(host: str, ballot: Ballot) -> None:
    voter = voters_of(ballot)[1]
    session = SessionStore()
    session["voters"] = {str(ballot.pk): voter.pk}
    session.save()

    with phone(host, ballot, additional_headers={"Cookie": f"sessionid={session.session_key}"}) as own:
        mine = own.next()["mine"]
        answer = own.cast({item_of(ballot): "abstain"})

    assert mine == {"voter": str(voter.pk), "choices": {}}
    assert answer["type"] == "vote.accepted"


def test_an_open_socket_votes_no_more_once_its_session_signed_out(host: str, ballot: Ballot) -> None:
    voter = voters_of(ballot)[1]
    session = SessionStore()
    session["voters"] = {str(ballot.pk): voter.pk}
    session.save()
    browser = Client()
    browser.cookies["sessionid"] = str(session.session_key)

    with phone(host, ballot, additional_headers={"Cookie": f"sessionid={session.session_key}"}) as own:
        own.next()
        left = browser.delete("/api/v1/session")
        answer = own.cast({item_of(ballot): "for"})

    assert left.status_code == 204
    assert (answer["type"], answer["code"]) == ("vote.refused", "not_eligible")
    assert answer["message"] == "这一页的登录已经结束，请刷新页面后再投票。"
    assert not Vote.objects.filter(item__ballot=ballot).exists()


def test_tickets_that_are_forged_old_or_of_another_ballot_are_refused(host: str, ballot: Ballot) -> None:
    other = a_ballot()
    with time_machine.travel("2026-11-01", tick=True):
        old, _expires = tickets.mint(ballot.pk, voters_of(ballot)[0].pk)
    bad = ["nonsense", old, tickets.mint(other.pk, voters_of(other)[0].pk)[0], "a:b:c", "%00"]

    codes = []
    for ticket in bad:
        with (
            connect(f"ws://{host}/ws/ballots/{ballot.pk}/?ticket={ticket}") as link,
            pytest.raises(ConnectionClosed) as closed,
        ):
            link.recv(timeout=10)
        codes.append(close_code(closed.value))

    assert codes == [4401] * len(bad)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "bad_json"),
        ("{", "bad_json"),
        ("[1]", "bad_message"),
        ("null", "bad_message"),
        ('{"type":"hello"}', "unknown_type"),
        ("{}", "bad_message"),
        ('{"type":"vote.cast"}', "bad_message"),
        ('{"type":"vote.cast","request":"r r","choices":{"1":"for"}}', "bad_message"),
        ('{"type":"vote.cast","request":"12345678","choices":{"1":"for"},"extra":1}', "bad_message"),
        (b"\x00\x01", "not_text"),
        (" " * (16 * 1024 + 1), "too_large"),
        ("票" * 6000, "too_large"),
        ("[" * 8000, "bad_message"),
        ('{"type":"vote.cast","choices":{"1":' + "[" * 8000, "bad_message"),
    ],
)
def test_a_broken_frame_is_answered_and_the_socket_stays(
    host: str, ballot: Ballot, frame: str | bytes, code: str
) -> None:
    with phone(host, ballot, voters_of(ballot)[0]) as own:
        own.next()
        own.send(frame)

        assert own.next("error")["code"] == code
        assert own.cast({item_of(ballot): "for"})["type"] == "vote.accepted"


def test_text_that_is_not_utf8_closes_the_socket_without_a_word_in_the_log(
    host: str, ballot: Ballot, caplog: pytest.LogCaptureFixture
) -> None:
    with phone(host, ballot) as own:
        own.next()
        own.link.send(b"\xff\xfe", text=True)
        with pytest.raises(ConnectionClosed) as closed:
            own.next("error")

    assert close_code(closed.value) == 1007
    assert not caplog.records


def test_five_broken_frames_close_the_socket(host: str, ballot: Ballot) -> None:
    with phone(host, ballot) as screen:
        screen.next()
        for _frame in range(5):
            screen.send("nonsense")
        codes = [screen.next("error")["code"] for _error in range(5)]
        with pytest.raises(ConnectionClosed) as closed:
            screen.next("error")

    assert codes == ["bad_json"] * 5
    assert close_code(closed.value) == 4400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FRAMES = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200),
    JSON,
    st.fixed_dictionaries(
        {"type": st.sampled_from(["vote.cast", "ballot.state", "x"])},
        optional={"request": JSON | st.uuids().map(str), "choices": JSON, "on_behalf_of": JSON, "x": JSON},
    ),
)


def test_no_frame_whatever_breaks_the_server(
    host: str, ballot: Ballot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "casts", limits.Allowance(burst=10_000))
    voter = voters_of(ballot)[0]

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(frame=FRAMES)
    def fuzz(frame: Any) -> None:
        with phone(host, ballot, voter) as own:
            own.next()
            own.send(frame)
            assert own.next()["type"] in {"error", "vote.refused"}

    fuzz()

    assert not Vote.objects.exists()
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


def test_one_voter_may_open_only_so_many_sockets(host: str, ballot: Ballot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SOCKETS_PER_VOTER", 1)
    voter = voters_of(ballot)[0]
    with phone(host, ballot, voter) as first:
        first.next()
        with phone(host, ballot, voter) as second, pytest.raises(ConnectionClosed) as closed:
            second.next()

    assert close_code(closed.value) == 4429


def test_who_cannot_be_told_now_is_asked_to_come_back(
    host: str, ballot: Ballot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_room", 0)

    with phone(host, ballot) as screen, pytest.raises(ConnectionClosed) as closed:
        screen.next()

    assert close_code(closed.value) == 1013
