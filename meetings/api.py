"""HTTP API of meetings: public facts; who was there is not among them."""

import datetime as dt
from typing import Annotated, Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from core.errors import BadInput, NotFound
from meetings import phases
from meetings.kinds import KINDS
from meetings.models import Meeting
from meetings.models.meeting import Phase
from meetings.queries.situation import attendance_numbers
from meetings.quorum import reached_by

router = Router(tags=["meetings"])
PAGE_SIZE, PAGE_SIZE_LIMIT = 20, 100


class CommunityOut(Schema):
    """Whose meeting it is."""

    code: str
    name: str


class MeetingLine(Schema):
    """A meeting in a list."""

    id: str
    title: str
    kind: str
    kind_title: str
    phase: str
    place: str
    starts_at: dt.datetime
    resumes_at: dt.datetime | None
    closed_at: dt.datetime | None
    community: CommunityOut
    subject_type: str
    subject_id: str
    url: str
    socket: str


class AgendaOut(Schema):
    """One matter of the agenda; `ballot` is the id of the vote that decides it."""

    id: str
    position: int
    title: str
    motion: str
    status: str
    decision: str
    ballot: str | None
    subject_type: str
    subject_id: str


class QuorumOut(Schema):
    """One threshold of the quorum in heads, or area in hundredths of a square metre.

    `reached` counts who is in the room and who is represented there; `represented` is how much of it are the latter.
    """

    measure: str
    of: str
    fraction: str
    inclusive: bool
    base: int
    needed: int
    reached: int
    represented: int
    shortfall: int
    met: bool
    sentence: str


class MeetingFull(MeetingLine):
    """A meeting with its agenda and how many are there."""

    due: int
    present: int
    represented: int
    quorum: list[QuorumOut]
    quorum_sentence: str
    agenda: list[AgendaOut]


class MeetingPage(Schema):
    """One page of meetings; `count` of all that match."""

    items: list[MeetingLine]
    count: int
    page: int
    pages: int


def _line(meeting: Meeting) -> dict[str, Any]:
    scheme, _colon, rest = settings.PUBLIC_URL.partition("://")
    socket = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/ws/meetings/{meeting.pk}/"
    return {
        "id": str(meeting.pk),
        "title": meeting.title,
        "kind": meeting.kind,
        "kind_title": str(meeting.template.title),
        "phase": meeting.phase,
        "place": meeting.place,
        "starts_at": meeting.starts_at,
        "resumes_at": meeting.resumes_at,
        "closed_at": meeting.closed_at,
        "community": {"code": meeting.community.code, "name": meeting.community.name},
        "subject_type": meeting.subject_type,
        "subject_id": meeting.subject_id,
        "url": f"{settings.PUBLIC_URL}/meetings/{meeting.pk}/",
        "socket": socket,
    }


@router.get("/meetings", response=MeetingPage, summary="List meetings, newest first")
def list_meetings(
    request: HttpRequest,  # noqa: ARG001 - ninja names its first argument so
    community: Annotated[str, Query(max_length=40)] = "",
    kind: str = "",
    phase: str = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=PAGE_SIZE_LIMIT)] = PAGE_SIZE,
) -> dict[str, Any]:
    """Return the meetings of `community` (its code), of `kind`, in `phase`. Drafts are not public."""
    meetings = Meeting.objects.select_related("community").exclude(phase=phases.DRAFT)
    if community:
        meetings = meetings.filter(community__code=community.replace("\x00", ""))
    if kind:
        if kind not in KINDS:
            raise BadInput(_("没有这种会议类别。"), field="kind")
        meetings = meetings.filter(kind=kind)
    if phase:
        if phase not in Phase.values:
            raise BadInput(_("没有这个阶段。"), field="phase")
        meetings = meetings.filter(phase=phase)
    paginator = Paginator(meetings, size)
    beyond = page > paginator.num_pages
    return {
        "items": [] if beyond else [_line(meeting) for meeting in paginator.page(page)],
        "count": paginator.count,
        "page": page,
        "pages": paginator.num_pages,
    }


@router.get("/meetings/{int:meeting_id}", response=MeetingFull, summary="One meeting: agenda, quorum, decisions")
def read_meeting(request: HttpRequest, meeting_id: int) -> dict[str, Any]:  # noqa: ARG001 - ninja names its first argument so
    """Return one meeting. Problems: `not_found` (404)."""
    meeting = None
    if meeting_id < 2**63:
        meeting = Meeting.objects.select_related("community").exclude(phase=phases.DRAFT).filter(pk=meeting_id).first()
    if meeting is None:
        raise NotFound(_("没有这个会议。"))
    numbers = attendance_numbers(meeting)
    return {
        **_line(meeting),
        "due": numbers.due_heads,
        "present": numbers.present_heads,
        "represented": numbers.represented_heads,
        "quorum": [
            {
                "measure": r.measure,
                "of": r.of,
                "fraction": r.fraction,
                "inclusive": r.inclusive,
                "base": r.base,
                "needed": r.needed,
                "reached": r.reached,
                "represented": r.represented,
                "shortfall": r.shortfall,
                "met": r.met,
                "sentence": r.sentence(),
            }
            for r in reached_by(meeting.template, numbers)
        ],
        "quorum_sentence": meeting.quorum_sentence,
        "agenda": [
            {
                "id": str(item.pk),
                "position": item.position,
                "title": item.title,
                "motion": item.motion_text,
                "status": item.status,
                "decision": item.decision,
                "ballot": str(item.ballot_id) if item.ballot_id else None,
                "subject_type": item.subject_type,
                "subject_id": item.subject_id,
            }
            for item in meeting.agenda.order_by("position")
        ],
    }
