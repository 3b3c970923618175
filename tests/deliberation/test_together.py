"""Two people at once: one move counts, the other is told what changed."""

import threading

import pytest
from django.db import connection

from core import ledger
from core.errors import Refused
from deliberation import operations
from deliberation.models import Proposal
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]


def test_of_two_simultaneous_moves_one_counts_and_the_other_is_told() -> None:
    world = World()
    proposal = world.walk_to(Status.SUBMITTED)
    world.screen()
    seen = world.p.version
    start = threading.Barrier(2)
    told: list[str] = []

    def move(number: int) -> None:
        start.wait(timeout=30)
        try:
            if number:
                operations.accept_proposal(proposal, by=world.secretary, expected_version=seen)
            else:
                operations.reject_proposal(
                    proposal, by=world.director, reason_code="out_of_scope", expected_version=seen
                )
        except Refused as refused:
            told.append(refused.reason_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    moved = Proposal.objects.get(pk=proposal.pk)
    assert told == ["stale"]
    assert moved.status in {Status.ACCEPTED, Status.REJECTED}
    assert [e.act for e in ledger.entries_about(moved) if e.act in {"accept", "reject"}] == [
        "accept" if moved.status == Status.ACCEPTED else "reject"
    ]
    assert ledger.first_break() is None
