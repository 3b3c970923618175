"""Proxies of a meeting: written, lodged before it opens, carried to the ballots opened from its agenda."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.errors import BadInput, NotAllowed, WrongStage
from meetings import phases
from meetings.models import Attendance, Meeting, MeetingProxy, Role
from meetings.operations.acting import lock, note
from meetings.rules import may_desk
from voting.models import Ballot
from voting.operations.proxy import ProxyNotAllowed
from voting.persons import why_no_holder
from voting.rules import rule_of

_MATTERS_LIMIT = 300


def lodge_meeting_proxy(
    *,
    meeting: Meeting,
    principal: Attendance,
    holder: Attendance,
    matters: str,
    by: User,
    now: dt.datetime | None = None,
) -> MeetingProxy:
    """Lodge a member's written power for another member or an invited guest: by the principal, or by the desk.

    It is carried to every ballot of the meeting that opens while its principal is not in the room; the holder must be
    there to use it. A guest needs an account to vote with. Raises NotAllowed,
    WrongStage (the meeting has opened), ProxyNotAllowed (the rule allows none, the holder is of the property company or
    stands for election, has the most already, onward delegation, given already), BadInput.
    """
    if not matters.strip() or len(matters) > _MATTERS_LIMIT:
        raise BadInput(_("请写明授权事项，最多300字。"), field="matters")
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        principal = _invited(meeting, principal, "principal", (Role.MEMBER,))
        holder = _invited(meeting, holder, "holder", (Role.MEMBER, Role.GUEST))
        _require_own_or_desk(by, meeting, principal)
        if meeting.phase != phases.CONVENED:
            raise WrongStage(_("委托书须在会议开始前提交。"))
        _check(meeting, principal, holder)
        proxy = MeetingProxy.objects.create(
            meeting=meeting, principal=principal, holder=holder, matters=matters.strip(), lodged_at=now, lodged_by=by
        )
        after = {"principal": principal.pk, "holder": holder.pk}
        note(meeting, by=by, act="lodge_meeting_proxy", parts=(), subject=proxy, after=after, now=now)
    return proxy


def revoke_meeting_proxy(*, proxy: MeetingProxy, by: User, now: dt.datetime | None = None) -> MeetingProxy:
    """Take a power back before the meeting opens: the principal, or the desk. Taken back already: nothing changes."""
    with transaction.atomic():
        meeting = lock(proxy.meeting)
        proxy = MeetingProxy.objects.select_related("principal").get(pk=proxy.pk)
        _require_own_or_desk(by, meeting, proxy.principal)
        if meeting.phase != phases.CONVENED:
            raise WrongStage(_("会议开始后不能撤销委托；本人到场签到后，由本人投票。"))
        if proxy.revoked_at is None:
            proxy.revoked_at = now or clock.now()
            proxy.save(update_fields=["revoked_at"])
            after = {"principal": proxy.principal_id, "holder": proxy.holder_id}
            note(meeting, by=by, act="revoke_meeting_proxy", parts=(), subject=proxy, after=after, now=now)
    return proxy


def _invited(meeting: Meeting, attendance: Attendance, field: str, roles: tuple[Role, ...]) -> Attendance:
    found = Attendance.objects.filter(meeting=meeting, pk=attendance.pk, role__in=roles).first()
    if found is None:
        raise BadInput(_("委托人须是应到会人员，受托人须是应到会或者列席人员。"), field=field)
    return found


def _require_own_or_desk(by: User, meeting: Meeting, principal: Attendance) -> None:
    if principal.user_id != by.pk and not may_desk(by, meeting):
        raise NotAllowed(_("委托书由本人或者社区工作人员提交。"))


def _check(meeting: Meeting, principal: Attendance, holder: Attendance) -> None:
    rule = rule_of(meeting.rule).entry
    policy, article = rule["proxy"], str(rule["article"])
    if not policy["allowed"]:
        raise ProxyNotAllowed(_("这种会议的表决不允许委托。"), article=article)
    if principal.pk == holder.pk:
        raise ProxyNotAllowed(_("不能委托自己。"))
    if meeting.template.neutral_chair and holder.user_id == meeting.chair_id:
        raise ProxyNotAllowed(_("主持人不投票，不能接受委托。"), article=article)
    if holder.guardian_name:
        raise ProxyNotAllowed(_("由监护人代行的人不能接受委托。"), article=article)
    if holder.role == Role.GUEST and holder.user_id is None:
        raise ProxyNotAllowed(_("列席人员没有账号，不能代为投票；请先为其开通账号再邀请。"))
    announced = Ballot.objects.filter(pk__in=meeting.agenda.exclude(ballot=None).values("ballot"))
    if sentence := why_no_holder(meeting.community, announced, holder.name, holder.user):
        raise ProxyNotAllowed(sentence, article=article)
    running = MeetingProxy.objects.filter(meeting=meeting, revoked_at__isnull=True)
    if running.filter(principal=principal).exists():
        raise ProxyNotAllowed(_("已经委托了他人。"))
    if running.filter(principal=holder).exists() or running.filter(holder=principal).exists():
        raise ProxyNotAllowed(_("不能转委托。"))
    if running.filter(holder=holder).count() >= policy["cap"]:
        raise ProxyNotAllowed(_("每人最多接受 %(cap)d 份委托。") % {"cap": policy["cap"]}, article=article)
