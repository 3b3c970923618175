"""Finding the meeting a page is about, and turning a broken form into the one sentence of a refusal."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.models import User
from core.errors import BadInput, NotAllowed, NotFound
from meetings.models import AgendaItem, Amendment, Attendance, Meeting, Motion
from meetings.queries.situation import situation_of


def meeting_or_404(meeting_id: int) -> Meeting:
    """Return the meeting with its community and chair. Raises NotFound."""
    found = Meeting.objects.select_related("community", "chair", "recorder").filter(pk=meeting_id).first()
    if found is None:
        raise NotFound(_("没有这个会议。"))
    return found


def person(request: HttpRequest) -> User:
    """Return who is signed in. Raises NotAllowed, which sends a reader to sign in."""
    if not isinstance(request.user, User):
        raise NotAllowed(_("请先登录。"))
    return request.user


def cleaned(form: forms.Form) -> dict[str, object]:
    """Return the form's facts. Raises BadInput naming the first field that is wrong."""
    if form.is_valid():
        return dict(form.cleaned_data)
    field, errors = next(iter(form.errors.items()))
    label = form.fields[field].label if field in form.fields else ""
    raise BadInput(f"{label}：{errors[0]}" if label else str(errors[0]), field=field)


def row_of(model: Any, identity: str | None, **where: Any) -> Any:
    """Return the row a form names. Raises BadInput for anything else."""
    text = identity or ""
    found = None
    if text.isascii() and text.isdecimal() and len(text) < 19:  # noqa: PLR2004 - digits of a 64-bit key
        found = model.objects.filter(pk=int(text), **where).first()
    if found is None:
        raise BadInput(_("没有找到所选的项目，页面可能已经过时，请刷新。"))
    return found


def chosen_person(request: HttpRequest, meeting: Meeting) -> Attendance:
    """Return the invited person the form names. Raises BadInput."""
    found: Attendance = row_of(Attendance, request.POST.get("attendance"), meeting=meeting)
    return found


def item_at_hand(meeting: Meeting) -> AgendaItem:
    """Return the agenda item under discussion. Raises BadInput before the first."""
    item = AgendaItem.objects.filter(meeting=meeting, status="current").first()
    if item is None:
        raise BadInput(_("还没有开始议程。"))
    return item


def motion_at_hand(meeting: Meeting) -> Motion:
    """Return the motion before the meeting. Raises BadInput without."""
    motion = situation_of(meeting).motion
    if motion is None:
        raise BadInput(_("没有待决的动议。"))
    return motion


def amendment_at_hand(meeting: Meeting) -> Amendment:
    """Return the amendment that is voted on next. Raises BadInput without."""
    amendment = situation_of(meeting).open_amendment
    if amendment is None:
        raise BadInput(_("没有待决的修正案。"))
    return amendment
