"""Paper ballots of named votes: handed out, entered by two people apart, settled by a third, reconciled.

A paper has no effect until two people who did not see each other's entry agree, or a third has settled the difference.
Then it is cast like any other vote, through `cast_votes`: one voter has one effective ballot whatever the channels do.
The ledger tells that a paper was entered and by whom, with a keyed hash of what was read, never the choices.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import Office, User
from community.rules import require_office
from core import clock, ledger
from core.canonical import canonical_json
from core.errors import BadInput, NotAllowed, NotFound, Refused, WrongStage
from core.words import one_line
from voting import methods, queries, receipts
from voting.models import (
    AssistedVote,
    Ballot,
    BallotKind,
    Channel,
    Item,
    PaperBallot,
    PaperBatch,
    PaperEntry,
    PaperState,
    Phase,
    Recusal,
    Voter,
)
from voting.operations.ballot import tell_changed
from voting.operations.cast import CastIntent, CastOutcome, cast_votes
from voting.papers import PaperCounts, batch_of, paper_counts

PAPER_OFFICES = (
    Office.SECRETARY,
    Office.DIRECTOR,
    Office.COMMITTEE_MEMBER,
    Office.SECONDED_MEMBER,
    Office.GRID_WORKER,
    Office.TELLER,
)
MAX_PAPERS = 1_000_000
_MAX_NAME = 100
_SECOND, _THIRD = 2, 3


Settle = Callable[[Ballot, PaperBallot, Mapping[str, str], dt.datetime], None]


class AlreadyEntered(Refused):
    """This person has entered this paper already, otherwise; or the paper is settled."""

    code = "already_entered"


class PaperNotCast(Refused):
    """The vote on the paper cannot be cast now; nothing of this entry was stored."""

    code = "paper_not_cast"


@transaction.atomic
def issue_papers(ballot: Ballot, *, issued: int, by: User, now: dt.datetime | None = None) -> PaperBatch:
    """Say how many papers were handed out. Said again, the later number holds; before closing only."""
    moment = now or clock.now()
    locked = locked_ballot(ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    require_named(locked)
    if locked.phase not in {Phase.DRAFT, Phase.OPEN}:
        raise WrongStage(_("表决已截止。"), code="closed")
    require_count(issued, "issued")
    if issued < paper_counts(locked).entered:
        raise BadInput(_("录入的纸质票已多于这个数。"), field="issued")
    batch, _created = PaperBatch.objects.get_or_create(ballot=locked)
    if batch.issued != issued:
        before, batch.issued = batch.issued, issued
        batch.save(update_fields=["issued"])
        ledger.record(
            by=by,
            act="issue_papers",
            subject=locked,
            office=office,
            before={"issued": before},
            after={"issued": issued},
            now=moment,
        )
    return batch


@transaction.atomic
def enter_paper(voter: Voter, *, choices: Mapping[str, Any], by: User, now: dt.datetime | None = None) -> PaperBallot:
    """Store what `by` reads on a voter's paper: as the first, the second, or after a difference the third person.

    `choices` maps item ids to choices; a badly marked item is `methods.INVALID`, one left empty is left out. When the
    second agrees with the first, or with the word of the third, the paper is cast; where the voter has voted already
    by another way the paper becomes a conflict and the first vote holds, or, when the ballot's paper wins, the paper
    takes its place. The same entry of the same person again
    changes nothing. Raises NotAllowed, WrongStage, BadInput, AlreadyEntered, PaperNotCast.
    """
    moment = now or clock.now()
    locked = locked_ballot(voter.ballot)
    office = _may_enter(locked, voter, by, moment)
    read = as_read(locked, choices)
    paper = PaperBallot.objects.filter(voter=voter).first() or PaperBallot(ballot=locked, voter=voter)
    return note_entry(locked, paper, read, by=by, office=office, settle=_settle, now=moment)


@transaction.atomic
def assist_vote(
    voter: Voter, *, choices: Mapping[str, Any], witness: str, by: User, now: dt.datetime | None = None
) -> AssistedVote:
    """Cast the vote of somebody present who cannot mark it alone (代录), before a named witness.

    Asked again for the same voter with the same choices it changes nothing. Raises NotAllowed, WrongStage, BadInput,
    PaperNotCast.
    """
    moment = now or clock.now()
    locked = locked_ballot(voter.ballot)
    office = _may_enter(locked, voter, by, moment)
    witness = one_line(witness, "witness", _MAX_NAME)
    if witness in {by.actor_name(), voter.name}:
        raise BadInput(_("见证人须是代录人和投票人以外的人。"), field="witness")
    read = as_read(locked, choices)
    if methods.INVALID in read.values():
        raise BadInput(_("代录没有无效的选项。"), field="choices")
    earlier = AssistedVote.objects.filter(voter=voter).first()
    request = f"assisted-{receipts.keyed('assisted', f'{voter.pk}|{canonical_json(read)}')}"
    if earlier is not None and earlier.receipt == receipts.cast_receipt(voter.pk, request):
        return earlier
    require_running(locked, moment)
    if _has_voted(voter, read):
        raise PaperNotCast(_("已经投过票，不能重复表决。"), code="already_voted")
    outcome = _cast(locked, voter, read, Channel.ASSISTED, request, moment)
    assisted = AssistedVote.objects.create(voter=voter, by=by, witness=witness, receipt=outcome.receipt, at=moment)
    ledger.record(
        by=by,
        act="assist_vote",
        subject=locked,
        office=office,
        after={"voter": str(voter.pk), "witness": witness},
        now=moment,
    )
    return assisted


@transaction.atomic
def reconcile_papers(
    ballot: Ballot,
    *,
    returned: int,
    unreturned: int,
    valid: int,
    invalid: int,
    by: User,
    more_than_issued: bool = False,
    now: dt.datetime | None = None,
) -> PaperBatch:
    """Store the sums of the papers of a closed ballot: 发出 = 收回 + 未收回, 收回 = 有效 + 无效.

    More papers out of the box than were handed out void the vote: it is stored only when `more_than_issued` says that
    it was counted again, and the ballot can then not be certified.

    `valid` must be the papers counted here with a valid item: what was not counted is invalid. Said again with the same
    numbers it changes nothing; a correction is possible until the count is certified. Raises BadInput naming the
    number, WrongStage before closing and after certification.
    """
    moment = now or clock.now()
    locked = locked_ballot(ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    batch = batch_of(locked)
    if batch is None:
        raise WrongStage(_("没有登记发出的纸质票。"), code="no_papers")
    said = {"returned": returned, "unreturned": unreturned, "valid": valid, "invalid": invalid}
    for field, number in said.items():
        require_count(number, field)
    before = {field: getattr(batch, field) for field in said}
    overfull = returned > batch.issued
    if before == said:
        return batch
    if locked.phase != Phase.CLOSED:
        raise WrongStage(_("表决截止后、确认结果前才能核对纸质票。"), code="not_closed")
    if overfull and not more_than_issued:
        raise BadInput(
            _("收回的票多于发出的票。请重新清点；仍多于发出的，勾选“已重新清点”，本次投票无效。"),
            field="returned",
            code="more_returned_than_issued",
        )
    _require_sums(batch, said, paper_counts(locked), overfull=overfull)
    batch.is_overfull = overfull
    for field, number in said.items():
        setattr(batch, field, number)
    batch.reconciled_by, batch.reconciled_at = by, moment
    batch.save()
    ledger.record(
        by=by, act="reconcile_papers", subject=locked, office=office, before=before,
        after={"issued": batch.issued, **said, "void": overfull}, now=moment,
    )  # fmt: skip
    return batch


@transaction.atomic
def let_paper_win(ballot: Ballot, *, wins: bool, by: User, now: dt.datetime | None = None) -> Ballot:
    """Set before opening whether a voter's paper takes the place of their vote by another way, or the first holds."""
    moment = now or clock.now()
    locked = locked_ballot(ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    require_named(locked)
    if locked.paper_wins != wins:
        if locked.phase != Phase.DRAFT:
            raise WrongStage(_("表决开始后不能再改哪一票优先。"), code="not_draft")
        locked.paper_wins = wins
        locked.save(update_fields=["paper_wins"])
        ledger.record(
            by=by, act="let_paper_win", subject=locked, office=office, before={"paper_wins": not wins},
            after={"paper_wins": wins}, now=moment,
        )  # fmt: skip
    ballot.paper_wins = wins
    return ballot


# --- inside -----------------------------------------------------------------


def note_entry(
    ballot: Ballot,
    paper: PaperBallot,
    read: Mapping[str, str],
    *,
    by: User,
    office: str,
    settle: Settle,
    now: dt.datetime,
) -> PaperBallot:
    """Store what one person read on a paper; settle the paper when two agree or the third has spoken."""
    entries = list(paper.entries.order_by("place")) if paper.pk is not None else []
    own = next((entry for entry in entries if entry.by_id == by.pk), None)
    if own is not None:
        if own.choices == read:
            return paper
        raise AlreadyEntered(_("您已录入过这张票，须由另一人再录。"))
    if paper.settled_at is not None:
        raise AlreadyEntered(_("这张票已经录完。"))
    require_running(ballot, now)
    if paper.pk is None:
        _require_issued(ballot)
        paper.save()
    place = len(entries) + 1
    PaperEntry.objects.create(paper=paper, place=place, by=by, choices=read, at=now)
    if place == _THIRD or (place == _SECOND and entries[0].choices == read):
        settle(ballot, paper, read, now)
    elif place == _SECOND:
        paper.state = PaperState.DIFFERS
    paper.save()
    ledger.record(
        by=by,
        act="settle_paper" if place == _THIRD else "enter_paper",
        subject=ballot,
        office=office,
        after={"paper": str(paper.pk), "entry": place, "state": str(paper.state), **_trace(ballot, paper, read)},
        now=now,
    )
    return paper


def locked_ballot(ballot: Ballot) -> Ballot:
    """Return the ballot with its row locked and its community read."""
    return Ballot.objects.select_for_update(of=("self",)).select_related("community").get(pk=ballot.pk)


def _may_enter(ballot: Ballot, voter: Voter, by: User, now: dt.datetime) -> str:
    """Return the office in which `by` enters this voter's paper, or raise NotAllowed."""
    office = require_office(by, *PAPER_OFFICES, unit=ballot.community, now=now)
    require_named(ballot)
    if voter.user_id is not None and voter.user_id == by.pk:
        raise NotAllowed(_("本人的票须由别人录入。"))
    if Recusal.objects.filter(item__ballot=ballot, voter__user=by).exists():
        raise NotAllowed(_("已回避的人不能录入本次表决的票。"))
    return office


def require_named(ballot: Ballot) -> None:
    """Refuse what would join a voter and a choice of a secret ballot."""
    if ballot.kind == BallotKind.SECRET:
        raise Refused(_("无记名的纸质票不能按人录入。"), code="secret_paper")


def _require_issued(ballot: Ballot) -> None:
    """Refuse one paper more than were handed out."""
    batch = batch_of(ballot)
    if batch is None or batch.issued <= paper_counts(ballot).entered:
        raise WrongStage(_("录入的票不能多于登记发出的票，请先登记发出的张数。"), code="more_than_issued")


def require_running(ballot: Ballot, now: dt.datetime) -> None:
    """Refuse what only an open ballot takes, by the clock too. Raises WrongStage."""
    if ballot.phase == Phase.DRAFT:
        raise WrongStage(_("表决尚未开始。"), code="not_open")
    if ballot.phase != Phase.OPEN or (ballot.closes_at is not None and ballot.closes_at <= now):
        raise WrongStage(_("表决已截止。"), code="closed")


def as_read(ballot: Ballot, choices: Mapping[str, Any]) -> dict[str, str]:
    """Return what was read in the form two entries can be compared in. Raises BadInput naming the item."""
    items = {str(item.pk): item for item in Item.objects.filter(ballot=ballot).prefetch_related("options")}
    if not isinstance(choices, Mapping) or not choices:
        raise BadInput(_("请至少录入一项。"), field="choices")
    read = {}
    for key, choice in choices.items():
        item = items.get(key)
        if item is None:
            raise BadInput(_("没有这一项。"), field="choices")
        if choice == methods.INVALID:
            read[key] = methods.INVALID
            continue
        check = methods.check_for(item.method, item.form, [option.key for option in item.options.all()])
        try:
            read[key] = check(choice)
        except methods.InvalidChoice:
            raise BadInput(
                _("“%(item)s”这样填不符合表决票的要求；票上若是这样，请选“填写有误”。") % {"item": item.title},
                field=f"item-{key}",
            ) from None
    return dict(sorted(read.items()))


def _settle(ballot: Ballot, paper: PaperBallot, read: Mapping[str, str], now: dt.datetime) -> None:
    paper.is_void = set(read.values()) == {methods.INVALID}
    paper.settled_at = now
    voter = paper.voter
    if voter is None:  # the database keeps that from being: a paper here is a voter's
        raise NotFound
    if not ballot.paper_wins and _has_voted(voter, read):
        paper.state = PaperState.CONFLICT
        return
    outcome = _cast(ballot, voter, read, Channel.PAPER, f"paper-{uuid.uuid4()}", now)
    paper.state, paper.receipt = PaperState.COUNTED, outcome.receipt


def _has_voted(voter: Voter, read: Mapping[str, str]) -> bool:
    """Return whether the voter voted on one of these items: asked under the lock, for revisable ballots too."""
    return not queries.items_voted_on(voter).isdisjoint(int(item) for item in read)


def _cast(
    ballot: Ballot, voter: Voter, read: Mapping[str, str], channel: Channel, request: str, now: dt.datetime
) -> CastOutcome:
    choices = {item: methods.readable(choice) for item, choice in read.items()}
    intent = CastIntent(ballot.pk, voter.pk, request, choices, channel=channel)
    [outcome] = cast_votes([intent], now=now)
    if not outcome.accepted:
        raise PaperNotCast(outcome.message, code=outcome.code)
    tell_changed(ballot)
    return outcome


def _require_sums(batch: PaperBatch, said: Mapping[str, int], counted: PaperCounts, *, overfull: bool) -> None:
    """Refuse sums that do not hold among themselves or with what was entered, naming the first that is wrong."""
    returned = said["returned"]
    if overfull and said["unreturned"]:
        raise BadInput(_("收回的票多于发出的票时，未收回为 0。"), field="unreturned")
    if not overfull and returned + said["unreturned"] != batch.issued:
        raise BadInput(_("发出 %(issued)d 张，须等于收回加未收回。") % {"issued": batch.issued}, field="unreturned")
    if said["valid"] + said["invalid"] != returned:
        raise BadInput(_("收回 %(returned)d 张，须等于有效加无效。") % {"returned": returned}, field="invalid")
    if said["valid"] != counted.valid:
        raise BadInput(_("已计入的有效票是 %(valid)d 张，与此不符。") % {"valid": counted.valid}, field="valid")
    if returned < counted.entered:
        raise BadInput(_("已录入 %(entered)d 张，收回不会更少。") % {"entered": counted.entered}, field="returned")


def _trace(ballot: Ballot, paper: PaperBallot, read: Mapping[str, str]) -> dict[str, str]:
    """Return what the ledger keeps of a reading: a keyed hash, of a secret ballot nothing (few choices are guessed)."""
    if ballot.kind == BallotKind.SECRET:
        return {}
    return {"read": receipts.keyed("paper", f"{paper.pk}|{canonical_json(read)}")}


def require_count(value: Any, field: str) -> None:
    """Refuse what is not a number of papers. Raises BadInput naming the field."""
    if type(value) is not int or not 0 <= value <= MAX_PAPERS:
        raise BadInput(_("须为 0 至 %(most)d 的整数。") % {"most": MAX_PAPERS}, field=field)
