"""What the meeting's socket says: one function for each type of message. Names are masked: screens hang in halls."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils import timezone

from core.masking import mask_name
from core.measure import format_area
from core.official import official_language
from core.realtime import topics
from core.realtime.sources import Update
from core.realtime.topics import parts
from meetings import redline
from meetings.models import AgendaBallot, AgendaItem, Attendance, Meeting, Role, Speech
from meetings.queries.asked import consent_message, roll_call_message
from meetings.queries.floor import live_motion, speakers_queue, totals_by_side
from meetings.queries.outcomes import latest_verdict
from meetings.queries.papers import papers_of
from meetings.queries.situation import attendance_numbers
from meetings.quorum import reached_by
from meetings.speaking import WARNING_SECONDS

Message = dict[str, Any]
_HANDS_SHOWN = 50


def message_of(part: str, meeting: Meeting, version: int) -> Message:
    """Return the message of `part` (a key of `_BODIES`)."""
    return {**_BODIES[part](meeting), "type": _TYPES[part], "meeting": str(meeting.pk), "version": version}


def meeting_state(meeting: Meeting) -> Message:
    """Return everything a screen needs: the message sent on connect and on every reconnect."""
    return message_of("state", meeting, meeting.version)


@official_language()
def read_meetings(known: Mapping[str, int]) -> Sequence[Update]:
    """Return the whole state of the meetings that moved on since `known`; one query when none did (hub's heartbeat)."""
    ids = {int(parts(topic)[1]): version for topic, version in known.items() if parts(topic)[1].isdecimal()}
    rows = Meeting.objects.filter(pk__in=list(ids)).values_list("pk", "version")
    moved = [pk for pk, version in rows if version > ids[pk]]
    meetings = Meeting.objects.filter(pk__in=moved).select_related("community", "chair") if moved else []
    return [Update(topics.meeting(m.pk), "state", m.version, meeting_state(m)) for m in meetings]


def _state(meeting: Meeting) -> Message:
    return {
        "title": meeting.title,
        "kind": meeting.kind,
        "phase": meeting.phase,
        "phase_word": meeting.get_phase_display(),
        "place": meeting.place,
        "starts_at": meeting.starts_at.isoformat(),
        "resumes_at": meeting.resumes_at.isoformat() if meeting.resumes_at else None,
        "chair": mask_name(meeting.chair.name),
        "attendance": _attendance(meeting),
        "agenda": _items(meeting),
        "ballots": _ballot_ids(meeting),
        "result": latest_verdict(meeting),
        "speakers": _speakers(meeting),
        "timer": _timer(meeting)["timer"],
        "motion": _motion(meeting)["motion"],
        **_roll_call(meeting),
        **_consent(meeting),
    }


def _attendance(meeting: Meeting) -> Message:
    numbers = attendance_numbers(meeting)
    others = {
        row["role"]: row["n"]
        for row in Attendance.objects.filter(meeting=meeting, signed_in_at__isnull=False, signed_out_at__isnull=True)
        .exclude(role=Role.MEMBER)
        .values("role")
        .annotate(n=Count("id"))
        .order_by()
    }
    return {
        "due": numbers.due_heads,
        "present": numbers.present_heads,
        "due_area": format_area(numbers.due_area),
        "present_area": format_area(numbers.present_area),
        "represented": numbers.represented_heads,
        "represented_area": format_area(numbers.represented_area),
        "guests": others.get(Role.GUEST, 0),
        "observers": others.get(Role.OBSERVER, 0),
        "quorum": [
            {
                "measure": reached.measure,
                "of": reached.of,
                "fraction": reached.fraction,
                "base": _number(reached.measure, reached.base),
                "needed": _number(reached.measure, reached.needed),
                "reached": _number(reached.measure, reached.reached),
                "represented": _number(reached.measure, reached.represented),
                "met": reached.met,
                "sentence": reached.sentence(),
            }
            for reached in reached_by(meeting.template, numbers)
        ],
    }


def _number(measure: str, value: int) -> int | str:
    return format_area(value) if measure == "area" else value


def _agenda(meeting: Meeting) -> Message:
    return {"items": _items(meeting), "ballots": _ballot_ids(meeting), "result": latest_verdict(meeting)}


def _items(meeting: Meeting) -> list[Message]:
    rows = AgendaItem.objects.filter(meeting=meeting).order_by("position")
    papers: dict[int, list[str]] = {}
    for paper in papers_of(meeting):
        papers.setdefault(paper.item_id, []).append(paper.title)
    return [
        {
            "id": str(item.pk),
            "position": item.position,
            "title": item.title,
            "text": item.motion_text,
            "status": item.status,
            "status_word": item.get_status_display(),
            "decision": item.decision,
            "ballot": str(item.ballot_id) if item.ballot_id else None,
            "papers": papers.get(item.pk, []),
        }
        for item in rows
    ]


def _ballot_ids(meeting: Meeting) -> list[str]:
    found = AgendaBallot.objects.filter(item__meeting=meeting).order_by("id").values_list("ballot_id", flat=True)
    return [str(ballot_id) for ballot_id in found]


def _speakers(meeting: Meeting) -> Message:
    queue = speakers_queue(meeting)
    return {
        "waiting": [
            {
                "id": str(speech.pk),
                "name": mask_name(speech.attendance.name),
                "stance": speech.stance,
                "stance_word": speech.get_stance_display(),
            }
            for speech in queue[:_HANDS_SHOWN]
        ],
        "count": len(queue),
        "sides": [
            {"stance": side.stance, "label": side.label, "speeches": side.speeches, "seconds": side.seconds}
            for side in totals_by_side(meeting)
        ],
    }


def _timer(meeting: Meeting) -> Message:
    speech = (
        Speech.objects.filter(meeting=meeting, started_at__isnull=False, ended_at__isnull=True)
        .select_related("attendance")
        .first()
    )
    now = timezone.now()
    if speech is None or speech.started_at is None:
        return {"timer": None, "now": now.isoformat()}
    timer = {
        "speech": str(speech.pk),
        "name": mask_name(speech.attendance.name),
        "stance": speech.stance,
        "stance_word": speech.get_stance_display(),
        "started_at": speech.started_at.isoformat(),
        "limit": speech.limit_seconds,
        "used": max(0, int((now - speech.started_at).total_seconds())),
        "warning": WARNING_SECONDS,
        "extensions": speech.extensions,
    }
    return {"timer": timer, "now": now.isoformat()}


def _motion(meeting: Meeting) -> Message:
    motion = live_motion(meeting)
    if motion is None:
        return {"motion": None}
    amendments = list(motion.amendments.order_by("position"))
    asked = next((amendment for amendment in amendments if amendment.decided_at is None), None)
    merged = redline.merged(motion.text, asked.passage, asked.replacement) if asked is not None else motion.text
    return {
        "motion": {
            "id": str(motion.pk),
            "text": motion.text,
            "status": motion.status,
            "status_word": motion.get_status_display(),
            "segments": _segments(motion.original_text, motion.text),
            "preview": _segments(motion.text, merged) if asked is not None else [],
            "amendments": [
                {
                    "id": str(amendment.pk),
                    "passage": amendment.passage,
                    "replacement": amendment.replacement,
                    "status": amendment.status,
                    "status_word": amendment.get_status_display(),
                }
                for amendment in amendments
            ],
        }
    }


def _segments(old: str, new: str) -> list[Message]:
    return [{"change": segment.change, "text": segment.text} for segment in redline.redline(old, new)]


def _roll_call(meeting: Meeting) -> Message:
    return {"roll_call": roll_call_message(meeting)}


def _consent(meeting: Meeting) -> Message:
    return {"consent": consent_message(meeting)}


_BODIES = {
    "state": _state,
    "attendance": _attendance,
    "agenda": _agenda,
    "speakers": _speakers,
    "timer": _timer,
    "motion": _motion,
    "roll_call": _roll_call,
    "consent": _consent,
}
_TYPES = {
    "state": "meeting.state",
    "attendance": "attendance",
    "agenda": "agenda",
    "speakers": "speakers",
    "timer": "timer",
    "motion": "motion",
    "roll_call": "roll_call",
    "consent": "consent",
}
