"""Who may make, open, close, repeat, join and call off a ballot, change its roll, note its powers and recusals.

The office of the community may: secretary and director, of an appraisal the supervision committee. A ballot held in the
course of a matter of a room above is also conducted by whoever conducts that matter: voting knows no proposal and no
meeting, so the rooms above teach it their judgement (`register_judge`).
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from community.models import Office, Unit, User
from community.rules import highest, holds_office, is_platform, office_titles, offices_at
from core.errors import NotAllowed
from voting.models import Appraisal, Ballot, Teller
from voting.persons import APPRAISERS, DESK_OFFICES, ROLL_OFFICES


class Act(StrEnum):
    """What somebody wants to do with a ballot."""

    CREATE = "create"
    OPEN = "open"
    CLOSE = "close"
    CANCEL = "cancel"
    ROLL = "roll"  # change who stands on it
    PEOPLE = "people"  # note powers and recusals


@dataclass(frozen=True, slots=True)
class Question:
    """May somebody do `act`? About `ballot`, None while it is being made; its subject is that of the ballot."""

    act: Act
    community: Unit
    subject_type: str
    subject_id: str
    ballot: Ballot | None = None


Judge = Callable[[User, Question, "dt.datetime | None"], str | None]
_judges: list[Judge] = []


def register_judge(judge: Judge) -> None:
    """Let a room above say who conducts its ballots: it returns the office held ("" for none needed), None for no.

    Call it from AppConfig.ready; registering the same function again changes nothing.
    """
    if judge not in _judges:
        _judges.append(judge)


def conductors_of(ballot: Ballot) -> tuple[str, ...]:
    """Return the offices that conduct a ballot and change its roll: of an appraisal never those who are appraised."""
    return APPRAISERS if Appraisal.objects.filter(item__ballot=ballot).exists() else ROLL_OFFICES


def may_conduct(offices: Collection[str], ballot: Ballot) -> bool:
    """Return whether one of `offices` conducts `ballot`. No query for the voters, who hold none that ever does."""
    return not {*ROLL_OFFICES, *APPRAISERS}.isdisjoint(offices) and not set(conductors_of(ballot)).isdisjoint(offices)


def may_sign(user: object, ballot: Ballot, *, now: dt.datetime | None = None) -> bool:
    """Return whether somebody signs the count: named for this ballot, or where nobody is named, a teller by office."""
    named = set(Teller.objects.filter(ballot=ballot).values_list("user_id", flat=True))
    if named:
        return isinstance(user, User) and user.pk in named
    return holds_office(user, Office.TELLER, unit=ballot.community, now=now)


def reads_names(user: object, ballot: Ballot) -> bool:
    """Return whether an office, or being a named teller, needs the signers' full names; others read masked ones."""
    if not isinstance(user, User):
        return False
    needed = {*DESK_OFFICES, *APPRAISERS}
    return not offices_at(user, ballot.community).isdisjoint(needed) or may_sign(user, ballot)


def require_conductor(by: object, act: Act, ballot: Ballot, *, now: dt.datetime | None = None) -> str:
    """Return the office in which `by` does `act` on `ballot`, "" for the platform and for who needs none.

    Raises NotAllowed naming the offices that may.
    """
    question = Question(act, ballot.community, ballot.subject_type, ballot.subject_id, ballot)
    return _require(by, question, DESK_OFFICES if act == Act.PEOPLE else conductors_of(ballot), now)


def require_maker(
    by: object,
    community: Unit,
    subject_type: str,
    subject_id: str,
    *,
    offices: Collection[str] = ROLL_OFFICES,
    now: dt.datetime | None = None,
) -> str:
    """Return the office in which `by` makes a ballot about something, as `require_conductor`."""
    return _require(by, Question(Act.CREATE, community, subject_type, subject_id), tuple(offices), now)


def _require(by: object, question: Question, offices: tuple[str, ...], now: dt.datetime | None) -> str:
    if is_platform(by):
        return ""
    if isinstance(by, User) and by.pk is not None and by.is_active:
        if held := offices_at(by, question.community, now=now).intersection(offices):
            return highest(held)
        for judge in _judges:
            office = judge(by, question, now)
            if office is not None:
                return office
    raise NotAllowed(
        _("只有%(unit)s的%(offices)s可以这样做。") % {"unit": question.community, "offices": office_titles(offices)}
    )
