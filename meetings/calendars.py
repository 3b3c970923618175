"""Meetings as iCalendar (RFC 5545), so that a phone reminds its owner. Pure text."""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from core import clock
from meetings import phases
from meetings.models import Meeting

_HOURS = 2
_LINE_OCTETS = 75
_STATUS = {phases.CANCELLED: "CANCELLED"}


def calendar_of(meetings: Iterable[Meeting]) -> str:
    """Return one calendar with every meeting as an event of two hours (until it ended, once it has)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//wuyi//meetings//ZH", "CALSCALE:GREGORIAN"]
    for meeting in meetings:
        lines += _event(meeting)
    return "\r\n".join([*(_folded(line) for line in lines), "END:VCALENDAR", ""])


def _event(meeting: Meeting) -> list[str]:
    starts = meeting.resumes_at or meeting.starts_at
    ends = max(meeting.closed_at, starts) if meeting.closed_at else starts + dt.timedelta(hours=_HOURS)
    address = settings.PUBLIC_URL + reverse("meetings:meeting", args=[meeting.pk])
    host = settings.PUBLIC_URL.partition("//")[2] or "wuyi"
    return [
        "BEGIN:VEVENT",
        f"UID:meeting-{meeting.pk}@{host}",
        f"SEQUENCE:{meeting.version}",
        f"DTSTAMP:{_stamp(clock.now())}",
        f"DTSTART:{_stamp(starts)}",
        f"DTEND:{_stamp(ends)}",
        f"SUMMARY:{_escaped(meeting.title)}",
        f"LOCATION:{_escaped(meeting.place)}",
        f"STATUS:{_STATUS.get(meeting.phase, 'CONFIRMED')}",
        f"URL:{address}",
        "END:VEVENT",
    ]


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n"), ("\r", "")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> str:
    """Return the line folded at 75 octets, never inside a character."""
    parts: list[str] = []
    part = ""
    for character in line:
        if len((part + character).encode()) > _LINE_OCTETS - (1 if parts else 0):
            parts.append(part)
            part = ""
        part += character
    return "\r\n ".join([*parts, part])
