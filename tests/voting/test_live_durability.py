"""What was acknowledged is on disk: kill -9 in the middle of a burst, start again, send everything again."""

import threading
import uuid

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from core.actors import COMMAND_LINE
from tests.live import a_ballot, item_of, phone, server_apart, voters_of
from voting.models import Ballot, Vote
from voting.operations import close_ballot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles, pytest.mark.chaos]
VOTERS = 60
KILLED_AFTER = 20


def test_an_acknowledged_vote_survives_kill_9_and_none_counts_twice() -> None:
    ballot = a_ballot(VOTERS)
    item = item_of(ballot)
    requests = {voter: str(uuid.uuid4()) for voter in voters_of(ballot)}
    acked: dict[str, str] = {}
    enough = threading.Event()

    def vote(host: str, voter: object, request: str) -> None:
        try:
            with phone(host, ballot, voter) as own:  # type: ignore[arg-type] # voters of this ballot
                answer = own.cast({item: "for"}, request)
                assert answer["type"] == "vote.accepted"
                acked[request] = answer["receipt"]
                if len(acked) >= KILLED_AFTER:
                    enough.set()
        except (ConnectionClosed, InvalidHandshake, InvalidMessage, OSError):
            return  # the server was killed under us

    with server_apart() as (host, process):
        threads = [threading.Thread(target=vote, args=(host, *pair)) for pair in requests.items()]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        process.kill()
        for thread in threads:
            thread.join(30)
    before = dict(acked)
    stored = Vote.objects.filter(item__ballot=ballot).count()
    with server_apart() as (host, _process):
        for voter, request in requests.items():
            vote(host, voter, request)

    assert len(before) <= stored <= VOTERS
    assert {request: acked[request] for request in before} == before
    assert len(acked) == VOTERS
    closed = close_ballot(Ballot.objects.get(pk=ballot.pk), by=COMMAND_LINE)
    assert closed.cast == VOTERS
    assert closed.result is not None
    assert closed.result["items"][0]["counts"]["for"]["heads"] == VOTERS


def test_the_server_commits_what_is_queued_and_leaves_in_order() -> None:
    ballot = a_ballot(1)
    with server_apart() as (host, process):
        with phone(host, ballot, voters_of(ballot)[0]) as own:
            answer = own.cast({item_of(ballot): "for"})
            process.terminate()
            with pytest.raises(ConnectionClosed) as closed:
                own.next("nothing more")
        code = process.wait(20)

    assert answer["type"] == "vote.accepted"
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert code == 0
