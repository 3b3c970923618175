"""Calling a meeting: convening, inviting, answers to the invitation, calling it off."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from community.models import Term, Unit, User
from community.queries import homes_in
from core import clock, notify
from core.actors import Actor
from core.errors import BadInput, Refused, WrongStage
from core.ledger import subject_type
from core.masking import mask_name
from core.official import official_language
from meetings import phases
from meetings.kinds import KINDS, MeetingKind
from meetings.models import AgendaItem, Attendance, Meeting, Reply, Role
from meetings.operations.acting import lock, move, note, tell_invited
from meetings.quorum import quorum_article
from meetings.rules import attendance_acting, require_convening, require_desk, require_running, seats_of
from publish.operations import issue_notice
from publish.queries.periods import period_for
from voting.operations.drafts import VoterDraft

_TITLE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody to invite: a user, or only a name. Weights: `heads` in persons, `area` in 0.01 m2.

    With `guardian_name` the guardian comes in this person's place, and the person's own account is left out.
    """

    user: User | None = None
    name: str = ""
    place: str = ""
    capacity: str = ""
    role: str = Role.MEMBER
    is_stakeholder: bool = False
    heads: int = 1
    area: int = 0
    guardian: User | None = None
    guardian_name: str = ""

    @classmethod
    def of_voter(cls, voter: VoterDraft, **more: Any) -> "Invitee":
        """Return the invitation of somebody who stands on a roll, with the weight they have there."""
        return cls(
            user=voter.user,
            name=voter.name,
            place=voter.place,
            heads=voter.heads,
            area=voter.area,
            guardian=voter.guardian,
            guardian_name=voter.guardian_name,
            **more,
        )


@dataclass(frozen=True, slots=True)
class AgendaDraft:
    """One matter for the agenda; `motion` is the text that will be voted on, `subject` what it is about."""

    title: str
    motion: str = ""
    subject: models.Model | None = None


def convene_meeting(
    *,
    community: Unit,
    kind: str,
    title: str,
    place: str,
    starts_at: dt.datetime,
    chair: User,
    by: User,
    invitees: Iterable[Invitee | User],
    agenda: Sequence[AgendaDraft | str],
    subject: models.Model | None = None,
    recorder: User | None = None,
    rule: str | dict[str, Any] | None = None,
    urgent_reason: str = "",
    places: Sequence[str] = (),
    now: dt.datetime | None = None,
) -> Meeting:
    """Call a meeting: write it down with agenda and invitations and issue its notice (kind meeting_notice).

    The notice must stand `notice_days` calendar days: the day of the meeting is at least that many days after today
    (Residents' Committees Act 26, Property Management Regulation 14). A shorter notice needs `urgent_reason`, which
    the notice prints. Offices the kind requires and that are held in the community are invited besides `invitees`.

    Raises NotAllowed, BadInput (unknown kind, no agenda, no members, start in the past), Refused (notice too short),
    WrongStage when the same meeting stands already: the button was pressed twice.
    """
    now = now or clock.now()
    require_convening(by, community)
    template = _template(kind)
    _check_words(title, place, agenda)
    _check_notice(template, community, starts_at, urgent_reason, now)
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=community.pk)
        same = Meeting.objects.filter(community=community, kind=kind, starts_at=starts_at)
        if same.filter(title=title.strip(), place=place.strip()).exclude(phase=phases.CANCELLED).exists():
            raise WrongStage(_("这次会议已经召集，不必再召集一次。"), code="already_convened")
        meeting = Meeting(
            community=community,
            kind=kind,
            title=title.strip(),
            place=place.strip(),
            starts_at=starts_at,
            convener=by,
            chair=chair,
            recorder=recorder,
            rule=rule if rule is not None else template.rule,
            urgent_reason=urgent_reason.strip(),
            convened_at=now,
            **_reference(subject),
        )
        move(meeting, "convene")
        meeting.save()
        _write_agenda(meeting, agenda)
        drafts = [i if isinstance(i, Invitee) else Invitee(user=i) for i in invitees]
        rows = _write_invitations(meeting, [*drafts, *_required(template, community, now)])
        if not any(row.role == Role.MEMBER for row in rows):
            raise BadInput(_("会议没有应到会的人。"), field="invitees")
        issue_notice(
            kind="meeting_notice",
            facts=_notice_facts(meeting, rows, places),
            issuer=community,
            by=by,
            subject=meeting,
            period_key=template.notice_key,
            now=now,
        )
        after = {"kind": kind, "starts_at": starts_at.isoformat(), "invited": len(rows)}
        note(meeting, by=by, act="convene_meeting", parts=(), after=after, reason=meeting.urgent_reason, now=now)
        _tell_invited(meeting, rows)
    return meeting


def invite(
    *, meeting: Meeting, invitees: Iterable[Invitee | User], by: Actor, now: dt.datetime | None = None
) -> list[Attendance]:
    """Invite more people; those already invited stay as they are.

    Members only until the meeting opens, and by whom runs it; guests and observers by the desk too.
    """
    with transaction.atomic():
        meeting = lock(meeting)
        drafts = [i if isinstance(i, Invitee) else Invitee(user=i) for i in invitees]
        (require_running if any(draft.role == Role.MEMBER for draft in drafts) else require_desk)(by, meeting)
        if meeting.phase in phases.OVER:
            raise WrongStage(_("会议已经结束，不能再邀请。"))
        if meeting.phase != phases.CONVENED and any(draft.role == Role.MEMBER for draft in drafts):
            raise WrongStage(_("会议已经开始，应到会人员不能再增加；可以作为列席或旁听人员。"))
        rows = _write_invitations(meeting, drafts)
        after = {"invited": [row.pk for row in rows]}
        note(meeting, by=by, act="invite_to_meeting", parts=("attendance",), after=after, now=now)
        _tell_invited(meeting, rows)
    return rows


def accept_invitation(*, meeting: Meeting, by: User, now: dt.datetime | None = None) -> Attendance:
    """Note that the invited person will come, their wards too; takes back an earlier leave."""
    return _reply(meeting, by, Reply.COMING, "", now)


def request_leave(
    *, meeting: Meeting, reason: str, by: User, attendance: Attendance | None = None, now: dt.datetime | None = None
) -> Attendance:
    """Note that somebody, their wards too, will not come, with the reason.

    The desk may enter it for `attendance` who telephoned: for that seat alone.
    """
    if not reason.strip():
        raise BadInput(_("请写明请假事由。"), field="reason")
    return _reply(meeting, by, Reply.LEAVE, reason.strip(), now, attendance)


def cancel_meeting(*, meeting: Meeting, reason: str, by: Actor, now: dt.datetime | None = None) -> Meeting:
    """Call the meeting off before it opens, with the reason, and tell everybody invited."""
    if not reason.strip():
        raise BadInput(_("请写明取消会议的理由。"), field="reason")
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        if not phases.may_move(meeting.phase, "cancel"):
            raise WrongStage(_("会议已经开始或者结束，不能取消。"))
        move(meeting, "cancel")
        note(meeting, by=by, act="cancel_meeting", parts=("state",), fields=("phase",), reason=reason.strip(), now=now)
        tell_invited(meeting, f"会议取消：{meeting.title}。{reason.strip()[:100]}")
    return meeting


def notice_days_given(starts_at: dt.datetime, now: dt.datetime) -> int:
    """Return how many days ahead a notice issued at `now` is: the meeting's day minus today."""
    return (clock.local_date(starts_at) - clock.local_date(now)).days


def _template(kind: str) -> MeetingKind:
    template = KINDS.get(kind)
    if template is None:
        raise BadInput(_("没有这种会议类别。"), field="kind")
    return template


def _check_words(title: str, place: str, agenda: Sequence[AgendaDraft | str]) -> None:
    if not title.strip() or len(title) > _TITLE_LIMIT:
        raise BadInput(_("请写会议名称，最多200字。"), field="title")
    if not place.strip() or len(place) > _TITLE_LIMIT:
        raise BadInput(_("请写会议地点，最多200字。"), field="place")
    if not agenda:
        raise BadInput(_("请至少写一项议程；通知里没有的事项不能表决。"), field="agenda")


def _check_notice(
    template: MeetingKind, community: Unit, starts_at: dt.datetime, urgent_reason: str, now: dt.datetime
) -> None:
    if starts_at <= now:
        raise BadInput(_("会议时间已经过去。"), field="starts_at")
    given, days = notice_days_given(starts_at, now), period_for(template.notice_key, community).days
    if given < days and not urgent_reason.strip():
        raise Refused(
            _("%(kind)s须提前%(days)s日通知，现在只提前%(given)s日；最早可定在%(earliest)s，或者写明紧急召开的理由")
            % {
                "kind": template.title,
                "days": days,
                "given": given,
                "earliest": clock.local_date(now) + dt.timedelta(days=days),
            },
            article=str(template.notice_article),
            code="notice_too_short",
        )


def _reference(subject: models.Model | None) -> dict[str, str]:
    if subject is None:
        return {"subject_type": "", "subject_id": ""}
    return {"subject_type": subject_type(subject), "subject_id": str(subject.pk)}


def _write_agenda(meeting: Meeting, agenda: Sequence[AgendaDraft | str]) -> None:
    drafts = [draft if isinstance(draft, AgendaDraft) else AgendaDraft(draft) for draft in agenda]
    if any(not draft.title.strip() for draft in drafts):
        raise BadInput(_("议程不能是空的。"), field="agenda")
    AgendaItem.objects.bulk_create(
        AgendaItem(
            meeting=meeting,
            position=position,
            title=draft.title.strip(),
            motion_text=draft.motion.strip(),
            **_reference(draft.subject),
        )
        for position, draft in enumerate(drafts, start=1)
    )


def _required(template: MeetingKind, community: Unit, now: dt.datetime) -> list[Invitee]:
    """Return the holders of the offices this kind of meeting must invite: representatives and members vote."""
    today = clock.local_date(now)
    terms = (
        Term.objects.filter(
            office__in=[*template.required_invitees, *template.required_guests], unit__path__startswith=community.path
        )
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), starts_on__lte=today)
        .select_related("user")
        .order_by("id")
    )
    return [Invitee(user=term.user, capacity=term.office, role=_role_of(term.office, template)) for term in terms]


def _role_of(office: str, template: MeetingKind) -> str:
    """Return as what an office is invited; the supervision committee observes, in a review meeting it takes part."""
    if office in template.required_guests:
        return Role.GUEST
    watches = office == "supervision_committee" and template.key != "review_meeting"
    return Role.OBSERVER if watches else Role.MEMBER


def _write_invitations(meeting: Meeting, drafts: Iterable[Invitee]) -> list[Attendance]:
    known = set(meeting.attendances.exclude(user=None).values_list("user_id", flat=True))
    rows: list[Attendance] = []
    by_user: dict[int, Attendance] = {}
    drafts = list(drafts)
    homes = homes_in(meeting.community, [d.user.pk for d in drafts if d.user is not None and not d.place])
    for draft in drafts:
        name = draft.name.strip() or (draft.user.name if draft.user is not None else "")
        if not name:
            raise BadInput(_("邀请名单里有人没有姓名。"), field="invitees")
        user = draft.user if not draft.guardian_name else None
        if user is not None and user.pk in known:
            # Invited by name and required by office: one invitation, which says in what capacity.
            if (row := by_user.get(user.pk)) is not None and not row.capacity:
                row.capacity = draft.capacity
            continue
        if user is not None:
            known.add(user.pk)
        rows.append(
            Attendance(
                meeting=meeting,
                user=user,
                guardian=draft.guardian,
                guardian_name=draft.guardian_name,
                name=name,
                place=draft.place or (homes.get(user.pk, "") if user is not None else ""),
                capacity=draft.capacity,
                role=draft.role,
                is_stakeholder=draft.is_stakeholder,
                heads=draft.heads,
                area=draft.area,
            )
        )
        if user is not None:
            by_user[user.pk] = rows[-1]
    return Attendance.objects.bulk_create(rows, batch_size=500)


@official_language()
def _notice_facts(meeting: Meeting, rows: list[Attendance], places: Sequence[str]) -> dict[str, Any]:
    template = meeting.template
    members = [row for row in rows if row.role == Role.MEMBER]
    watching = [row for row in rows if row.role != Role.MEMBER]
    paragraphs = []
    if meeting.urgent_reason:
        paragraphs.append(_("紧急召开的理由：%(reason)s") % {"reason": meeting.urgent_reason})
    return {
        "title": _("关于召开%(title)s的公告") % {"title": meeting.title[:100]},
        "addressee": _("各位应到会人员"),
        "basis": [str(template.notice_article)],
        "paragraphs": paragraphs,
        "meeting": meeting.title,
        "starts_at": clock.local_minute(meeting.starts_at),
        "place": meeting.place,
        "convener": meeting.community.name,
        "chair": mask_name(meeting.chair.name),
        "participants": [_("应到会%(n)s人") % {"n": len(members)}],
        "observers": [_("列席、旁听%(n)s人") % {"n": len(watching)}] if watching else [],
        "agenda": [
            {"title": item.title, "motion": item.motion_text, "vote": bool(item.motion_text)}
            for item in meeting.agenda.order_by("position")
        ],
        "quorum": quorum_article(template),
        "how_to_attend": _("到会后扫描会场的签到码，或者在签到台签到；不能到会的请提前请假。"),
        "places": list(places) or [_("社区公示栏"), _("社区网上公示栏")],
    }


def _tell_invited(meeting: Meeting, rows: list[Attendance]) -> None:
    users = list({person.pk: person for row in rows if (person := row.user or row.guardian) is not None}.values())
    when = timezone.localtime(meeting.starts_at).strftime("%m-%d %H:%M")
    text = f"请您参加{meeting.title[:100]}，{when}，{meeting.place[:60]}"
    notify.tell(users, text, url=reverse("meetings:meeting", args=[meeting.pk]))


def _reply(
    meeting: Meeting,
    by: User,
    reply: str,
    reason: str,
    now: dt.datetime | None,
    attendance: Attendance | None = None,
) -> Attendance:
    with transaction.atomic():
        meeting = lock(meeting)
        first = attendance_acting(meeting, by, attendance, require_desk)
        if meeting.phase != phases.CONVENED:
            raise WrongStage(_("会议已经开始或者结束，不能再答复。"))
        # Who comes for wards answers for them too, as one code signs them all in.
        for seat in [first] if attendance is not None else seats_of(by, meeting):
            seat.reply, seat.leave_reason, seat.replied_at = reply, reason[:300], now or clock.now()
            seat.save(update_fields=["reply", "leave_reason", "replied_at"])
            after = {"attendance": seat.pk, "reply": reply}
            note(meeting, by=by, act="reply_to_invitation", parts=("attendance",), after=after, now=now)
        first.refresh_from_db()
    return first
