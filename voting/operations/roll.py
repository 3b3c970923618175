"""What changes on a draft's roll after it was drawn: each change with its reason, in the ledger and on the page."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from core import clock, ledger
from core.actors import Actor
from core.canonical import sha256_hex
from core.errors import BadInput, WrongStage
from core.measure import format_area
from publish.models import Objection, ObjectionStatus
from voting import electorates, receipts
from voting.conducting import Act, require_conductor
from voting.entries import Differences, Entry, entries_of, keyed
from voting.models import Ballot, ChangeKind, Phase, Proxy, Recusal, RollChange, Voter
from voting.operations.ballot import MAX_VOTERS
from voting.operations.drafts import VoterDraft, refuse_uncountable, store_voters

LONGEST_REASON = 300
_BATCH = 500


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

    Taken off already: no change. Raises WrongStage once the ballot is open, where a paper was handed out, and while the
    objection is not upheld.
    """
    locked, office, line = _amending(voter.ballot, by, reason, objection, now)
    if not Voter.objects.filter(pk=voter.pk, ballot=locked).exists():
        return
    ended = _take_off(locked, [voter])
    _note(locked, ChangeKind.REMOVED, voter, line, objection, by=by, office=office, now=now, powers_ended=ended)


@transaction.atomic
def redraw_roll(ballot: Ballot, *, by: Actor, reason: str, now: dt.datetime | None = None) -> RollAmended:
    """Bring a draft's roll to what the register says now: new owners, another voter of co-owners, a new guardian.

    Entries that stay keep their printed code and their powers, a household also when it has another representative;
    what a ruling on an objection put on or took off stays so. Raises WrongStage once the ballot is open, BadInput for a
    roll that was given as a list.
    """
    locked, office, line = _amending(ballot, by, reason, None, now)
    if not locked.scope or locked.drawn_from is None:
        raise BadInput(_("这份名册不是从登记册产生的，只能逐条增减。"), field="scope")
    wanted = keyed(electorates.draw(locked.scope, locked.drawn_from))
    if not wanted:
        raise BadInput(_("登记册里没有可以表决的人，请先导入名册。"), field="voters")
    roll = Voter.objects.filter(ballot=locked).select_related("user", "owner", "household", "guardian").order_by("pk")
    held = keyed(roll)
    ruled = _ruled(locked)
    gone = [voter for key, voter in held.items() if key not in wanted and (voter.name, voter.place) not in ruled]
    fresh = [draft for key, draft in wanted.items() if key not in held and (draft.name, draft.place) not in ruled]
    changed = [(held[key], draft) for key, draft in wanted.items() if key in held and _differs(held[key], draft)]
    removed = entries_of(gone)
    ended = _take_off(locked, gone) + _correct(locked, changed, now or clock.now())
    _refuse_second_entry(locked, fresh)
    codes = store_voters(locked, fresh, issue_codes=True) if fresh else {}
    lines = [(ChangeKind.REMOVED, one) for one in removed]
    lines += [(ChangeKind.CORRECTED, one) for one in entries_of(voter for voter, _draft in changed)]
    lines += [(ChangeKind.ADDED, one) for one in entries_of(fresh)]
    _note_all(locked, "redraw_roll", lines, line, by=by, office=office, now=now, powers_ended=ended)
    _check_whole(locked)
    return RollAmended(len(fresh), len(gone), len(changed), codes)


@transaction.atomic
def note_roll_changes(
    ballot: Ballot, found: Differences, *, by: Actor, reason: str, now: dt.datetime | None = None
) -> None:
    """Note, with the reason, in what a draft's roll differs from the one that was posted for objections.

    The entries themselves are as they were drawn. Raises NotAllowed, WrongStage once the ballot is open, BadInput.
    """
    locked, office, line = _amending(ballot, by, reason, None, now)
    lines = [(ChangeKind.REMOVED, one) for one in found.removed]
    lines += [(ChangeKind.CORRECTED, one) for _was, one in found.corrected]
    lines += [(ChangeKind.ADDED, one) for one in found.added]
    _note_all(locked, "note_roll_changes", lines, line, by=by, office=office, now=now)


def _amending(
    ballot: Ballot, by: Actor, reason: str, objection: Objection | None, now: dt.datetime | None
) -> tuple[Ballot, str, str]:
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    office = require_conductor(by, Act.ROLL, locked, now=now)
    if locked.phase != Phase.DRAFT:
        raise WrongStage(_("表决开始后名册已经冻结，不能再增减。"), code="not_draft")
    line = reason_line(reason)
    if objection is not None:
        _require_ruling(locked, objection)
    return locked, office, line


def _require_ruling(ballot: Ballot, objection: Objection) -> None:
    """Refuse an objection that is not upheld, or that another matter's roll was objected to with."""
    said = Objection.objects.select_related("notice").get(pk=objection.pk)
    if said.status != ObjectionStatus.UPHELD:
        raise WrongStage(_("这项异议还没有裁定成立，不能据以改动名册。"), code="objection_not_upheld")
    about = (said.notice.subject_type, said.notice.subject_id)
    if all(about) and ballot.subject_type and about != (ballot.subject_type, ballot.subject_id):
        raise BadInput(_("这项异议是对另一件事的名册提出的。"), field="objection")


def reason_line(reason: str, field: str = "reason") -> str:
    """Return why a roll changes, on one line. Raises BadInput naming `field`."""
    line = reason.strip()
    if not line or len(line) > LONGEST_REASON or not line.isprintable():
        raise BadInput(_("请用一行文字写明理由，最多 %(most)d 个字。") % {"most": LONGEST_REASON}, field=field)
    return line


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
    powers_ended: int = 0,
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
            **({"powers_ended": powers_ended} if powers_ended else {}),
        },
        reason=reason, now=now,
    )  # fmt: skip


def _note_all(
    ballot: Ballot,
    act: str,
    lines: Sequence[tuple[str, Entry]],
    reason: str,
    *,
    by: Actor,
    office: str,
    now: dt.datetime | None,
    powers_ended: int = 0,
) -> None:
    """Store many changes at once: a row each, and one entry of the ledger with their number and their hash.

    The hash is over keyed identities, as that of a roll: the ledger is public, who changed is not. `powers_ended` is
    how many powers fell with the entries.
    """
    if not lines:
        return
    at = now or clock.now()
    RollChange.objects.bulk_create(
        RollChange(
            ballot=ballot, kind=kind, name=one.name, place=one.place, heads=one.heads, area=one.area, reason=reason,
            at=at,
        )
        for kind, one in lines
    )  # fmt: skip
    told = [
        [kind, receipts.keyed("identity", f"{ballot.pk}|{one.name}|{one.place}"), one.heads, format_area(one.area)]
        for kind, one in lines
    ]
    counted = Counter(str(kind) for kind, _one in lines)
    ledger.record(
        by=by, act=act, subject=ballot, office=office,
        after={kind: counted[kind] for kind in ChangeKind.values}
        | ({"powers_ended": powers_ended} if powers_ended else {}),
        reason=reason, document_hash=sha256_hex(told), now=now,
    )  # fmt: skip


def _take_off(ballot: Ballot, voters: Sequence[Voter]) -> int:
    """Delete entries with the powers given to them or by them and their recusals; return how many powers ended so."""
    going = Voter.objects.filter(ballot=ballot, pk__in=[voter.pk for voter in voters])
    powers = Proxy.objects.filter(Q(principal__in=going) | Q(holder__in=going))
    ended = powers.filter(revoked_at__isnull=True).count()
    powers.delete()
    Recusal.objects.filter(voter__in=going).delete()
    try:
        going.delete()
    except ProtectedError:
        raise WrongStage(_("这位表决人已经领取纸质票，不能从名册上去除。"), code="has_paper") from None
    return ended


_FIELDS = ("name", "place", "heads", "area", "user", "guardian", "guardian_name", "present")


def _correct(ballot: Ballot, changed: Sequence[tuple[Voter, VoterDraft]], now: dt.datetime) -> int:
    """Bring entries to what the register says, in batches; return how many powers ended by it.

    A household that has another representative keeps its printed code and the powers it gave. A power it holds was
    given to the person: that one keeps it by account, and without one it ends.
    """
    moved, ended = {}, 0
    for voter, draft in changed:
        if voter.household is not None and not _is_same_person(voter, draft):
            moved[voter.pk] = voter.user
            voter.present = False
    for power in Proxy.objects.filter(ballot=ballot, holder__in=list(moved), revoked_at__isnull=True):
        holder = moved[power.holder_id or 0]
        power.holder, power.holder_user = (None, holder) if holder is not None else (power.holder, None)
        power.revoked_at = None if holder is not None else now
        ended += holder is None
        power.save(update_fields=["holder", "holder_user", "revoked_at"])
    # Accounts that change places meet the unique constraint row by row: all leave before any comes.
    Voter.objects.filter(ballot=ballot, pk__in=[voter.pk for voter, _draft in changed]).update(user=None, guardian=None)
    _refuse_second_entry(ballot, [draft for _voter, draft in changed if not draft.guardian_name])
    for voter, draft in changed:
        voter.user = None if draft.guardian_name else draft.user
        voter.guardian, voter.guardian_name = draft.guardian, draft.guardian_name
        voter.name, voter.place, voter.heads, voter.area = draft.name, draft.place, draft.heads, draft.area
    Voter.objects.bulk_update([voter for voter, _draft in changed], _FIELDS, batch_size=_BATCH)
    return ended


def _is_same_person(voter: Voter, draft: VoterDraft) -> bool:
    if voter.user is not None or draft.user is not None:
        return voter.user == draft.user
    return voter.name == draft.name


def _differs(voter: Voter, draft: VoterDraft) -> bool:
    user = None if draft.guardian_name else draft.user
    now_is = (voter.name, voter.place, voter.heads, voter.area, voter.user, voter.guardian, voter.guardian_name)
    return now_is != (
        draft.name, draft.place, draft.heads, draft.area, user, draft.guardian, draft.guardian_name,
    )  # fmt: skip
