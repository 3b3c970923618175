"""Who conducts the ballots of a meeting: whoever runs it (`voting.conducting.register_judge`)."""

import datetime as dt

from django.db.models import Q

from community.models import User
from core import ledger
from meetings.models import Meeting
from meetings.models.meeting import Phase
from meetings.rules import may_run
from voting.conducting import Act, Question
from voting.models import Phase as BallotPhase

# Who runs a meeting asks its questions, notes powers and recusals, and ends the votes; the rolls are the office's.
_ACTS = frozenset({Act.CREATE, Act.OPEN, Act.CLOSE, Act.PEOPLE})


def runs_the_meeting(by: User, question: Question, _now: dt.datetime | None) -> str | None:
    """Return "" when `by` runs the meeting of the community in whose course the ballot is held, else None.

    That is the one on whose agenda the ballot stands; while it is being made (its powers and recusals included, until
    it opens), one in session about its subject. A vote in writing about the same subject is not the meeting's.
    """
    if question.act not in _ACTS:
        return None
    subject = {"subject_type": question.subject_type, "subject_id": question.subject_id}
    about = Q(**{f"agenda__{key}": value for key, value in subject.items()}) | Q(**subject)
    if question.subject_type == ledger.subject_type(Meeting()):
        about |= Q(pk=question.subject_id)
    is_made = question.act == Act.CREATE or (
        question.act == Act.PEOPLE and question.ballot is not None and question.ballot.phase == BallotPhase.DRAFT
    )
    held = Q(phase=Phase.OPEN) & about if question.subject_type and is_made else Q(pk__in=[])
    if question.ballot is not None:
        held |= Q(agenda__ballot=question.ballot) | Q(agenda__ballots__ballot=question.ballot)
        if question.ballot.motion_id is not None and question.ballot.opens_at is None:  # of the other body: as one
            held |= Q(agenda__ballot__motion=question.ballot.motion_id)
    found = Meeting.objects.filter(held, community=question.community).select_related("community").distinct()
    return "" if any(may_run(by, meeting) for meeting in found[:20]) else None
