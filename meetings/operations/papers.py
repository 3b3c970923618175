"""Papers of an agenda item: handed out three days ahead, told to everybody invited, taken back with the reason."""

import datetime as dt
from typing import IO

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.errors import BadInput, WrongStage
from meetings import phases
from meetings.intake import store_paper
from meetings.models import AgendaItem, AgendaPaper, PaperKind
from meetings.operations.acting import lock, note, tell_invited
from meetings.rules import require_running

_TITLE_LIMIT = 100
_MOST_PAPERS = 20


def add_paper(
    *, item: AgendaItem, title: str, file: IO[bytes], by: User, now: dt.datetime | None = None
) -> AgendaPaper:
    """Hand out a paper of an agenda item; everybody invited is told. Late papers are taken too and marked as late.

    Raises NotAllowed, WrongStage (the meeting is over), BadInput (no title, listed already, 20 papers, the file).
    """
    title = title.strip()
    if not title or len(title) > _TITLE_LIMIT:
        raise BadInput(_("请写材料名称，最多100字。"), field="title")
    now = now or clock.now()
    require_running(by, item.meeting)  # before the file is stored
    kind, name, size, digest = store_paper(file)
    try:
        return _listed(item, title, (kind, name, size, digest), by, now)
    except BaseException:  # whatever undoes the row leaves no file behind
        if kind == PaperKind.PHOTO:  # a PDF stands under the name of its content: another paper may be the same file
            default_storage.delete(name)
        raise


def _listed(item: AgendaItem, title: str, stored: tuple[str, str, int, str], by: User, now: dt.datetime) -> AgendaPaper:
    kind, name, size, digest = stored
    with transaction.atomic():
        meeting = lock(item.meeting)
        require_running(by, meeting)
        if meeting.phase not in {phases.CONVENED, *phases.ONGOING}:
            raise WrongStage(_("会议已经结束或者取消，不能再发材料。"))
        there = AgendaPaper.objects.filter(item=item, withdrawn_at__isnull=True)
        if there.filter(title=title).exists():
            raise BadInput(_("这项议程已经有同名的材料。"), field="title")
        if there.count() >= _MOST_PAPERS:
            raise BadInput(_("每项议程最多20份材料。"), field="file")
        paper = AgendaPaper.objects.create(
            item=item, title=title, kind=kind, file=name, size=size, digest=digest, added_at=now, added_by=by
        )
        after = {"item": item.pk, "title": title, "size": size}
        note(
            meeting,
            by=by,
            act="add_agenda_paper",
            parts=("agenda",),
            subject=paper,
            after=after,
            document_hash=digest,
            now=now,
        )
        tell_invited(meeting, f"会议材料：{title}（{meeting.title[:100]}）")
    return paper


def withdraw_paper(*, paper: AgendaPaper, reason: str, by: User, now: dt.datetime | None = None) -> AgendaPaper:
    """Take a paper back, with the reason; its row and file stay. Taken back already: nothing changes."""
    if not reason.strip():
        raise BadInput(_("请写明撤下材料的理由。"), field="reason")
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(paper.item.meeting)
        require_running(by, meeting)
        if meeting.phase in phases.OVER:
            raise WrongStage(_("会议已经结束或者取消，材料不再改动。"))
        paper = AgendaPaper.objects.get(pk=paper.pk)
        if paper.withdrawn_at is None:
            paper.withdrawn_at = now
            paper.save(update_fields=["withdrawn_at"])
            act, why = "withdraw_agenda_paper", reason.strip()
            note(meeting, by=by, act=act, parts=("agenda",), subject=paper, reason=why, now=now)
    return paper
