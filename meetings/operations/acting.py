"""The shape every act on a meeting shares: lock the row, check, change, ledger, news after commit."""

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from community.models import User
from community.rules import office_of
from core import ledger, notify
from core.actors import Actor
from core.official import official_language
from core.realtime import announce, topics
from core.requirements import require
from meetings import phases
from meetings.models import Attendance, Meeting
from meetings.queries.live import message_of
from meetings.queries.situation import Situation, situation_of
from meetings.requirements import requirements_of


def lock(meeting: Meeting) -> Meeting:
    """Return the row of `meeting`, fresh and locked until the transaction ends."""
    return Meeting.objects.select_for_update(of=("self",)).select_related("community").get(pk=meeting.pk)


def require_act(meeting: Meeting, act: str, *, waived: tuple[str, ...] = ()) -> Situation:
    """Return where `meeting` stands. Raises RequirementsNotMet when `act` cannot be done; `waived` are keys."""
    situation = situation_of(meeting)
    require(situation, [r for r in requirements_of(act, situation) if r.key not in waived])
    return situation


def move(meeting: Meeting, name: str) -> None:
    """Move the phase by `name`; the caller has checked and saves it with `note`."""
    if not phases.may_move(meeting.phase, name):  # the requirements said so before: a programming error
        message = f"{name} does not start from {meeting.phase}"
        raise ValueError(message)
    meeting.phase = phases.after(name)


def note(
    meeting: Meeting,
    *,
    by: Actor,
    act: str,
    parts: tuple[str, ...],
    fields: tuple[str, ...] = (),
    subject: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    document_hash: str = "",
    now: dt.datetime | None = None,
) -> None:
    """Raise the meeting's version, save `fields` with it, write the ledger, tell the screens `parts` after commit."""
    ledger.record(
        by=by,
        act=act,
        subject=subject or meeting,
        office=office_of(by, meeting.community) if isinstance(by, User) else "",
        before=before,
        after={**(after or {}), **({"meeting": meeting.pk} if subject is not None else {})},
        reason=reason,
        document_hash=document_hash,
        now=now,
    )
    tell_screens(meeting, parts, fields=fields)


def tell_screens(meeting: Meeting, parts: tuple[str, ...], *, fields: tuple[str, ...] = ()) -> None:
    """Raise the version of the locked `meeting`, save `fields` with it, tell the screens `parts` after commit."""
    meeting.version += 1
    meeting.save(update_fields=[*fields, "version"])
    transaction.on_commit(partial(_tell, meeting.pk, parts))


def who_comes(seats: QuerySet[Attendance]) -> list[User]:
    """Return the accounts that take `seats`: the person's own, or the guardian's of a ward. One query."""
    rows = seats.select_related("user", "guardian")
    return [person for row in rows if (person := row.user or row.guardian) is not None]


def tell_invited(meeting: Meeting, text: str) -> int:
    """Tell everybody invited who has an account, in the caller's transaction; return how many. Two statements."""
    invited = Q(attendances__meeting=meeting) | Q(ward_attendances__meeting=meeting)
    people = User.objects.filter(invited).distinct().order_by("pk")
    return notify.tell(people, text, url=reverse("meetings:meeting", args=[meeting.pk]))


@official_language()
def _tell(meeting_id: int, parts: tuple[str, ...]) -> None:
    """Tell `parts` as they stand now, with the version that is read: another act may have been told meanwhile."""
    meeting = Meeting.objects.select_related("community", "chair").get(pk=meeting_id)
    for part in parts:
        announce(topics.meeting(meeting_id), part, meeting.version, message_of(part, meeting, meeting.version))
