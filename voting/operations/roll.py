"""What changes on a draft's roll after it was drawn: each change with its reason, in the ledger and on the page."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from community.rules import require_office
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, WrongStage
from core.measure import format_area
from publish.models import Objection, ObjectionStatus
from voting.electorates import draw
from voting.models import Ballot, ChangeKind, Phase, Proxy, Recusal, RollChange, Voter
from voting.operations.ballot import MAX_VOTERS
from voting.operations.drafts import VoterDraft, refuse_uncountable, store_voters
from voting.persons import conductors_of

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class RollAmended:
    """What a redrawing changed, and the printed codes of new entries by voter id."""

    added: int
    removed: int
    corrected: int
    codes: dict[int, str]


@transaction.atomic
def add_voter(
    ballot: Ballot,
    draft: VoterDraft,
    *,
    by: Actor,
    reason: str,
    objection: Objection | None = None,
    now: dt.datetime | None = None,
) -> tuple[Voter, str]:
    """Put somebody on a draft's roll; return the entry and its printed code.

    `objection` is the upheld objection to the published roll that asks for it. By secretary or director. Raises
    WrongStage once the ballot is open or while the objection is not upheld, BadInput.
    """
    locked, office, line = _amending(ballot, by, reason, objection, now)
    if draft.user is not None and Voter.objects.filter(ballot=locked, user=draft.user).exists():
        raise BadInput(_("这个人已经在名册上。"), field="user")
    [(pk, code)] = store_voters(locked, [draft], issue_codes=True).items()
    voter = Voter.objects.get(pk=pk)
    _check_whole(locked)
    _note(locked, ChangeKind.ADDED, voter, line, objection, by=by, office=office, now=now)
    return voter, code


@transaction.atomic
def remove_voter(
    voter: Voter, *, by: Actor, reason: str, objection: Objection | None = None, now: dt.datetime | None = None
) -> None:
    """Take an entry off a draft's roll, with the powers given to it or by it and its recusals.

    Raises WrongStage once the ballot is open, where a paper was handed out, and while the objection is not upheld.
    """
    locked, office, line = _amending(voter.ballot, by, reason, objection, now)
    _note(locked, ChangeKind.REMOVED, voter, line, objection, by=by, office=office, now=now)
    _take_off(voter)


@transaction.atomic
def redraw_roll(ballot: Ballot, *, by: Actor, reason: str, now: dt.datetime | None = None) -> RollAmended:
    """Bring a draft's roll to what the register says now: new owners, another voter of co-owners, a new guardian.

    Entries that stay keep their printed code and their powers; what a ruling on an objection put on or took off stays
    so. Raises WrongStage once the ballot is open, BadInput for a roll that was given as a list.
    """
    locked, office, line = _amending(ballot, by, reason, None, now)
    if not locked.scope or locked.drawn_from is None:
        raise BadInput(_("这份名册不是从登记册产生的，只能逐条增减。"), field="scope")
    wanted = {_identity(draft): draft for draft in draw(locked.scope, locked.drawn_from)}
    if not wanted:
        raise BadInput(_("登记册里没有可以表决的人，请先导入名册。"), field="voters")
    held = {
        _identity(voter): voter
        for voter in Voter.objects.filter(ballot=locked).select_related("user", "owner", "guardian").order_by("pk")
    }
    ruled = _ruled(locked)
    gone = [voter for key, voter in held.items() if key not in wanted and (voter.name, voter.place) not in ruled]
    fresh = [draft for key, draft in wanted.items() if key not in held and (draft.name, draft.place) not in ruled]
    changed = [(held[key], draft) for key, draft in wanted.items() if key in held and _differs(held[key], draft)]
    for voter in gone:
        _note(locked, ChangeKind.REMOVED, voter, line, None, by=by, office=office, now=now)
        _take_off(voter)
    Voter.objects.filter(pk__in=[voter.pk for voter, _draft in changed]).update(user=None, guardian=None)
    for voter, draft in changed:
        voter.user = None if draft.guardian_name else draft.user
        voter.guardian, voter.guardian_name = draft.guardian, draft.guardian_name
        voter.name, voter.place, voter.heads, voter.area = draft.name, draft.place, draft.heads, draft.area
        voter.save()
        _note(locked, ChangeKind.CORRECTED, voter, line, None, by=by, office=office, now=now)
    _refuse_second_entry(locked, fresh)
    codes = store_voters(locked, fresh, issue_codes=True) if fresh else {}
    for voter in Voter.objects.filter(pk__in=codes).order_by("pk"):
        _note(locked, ChangeKind.ADDED, voter, line, None, by=by, office=office, now=now)
    _check_whole(locked)
    return RollAmended(len(fresh), len(gone), len(changed), codes)


def _amending(
    ballot: Ballot, by: Actor, reason: str, objection: Objection | None, now: dt.datetime | None
) -> tuple[Ballot, str, str]:
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    office = require_office(by, *conductors_of(locked), unit=locked.community, now=now)
    if locked.phase != Phase.DRAFT:
        raise WrongStage(_("表决开始后名册已经冻结，不能再增减。"), code="not_draft")
    line = reason.strip()
    if not line or len(line) > _LONGEST_REASON or not line.isprintable():
        raise BadInput(_("请用一行文字写明理由，最多 %(most)d 个字。") % {"most": _LONGEST_REASON}, field="reason")
    if objection is not None and objection.status != ObjectionStatus.UPHELD:
        raise WrongStage(_("这项异议还没有裁定成立，不能据以改动名册。"), code="objection_not_upheld")
    return locked, office, line


def _ruled(ballot: Ballot) -> set[tuple[str, str]]:
    """Return the names and places that rulings on objections put on the roll or took off it."""
    changes = RollChange.objects.filter(ballot=ballot, objection__isnull=False)
    return set(changes.values_list("name", "place"))


def _refuse_second_entry(ballot: Ballot, fresh: list[VoterDraft]) -> None:
    """Refuse accounts that stand on the roll already: one person is one voter, whatever the register calls them."""
    users = [draft.user.pk for draft in fresh if draft.user is not None]
    twice = Voter.objects.filter(ballot=ballot, user__in=users).values_list("name", flat=True).first()
    if twice is not None:
        said = _("%(name)s已经在名册上；登记册里同一个账户对应了两位业主，请先核对。")
        raise BadInput(said % {"name": twice}, field="voters")


def _check_whole(ballot: Ballot) -> None:
    """Ask of the changed roll what is asked of a new one."""
    voters = list(Voter.objects.filter(ballot=ballot).only("heads", "area"))
    if len(voters) > MAX_VOTERS:
        raise BadInput(_("名册最多 %(most)d 人。") % {"most": MAX_VOTERS}, field="voters")
    refuse_uncountable(ballot, list(ballot.items.order_by("position")), voters)


def _note(
    ballot: Ballot,
    kind: str,
    voter: Voter,
    reason: str,
    objection: Objection | None,
    *,
    by: Actor,
    office: str,
    now: dt.datetime | None,
) -> None:
    RollChange.objects.create(
        ballot=ballot, kind=kind, name=voter.name, place=voter.place, heads=voter.heads, area=voter.area,
        reason=reason, objection=objection, at=now or clock.now(),
    )  # fmt: skip
    ledger.record(
        by=by, act=f"roll_{kind}", subject=ballot, office=office,
        after={
            "voter": str(voter.pk), "heads": voter.heads, "area": format_area(voter.area),
            "objection": objection.pk if objection is not None else None,
        },
        reason=reason, now=now,
    )  # fmt: skip


def _take_off(voter: Voter) -> None:
    Proxy.objects.filter(Q(principal=voter) | Q(holder=voter)).delete()
    Recusal.objects.filter(voter=voter).delete()
    try:
        voter.delete()
    except ProtectedError:
        raise WrongStage(_("这位表决人已经领取纸质票，不能从名册上去除。"), code="has_paper") from None


def _identity(entry: Voter | VoterDraft) -> tuple[str, object]:
    """Return what makes an entry of the register the same one: the owner, the account, or else name and place."""
    if entry.owner is not None:
        return "owner", entry.owner.pk
    if entry.user is not None:
        return "user", entry.user.pk
    return "name", (entry.name, entry.place)


def _differs(voter: Voter, draft: VoterDraft) -> bool:
    user = None if draft.guardian_name else draft.user
    now_is = (voter.name, voter.place, voter.heads, voter.area, voter.user, voter.guardian, voter.guardian_name)
    return now_is != (
        draft.name, draft.place, draft.heads, draft.area, user, draft.guardian, draft.guardian_name,
    )  # fmt: skip
