"""Reading proposals: lists, what is next, figures."""

from deliberation.queries.alike import alike_to
from deliberation.queries.decision import decision_of
from deliberation.queries.history import HistoryLine, history_of, why_it_stands
from deliberation.queries.papers import papers_of
from deliberation.queries.progress import MoveStatus, NextStep, TrackPoint, next_moves, next_step, stage_track
from deliberation.queries.proposals import (
    ProposalFilter,
    matters_at_work,
    overdue_proposals,
    proposal_or_not_found,
    proposals_by_stage,
    proposals_of,
    public_proposals,
    stances_of,
)
from deliberation.queries.terms import Due, due_of, term_of, waits_for_receipt, working_days_left
from deliberation.queries.waiting import WorkRow, offices_by_path
from deliberation.queries.work import (
    by_group,
    communities_of_reader,
    community_for,
    everything_of,
    today_of,
    turn_of,
    work_of,
)

__all__ = [
    "Due",
    "HistoryLine",
    "MoveStatus",
    "NextStep",
    "ProposalFilter",
    "TrackPoint",
    "WorkRow",
    "alike_to",
    "by_group",
    "communities_of_reader",
    "community_for",
    "decision_of",
    "due_of",
    "everything_of",
    "history_of",
    "matters_at_work",
    "next_moves",
    "next_step",
    "offices_by_path",
    "overdue_proposals",
    "papers_of",
    "proposal_or_not_found",
    "proposals_by_stage",
    "proposals_of",
    "public_proposals",
    "stage_track",
    "stances_of",
    "term_of",
    "today_of",
    "turn_of",
    "waits_for_receipt",
    "why_it_stands",
    "work_of",
    "working_days_left",
]
