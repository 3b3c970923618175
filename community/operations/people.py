"""Accounts, offices, residents, identities, printed sign-in codes."""

import datetime as dt
import secrets

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from community import codes
from community.models import (
    Household,
    IdentityLevel,
    Office,
    Owner,
    Residency,
    SignInCode,
    Term,
    Unit,
    User,
)
from community.queries import community_of, is_minor
from community.rules import (
    OFFICES_BY_RANK,
    STAFF_OFFICES,
    highest,
    is_platform,
    office_of,
    office_titles,
    require_office,
    running_terms,
)
from community.signals import identity_verified
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, NotAllowed, WrongStage

ADMINISTRATOR = "administrator"
# Offices that come from above: a community does not give them to itself.
_FROM_ABOVE: tuple[str, ...] = (Office.SECRETARY, Office.DIRECTOR, Office.SUPERVISION_COMMITTEE)
REGISTRARS: tuple[str, ...] = (Office.SUBDISTRICT_OFFICER, Office.SECRETARY, Office.DIRECTOR)
# They sign counts and lead votes: a grid worker, though higher, does not hold their key.
_TRUSTED: tuple[str, ...] = (Office.TELLER, Office.FACILITATOR)
_LONGEST_NAME = 50


def open_account(
    *,
    username: str,
    name: str,
    by: Actor,
    password: str | None = None,
    unit: Unit | None = None,
    phone: str = "",
    born_on: dt.date | None = None,
) -> User:
    """Open an account; without `password` it opens by printed code only.

    By an administrator, or a registrar of `unit`. Raises BadInput for a taken username or a missing name.
    """
    office = registrar(by, unit, *STAFF_OFFICES)
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise BadInput(_("请写姓名（最多 50 字）。"), field="name")
    user = User(username=username, name=name, unit=unit, phone=phone, born_on=born_on)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            ledger.record(by=by, act="open_account", subject=user, office=office, after={"username": username})
    except IntegrityError:
        raise BadInput(_("用户名 %(name)s 已经有人用了。") % {"name": username}, field="username") from None
    return user


def appoint(
    *,
    user: User,
    office: str,
    unit: Unit,
    by: Actor,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    is_seconded: bool = False,
    now: dt.datetime | None = None,
) -> Term:
    """Give `user` an office at `unit` for a term (from today unless said; open unless it has an end).

    Secretary, director and supervision committee are appointed by the subdistrict, the subdistrict's officers by an
    administrator, all others by the community's secretary or director. An office already running there is returned
    unchanged. Raises NotAllowed, BadInput.
    """
    if office not in Office.values:
        raise BadInput(_("没有这个职务。"), field="office")
    by_office = registrar(by, unit, *_appointers(office), now=now)
    first = starts_on or clock.local_date(now)
    if ends_on is not None and ends_on < first:
        raise BadInput(_("离任日期不能早于任职日期。"), field="ends_on")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        running = running_terms(user, now=now).filter(office=office, unit=unit).first()
        if running is not None:
            return running
        term, created = Term.objects.get_or_create(
            user=user,
            office=office,
            unit=unit,
            starts_on=first,
            defaults={"ends_on": ends_on, "is_seconded": is_seconded},
        )
        if not created:
            raise BadInput(_("这一天已经登记过同一个职务。"), field="starts_on")
        after = {
            "user": user.pk,
            "office": office,
            "unit": unit.code,
            "starts_on": first.isoformat(),
            "ends_on": ends_on.isoformat() if ends_on else None,
        }
        ledger.record(by=by, act="appoint", subject=term, office=by_office, after=after, now=now)
    return term


def end_term(
    term: Term, *, by: Actor, reason: str, ends_on: dt.date | None = None, now: dt.datetime | None = None
) -> Term:
    """End a running term on a day (today unless said, that day included). Ending it again changes nothing."""
    by_office = registrar(by, term.unit, *_appointers(term.office), now=now)
    last = ends_on or clock.local_date(now)
    with transaction.atomic():
        held = Term.objects.select_for_update().get(pk=term.pk)
        if held.ends_on is not None and held.ends_on <= last:
            return held
        if last < held.starts_on:
            raise BadInput(_("离任日期不能早于任职日期。"), field="ends_on")
        before = {"ends_on": held.ends_on.isoformat() if held.ends_on else None}
        held.ends_on = last
        held.save(update_fields=["ends_on"])
        after = {"ends_on": last.isoformat()}
        ledger.record(
            by=by, act="end_term", subject=held, office=by_office, before=before, after=after, reason=reason, now=now
        )
    return held


def register_resident(
    *,
    household: Household,
    name: str,
    by: Actor,
    username: str = "",
    password: str | None = None,
    phone: str = "",
    relation: str = "",
    born_on: dt.date | None = None,
    is_representative: bool = False,
    now: dt.datetime | None = None,
) -> User:
    """Register somebody living in `household`: an account, the residency and the office of resident.

    By the staff of the community, the grid worker included. Without a username one is made up.
    Raises NotAllowed, BadInput.
    """
    community = community_of(household.unit)
    office = registrar(by, household.unit, *STAFF_OFFICES, now=now)
    today = clock.local_date(now)
    with transaction.atomic():
        Household.objects.select_for_update().get(pk=household.pk)
        alike = User.objects.filter(name=name.strip(), phone=phone, born_on=born_on, is_active=True)
        if alike.filter(residencies__household=household).exists():
            raise BadInput(_("这一户已经登记了%(name)s。") % {"name": name.strip()}, field="name")
        user = open_account(
            username=username or f"r{secrets.token_hex(6)}",
            name=name,
            password=password,
            unit=household.unit,
            phone=phone,
            born_on=born_on,
            by=by,
        )
        if is_representative:
            household.residencies.update(is_representative=False)
        Residency.objects.create(user=user, household=household, relation=relation, is_representative=is_representative)
        Term.objects.create(user=user, office=Office.RESIDENT, unit=community, starts_on=today)
        after = {"household": household.unit.code, "is_representative": is_representative}
        ledger.record(by=by, act="register_resident", subject=user, office=office, after=after, now=now)
    return user


def name_household_representative(residency: Residency, *, by: Actor, now: dt.datetime | None = None) -> None:
    """Let one member speak for the household in households' votes; replaces whoever did.

    Raises NotAllowed, BadInput for somebody known to be under 18.
    """
    office = registrar(by, residency.household.unit, *STAFF_OFFICES, now=now)
    if is_minor(residency.user, clock.local_date(now)):
        raise BadInput(_("%(name)s未满十八周岁，不能作为户代表。") % {"name": residency.user.name}, field="user")
    with transaction.atomic():
        Household.objects.select_for_update().get(pk=residency.household_id)
        others = Residency.objects.filter(household=residency.household, is_representative=True)
        before = list(others.values_list("user_id", flat=True))
        if before == [residency.user_id]:
            return
        others.update(is_representative=False)
        Residency.objects.filter(pk=residency.pk).update(is_representative=True)
        ledger.record(
            by=by,
            act="name_household_representative",
            subject=residency.household,
            office=office,
            before={"users": before},
            after={"users": [residency.user_id]},
            now=now,
        )


def verify_identity(
    user: User, *, level: int, by: Actor, owner: Owner | None = None, reason: str = "", now: dt.datetime | None = None
) -> User:
    """Record how well we know who `user` is (RULEBOOK 5); with `owner`, that they are this owner of the roll.

    By the staff where the person lives, the grid worker included; for who lives elsewhere, by the owner's community.
    Linking an owner gives the office of owner in that community.
    Raises NotAllowed, BadInput for an unknown level, WrongStage when the owner is somebody else's already.
    """
    if level not in IdentityLevel.values:
        raise BadInput(_("没有这个核验等级。"), field="level")
    place = user.unit
    if owner is not None and (place is None or not place.path.startswith(owner.community.path)):
        place = owner.community  # an owner who lives elsewhere
    office = registrar(by, place, *STAFF_OFFICES, now=now)
    if isinstance(by, User) and by.pk == user.pk:
        raise NotAllowed(_("不能核验自己的身份。"))
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        before = {"identity_level": held.identity_level}
        if owner is not None:
            linked = Owner.objects.select_for_update().get(pk=owner.pk)
            if linked.user_id not in {None, user.pk}:
                raise WrongStage(_("这位业主已经与另一个账户核对过。"))
            linked.user = held
            linked.save(update_fields=["user"])
            today = clock.local_date(now)
            if not running_terms(held, now=now).filter(office=Office.OWNER, unit=owner.community).exists():
                Term.objects.get_or_create(user=held, office=Office.OWNER, unit=owner.community, starts_on=today)
        held.identity_level = level
        held.save(update_fields=["identity_level"])
        after = {"identity_level": level, "owner": owner.pk if owner else None}
        ledger.record(
            by=by,
            act="verify_identity",
            subject=held,
            office=office,
            before=before,
            after=after,
            reason=reason,
            now=now,
        )
        transaction.on_commit(lambda: identity_verified.send(sender=User, user=held))
    return held


def issue_sign_in_code(user: User, *, by: Actor, valid_days: int | None = None, now: dt.datetime | None = None) -> str:
    """Return a fresh printed code that signs `user` in; codes issued before stop working. It is shown only here.

    By the staff where the person belongs, and only for people of lower office than one's own: a code is a key.
    Raises NotAllowed.
    """
    office = registrar(by, user.unit, *STAFF_OFFICES, now=now)
    _require_higher_office(by, user, now=now)
    moment = now or clock.now()
    code = codes.new_code()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        SignInCode.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=moment)
        SignInCode.objects.create(
            user=user,
            code_hash=codes.hash_code(code),
            expires_at=moment + dt.timedelta(days=valid_days) if valid_days else None,
        )
        after = {"valid_days": valid_days}
        ledger.record(by=by, act="issue_sign_in_code", subject=user, office=office, after=after, now=now)
    return code


def revoke_sign_in_codes(user: User, *, by: Actor, reason: str, now: dt.datetime | None = None) -> int:
    """Make every printed code of `user` useless and return how many were in use. One's own codes, or by the staff."""
    own = isinstance(by, User) and by.pk == user.pk
    office = "" if own else registrar(by, user.unit, *STAFF_OFFICES, now=now)
    with transaction.atomic():
        running = SignInCode.objects.filter(user=user, revoked_at__isnull=True)
        count = running.update(revoked_at=now or clock.now())
        if count:
            ledger.record(
                by=by,
                act="revoke_sign_in_codes",
                subject=user,
                office=office,
                after={"codes": count},
                reason=reason,
                now=now,
            )
    return count


def set_large_type(user: User, *, wanted: bool) -> None:
    """Keep on the account whether its owner reads the large-type view. A preference: no ledger entry."""
    user.large_type = wanted
    user.save(update_fields=["large_type"])


def registrar(by: Actor, unit: Unit | None, *offices: str, now: dt.datetime | None = None) -> str:
    """Return the office `by` registers in at `unit`. Raises NotAllowed."""
    if is_platform(by):
        return ""
    if isinstance(by, User) and by.is_superuser and by.is_active:
        return office_of(by, unit, now=now) or ADMINISTRATOR if unit is not None else ADMINISTRATOR
    if unit is None or not offices:
        raise NotAllowed(_("只有系统管理员可以这样做。"))
    return require_office(by, *offices, unit=unit, now=now)


def _appointers(office: str) -> tuple[str, ...]:
    if office == Office.SUBDISTRICT_OFFICER:
        return ()
    return (Office.SUBDISTRICT_OFFICER,) if office in _FROM_ABOVE else REGISTRARS


def _require_higher_office(by: Actor, user: User, *, now: dt.datetime | None) -> None:
    if is_platform(by) or (isinstance(by, User) and by.is_superuser):
        return
    if user.is_superuser or user.is_staff:
        raise NotAllowed(_("管理员的登录码只能由管理员发。"))
    for term in running_terms(user, now=now).filter(office__in=(*STAFF_OFFICES, *_TRUSTED)):
        own = office_of(by, term.unit, now=now)
        is_below = own and OFFICES_BY_RANK.index(own) >= OFFICES_BY_RANK.index(term.office)
        # Who is supervised holds no key to the supervisors: only who appoints them does.
        is_supervised = term.office == Office.SUPERVISION_COMMITTEE and own not in _appointers(term.office)
        if not own or is_below or is_supervised or (term.office in _TRUSTED and own not in REGISTRARS):
            raise NotAllowed(
                _("%(titles)s的登录码要由职务更高的人发。") % {"titles": office_titles((highest({term.office}),))}
            )
