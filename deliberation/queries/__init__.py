"""Reading proposals: lists, what is next, figures."""

from deliberation.queries.progress import MoveStatus, NextStep, TrackPoint, next_moves, next_step, stage_track
from deliberation.queries.proposals import (
    ProposalFilter,
    proposal_or_not_found,
    proposals_by_stage,
    public_proposals,
)

__all__ = [
    "MoveStatus",
    "NextStep",
    "ProposalFilter",
    "TrackPoint",
    "next_moves",
    "next_step",
    "proposal_or_not_found",
    "proposals_by_stage",
    "public_proposals",
    "stage_track",
]
