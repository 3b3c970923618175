"""Who edits votes, roll or result in the database after the count is found: at certification and by verify_ledger."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core.actors import COMMAND_LINE
from tests.voting.factories import cast, open_a_ballot, voters_of
from voting.evidence import edited_ballots, what_was_edited
from voting.models import Ballot
from voting.operations import certify_ballot, close_ballot
from voting.operations.teller import CountTamperedWith, recount_ballot

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def counted(kind: str) -> Ballot:
    ballot = open_a_ballot(4, kind=kind)
    for voter, choice in zip(voters_of(ballot), ("for", "for", "against", "abstain"), strict=True):
        assert cast(voter, choice).accepted
    return close_ballot(ballot, by=COMMAND_LINE)


def edit(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("kind", ["named", "secret"])
def test_what_nobody_edited_is_as_the_ledger_says(kind: str) -> None:
    ballot = counted(kind)

    assert what_was_edited(ballot) == ""
    certify_ballot(ballot, by=["甲", "乙"])
    assert list(edited_ballots()) == []
    call_command("verify_ledger")


@pytest.mark.parametrize(
    ("kind", "sql", "part"),
    [
        ("named", "UPDATE voting_vote SET choice = 'against' WHERE choice = 'for'", "votes"),
        (
            "named",
            # The sums stay, the voters' words do not.
            "UPDATE voting_vote SET choice = CASE choice WHEN 'against' THEN 'abstain' ELSE 'against' END WHERE choice <> 'for'",  # noqa: E501 - one statement
            "votes",
        ),
        ("named", "DELETE FROM voting_vote WHERE choice = 'abstain'", "votes"),
        ("secret", "UPDATE voting_secretvote SET choice = 'for' WHERE choice = 'against'", "votes"),
        ("named", "UPDATE voting_voter SET area = area + 1", "roll"),
        ("named", "UPDATE voting_ballot SET roll_hash = 'x'", "roll"),
    ],
)
def test_an_edit_after_the_count_is_found(kind: str, sql: str, part: str) -> None:
    ballot = counted(kind)

    edit(sql)

    ballot.refresh_from_db()
    assert what_was_edited(ballot) == part
    with pytest.raises(CountTamperedWith):
        certify_ballot(ballot, by=["甲", "乙"])
    ballot.refresh_from_db()
    assert ballot.phase == "closed"
    with pytest.raises(CommandError, match=f"ballot {ballot.pk}: its {part} was edited") as refused:
        call_command("verify_ledger")
    assert refused.value.returncode == 1


def test_an_edited_outcome_is_found_after_certification() -> None:
    ballot = certify_ballot(counted("named"), by=["甲", "乙"])

    Ballot.objects.filter(pk=ballot.pk).update(result={**(ballot.result or {}), "outcome": "passed"})

    assert list(edited_ballots()) == [f"ballot {ballot.pk}: its result was edited after the count"]


def test_a_recount_states_the_votes_anew() -> None:
    ballot = counted("named")

    recount_ballot(ballot, by=COMMAND_LINE)

    assert what_was_edited(ballot) == ""
