"""Reads of publish."""

from publish.queries.board import (
    board_page,
    issuers_on_the_board,
    notice_by_number,
    notices_about,
    notices_in_trouble,
    public_notices,
)
from publish.queries.numbering import missing_serials
from publish.queries.objections import objection_counts, objections_awaiting, objections_of
from publish.queries.periods import period_for
from publish.queries.verification import Verdict, verdict_of

__all__ = [
    "Verdict",
    "board_page",
    "issuers_on_the_board",
    "missing_serials",
    "notice_by_number",
    "notices_about",
    "notices_in_trouble",
    "objection_counts",
    "objections_awaiting",
    "objections_of",
    "period_for",
    "public_notices",
    "verdict_of",
]
