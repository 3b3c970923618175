"""Tables of ballots, their rolls and votes, of paper ballots, and of those around a vote."""

from voting.models.appraisal import Appraisal, Mark
from voting.models.ballot import Ballot, BallotKind, Disclosure, Item, Method, Option, Phase
from voting.models.convening import Convening
from voting.models.mandate import Authorisation, Motion, RuleOverride
from voting.models.paper import (
    AssistedVote,
    BearerPaper,
    BoxTrip,
    PaperBallot,
    PaperBatch,
    PaperEntry,
    PaperHandout,
    PaperState,
    PrintRun,
    PrintState,
)
from voting.models.proxy import Proxy, Recusal
from voting.models.roll import ChangeKind, RollChange, Voter
from voting.models.teller import Certification, Teller
from voting.models.vote import CastRequest, Channel, OptionCount, Participation, SecretVote, Vote

__all__ = [
    "Appraisal",
    "AssistedVote",
    "Authorisation",
    "Ballot",
    "BallotKind",
    "BearerPaper",
    "BoxTrip",
    "CastRequest",
    "Certification",
    "ChangeKind",
    "Channel",
    "Convening",
    "Disclosure",
    "Item",
    "Mark",
    "Method",
    "Motion",
    "Option",
    "OptionCount",
    "PaperBallot",
    "PaperBatch",
    "PaperEntry",
    "PaperHandout",
    "PaperState",
    "Participation",
    "Phase",
    "PrintRun",
    "PrintState",
    "Proxy",
    "Recusal",
    "RollChange",
    "RuleOverride",
    "SecretVote",
    "Teller",
    "Vote",
    "Voter",
]
