"""iCalendar (RFC 5545), as much of it as deadlines and meetings need. Pure."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

_OCTETS = 75


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: a whole day (`day`) or a moment (`starts_at`, aware)."""

    uid: str
    summary: str
    url: str
    stamp: dt.datetime
    day: dt.date | None = None
    starts_at: dt.datetime | None = None
    location: str = ""
    tentative: bool = False


def calendar_text(name: str, events: Iterable[Event]) -> str:
    """Return a calendar of `events`, folded and with the line ends that the format asks for."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Wuyi//Notices//ZH",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
    ]
    for event in events:
        lines += ["BEGIN:VEVENT", f"UID:{_escaped(event.uid)}", f"DTSTAMP:{_utc(event.stamp)}"]
        if event.day is not None:
            lines.append(f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}")
            lines.append(f"DTEND;VALUE=DATE:{event.day + dt.timedelta(days=1):%Y%m%d}")
        if event.starts_at is not None:
            lines.append(f"DTSTART:{_utc(event.starts_at)}")
        lines.append(f"SUMMARY:{_escaped(event.summary)}")
        if event.location:
            lines.append(f"LOCATION:{_escaped(event.location)}")
        lines += [f"URL:{event.url}", f"STATUS:{'TENTATIVE' if event.tentative else 'CONFIRMED'}"]
        lines += ["TRANSP:TRANSPARENT", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for mark, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(mark, escaped)
    return text


def _folded(line: str) -> list[str]:
    """Return `line` in pieces of at most 75 octets, never inside a character; the later ones begin with a space."""
    pieces, piece, octets = [], "", 0
    for char in line:
        size = len(char.encode())
        if octets + size > _OCTETS:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += char
        octets += size
    return [*pieces, piece]
