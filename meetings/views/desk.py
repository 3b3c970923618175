"""The door: the sign-in desk, the poster whose code changes, the page behind it, the sheet on paper."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from community.models import User
from community.queries import account_in
from core import clock, qr
from core.errors import BadInput, Refused
from core.web import page_errors, refusal
from meetings import phases, signin
from meetings.forms import WalkInForm
from meetings.models import Attendance, Meeting
from meetings.operations import admit, request_leave, return_to_meeting, sign_in, sign_in_by_code, sign_out
from meetings.queries.door import replies_to, why_door_is_closed
from meetings.queries.live import message_of
from meetings.rules import holds_power_here, require_desk, seats_of
from meetings.views.finding import cleaned, meeting_or_404, person

_PAGE = 50
_DOOR_IS_OPEN = {phases.CONVENED, *phases.ONGOING}


def _desk(_request: HttpRequest, meeting_id: int, **_more: Any) -> str:
    return reverse("meetings:desk", args=[meeting_id])


@page_errors
def desk(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Find somebody by name or room and sign them in. Eleven queries whatever the number of people."""
    meeting = meeting_or_404(meeting_id)
    require_desk(person(request), meeting)
    wanted = request.GET.get("q", "").strip()[:50]
    people = Attendance.objects.filter(meeting=meeting).by_role().prefetch_related("presences")
    if wanted:
        people = people.filter(
            Q(name__icontains=wanted) | Q(place__icontains=wanted) | Q(guardian_name__icontains=wanted)
        )
    page = Paginator(people, _PAGE).get_page(request.GET.get("page"))
    stranger = "" if page.object_list else wanted
    context = {
        "meeting": meeting,
        "page": page,
        "wanted": wanted,
        "query": urlencode({"q": wanted}) if wanted else "",
        "state": _attendance(meeting),
        "closed": why_door_is_closed(meeting, clock.now()),
        "replies": replies_to(meeting) if meeting.phase == phases.CONVENED else None,
        "walk_in_form": WalkInForm(initial={"name": stranger}) if meeting.phase in _DOOR_IS_OPEN else None,
    }
    return render(request, "meetings/desk.html", context)


@require_POST
@page_errors(back=_desk)
def walk_in(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Let somebody in as a guest or an observer who was not invited, and sign them in.

    A user name finds an account of this community, one on the list, or the holder of a power for a ballot of this
    agenda; anything else is a name, so that the desk cannot ask for the names of other communities.
    """
    meeting, user = meeting_or_404(meeting_id), person(request)
    facts = cleaned(WalkInForm(request.POST))
    name = str(facts["name"])
    account = _account_at(meeting, name)
    seat = admit(meeting=meeting, name=name if account is None else "", user=account, role=str(facts["role"]), by=user)
    said = {"name": seat.name, "role": seat.get_role_display()}
    messages.success(request, _("%(name)s已作为%(role)s人员签到。") % said)
    return redirect("meetings:desk", meeting.pk)


def _account_at(meeting: Meeting, username: str) -> User | None:
    account = account_in(meeting.community, username)
    if account is None:
        other = User.objects.filter(username=username, is_active=True).first()
        if other is not None and (seats_of(other, meeting) or holds_power_here(other, meeting)):
            account = other
    return account


@require_POST
@page_errors(back=_desk)
def desk_act(request: HttpRequest, meeting_id: int, attendance_id: int) -> HttpResponse:
    """Sign somebody in, out, back in; note the leave of who telephoned. A reason enters a late signature."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    attendance = Attendance.objects.filter(pk=attendance_id, meeting=meeting).first()
    if attendance is None:
        raise BadInput(_("这位不在本次会议的名单上。"))
    act = request.POST.get("act")
    if act == "in":
        reason = request.POST.get("override_reason", "").strip()
        sign_in(meeting=meeting, attendance=attendance, by=user, override_reason=reason)
        messages.success(request, _("%(name)s已签到。") % {"name": attendance.name})
    elif act == "out":
        sign_out(meeting=meeting, attendance=attendance, by=user)
        messages.success(request, _("%(name)s已签退。") % {"name": attendance.name})
    elif act == "back":
        return_to_meeting(meeting=meeting, attendance=attendance, by=user)
        messages.success(request, _("%(name)s已回到会场。") % {"name": attendance.name})
    elif act == "leave":
        reason = request.POST.get("leave_reason", "")
        request_leave(meeting=meeting, attendance=attendance, reason=reason, by=user)
        messages.success(request, _("已为%(name)s登记请假。") % {"name": attendance.name})
    else:
        raise BadInput(_("没有这个操作。"), field="act")
    back = reverse("meetings:desk", args=[meeting.pk])
    wanted = request.POST.get("q", "").strip()[:50]
    return redirect(f"{back}?{urlencode({'q': wanted})}" if wanted else back)


@page_errors
def sheet(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Print the sign-in sheet: everybody invited, a line to sign, the code of this meeting's page."""
    meeting = meeting_or_404(meeting_id)
    require_desk(person(request), meeting)
    people = list(Attendance.objects.filter(meeting=meeting).by_role())
    address = settings.PUBLIC_URL + reverse("meetings:meeting", args=[meeting.pk])
    return render(request, "meetings/sheet.html", {"meeting": meeting, "people": people, "qr": qr.data_url(address)})


@never_cache
@page_errors
def poster(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show the code to scan, full screen; it changes every half minute. Without JavaScript the page reloads itself."""
    meeting = meeting_or_404(meeting_id)
    require_desk(person(request), meeting)
    context = {"meeting": meeting, "state": _attendance(meeting), **_code(meeting)}
    return render(request, "meetings/poster.html", context)


@never_cache
@page_errors
def poster_code(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Return the present code as JSON for the poster's script: {"qr", "left", "present", "due"}."""
    meeting = meeting_or_404(meeting_id)
    require_desk(person(request), meeting)
    state = _attendance(meeting)
    return JsonResponse({**_code(meeting), "present": state["present"], "due": state["due"]})


def _attendance(meeting: Meeting) -> dict[str, Any]:
    return message_of("attendance", meeting, meeting.version)


def _code(meeting: Meeting) -> dict[str, Any]:
    now = clock.now()
    code = signin.code_for(meeting.pk, now)
    address = settings.PUBLIC_URL + reverse("meetings:signin", args=[meeting.pk]) + f"?code={code}"
    return {"qr": qr.data_url(address), "left": signin.seconds_left(now)}


@never_cache
@page_errors
def signin_page(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Sign in by the scanned code: one button. A code seen in time is kept while the person signs in to the account."""
    meeting = meeting_or_404(meeting_id)
    key = f"signin-{meeting.pk}"
    code = request.GET.get("code", "")[:20]
    now = clock.now()
    if code and signin.is_current(meeting.pk, code, now):
        request.session[key] = {"code": code, "at": now.isoformat()}
    if not isinstance(request.user, User):
        return redirect_to_login(reverse("meetings:signin", args=[meeting.pk]))
    seen = request.session.get(key)
    seats = seats_of(request.user, meeting)
    mine = seats[0] if seats else None
    if request.method == "POST":
        if not seen:
            return refusal(request, Refused(_("请扫描会场的签到码。"), code="code_missing"))
        try:
            mine = sign_in_by_code(
                meeting=meeting,
                code=seen["code"],
                scanned_at=dt.datetime.fromisoformat(seen["at"]),
                by=request.user,
            )
        except Refused as error:
            request.session.pop(key, None)
            return refusal(request, error)
        request.session.pop(key, None)
        messages.success(request, _("已签到。"))
        return redirect("meetings:meeting", meeting.pk)
    context = {
        "meeting": meeting,
        "mine": mine,
        "seats": seats,
        "waiting": any(not seat.is_present for seat in seats),
        "may_come_in": mine is not None or holds_power_here(request.user, meeting),
        "seen": bool(seen),
    }
    return render(request, "meetings/signin.html", context)
