"""Handing in: registering, photos, submitting, supplementing, withdrawing, co-signing."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from community.models import Unit, UnitKind, User
from community.queries import households_under
from community.rules import holds_office
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from core.photos import stored_photos
from core.words import refuse_unprintable
from deliberation import rules
from deliberation.models import Category, CoSignature, Photo, Proposal, Source
from deliberation.operations.acting import Done, acting, lock, make_move, person
from deliberation.stages import Status
from deliberation.voices import takes_co_signatures

TITLE_LENGTH = 80
BODY_LENGTH = 4000
MOST_PHOTOS = 9
LONGEST_REQUEST = 200
PRESSED_TWICE = dt.timedelta(minutes=10)
PHONE = re.compile(r"^\+?[0-9][0-9 -]{4,18}$")


class TooManyProposals(Refused):
    """One person wrote down more proposals in a day than a person does."""

    code = "throttled"
    status = 429


def register_proposal(
    *,
    community: Unit,
    title: str,
    body: str,
    by: Actor,
    unit: Unit | None = None,
    category: str = Category.OTHER,
    source: str = Source.RESIDENT,
    proposer: User | None = None,
    proposer_name: str = "",
    proposer_phone: str = "",
    affected_households: int | None = None,
    photos: Iterable[IO[bytes]] = (),
    continues: Proposal | None = None,
    submit: bool = True,
    submitted_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Write a proposal down and, unless `submit` is False, hand it in at once.

    A resident proposes for themself. Staff (secretary, director, committee member, grid worker) and the platform may
    register for somebody else: a `proposer` with an account, or a name and a phone. `unit` is the place it concerns
    (default: the whole community); `affected_households` defaults to the households there. `submitted_at` is when
    it reached the community, if that was earlier; its deadlines count from now.
    The same words by the same person again within ten minutes are the button pressed twice: the first one is returned.
    Raises BadInput (title, body, category, source, phone, unit, photos), NotAllowed, TooManyProposals.
    """
    moment = now or clock.now()
    place = unit or community
    title, body = check_words(title, body)
    _require_known(community, place, category, source, proposer_phone)
    proposer, proposer_name = _whose(by, place, proposer, proposer_name)
    words = {"title": title, "body": body, "proposer": proposer, "proposer_name": proposer_name}
    photos = _at_most_nine(photos)
    # Asked before the work on the photos, and again under the lock: what one person writes is counted in turn.
    if (twice := _already_there(by, place, submit=submit, now=moment, **words)) is not None:
        return twice
    with stored_photos(photos) as names, transaction.atomic():
        if isinstance(by, User):
            User.objects.select_for_update(no_key=True).get(pk=by.pk)
            if (twice := _already_there(by, place, submit=submit, now=moment, **words)) is not None:
                return twice
        proposal = Proposal.objects.create(
            community=community,
            unit=place,
            title=title,
            body=body,
            category=category,
            source=source,
            proposer=proposer,
            proposer_name=proposer_name,
            proposer_phone=proposer_phone,
            affected_households=households_under(place).count() if affected_households is None else affected_households,
            entered_at=moment,
            created_at=moment,
            created_by_id=by.pk,
            continues=continues,
        )
        _add_photos(proposal, names)
        standing = rules.standing_of(by, proposal)
        ledger.record(
            by=by,
            act="register_proposal",
            subject=proposal,
            office=standing.office,
            after={"status": proposal.status, "source": source, "category": category},
            now=moment,
        )
        return submit_proposal(proposal, by=by, submitted_at=submitted_at, now=moment) if submit else proposal


def _require_known(community: Unit, place: Unit, category: str, source: str, phone: str) -> None:
    if community.kind != UnitKind.COMMUNITY or not place.path.startswith(community.path):
        raise BadInput(_("范围不在这个社区里。"), field="unit")
    if category not in Category.values:
        raise BadInput(_("没有这种类别。"), field="category")
    if source not in Source.values:
        raise BadInput(_("没有这种来源。"), field="source")
    if phone and not PHONE.match(phone):
        raise BadInput(_("电话号码不对。"), field="phone")


def _whose(by: Actor, place: Unit, proposer: User | None, name: str) -> tuple[User | None, str]:
    """Return whose proposal it is, the account and the name written down without one: oneself's where none is given.

    Raises NotAllowed for a resident who names somebody else.
    """
    if proposer is None and not name:
        return person(by), ""
    if isinstance(by, User) and proposer != by and not holds_office(by, *rules.INTAKE, unit=place):
        raise NotAllowed(_("只有社区工作人员可以替别人登记提案。"))
    return proposer, name.strip()[:50]


def _already_there(by: Actor, place: Unit, *, submit: bool, now: dt.datetime, **words: Any) -> Proposal | None:
    """Return the proposal a button pressed twice has made already. Raises TooManyProposals."""
    if not isinstance(by, User):
        return None
    twice = _written_just_now(by, place, submit=submit, now=now, **words)
    if twice is None and not holds_office(by, *rules.INTAKE, unit=place):
        _refuse_too_many(by, now)
    return twice


def _written_just_now(by: User, place: Unit, *, submit: bool, now: dt.datetime, **words: Any) -> Proposal | None:
    """Return the proposal that the same form, sent a moment ago, already made."""
    same = Proposal.objects.filter(created_by=by, unit=place, created_at__gt=now - PRESSED_TWICE, **words)
    return (
        same.exclude(status__in=[Status.DRAFT, Status.WITHDRAWN]) if submit else same.filter(status=Status.DRAFT)
    ).first()


def _refuse_too_many(by: User, moment: dt.datetime) -> None:
    """Keep one person from filling the work list: drafts count too; staff registers for many and is not counted."""
    today = clock.local_date(moment)
    if Proposal.objects.filter(created_by=by, created_at__date=today).count() >= settings.PROPOSALS_A_DAY:
        raise TooManyProposals(_("一个人一天最多提交%(most)d件提案，请明天再来。") % {"most": settings.PROPOSALS_A_DAY})


def check_words(title: str, body: str) -> tuple[str, str]:
    """Return title and body without outer blanks; raise BadInput naming the field that breaks its form."""
    title, body = title.strip(), body.strip()
    if not title or len(title) > TITLE_LENGTH or "\n" in title:
        raise BadInput(_("标题要写在一行里，1至%(most)d个字。") % {"most": TITLE_LENGTH}, field="title")
    if not body or len(body) > BODY_LENGTH:
        raise BadInput(_("内容要写，最多%(most)d个字。") % {"most": BODY_LENGTH}, field="body")
    refuse_unprintable(title, field="title")
    refuse_unprintable(body, field="body")
    return title, body


def _at_most_nine(photos: Iterable[IO[bytes]], there: int = 0) -> list[IO[bytes]]:
    found = list(photos)
    if there + len(found) > MOST_PHOTOS:
        raise BadInput(_("照片最多%(most)d张。") % {"most": MOST_PHOTOS}, field="photos")
    return found


def _add_photos(proposal: Proposal, names: list[str]) -> None:
    """Hang stored photos on a locked proposal; they are taken out of `names`, which keeps them."""
    start = proposal.photos.count()
    _at_most_nine([], start + len(names))
    Photo.objects.bulk_create(
        Photo(proposal=proposal, path=name, position=position) for position, name in enumerate(names, start=start)
    )
    names.clear()


def edit_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    title: str,
    body: str,
    category: str = "",
    photos: Iterable[IO[bytes]] = (),
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Change the words of a draft or of one that was returned for more information."""
    title, body = check_words(title, body)
    if category and category not in Category.values:
        raise BadInput(_("没有这种类别。"), field="category")
    photos = _at_most_nine(photos, proposal.photos.count())
    with (
        stored_photos(photos) as names,
        acting(proposal, by=by, act="edit_proposal", expected_version=expected_version, now=now) as (locked, _done),
    ):
        locked.title, locked.body = title, body
        locked.category = category or locked.category
        _add_photos(locked, names)
    return locked


def submit_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    submitted_at: dt.datetime | None = None,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Hand a draft in: it is to be acknowledged within 1 working day and screened within 5."""
    moment = now or clock.now()

    def arrange(locked: Proposal) -> None:
        locked.submitted_at = submitted_at or moment

    return make_move("submit", proposal, by=by, expected_version=expected_version, now=moment, arrange=arrange)


def supplement_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    reason: str,
    title: str = "",
    body: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Hand in what was asked for; `reason` says what was added. Changed words replace the old."""

    def arrange(locked: Proposal) -> None:
        if title or body:
            locked.title, locked.body = check_words(title or locked.title, body or locked.body)

    return make_move(
        "supplement", proposal, by=by, reason=reason, expected_version=expected_version, now=now, arrange=arrange
    )


def withdraw_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    reason: str,
    request: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Take a proposal back before it is deliberated: nobody but its proposer may.

    For a proposer without an account the desk does it at their `request`, which says how and when they asked; the
    ledger keeps it. Raises NotAllowed, BadInput naming `request`.
    """

    def arrange(locked: Proposal) -> None:
        if asks_whose_request(locked, by) and not 0 < len(request.strip()) <= LONGEST_REQUEST:
            raise BadInput(
                _("提案由提案人撤回；代为撤回的，要写明提案人何时、怎样提出（1至%(most)d个字）。")
                % {"most": LONGEST_REQUEST},
                field="request",
            )
        if locked.submitted_at is None:  # a draft that was never handed in
            locked.submitted_at = now or clock.now()
            if locked.proposer_id is None and not locked.proposer_name:
                locked.proposer_id = by.pk

    def carry_out(locked: Proposal) -> Done:
        if not asks_whose_request(locked, by):
            return Done()
        refuse_unprintable(request, field="request")
        return Done(facts={"request": request.strip()})

    return make_move(
        "withdraw",
        proposal,
        by=by,
        reason=reason,
        expected_version=expected_version,
        now=now,
        arrange=arrange,
        carry_out=carry_out,
    )


def asks_whose_request(proposal: Proposal, by: object) -> bool:
    """Return whether `by` would take back what somebody without an account proposed."""
    return isinstance(by, User) and proposal.proposer_id is None and bool(proposal.proposer_name)


def co_sign_proposal(
    proposal: Proposal, *, by: Actor, name: str = "", phone: str = "", now: dt.datetime | None = None
) -> CoSignature:
    """Stand behind a proposal; the second time changes nothing. Staff may note somebody by `name` and `phone`.

    Raises NotAllowed (not of this community), WrongStage (already decided or ended), BadInput.
    """
    moment = now or clock.now()
    with transaction.atomic():
        locked = lock(proposal)
        if not takes_co_signatures(locked):
            raise WrongStage(_("现在是“%(status)s”，不能再联名。") % {"status": locked.get_status_display()})
        if name:
            office = rules.require_standing(by, locked, rules.INTAKE)
            if not PHONE.match(phone):
                raise BadInput(_("电话号码不对。"), field="phone")
            found, made = CoSignature.objects.get_or_create(
                proposal=locked, user=None, name=name.strip()[:50], phone=phone, defaults={"signed_at": moment}
            )
        else:
            user = rules.require_local(by, locked)
            office = rules.standing_of(by, locked).office
            if locked.proposer_id == user.pk:
                raise WrongStage(_("这是您自己的提案。"))
            found, made = CoSignature.objects.get_or_create(
                proposal=locked, user=user, defaults={"name": user.actor_name(), "signed_at": moment}
            )
        if made:
            ledger.record(by=by, act="co_sign", subject=locked, office=office, now=moment)
    return found


def carry_co_signers(source: Proposal, target: Proposal, now: dt.datetime) -> int:
    """Carry the proposer and the co-signers of `source` over to `target`; those already there stay once."""
    people: list[tuple[User | None, str, str]] = [
        (source.proposer, source.proposer_name or (source.proposer.actor_name() if source.proposer else ""), "")
    ]
    if source.proposer is None:
        people = [(None, source.proposer_name, source.proposer_phone)]
    people += [(s.user, s.name, s.phone) for s in source.co_signatures.select_related("user")]
    carried = 0
    for user, name, phone in people:
        if user is not None and user.pk == target.proposer_id:
            continue
        key = {"user": user} if user is not None else {"user": None, "name": name, "phone": phone}
        try:
            with transaction.atomic():
                _signature, made = CoSignature.objects.get_or_create(
                    proposal=target,
                    **key,
                    defaults={"name": name, "phone": phone, "signed_at": now, "carried_from": source},
                )
        except IntegrityError:  # signed in this very moment
            made = False
        carried += made
    return carried
