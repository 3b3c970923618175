"""Reading proposals: lists, what is next, figures."""

from deliberation.queries.history import HistoryLine, history_of
from deliberation.queries.progress import MoveStatus, NextStep, TrackPoint, next_moves, next_step, stage_track
from deliberation.queries.proposals import (
    ProposalFilter,
    overdue_proposals,
    proposal_or_not_found,
    proposals_by_stage,
    public_proposals,
    stances_of,
)
from deliberation.queries.waiting import WorkRow, offices_by_path
from deliberation.queries.work import communities_of_reader, community_for, today_of, turn_of, work_of

__all__ = [
    "HistoryLine",
    "MoveStatus",
    "NextStep",
    "ProposalFilter",
    "TrackPoint",
    "WorkRow",
    "communities_of_reader",
    "community_for",
    "history_of",
    "next_moves",
    "next_step",
    "offices_by_path",
    "overdue_proposals",
    "proposal_or_not_found",
    "proposals_by_stage",
    "public_proposals",
    "stage_track",
    "stances_of",
    "today_of",
    "turn_of",
    "work_of",
]
