"""What a screen is shown first: the voter's own votes, found without reading the votes of everybody else."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.live import a_ballot, item_of, voters_of
from voting.live.reader import own_votes
from voting.operations import CastIntent, cast_votes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]


def test_own_votes_of_named_and_secret_ballots_come_in_three_queries() -> None:
    named, other, secret = a_ballot(), a_ballot(), a_ballot(kind="secret")
    mine, idle, _third = voters_of(named)
    theirs = voters_of(other)[0]
    hidden, unseen, _third = voters_of(secret)
    cast_votes(
        [
            CastIntent(ballot.pk, voter.pk, str(uuid.uuid4()), {item_of(ballot): choice})
            for ballot, voter, choice in [(named, mine, "for"), (other, theirs, "against"), (secret, hidden, "for")]
        ]
    )

    with CaptureQueriesContext(connection) as queries:
        shown = own_votes([mine.pk, idle.pk, theirs.pk, hidden.pk, unseen.pk])

    assert shown == {
        (named.pk, mine.pk): {"voter": str(mine.pk), "choices": {item_of(named): "for"}},
        (named.pk, idle.pk): {"voter": str(idle.pk), "choices": {}},
        (other.pk, theirs.pk): {"voter": str(theirs.pk), "choices": {item_of(other): "against"}},
        (secret.pk, hidden.pk): {"cast": True},
    }
    assert len(queries) == 3


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
def test_opening_a_screen_reads_no_table_through() -> None:
    ballot = a_ballot()
    with CaptureQueriesContext(connection) as queries:
        own_votes([voter.pk for voter in voters_of(ballot)])

    with connection.cursor() as cursor:
        plans = [
            step[3]
            for query in queries.captured_queries
            if query["sql"].startswith("SELECT")
            for step in cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}", None).fetchall()
        ]

    assert [plan for plan in plans if plan.startswith("SCAN") and "json_each" not in plan] == []
