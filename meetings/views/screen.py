"""The big screen of the hall: read at ten metres, never touched."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core import clock, qr
from core.errors import NotAllowed
from core.web import page_errors
from meetings import tickets
from meetings.queries.live import meeting_state
from meetings.queries.situation import situation_of
from meetings.rules import may_see
from meetings.views.finding import meeting_or_404, person


@never_cache
@page_errors
def screen(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show agenda, speaker, motion, turnout, result. A display without an account opens it with `?ticket=`."""
    meeting = meeting_or_404(meeting_id)
    given = request.GET.get("ticket", "")
    if not (given and tickets.is_for(given, meeting.pk)) and not may_see(person(request), meeting):
        raise NotAllowed(_("大屏幕只对会务人员和受邀人员开放。"))
    context = {
        "meeting": meeting,
        "state": meeting_state(meeting),
        "situation": situation_of(meeting),
        "ticket": tickets.mint(meeting.pk),
        "papers_qr": qr.data_url(settings.PUBLIC_URL + reverse("meetings:papers", args=[meeting.pk])),
        "now": clock.now(),
    }
    return render(request, "meetings/screen.html", context)
