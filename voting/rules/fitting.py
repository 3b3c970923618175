"""Which rules of the catalogue fit which electorate: owners do not elect a residents' committee. Pure."""

from collections.abc import Mapping

_OWNERS = (
    "owners_278_ordinary",
    "owners_278_special",
    "owners_unanimous_interested",
    "owners_requisition",
    "owners_pre2021",
    "owner_reps_negative_consent",
)
_RESIDENTS = ("residents_meeting", "requisition_residents", "rc_election", "rc_runoff", "rc_recall")

# By the electorate's key (voting/electorates.py). No law has a rule for a residents' committee: any may be agreed on.
FITTING: Mapping[str, tuple[str, ...]] = {
    "owners": _OWNERS,
    "households": (*_RESIDENTS, "village_meeting_households"),
    "adults": (*_RESIDENTS, "village_meeting"),
    "representatives": ("resident_reps_meeting", "village_reps_meeting"),
    "elected_representatives": (
        "requisition_residents_by_reps",
        "requisition_reps_meeting",
        "rc_election_by_reps",
        "rc_runoff",
        "rc_recall_by_reps",
    ),
    "owners_committee": ("owners_committee",),
    "party_members": ("party_branch_decision", "party_election", "four_step_party_review"),
}


def fits(key: str, electorate: str) -> bool:
    """Return whether a rule of the catalogue may decide for an electorate; True for one without rules of its own."""
    return electorate not in FITTING or key in FITTING[electorate]


def electorates_of(key: str) -> tuple[str, ...]:
    """Return the electorates with rules of their own that a rule of the catalogue fits."""
    return tuple(electorate for electorate, keys in FITTING.items() if key in keys)
