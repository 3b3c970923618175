"""Who votes for an exclusive unit: the co-owners' choice, and the guardian of an owner who cannot vote in person."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import ExclusiveUnit, Ground, Guardianship, Owner, OwnerKind, Ownership, User
from community.operations.people import registrar
from community.queries import guardian_of, is_minor
from community.rules import STAFF_OFFICES
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, NotAllowed
from core.words import one_line

_LONGEST_NAME, _LONGEST_BASIS = 50, 200


def choose_co_owner_voter(
    exclusive_unit: ExclusiveUnit, *, owner: Owner, by: Actor, reason: str, now: dt.datetime | None = None
) -> None:
    """Record whom the co-owners of a unit chose to vote for it; `reason` names their written choice.

    By the staff of the community. What co-owners named online before is replaced. Rolls already drawn do not change.
    Raises NotAllowed, BadInput.
    """
    office = registrar(by, exclusive_unit.household.unit, *STAFF_OFFICES, now=now)
    if not reason.strip():
        raise BadInput(_("请写明共有人推选的依据。"), field="reason")
    with transaction.atomic():
        held = _held(exclusive_unit, owner)
        if not held[owner.pk].is_voter or any(one.named_id not in {None, owner.pk} for one in held.values()):
            _let_vote(exclusive_unit, held, owner, by=by, office=office, reason=reason, now=now)


def name_co_owner_voter(
    exclusive_unit: ExclusiveUnit, *, owner: Owner, by: User, now: dt.datetime | None = None
) -> bool:
    """Let a co-owner (or the guardian of one) say which of them shall vote; return whether all now say the same.

    Only when every co-owner names the same person does the voter change (法释〔2009〕7号, Civil Code 278): one of them
    cannot decide for the others. Naming the same again changes nothing. Rolls already drawn do not change.
    Raises NotAllowed for whoever owns no part of the unit, BadInput.
    """
    with transaction.atomic():
        held = _held(exclusive_unit, owner)
        own = [one for one in held.values() if _speaks_for(by, one.owner, now)]
        if not own:
            raise NotAllowed(_("只有这一户的共有人可以推选表决人。"))
        if len(held) == 1:
            raise BadInput(_("这一户只有一位业主，不用推选。"), field="owner")
        changed = [one for one in own if one.named_id != owner.pk]
        Ownership.objects.filter(pk__in=[one.pk for one in changed]).update(named=owner)
        for one in changed:
            one.named = owner
        agreed = all(one.named_id == owner.pk for one in held.values())
        if changed and not (agreed and not held[owner.pk].is_voter):
            ledger.record(
                by=by, act="name_co_owner_voter", subject=exclusive_unit,
                after={"by_owners": [one.owner_id for one in changed], "owner": owner.pk}, now=now,
            )  # fmt: skip
        if agreed and not held[owner.pk].is_voter:
            _let_vote(exclusive_unit, held, owner, by=by, office="", reason="全体共有人一致推选", now=now)
    return agreed


def name_guardian(
    owner: Owner,
    *,
    name: str,
    ground: str,
    basis: str,
    by: Actor,
    user: User | None = None,
    until_on: dt.date | None = None,
    now: dt.datetime | None = None,
) -> Guardianship:
    """Record who votes for an owner who is a minor or incapable; replaces whoever did.

    `basis` names the paper (household register, court decision), `user` is the guardian's account where there is one,
    `until_on` the last day, such as the day before the eighteenth birthday. By the staff of the community. Rolls
    already drawn do not change. Raises NotAllowed, BadInput.
    """
    office = registrar(by, owner.community, *STAFF_OFFICES, now=now)
    moment = now or clock.now()
    name, basis = one_line(name, "name", _LONGEST_NAME), one_line(basis, "basis", _LONGEST_BASIS)
    if ground not in Ground.values:
        raise BadInput(_("请选择事由：未成年，或者无民事行为能力。"), field="ground")
    if owner.kind == OwnerKind.BODY:
        raise BadInput(_("单位业主没有监护人。"), field="owner")
    if name == owner.name or (user is not None and user.pk == owner.user_id):
        raise BadInput(_("监护人不能是业主本人。"), field="name")
    if user is not None and is_minor(user, clock.local_date(moment)):
        raise BadInput(_("未成年人不能担任监护人。"), field="user")
    if user is not None and user.name != name:
        raise BadInput(_("账户的姓名是%(name)s，与监护人不符。") % {"name": user.name}, field="user")
    if until_on is not None and until_on < clock.local_date(moment):
        raise BadInput(_("有效期已过。"), field="until_on")
    with transaction.atomic():
        Owner.objects.select_for_update().get(pk=owner.pk)
        before = Guardianship.objects.filter(owner=owner, ended_at__isnull=True).first()
        if before is not None:
            before.ended_at = moment
            before.save(update_fields=["ended_at"])
        named = Guardianship.objects.create(
            owner=owner, user=user, name=name, ground=ground, basis=basis, until_on=until_on
        )
        ledger.record(
            by=by, act="name_guardian", subject=owner, office=office,
            before={"guardian": before.pk if before is not None else None},
            after={"guardian": named.pk, "ground": ground, "until_on": until_on.isoformat() if until_on else None},
            reason=basis, now=moment,
        )  # fmt: skip
    return named


def end_guardianship(
    guardianship: Guardianship, *, by: Actor, reason: str, now: dt.datetime | None = None
) -> Guardianship:
    """End a guardianship: the owner votes in person again. Ending it again changes nothing."""
    office = registrar(by, guardianship.owner.community, *STAFF_OFFICES, now=now)
    line = one_line(reason, "reason", _LONGEST_BASIS)
    with transaction.atomic():
        held = Guardianship.objects.select_for_update().get(pk=guardianship.pk)
        if held.ended_at is None:
            held.ended_at = now or clock.now()
            held.save(update_fields=["ended_at"])
            ledger.record(
                by=by, act="end_guardianship", subject=held.owner, office=office, before={"guardian": held.pk},
                reason=line, now=now,
            )  # fmt: skip
    return held


def _held(exclusive_unit: ExclusiveUnit, owner: Owner) -> dict[int, Ownership]:
    """Return the ownerships of the locked unit by owner. Raises BadInput where `owner` is none of them."""
    ExclusiveUnit.objects.select_for_update().get(pk=exclusive_unit.pk)
    held = {one.owner_id: one for one in exclusive_unit.ownerships.select_related("owner").order_by("pk")}
    if owner.pk not in held:
        raise BadInput(_("%(owner)s不是这一户的共有人。") % {"owner": owner}, field="owner")
    return held


def _let_vote(
    exclusive_unit: ExclusiveUnit,
    held: dict[int, Ownership],
    owner: Owner,
    *,
    by: Actor,
    office: str,
    reason: str,
    now: dt.datetime | None,
) -> None:
    ownerships = Ownership.objects.filter(exclusive_unit=exclusive_unit)
    ownerships.filter(is_voter=True).update(is_voter=False)
    ownerships.filter(owner=owner).update(is_voter=True)
    ownerships.update(named=owner)
    ledger.record(
        by=by, act="choose_co_owner_voter", subject=exclusive_unit, office=office,
        before={"owner": next((pk for pk, one in held.items() if one.is_voter), None)}, after={"owner": owner.pk},
        reason=reason, now=now,
    )  # fmt: skip


def _speaks_for(by: User, owner: Owner, now: dt.datetime | None) -> bool:
    guardian = guardian_of(owner, clock.local_date(now))
    if guardian is not None:
        return guardian.user_id == by.pk
    return owner.user_id == by.pk
