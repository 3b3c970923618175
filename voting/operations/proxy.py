"""Proxies, recusals and presence: who votes for whom, who steps aside, who is in the room."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from community.models import User
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, Refused, WrongStage
from voting.conducting import Act, require_conductor
from voting.models import Ballot, Item, PaperHandout, Participation, Phase, Proxy, Recusal, Vote, Voter
from voting.operations.ballot import lock_ballot, tell_changed
from voting.persons import why_no_holder

_LONGEST_LINE, _LONGEST_INSTRUCTIONS = 300, 2000


class ProxyNotAllowed(Refused):
    """The rule, or who already holds what, forbids this proxy."""

    code = "proxy_not_allowed"


class AlreadyVoted(Refused):
    """The voter has voted on the item already."""

    code = "already_voted"


@transaction.atomic
def lodge_proxy(
    ballot: Ballot,
    *,
    principal: Voter,
    by: Actor,
    holder: Voter | None = None,
    holder_user: User | None = None,
    matter: str = "",
    powers: str = "",
    instructions: str = "",
    valid_until: dt.date | None = None,
    now: dt.datetime | None = None,
) -> Proxy:
    """Lodge a written power to vote, before the ballot opens.

    The holder is a voter of the roll, or a user who stands on no roll. The paper names the matter (else the ballot's),
    the powers (else to vote on every item) and the term (`valid_until`, that day included; else until this vote ends).
    Refused where the rule allows none, for candidates and property-company staff, beyond the rule's cap for each holder
    (3), and for onward delegation: who has given a proxy holds none, who holds one gives none. Raises WrongStage,
    BadInput, ProxyNotAllowed.
    """
    moment = now or clock.now()
    locked = _draft(ballot, _("委托书须在表决开始前提交。"))
    office = require_conductor(by, Act.PEOPLE, locked, now=moment)
    if principal.ballot_id != locked.pk or (holder is not None and holder.ballot_id != locked.pk):
        raise BadInput(_("委托人和受托人须在本次表决的名册中。"), field="principal")
    if (holder is None) == (holder_user is None):
        raise BadInput(_("须有一名受托人。"), field="holder")
    policy = locked.rule["proxy"]
    article = locked.rule["article"]
    if not policy["allowed"]:
        raise ProxyNotAllowed(_("这种表决不允许委托。"), article=article)
    _refuse_banned(locked, holder, holder_user)
    if valid_until is not None and valid_until < clock.local_date(moment):
        raise BadInput(_("委托的期限已过。"), field="valid_until")
    held = _held_by(locked, holder, holder_user)
    if holder is not None and holder.pk == principal.pk:
        raise ProxyNotAllowed(_("不能委托自己。"))
    if len(held) >= policy["cap"]:
        raise ProxyNotAllowed(_("每人最多接受 %(cap)d 份委托。") % {"cap": policy["cap"]}, article=article)
    running = Proxy.objects.filter(ballot=locked, revoked_at__isnull=True)
    if running.filter(principal=principal).exists():
        raise ProxyNotAllowed(_("已经委托了他人。"))
    gave = Q(principal=holder) if holder is not None else Q(principal__user=holder_user)
    holds = Q(holder=principal) | (Q(holder_user=principal.user_id) if principal.user_id else Q(pk__in=[]))
    if running.filter(gave).exists() or running.filter(holds).exists():
        raise ProxyNotAllowed(_("不能转委托。"))
    proxy = Proxy.objects.create(
        ballot=locked,
        principal=principal,
        holder=holder,
        holder_user=holder_user,
        holder_name=holder.name if holder is not None else holder_user.actor_name() if holder_user else "",
        matter=_text(matter or locked.title, "matter", _LONGEST_LINE),
        powers=_text(powers or _("代为表决全部事项"), "powers", _LONGEST_LINE),
        instructions=_text(instructions, "instructions", _LONGEST_INSTRUCTIONS),
        lodged_at=moment,
        valid_until=valid_until,
    )
    ledger.record(
        by=by,
        office=office,
        act="lodge_proxy",
        subject=locked,
        after={"principal": str(principal.pk), "holder": proxy.holder_name},
        now=moment,
    )
    return proxy


@transaction.atomic
def revoke_proxy(proxy: Proxy, *, by: Actor, now: dt.datetime | None = None) -> Proxy:
    """Revoke a proxy before the ballot opens. Revoking again changes nothing."""
    moment = now or clock.now()
    locked = _draft(proxy.ballot, _("表决开始后不能撤销委托。"))
    office = require_conductor(by, Act.PEOPLE, locked, now=moment)
    stored = Proxy.objects.get(pk=proxy.pk)
    if stored.revoked_at is None:
        stored.revoked_at = moment
        stored.save(update_fields=["revoked_at"])
        ledger.record(
            by=by,
            act="revoke_proxy",
            subject=locked,
            office=office,
            before={"principal": str(stored.principal_id)},
            now=moment,
        )
    proxy.revoked_at = stored.revoked_at
    return proxy


@transaction.atomic
def recuse(item: Item, voter: Voter, *, by: Actor, reason: str = "", now: dt.datetime | None = None) -> Recusal:
    """Let a voter step aside on one item, before voting on it. Stepping aside again changes nothing.

    By the voter, or who conducts the ballot. The voter neither votes nor counts as present for the item; the total
    stays. Raises NotAllowed, WrongStage after closing, AlreadyVoted (also where a secret paper is out).
    """
    moment = now or clock.now()
    locked = lock_ballot(item.ballot)
    if voter.ballot_id != locked.pk:
        raise BadInput(_("不在本次表决的名册中。"), field="voter")
    is_own = voter.user_id is not None and isinstance(by, User) and by.pk == voter.user_id
    office = "" if is_own else require_conductor(by, Act.PEOPLE, locked, now=moment)
    if locked.phase not in {Phase.DRAFT, Phase.OPEN}:
        raise WrongStage(_("表决已截止。"), code="closed")
    for model in (Vote, Participation):
        if model.objects.filter(item=item, voter=voter).exists():
            raise AlreadyVoted(_("已经对该事项投过票，不能再回避。"))
    if PaperHandout.objects.filter(voter=voter).exists():
        said = _("%(name)s已领无记名的纸质票，请先收回那张票，再声明回避。")
        raise AlreadyVoted(said % {"name": voter.name}, code="paper_handed_out")
    recusal, created = Recusal.objects.get_or_create(item=item, voter=voter, defaults={"reason": reason})
    if created:
        ledger.record(
            by=by,
            office=office,
            act="recuse",
            subject=locked,
            after={"item": str(item.pk), "voter": str(voter.pk)},
            reason=reason,
            now=moment,
        )
        tell_changed(locked)
    return recusal


@transaction.atomic
def mark_present(
    ballot: Ballot,
    voters: Iterable[int],
    *,
    by: Actor,
    present: bool = True,
    users: Iterable[int] = (),
    now: dt.datetime | None = None,
) -> int:
    """Mark voters (ids) present in the room, or gone; return how many changed. Refused after closing.

    `users` are the accounts of others who came or went: those who hold a power here without standing on the roll.
    Who leaves may not vote any more; the votes they cast stand.
    """
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    if locked.phase not in {Phase.DRAFT, Phase.OPEN}:
        raise WrongStage(_("表决已截止。"), code="closed")
    changed = Voter.objects.filter(ballot=locked, pk__in=list(voters)).exclude(present=present).update(present=present)
    held = Proxy.objects.filter(ballot=locked, holder__isnull=True, holder_user__in=list(users))
    changed += held.exclude(holder_present=present).update(holder_present=present)
    if changed:
        ledger.record(by=by, act="mark_present", subject=locked, after={"voters": changed, "present": present}, now=now)
        tell_changed(locked)
    return changed


def _refuse_banned(ballot: Ballot, holder: Voter | None, user: User | None) -> None:
    person = holder.user if holder is not None else user
    name = holder.name if holder is not None else user.actor_name() if user is not None else ""
    if sentence := why_no_holder(ballot.community, [ballot], name, person):
        raise ProxyNotAllowed(sentence)


def _text(value: str, field: str, most: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > most or "\x00" in text:
        raise BadInput(_("最多 %(most)d 个字。") % {"most": most}, field=field)
    return text


def _draft(ballot: Ballot, sentence: str) -> Ballot:
    locked = lock_ballot(ballot)
    if locked.phase != Phase.DRAFT:
        raise WrongStage(sentence, code="not_draft")
    return locked


def _held_by(ballot: Ballot, holder: Voter | None, user: User | None) -> list[int]:
    """Return the running proxies of one person, whether known as a voter or as a user."""
    person = Q(pk__in=[])
    if holder is not None:
        person |= Q(holder=holder)
        user = holder.user or user
    if user is not None:
        person |= Q(holder_user=user) | Q(holder__user=user)
    return list(Proxy.objects.filter(person, ballot=ballot, revoked_at__isnull=True).values_list("pk", flat=True))
