"""The history of a proposal as the public may read it: offices and masked names."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core import clock, ledger
from core.masking import mask_name
from deliberation.acts import act_title
from deliberation.models import Proposal
from deliberation.moves import MOVES
from deliberation.rules import title_of

MOST_LINES = 300
# Reasons are written for the proposer and the public when they come with a move; those of other acts stay inside.
_PUBLIC_REASONS = frozenset(MOVES) - {"submit", "withdraw"}
# Everybody's single voice would drown the history; they are counted elsewhere on the page.
_VOICES = frozenset({"give_opinion", "rate", "co_sign"})


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the ledger: who (office, masked name), what, when, on which document."""

    day: dt.date
    at: dt.datetime
    office: str
    who: str
    what: str
    reason: str
    document: str = ""
    document_url: str = ""


def history_of(proposal: Proposal, *, inside: bool = False) -> list[HistoryLine]:
    """Return the newest 300 lines about a proposal, newest first. `inside`: for staff, with every reason. One query."""
    entries = ledger.entries_about(proposal).exclude(act__in=_VOICES).order_by("-sequence")[:MOST_LINES]
    return [
        HistoryLine(
            day=clock.local_date(entry.at),
            at=entry.at,
            office=title_of(entry.office),
            who=mask_name(entry.actor_name) if entry.actor_id else _("系统"),
            what=act_title(entry.act),
            reason=entry.reason if inside or entry.act in _PUBLIC_REASONS or entry.act in _ANSWERS else "",
        )
        for entry in entries
    ]


_ANSWERS = frozenset({"decide_appeal", "order_follow_up"})


def why_it_stands(proposal: Proposal) -> str:
    """Return why the last move off the main path brought the matter where it is, "" for no such move. One query."""
    last = ledger.entries_about(proposal).filter(act__in=MOVES).order_by("-sequence").first()
    move = MOVES[last.act] if last is not None and last.act in _PUBLIC_REASONS else None
    if last is None or move is None or move.main or proposal.status not in move.targets:
        return ""
    code = str(move.reason_codes.get(proposal.reason_code, ""))
    return _("：").join(dict.fromkeys(filter(None, [code, last.reason])))
