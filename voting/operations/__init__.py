"""Everything that changes a ballot. Every function takes `by=` and writes the ledger, except casting votes."""

from voting.operations.appraisal import create_appraisal, record_appraisal
from voting.operations.ballot import (
    CreatedBallot,
    close_ballot,
    close_due_ballots,
    create_ballot,
    open_ballot,
)
from voting.operations.cancel import cancel_ballot
from voting.operations.cast import BallotState, CastIntent, CastOutcome, CastOutcomes, cast_votes
from voting.operations.convening import record_convening
from voting.operations.drafts import ItemDraft, VoterDraft, refuse_unfit
from voting.operations.mandate import (
    drop_rule,
    join_ballots,
    record_authorisation,
    rest_on_authorisation,
    revoke_authorisation,
    set_rule,
)
from voting.operations.proxy import lodge_proxy, mark_present, recuse, revoke_proxy
from voting.operations.roll import RollAmended, add_voter, note_roll_changes, redraw_roll, remove_voter
from voting.operations.rounds import repeat_ballot, start_runoff
from voting.operations.teller import certify_ballot, sign_count

__all__ = [
    "BallotState",
    "CastIntent",
    "CastOutcome",
    "CastOutcomes",
    "CreatedBallot",
    "ItemDraft",
    "RollAmended",
    "VoterDraft",
    "add_voter",
    "cancel_ballot",
    "cast_votes",
    "certify_ballot",
    "close_ballot",
    "close_due_ballots",
    "create_appraisal",
    "create_ballot",
    "drop_rule",
    "join_ballots",
    "lodge_proxy",
    "mark_present",
    "note_roll_changes",
    "open_ballot",
    "record_appraisal",
    "record_authorisation",
    "record_convening",
    "recuse",
    "redraw_roll",
    "refuse_unfit",
    "remove_voter",
    "repeat_ballot",
    "rest_on_authorisation",
    "revoke_authorisation",
    "revoke_proxy",
    "set_rule",
    "sign_count",
    "start_runoff",
]
