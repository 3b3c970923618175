"""What the ledger knows of the course of a meeting: who presided after whom, and its breaks. For the minutes."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from community.models import User
from core import ledger
from core.words import minute_in_words
from meetings.models import Meeting

_ACTS = ("hand_over_chair", "name_recorder", "suspend_meeting", "adjourn_meeting", "resume_meeting")
# act -> the post that changed hands
_POSTS = {"hand_over_chair": "chair", "name_recorder": "recorder"}


def course_of(meeting: Meeting) -> dict[str, list[str]]:
    """Return {"course": lines with their minute, "chairs": who presided or recorded} since the opening. Two queries."""
    if meeting.opened_at is None:
        return {"course": [], "chairs": [meeting.chair.name]}
    entries = list(ledger.entries_about(meeting).filter(act__in=_ACTS, at__gte=meeting.opened_at).order_by("sequence"))
    moved = [entry for entry in entries if entry.act in _POSTS]
    ids = {side[_POSTS[entry.act]] for entry in moved for side in (entry.before, entry.after)} - {None}
    names = {user.pk: user.name for user in User.objects.filter(pk__in=ids)} if ids else {}
    return {"course": [_line(entry, names) for entry in entries], "chairs": [*names.values(), meeting.chair.name]}


def _line(entry: Any, names: dict[int, str]) -> str:
    facts = {"at": minute_in_words(entry.at)}
    if entry.act == "hand_over_chair":
        facts |= {"old": names[entry.before["chair"]], "new": names[entry.after["chair"]]}
        line = _("%(at)s　主持人由%(old)s改为%(new)s") % facts
    elif entry.act == "name_recorder":
        old = names.get(entry.before["recorder"]) or _("（未指定）")
        facts |= {"old": old, "new": names[entry.after["recorder"]]}
        line = _("%(at)s　记录人由%(old)s改为%(new)s") % facts
    elif entry.act == "adjourn_meeting":
        facts["until"] = minute_in_words(dt.datetime.fromisoformat(entry.after["resumes_at"]))
        line = _("%(at)s　休会，定于%(until)s续会") % facts
    elif entry.act == "suspend_meeting":
        line = _("%(at)s　休会") % facts
    else:
        line = _("%(at)s　继续开会") % facts
    return _("%(line)s（%(why)s）") % {"line": line, "why": entry.reason} if entry.reason else line
