"""What meetings wait for from one person: to come in, tasks from their decisions, invitations to answer."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from community.models import User
from core import clock
from meetings import phases
from meetings.models import Attendance, DecisionTask, Reply

_MOST = 50


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing a meeting waits for: what, which verb, where, until when."""

    title: str
    verb: str
    href: str
    ends: dt.date | None = None
    note: str = ""
    goes_on: bool = False


def invitations_to_answer(user: User, *, now: dt.datetime | None = None) -> list[Duty]:
    """Return the coming meetings that `user`, or a ward of theirs, is invited to and has not answered: the next 20.

    One query.
    """
    waiting = (
        Attendance.objects.filter(_seat_of(user), reply=Reply.NONE, meeting__phase=phases.CONVENED)
        .filter(meeting__starts_at__gt=now or clock.now(), signed_in_at__isnull=True)
        .select_related("meeting")
        .order_by("meeting__starts_at", "id")
    )
    return [
        Duty(
            title=row.meeting.title,
            verb=_("答复参会"),
            href=reverse("meetings:meeting", args=[row.meeting_id]),
            ends=clock.local_date(row.meeting.starts_at),
        )
        for row in _once_a_meeting(waiting[:20])
    ]


def meetings_going_on(user: User) -> list[Duty]:
    """Return the meetings that go on now and that `user`, or a ward of theirs, is invited to, each once, at most 20.

    Whoever chairs has a page of their own. One query.
    """
    seats = (
        Attendance.objects.filter(_seat_of(user), meeting__phase__in=phases.ONGOING)
        .exclude(meeting__chair=user)
        .select_related("meeting")
        .order_by("meeting__starts_at", "id")
    )
    return [
        Duty(
            title=seat.meeting.title,
            verb=_("进入会议"),
            href=reverse("meetings:meeting", args=[seat.meeting_id]),
            ends=clock.local_date(seat.meeting.starts_at),
            note=seat.meeting.get_phase_display(),
            goes_on=True,
        )
        for seat in _once_a_meeting(seats[:20])
    ]


def _seat_of(user: User) -> Q:
    """Return the condition that a seat is this person's, or that of a ward they come for."""
    return Q(user=user) | Q(guardian=user)


def _once_a_meeting(seats: Iterable[Attendance]) -> Iterable[Attendance]:
    return {seat.meeting_id: seat for seat in seats}.values()


def tasks_to_do(user: User) -> list[Duty]:
    """Return the open tasks from meetings' decisions that `user` owns, at most 50. One query."""
    tasks = DecisionTask.objects.filter(owner=user, done_at=None).select_related("item__meeting")
    return [
        Duty(
            title=task.title,
            verb=_("办理"),
            href=reverse("meetings:tasks", args=[task.item.meeting_id]),
            ends=task.due_on,
            note=task.item.meeting.title,
        )
        for task in tasks.order_by("due_on", "id")[:_MOST]
    ]
