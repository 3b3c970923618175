"""The papers of a meeting: its notice and its published minutes, and what was handed out for each agenda item."""

import datetime as dt

from core import clock
from meetings.kinds import MATERIAL_DAYS
from meetings.models import AgendaPaper, Meeting
from publish.models import Notice
from publish.queries import notices_about


def notices_of(meeting: Meeting) -> list[Notice]:
    """Return the notices issued about `meeting`, newest first."""
    return list(notices_about(meeting).order_by("-id")[:10])


def papers_of(meeting: Meeting) -> list[AgendaPaper]:
    """Return what was handed out for the agenda and not taken back, in its order. One query."""
    handed = AgendaPaper.objects.filter(item__meeting=meeting, withdrawn_at__isnull=True)
    return list(handed.select_related("item").order_by("item__position", "id"))


def papers_due_on(meeting: Meeting) -> dt.date:
    """Return the last day on which papers are in time."""
    return clock.local_date(meeting.starts_at) - dt.timedelta(days=MATERIAL_DAYS)


def days_ahead(paper: AgendaPaper, meeting: Meeting) -> int:
    """Return how many days before the meeting a paper was handed out; negative afterwards."""
    return (clock.local_date(meeting.starts_at) - clock.local_date(paper.added_at)).days


def late_papers(meeting: Meeting, papers: list[AgendaPaper]) -> list[AgendaPaper]:
    """Return those of `papers` that came less than three days before the meeting."""
    return [paper for paper in papers if days_ahead(paper, meeting) < MATERIAL_DAYS]
