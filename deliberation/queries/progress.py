"""Where a proposal is, what is missing for each next move, whose turn it is, until when."""

import datetime as dt
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from django.utils.translation import gettext as _

from core import clock, ledger
from core.deadlines import due_in_words
from core.requirements import Missing, missing_for
from deliberation import rules
from deliberation.case import Case
from deliberation.models import Proposal
from deliberation.moves import Move, moves_from
from deliberation.queries.terms import working_days_left
from deliberation.requirements import requirements_of
from deliberation.stages import STAGELESS, Stage, Status, stage_of


@dataclass(frozen=True, slots=True)
class MoveStatus:
    """One move that leaves the present status: whether this reader may take it, and what is missing."""

    move: Move
    may: bool
    missing: list[Missing]

    @property
    def sentence(self) -> str:
        """Return what is missing in one sentence, with the articles; "" when nothing is."""
        return _("；").join(
            _("%(sentence)s（%(article)s）") % {"sentence": m.sentence, "article": m.article}
            if m.article
            else str(m.sentence)
            for m in self.missing
        )

    @property
    def offices(self) -> str:
        """Return the titles of those who may."""
        return rules.titles_of(self.move.offices)


def next_moves(proposal: Proposal, user: object = None, *, now: dt.datetime | None = None) -> list[MoveStatus]:
    """Return every move that leaves the present status, the main path's first. About ten queries."""
    case = Case(proposal, now)
    standing = rules.standing_of(user, proposal)
    found = []
    for move in moves_from(proposal.status):
        # A coded reason is chosen with the move; what hangs on it is asked then.
        missing = missing_for(case, [need for need in requirements_of(move.key) if need.key not in _ASKED_LATER])
        found.append(MoveStatus(move, standing.may(move.offices), missing))
    return found


_ASKED_LATER = frozenset({"rounds_as_said", "objections_as_said", "escalation_as_said", "merge_target_open"})


@dataclass(frozen=True, slots=True)
class NextStep:
    """下一步, 还缺, 责任人, 期限: the one sentence under the stage track.

    `working_days_left` is None where the term counts every day.
    """

    move: MoveStatus | None
    due_on: dt.date | None
    working_days_left: int | None
    is_provisional: bool
    today: dt.date | None = None

    @property
    def sentence(self) -> str:
        """Return the sentence; "" when nothing follows."""
        parts = []
        if self.move is not None:
            parts.append(_("下一步：%(move)s。") % {"move": self.move.move.title})
            parts.append(
                _("还缺：%(missing)s。") % {"missing": self.move.sentence} if self.move.missing else _("条件已经具备。")
            )
            parts.append(_("责任人：%(offices)s。") % {"offices": self.move.offices})
        if self.due_on is not None:
            parts.append(_("期限：%(due)s。") % {"due": self.deadline})
        return "".join(parts).rstrip()

    @property
    def deadline(self) -> str:
        """Return 11月28日（剩3个工作日）."""
        if self.due_on is None:
            return ""
        return due_in_words(self.due_on, self.working_days_left, is_provisional=self.is_provisional, today=self.today)


def next_step(proposal: Proposal, moves: list[MoveStatus], *, now: dt.datetime | None = None) -> NextStep:
    """Return the next step of the main path from `next_moves`; off the main path the first that may follow."""
    if proposal.is_final:
        return NextStep(None, None, None, is_provisional=False)
    main = _likely(moves)
    today = clock.local_date(now)
    left = working_days_left(proposal, today=today)
    return NextStep(main, proposal.due_on, left, is_provisional=proposal.due_is_provisional, today=today)


# A result that is in bars the main move for good: then the next step is the one that asks for the opposite.
_OPPOSITES = MappingProxyType({"ballot_passed": "ballot_rejected", "quorum_reached": "quorum_missed"})


def _likely(moves: list[MoveStatus]) -> MoveStatus | None:
    """Return the main move, or the one that follows instead of it; without a main one the first."""
    main = next((m for m in moves if m.move.main), None)
    if main is None:
        return moves[0] if moves else None
    keys = {missing.key for missing in main.missing}
    asked = {opposite for verdict, opposite in _OPPOSITES.items() if verdict in keys}
    for other in moves:
        if asked.intersection(other.move.requirements):
            return other
    if keys == {"ratings_good"}:  # rated by enough, long enough, and not well
        return next((m for m in moves if m.move.key in _AFTER_BAD_RATINGS and not m.missing), main)
    return main


_AFTER_BAD_RATINGS = ("order_rectification", "escalate")


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """One of the five points of the track."""

    stage: Stage
    state: Literal["done", "now", "ahead"]
    on: dt.date | None

    days_left: int | None = None
    is_late: bool = False

    @property
    def key(self) -> str:
        """Return the key of the stage."""
        return self.stage.value

    @property
    def date(self) -> dt.date | None:
        """Return the day the stage was last entered or worked on."""
        return self.on

    @property
    def label(self) -> str:
        """Return the name of the stage."""
        return str(self.stage.label)


def stage_track(proposal: Proposal, *, now: dt.datetime | None = None) -> list[TrackPoint]:
    """Return the five points: done with the day the stage was left, now, ahead. One query."""
    today = clock.local_date(now)
    entered: dict[Stage, dt.date] = {}
    for entry in ledger.entries_about(proposal).order_by("sequence").only("at", "before", "after"):
        status = entry.after.get("status")
        if isinstance(status, str) and status in Status.values and Status(status) not in STAGELESS:
            entered[stage_of(status)] = clock.local_date(entry.at)
    present = list(Stage).index(proposal.stage)
    track = []
    for index, stage in enumerate(Stage):
        if index < present:
            state: Literal["done", "now", "ahead"] = "done"
        elif index > present:
            state = "ahead"
        else:
            state = "done" if proposal.is_final else "now"
        left = (proposal.due_on - today).days if state == "now" and proposal.due_on else None
        on = entered.get(stage) if state != "ahead" else None
        is_late = left is not None and left < 0
        track.append(TrackPoint(stage, state, on, None if is_late else left, is_late))
    return track
