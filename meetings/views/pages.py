"""Pages for everybody: the list, one meeting, answering the invitation, raising a hand."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.models import Unit, User
from community.queries import account_in, communities_of, office_holders, unit_by_code
from community.rules import running_terms
from core.errors import BadInput, Refused
from core.requirements import missing_for
from core.web import key_of, page_errors
from meetings import phases
from meetings.bars import verdict_groups
from meetings.forms import AmendmentForm, ConveneForm, HandForm, LeaveForm, MotionForm, suggested_start
from meetings.kinds import KINDS
from meetings.models import Amendment, Attendance, Meeting, Motion, Role, Speech, Stance
from meetings.operations import (
    AgendaDraft,
    Invitee,
    accept_invitation,
    convene_meeting,
    leave_meeting,
    object_to_consent,
    propose_amendment,
    propose_motion,
    request_leave,
    request_speech,
    second_amendment,
    second_motion,
    withdraw_amendment,
    withdraw_motion,
    withdraw_speech,
)
from meetings.queries.amending import conflicting_amendments
from meetings.queries.live import meeting_state
from meetings.queries.papers import notices_of, papers_of
from meetings.queries.situation import situation_of
from meetings.queries.votes import open_votes
from meetings.quorum import rules_in_words
from meetings.redline import redline
from meetings.requirements import NO_VOTE_RUNS
from meetings.rules import CONVENING_OFFICES, may_desk, may_run, may_see, require_convening, seats_of
from meetings.views.finding import cleaned, meeting_or_404, person
from publish.queries.periods import period_for
from voting.electorates import draw, residents_of_unknown_age
from voting.rules import rule_of

_PAGE = 20
_CAPACITIES = {"owners": "owner"}


def _home(_request: HttpRequest, meeting_id: int, **_more: Any) -> str:
    return reverse("meetings:meeting", args=[meeting_id])


@page_errors
def meeting_list(request: HttpRequest) -> HttpResponse:
    """List the meetings: those I am invited to first by the tab, all others are public facts."""
    tab = request.GET.get("show", "coming")
    meetings = Meeting.objects.select_related("community").exclude(phase=phases.DRAFT)
    if tab == "mine" and isinstance(request.user, User):
        meetings = meetings.filter(
            Q(attendances__user=request.user)
            | Q(attendances__guardian=request.user)
            | Q(chair=request.user)
            | Q(recorder=request.user)
        ).distinct()
    elif tab == "past":
        meetings = meetings.filter(phase__in=phases.OVER)
    else:
        meetings = meetings.exclude(phase__in=phases.OVER).order_by("starts_at", "id")
    page = Paginator(meetings, _PAGE).get_page(request.GET.get("page"))
    words = [("coming", _("将要召开")), ("mine", _("邀请我的")), ("past", _("已经结束"))]
    tabs = [
        {"href": f"?show={key}", "label": word, "current": key == tab, "count": None}
        for key, word in words
        if key != "mine" or request.user.is_authenticated
    ]
    context = {
        "page": page,
        "tabs": tabs,
        "query": f"show={tab}",
        "conveners": communities_to_convene(request.user),
    }
    return render(request, "meetings/list.html", context)


def communities_to_convene(user: object) -> list[Unit]:
    """Return the communities where `user` may call a meeting."""
    if not isinstance(user, User):
        return []
    if not running_terms(user).filter(office__in=CONVENING_OFFICES).exists():
        return []
    return list(communities_of(user))


@page_errors
def convene(request: HttpRequest, code: str) -> HttpResponse:
    """Call a meeting of one community."""
    community = unit_by_code(code)
    user = person(request)
    require_convening(user, community)
    days = {key: period_for(key, community).days for key in {kind.notice_key for kind in KINDS.values()}}
    first = KINDS["deliberation_council"]
    initial = {"kind": first.key, "starts_at": suggested_start(days[first.notice_key])}
    status = 200
    form = ConveneForm(request.POST or None, community=community, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            meeting = convene_meeting(
                community=community,
                kind=facts["kind"],
                title=facts["title"],
                place=facts["place"],
                starts_at=facts["starts_at"],
                chair=facts["chair"],
                recorder=facts["recorder"],
                by=user,
                invitees=_invitees(facts, community),
                agenda=[AgendaDraft(title, motion) for title, motion in facts["agenda"]],
                urgent_reason=facts["urgent_reason"],
            )
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except Refused as error:
            if error.reason_code != "notice_too_short":
                raise
            form.add_error("starts_at", str(error))
            status = error.status
        else:
            messages.success(request, _("会议已通知，公告正在排版。"))
            unknown = residents_of_unknown_age(facts["unit"] or community) if facts["scope"] == "adults" else 0
            if unknown:
                said = _("%(count)d位居民没有登记出生日期，没有列入应到会名单。") % {"count": unknown}
                messages.warning(request, said)
            return redirect("meetings:meeting", meeting.pk)
    context = {
        "form": form,
        "community": community,
        "kinds": [{"kind": kind, "days": days[kind.notice_key], **rules_in_words(kind)} for kind in KINDS.values()],
    }
    return render(request, "meetings/convene.html", context, status=422 if form.errors and status == 200 else status)  # noqa: PLR2004 - HTTP


def _invitees(facts: dict[str, Any], community: Unit) -> list[Invitee]:
    invitees = [
        Invitee(user=holder, capacity=office) for office in facts["offices"] for holder in _holders(community, office)
    ]
    if facts["scope"]:
        invitees += [
            Invitee.of_voter(draft, capacity=_CAPACITIES.get(facts["scope"], ""), is_stakeholder=True)
            for draft in draw(facts["scope"], facts["unit"] or community)
        ]
    for name, role in facts["people"]:
        user = account_in(community, name)
        invitees.append(Invitee(user=user, name="" if user else name, role=role))
    return invitees


def _holders(community: Unit, office: str) -> list[User]:
    return list(office_holders(community, office, below=True))


@page_errors
def meeting_page(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show one meeting: public facts to everybody, the room to those invited."""
    meeting = meeting_or_404(meeting_id)
    user = request.user
    seats = seats_of(user, meeting) if isinstance(user, User) else []
    mine = seats[0] if seats else None
    inside = isinstance(user, User) and may_see(user, meeting)
    context: dict[str, Any] = {
        "meeting": meeting,
        "template": meeting.template,
        "mine": mine,
        "wards": [seat for seat in seats if seat.guardian_id == user.pk],
        "inside": inside,
        "may_run": isinstance(user, User) and may_run(user, meeting),
        "may_desk": isinstance(user, User) and may_desk(user, meeting),
        "agenda": list(meeting.agenda.order_by("position")),
        "rules": rules_in_words(meeting.template, meeting.rule),
        "notices": notices_of(meeting),
        "papers": papers_of(meeting) if inside else [],
        "leave_form": LeaveForm(),
        "allows_proxies": rule_of(meeting.rule).entry["proxy"]["allowed"],
    }
    if inside and meeting.phase in {*phases.ONGOING, phases.CONVENED}:
        situation, state = situation_of(meeting), meeting_state(meeting)
        context |= {
            "situation": situation,
            "votes": open_votes(situation, person(request)),
            "state": state,
            "motion": situation.motion,
            "segments": redline(situation.motion.original_text, situation.motion.text) if situation.motion else [],
            "may_object": mine is not None and mine.role == Role.MEMBER and mine.is_present,
            "my_hand": _my_hand(mine),
            "conflicts": conflicting_amendments(situation),
            "preview": state["motion"]["preview"] if state["motion"] else [],
            "stances": _stances(mine, meeting),
            "is_neutral": _is_neutral(mine, meeting),
            "verdict_groups": verdict_groups(state["result"]),
            "barred": missing_for(situation, [NO_VOTE_RUNS]),
            "motion_form": MotionForm(),
            "amendment_form": AmendmentForm(),
        }
    return render(request, "meetings/meeting.html", context)


def _is_neutral(mine: Attendance | None, meeting: Meeting) -> bool:
    """Return whether the reader presides and so takes no side, moves nothing and seconds nothing (RULEBOOK 1)."""
    return mine is not None and meeting.template.neutral_chair and mine.user_id == meeting.chair_id


def _stances(mine: Attendance | None, meeting: Meeting) -> list[tuple[str, Any]]:
    """Return how the reader may raise a hand."""
    sides = {Stance.FOR, Stance.AGAINST} if _is_neutral(mine, meeting) else set()
    return [(key, word) for key, word in HandForm().fields["stance"].choices if key not in sides]  # type: ignore[attr-defined] # a ChoiceField


def _my_hand(mine: Attendance | None) -> Speech | None:
    if mine is None:
        return None
    return mine.speeches.filter(withdrawn_at__isnull=True, ended_at__isnull=True).first()


@require_POST
@page_errors(back=_home)
def reply(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Answer the invitation: coming, or leave with the reason."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if request.POST.get("reply") == "leave":
        request_leave(meeting=meeting, reason=str(cleaned(LeaveForm(request.POST))["reason"]), by=user)
        messages.success(request, _("已请假，会议结束后会把纪要发给您。"))
    else:
        accept_invitation(meeting=meeting, by=user)
        messages.success(request, _("已回复参加。"))
    return redirect("meetings:meeting", meeting.pk)


@require_POST
@page_errors(back=_home)
def act_in_room(request: HttpRequest, meeting_id: int, act: str) -> HttpResponse:
    """Do one act of somebody in the room: raise or lower a hand, move, second, take back, leave."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    done = _ROOM_ACTS.get(act)
    if done is None:
        raise BadInput(_("没有这个操作。"), field="act")
    messages.success(request, done(request, meeting, user))
    return redirect("meetings:meeting", meeting.pk)


def _raise_hand(request: HttpRequest, meeting: Meeting, user: User) -> str:
    request_speech(meeting=meeting, stance=str(cleaned(HandForm(request.POST))["stance"]), by=user)
    return _("已举手，请等候主持人点名。")


def _lower_hand(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    for speech in Speech.objects.filter(
        meeting=meeting, attendance__in=seats_of(user, meeting), started_at__isnull=True, withdrawn_at__isnull=True
    ):
        withdraw_speech(speech=speech, by=user)
    return _("手已放下。")


def _move(request: HttpRequest, meeting: Meeting, user: User) -> str:
    propose_motion(meeting=meeting, text=str(cleaned(MotionForm(request.POST))["text"]), by=user)
    return _("动议已提出，等待附议。")


def _second(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    second_motion(motion=_live_motion(meeting), by=user)
    return _("已附议。")


def _withdraw(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    withdraw_motion(motion=_live_motion(meeting), by=user)
    return _("动议已撤回。")


def _amend(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(AmendmentForm(request.POST))
    propose_amendment(
        motion=_live_motion(meeting),
        passage=str(facts["passage"]),
        replacement=str(facts["replacement"]),
        by=user,
    )
    return _("修正案已提出，等待附议。")


def _second_amendment(request: HttpRequest, meeting: Meeting, user: User) -> str:
    second_amendment(amendment=_amendment(request, meeting), by=user)
    return _("已附议修正案。")


def _withdraw_amendment(request: HttpRequest, meeting: Meeting, user: User) -> str:
    withdraw_amendment(amendment=_amendment(request, meeting), by=user)
    return _("修正案已撤回。")


def _object(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    object_to_consent(meeting=meeting, by=user)
    return _("您的异议已记下，这件事将付诸表决。")


def _leave_room(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    leave_meeting(meeting=meeting, by=user)
    return _("已签退。")


_ROOM_ACTS = {
    "hand": _raise_hand,
    "lower": _lower_hand,
    "move": _move,
    "second": _second,
    "withdraw": _withdraw,
    "amend": _amend,
    "second-amendment": _second_amendment,
    "withdraw-amendment": _withdraw_amendment,
    "object": _object,
    "leave": _leave_room,
}


def _live_motion(meeting: Meeting) -> Motion:
    motion = Motion.objects.filter(meeting=meeting, status__in=["proposed", "seconded"]).first()
    if motion is None:
        raise BadInput(_("没有待决的动议。"), field="motion")
    return motion


def _amendment(request: HttpRequest, meeting: Meeting) -> Amendment:
    key = key_of(request.POST.get("amendment", ""))
    found = Amendment.objects.select_related("motion__meeting").filter(pk=key, motion__meeting=meeting).first()
    if found is None:
        raise BadInput(_("没有这个修正案。"), field="amendment")
    return found
