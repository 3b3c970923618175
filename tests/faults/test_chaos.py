"""Every fault, several times with other seeds: no acknowledged vote is lost, none counts twice, all screens agree.

`CHAOS_SEEDS` says how many seeds (3; `make chaos` runs 20), `CHAOS_CROWD` how many screens come back after the first
restart (300; `make chaos`: 5,000). After `CHAOS_SECONDS` no further run begins: every fault has had as many by then.
Run without workers: the tests stop the very PostgreSQL and Redis they stand on.
"""

import os
import random
import time
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from core.actors import COMMAND_LINE
from tests.faults.audit import Tally, audit
from tests.faults.crowd import PATIENCE, Crowd
from tests.faults.faults import CLOSING, FAULTS, Fault, disk_full, restart_with_everybody_coming_back
from tests.faults.field import Field
from tests.live import a_ballot, item_of, voters_of
from tests.servers import SCALE_OUT, own
from voting.models import Ballot
from voting.operations import close_ballot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles, pytest.mark.chaos]
SEEDS = int(os.environ.get("CHAOS_SEEDS", "3"))
RETURNING = int(os.environ.get("CHAOS_CROWD", "300"))
VOTERS, SCREENS, MANY = 40, 10, 300
BURST = 0.5  # seconds
UNTIL = time.monotonic() + float(os.environ.get("CHAOS_SECONDS", "inf"))


@pytest.fixture(scope="module")
def field(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Field]:
    """Return the field of all seeds: what one fault left behind in the servers, the next one meets."""
    if SCALE_OUT and not own:
        pytest.skip("the database was given (DATABASE_URL) or belongs to several workers: it is not ours to stop")
    with django_db_blocker.unblock():
        field = Field()
        yield field
        field.leave()
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def _django_db_helper(field: Field) -> None:
    """Empty no table after a run, in place of pytest-django's own: each run has a ballot of its own."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_acknowledged_vote_is_lost(field: Field, fault: Fault, seed: int, tally_of: Tally) -> None:
    if time.monotonic() > UNTIL:
        pytest.skip("the time for all runs is over (CHAOS_SECONDS)")
    dice = random.Random(f"{fault.__name__}-{seed}")  # noqa: S311 - a seeded fault
    field.seed = seed
    voters = 150 if fault is disk_full else VOTERS  # enough to need new pages
    screens = SCREENS
    if fault is restart_with_everybody_coming_back:
        screens = RETURNING if seed == 0 else MANY
    ballot = a_ballot(voters, revisable=fault.__name__.startswith("twice"))

    with Crowd(ballot, item_of(ballot), field.hosts, dice, voters_of(ballot), screens) as crowd:
        try:
            if fault.__name__.startswith(("twice", "client")):
                fault(field, crowd)
                crowd.cast(BURST)
            elif fault not in CLOSING or fault.__name__.startswith("two"):
                crowd.cast(BURST)
                fault(field, crowd)
            else:
                fault(field, crowd)
            assert crowd.until(crowd.all_answered, PATIENCE), "somebody waits for an answer"
            assert crowd.until(crowd.all_connected, PATIENCE), "somebody has not come back"
            closed = close_ballot(Ballot.objects.get(pk=ballot.pk), by=COMMAND_LINE)
            figures = audit(crowd, closed, time.monotonic())
        finally:
            field.calm()

    tally_of.add(figures)
    assert figures.faults() == {}
    if fault not in CLOSING:
        assert (figures.acked, figures.refused) == (figures.asked, 0)
