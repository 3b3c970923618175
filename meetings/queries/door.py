"""When people can come in and when the meeting can open, as it was announced."""

import datetime as dt

from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import clock
from meetings import phases
from meetings.models import Attendance, Meeting, Reply, Role

# People come early; a meeting must not begin behind the back of those who come at the time that was announced.
EARLY = dt.timedelta(minutes=30)


def why_door_is_closed(meeting: Meeting, now: dt.datetime) -> str:
    """Return why nobody can sign in at `now`, "" when they can: from the day of the meeting on, until it is over."""
    if meeting.phase not in {phases.CONVENED, *phases.ONGOING}:
        return _("会议不在签到时间。")
    day = clock.local_date(meeting.starts_at)
    if clock.local_date(now) < day:
        return _("还没有到开会的日子（%(day)s），不能签到。") % {"day": date_format(day, _("n月j日"))}
    return ""


def replies_to(meeting: Meeting) -> dict[str, int]:
    """Return how many of those due have said they come, asked for leave, or not answered. One query."""
    counts = dict(
        Attendance.objects.filter(meeting=meeting, role=Role.MEMBER)
        .values_list("reply")
        .annotate(n=Count("id"))
        .order_by()
    )
    return {reply: counts.get(reply, 0) for reply in Reply.values}


def why_too_early(meeting: Meeting, now: dt.datetime) -> str:
    """Return why the meeting cannot open yet at `now`, "" from half an hour before its announced time on."""
    if now >= meeting.starts_at - EARLY:
        return ""
    moment = date_format(timezone.localtime(meeting.starts_at), _("n月j日 H:i"))
    return _("还没有到通知的开会时间（%(moment)s）") % {"moment": moment}
