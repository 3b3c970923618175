"""Meetings for the reader's own calendar."""

from django.http import HttpRequest, HttpResponse

from core.web import page_errors
from meetings import phases
from meetings.calendars import calendar_of
from meetings.models import Meeting
from meetings.views.finding import meeting_or_404

_SHOWN = 100


@page_errors
def one(request: HttpRequest, meeting_id: int) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """Return one meeting as iCalendar."""
    return _answer([meeting_or_404(meeting_id)], f"meeting-{meeting_id}.ics")


@page_errors
def coming(request: HttpRequest) -> HttpResponse:
    """Return the public meetings, newest 100, as iCalendar; `?community=CODE` for one community."""
    meetings = Meeting.objects.exclude(phase=phases.DRAFT).order_by("-starts_at")
    if code := request.GET.get("community", "")[:40]:
        meetings = meetings.filter(community__code=code)
    return _answer(list(meetings[:_SHOWN]), "meetings.ics")


def _answer(meetings: list[Meeting], name: str) -> HttpResponse:
    answer = HttpResponse(calendar_of(meetings), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
