"""Reads of publish."""

from publish.queries.board import board_page, notice_by_number, notices_about, public_notices
from publish.queries.objections import objections_awaiting, objections_of
from publish.queries.periods import period_for
from publish.queries.verification import Verdict, verdict_of

__all__ = [
    "Verdict",
    "board_page",
    "notice_by_number",
    "notices_about",
    "objections_awaiting",
    "objections_of",
    "period_for",
    "public_notices",
    "verdict_of",
]
