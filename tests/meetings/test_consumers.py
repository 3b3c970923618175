"""The meeting's socket against a real server: whole state, news, its ballots, votes through it, strangers."""

import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from community.models import User
from core.realtime import topics
from core.realtime.hub import Hub, alive
from meetings import live, tickets
from meetings.models import Meeting
from meetings.operations import (
    close_agenda_ballot,
    give_floor,
    open_agenda_ballot,
    propose_motion,
    request_speech,
    second_motion,
    sign_out,
)
from meetings.queries.live import meeting_state
from tests.live import Phone, server_here
from tests.meetings.makers import Place, attendance_of, make_place, make_user, opened
from voting.models import Vote

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_profiles,
]


@pytest.fixture
def host() -> Iterator[str]:
    with server_here() as host:
        yield host


@pytest.fixture
def place() -> Place:
    return make_place()


def _session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@contextmanager
def screen(host: str, meeting: Any, user: User | None = None, ticket: str = "") -> Iterator[Phone]:
    query = f"?ticket={ticket}" if ticket else ""
    headers = {"Cookie": f"sessionid={_session(user)}"} if user is not None else {}
    address = f"ws://{host}/ws/meetings/{getattr(meeting, 'pk', meeting)}/{query}"
    with connect(address, additional_headers=headers) as link:
        yield Phone(link)


def _closed_with(host: str, meeting: Any, user: User | None = None, ticket: str = "") -> int:
    with screen(host, meeting, user, ticket) as phone, pytest.raises(ConnectionClosed) as closed:
        phone.next()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_the_first_message_is_the_whole_state(host: str, place: Place) -> None:
    meeting = opened(place)

    with screen(host, meeting, place.members[0]) as phone:
        state = phone.next()

    expected = meeting_state(Meeting.objects.select_related("community", "chair").get(pk=meeting.pk))
    assert state == json.loads(json.dumps(expected))
    assert state["type"] == "meeting.state"
    assert state["attendance"]["present"] == 6
    assert "赵铁柱" not in json.dumps(state, ensure_ascii=False)


def test_strangers_and_unknown_meetings_are_turned_away_alike(host: str, place: Place) -> None:
    meeting = opened(place)

    assert _closed_with(host, meeting) == 4404
    assert _closed_with(host, meeting, make_user("stranger", "外人甲")) == 4404
    assert _closed_with(host, meeting, ticket="forged:x:y") == 4404
    assert _closed_with(host, meeting, ticket=tickets.mint(meeting.pk + 1)) == 4404
    assert _closed_with(host, meeting.pk + 1, place.members[0]) == 4404
    assert _closed_with(host, "x", place.members[0]) == 4404
    assert _closed_with(host, "9" * 30, place.members[0]) == 4404


def test_news_of_the_room_reaches_every_screen(host: str, place: Place) -> None:
    meeting = opened(place)
    at = meeting.starts_at
    with screen(host, meeting, ticket=tickets.mint(meeting.pk)) as hall, screen(host, meeting, place.members[1]) as own:
        hall.next()
        own.next()

        request_speech(meeting=meeting, stance="against", by=place.members[0], now=at)
        speakers = [phone.next("speakers") for phone in (hall, own)]
        give_floor(meeting=meeting, by=place.facilitator)
        timer = hall.next("timer")
        sign_out(meeting=meeting, attendance=attendance_of(meeting, place.members[4]), by=place.grid_worker)
        attendance = hall.next("attendance")

    assert [s["waiting"][0]["name"] for s in speakers] == ["赵**", "赵**"]
    assert (timer["timer"]["limit"], timer["timer"]["warning"], timer["timer"]["stance"]) == (180, 30, "against")
    assert (attendance["due"], attendance["present"]) == (6, 5)


def test_the_stream_carries_a_ballot_opened_later_and_takes_votes(host: str, place: Place) -> None:
    meeting = opened(place)
    motion = propose_motion(meeting=meeting, text="同意加装电梯。", by=place.members[0])
    second_motion(motion=motion, by=place.members[1])
    with screen(host, meeting, place.members[2]) as own, screen(host, meeting, ticket=tickets.mint(meeting.pk)) as hall:
        own.next()
        hall.next()

        ballot = open_agenda_ballot(item=motion.item, by=place.facilitator).ballot
        item = str(ballot.items.get().pk)
        states = [phone.next("ballot.state") for phone in (own, hall)]
        accepted = own.cast({item: "for"})
        watching = hall.cast({item: "for"})
        unknown = own.cast({"999999": "for"})
        close_agenda_ballot(ballot=ballot, by=place.facilitator)
        phase = hall.next("ballot.phase")

    assert [s["ballot"] for s in states] == [str(ballot.pk)] * 2
    assert states[0]["phase"] == "open"
    assert accepted["type"] == "vote.accepted"
    assert (watching["type"], watching["code"]) == ("vote.refused", "not_eligible")
    assert (unknown["type"], unknown["code"]) == ("vote.refused", "invalid_choice")
    assert list(Vote.objects.values_list("voter__user", "choice")) == [(place.members[2].pk, "for")]
    assert (phase["phase"], phase["turnout"]) == ("closed", {"cast": 1, "eligible": 6})


def test_a_page_left_open_votes_no_more_once_its_session_signed_out(host: str, place: Place) -> None:
    meeting = opened(place)
    with screen(host, meeting, place.members[2]) as own:
        own.next()
        ballot = open_agenda_ballot(item=meeting.agenda.get(status="current"), by=place.facilitator).ballot
        item = str(ballot.items.get().pk)
        own.next("ballot.state")
        accepted = own.cast({item: "against"})
        Session.objects.all().delete()  # what signing out does to this one
        refused = own.cast({item: "for"})

    assert accepted["type"] == "vote.accepted"
    assert (refused["code"], refused["message"]) == ("not_eligible", "这一页的登录已经结束，请刷新页面后再投票。")
    assert list(Vote.objects.values_list("choice", flat=True)) == ["against"]


def test_who_connects_during_a_vote_gets_it_with_their_own_vote(host: str, place: Place) -> None:
    meeting = opened(place)
    ballot = open_agenda_ballot(item=meeting.agenda.get(status="current"), by=place.facilitator).ballot
    item = str(ballot.items.get().pk)
    with screen(host, meeting, place.members[2]) as own:
        own.next("ballot.state")
        own.cast({item: "against"})

    with screen(host, meeting, place.members[2]) as again:
        first, second = again.next(), again.next()

    assert (first["type"], second["type"]) == ("meeting.state", "ballot.state")
    assert second["mine"]["choices"] == {item: "against"}


def test_a_ballot_opened_while_the_state_was_read_is_carried_too(
    host: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = opened(place)
    read, was_read, may_go_on = live.reader._work, threading.Event(), threading.Event()

    def read_and_wait(openings: Sequence[live.Opening]) -> Sequence[live.Opened]:
        found = read(openings)
        was_read.set()
        assert may_go_on.wait(10)
        return found

    with screen(host, meeting, place.members[1]) as early:
        early.next()
        monkeypatch.setattr(live.reader, "_work", read_and_wait)
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(_first_ballot, host, meeting, place.members[0])
            assert was_read.wait(10)
            ballot = open_agenda_ballot(item=meeting.agenda.get(status="current"), by=place.facilitator).ballot
            early.next("ballot.state")
            may_go_on.set()

            assert late.result(10) == str(ballot.pk)


def test_the_first_to_come_hears_of_a_ballot_opened_while_the_state_was_read(
    host: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = opened(place)
    read, was_read, may_go_on = live.reader._work, threading.Event(), threading.Event()

    def read_and_wait(openings: Sequence[live.Opening]) -> Sequence[live.Opened]:
        found = read(openings)
        was_read.set()
        assert may_go_on.wait(10)
        return found

    monkeypatch.setattr(live.reader, "_work", read_and_wait)
    with ThreadPoolExecutor(1) as pool:
        only = pool.submit(_first_ballot, host, meeting, place.members[0])
        assert was_read.wait(10)
        ballot = open_agenda_ballot(item=meeting.agenda.get(status="current"), by=place.facilitator).ballot
        while not any(_has_told(here, meeting) for here in alive()):
            was_read.wait(0.01)
        may_go_on.set()

        assert only.result(10) == str(ballot.pk)


def _has_told(here: Hub, meeting: Meeting) -> bool:
    """Return whether all the news of a ballot that was opened went out to the screens of its meeting."""
    known = here._topics.get(topics.meeting(meeting.pk))
    return known is not None and known.timer is None and known.latest.keys() >= {"agenda", "motion", "speakers"}


def _first_ballot(host: str, meeting: Meeting, user: User) -> str:
    with screen(host, meeting, user) as phone:
        return str(phone.next("ballot.state")["ballot"])


@pytest.mark.parametrize("away", [live.Opened(is_lost=True), None], ids=["database", "full"])
def test_who_cannot_be_told_now_is_asked_to_come_back(
    host: str, place: Place, monkeypatch: pytest.MonkeyPatch, away: live.Opened | None
) -> None:
    meeting = opened(place)
    if away is None:
        monkeypatch.setattr(live.reader, "_room", 0)
    else:
        monkeypatch.setattr(live.reader, "_work", lambda openings: [away for _opening in openings])

    assert _closed_with(host, meeting, place.members[0]) == 1013


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "bad_json"),
        ('{"type":"nonsense"}', "unknown_type"),
        ('{"type":"vote.cast","request":"票","choices":{}}', "bad_message"),
        (
            json.dumps({"type": "vote.cast", "request": str(uuid.UUID(int=1)), "choices": {"1": "for"}, "x": 1}),
            "bad_message",
        ),
        ("x" * 17_000, "too_large"),
        (b"\x00", "not_text"),
    ],
)
def test_broken_frames_get_an_error_and_then_a_close(host: str, place: Place, frame: str | bytes, code: str) -> None:
    meeting = opened(place)
    with screen(host, meeting, place.members[0]) as phone:
        phone.next()
        for _strike in range(5):
            phone.send(frame)
            assert phone.next("error")["code"] == code
        with pytest.raises(ConnectionClosed):
            phone.next()
