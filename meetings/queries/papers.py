"""The papers of a meeting: its notice and its published minutes."""

from meetings.models import Meeting
from publish.models import Notice
from publish.queries import notices_about


def notices_of(meeting: Meeting) -> list[Notice]:
    """Return the notices issued about `meeting`, newest first."""
    return list(notices_about(meeting).order_by("-id")[:10])
