"""The machine cannot be gone round: assigning, refreshing, updating behind its back."""

import pytest
from django.db import IntegrityError, transaction
from django_fsm import TransitionNotAllowed

from core import ledger
from core.models import LedgerEntry
from deliberation.models import Proposal
from deliberation.operations import accept_proposal
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def test_a_status_cannot_be_assigned(world: World) -> None:
    proposal = world.walk_to(Status.SUBMITTED)

    with pytest.raises(AttributeError):
        proposal.status = Status.EFFECTIVE


def test_a_status_stays_protected_while_and_after_it_is_read_again(world: World) -> None:
    proposal = world.walk_to(Status.SUBMITTED)
    other = Proposal.objects.get(pk=proposal.pk)

    proposal.refresh_from_db()

    assert proposal.status == Status.SUBMITTED
    for one in (proposal, other):
        with pytest.raises(AttributeError):
            one.status = Status.EFFECTIVE


def test_reading_other_fields_again_leaves_the_status(world: World) -> None:
    proposal = world.walk_to(Status.SUBMITTED)

    proposal.refresh_from_db(fields=["title"])

    assert proposal.__dict__["status"] == Status.SUBMITTED


def test_a_transition_that_is_not_in_the_table_raises(world: World) -> None:
    proposal = world.walk_to(Status.SUBMITTED)

    with pytest.raises(TransitionNotAllowed):
        proposal.archive()


def test_the_database_refuses_an_unknown_status_behind_the_machine(world: World) -> None:
    proposal = world.walk_to(Status.SUBMITTED)

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(status="done")


@pytest.mark.parametrize("status", ["merged", "suspended", "voting", "result_publicised", "terminated", "rejected"])
def test_the_database_refuses_a_status_without_what_belongs_to_it(world: World, status: str) -> None:
    proposal = world.walk_to(Status.SUBMITTED)

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(status=status)


def test_a_refused_move_leaves_neither_row_nor_ledger(world: World) -> None:
    proposal = world.walk_to(Status.SUBMITTED)
    before, entries = Proposal.objects.values().get(pk=proposal.pk), LedgerEntry.objects.count()

    with pytest.raises(Exception, match="提案人身份还没有核实"):
        accept_proposal(proposal, by=world.secretary)

    assert Proposal.objects.values().get(pk=proposal.pk) == before
    assert LedgerEntry.objects.count() == entries


def test_every_move_is_in_the_ledger_with_office_reason_and_document(world: World) -> None:
    world.walk_to(Status.PLAN_PUBLICISED)

    accepted = ledger.entries_about(world.p).get(act="accept")
    posted = ledger.entries_about(world.p).get(act="publicise_plan")
    assert (accepted.actor, accepted.office) == (world.secretary, "secretary")
    assert (accepted.before["status"], accepted.after["status"]) == ("submitted", "accepted")
    assert posted.document_hash == world.p.plans.get().content_hash
