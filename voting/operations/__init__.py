"""Everything that changes a ballot. Every function takes `by=` and writes the ledger, except casting votes."""

from voting.operations.ballot import (
    CreatedBallot,
    ItemDraft,
    VoterDraft,
    close_ballot,
    close_due_ballots,
    create_ballot,
    open_ballot,
    repeat_ballot,
    warnings_for,
)
from voting.operations.cast import BallotState, CastIntent, CastOutcome, CastOutcomes, cast_votes

__all__ = [
    "BallotState",
    "CastIntent",
    "CastOutcome",
    "CastOutcomes",
    "CreatedBallot",
    "ItemDraft",
    "VoterDraft",
    "cast_votes",
    "close_ballot",
    "close_due_ballots",
    "create_ballot",
    "open_ballot",
    "repeat_ballot",
    "warnings_for",
]
