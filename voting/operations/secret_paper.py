"""Papers of secret ballots: printed for whoever bears them, handed to voters, entered by two people apart.

Voter and paper are never joined. That a voter holds a paper (any one) keeps the voter from voting by another way until
the paper is given back unused; what a paper said is forgotten once two readings agree and the choice is cast, stirred
among those that came in over the network. Weights must be equal: a paper carries none.
"""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from community import codes
from community.models import User
from community.rules import require_office
from core import clock, ledger
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from voting import bulk, methods, queries, receipts
from voting.counting import same_weight
from voting.models import (
    Ballot,
    BallotKind,
    BearerPaper,
    Item,
    PaperBallot,
    PaperBatch,
    PaperHandout,
    PaperState,
    Phase,
    Proxy,
    Recusal,
    Voter,
)
from voting.operations.ballot import tell_changed
from voting.operations.paper import PAPER_OFFICES, as_read, locked_ballot, note_entry
from voting.persons import has_stepped_aside
from voting.stirring import scattered, taken_out


class PaperNotHandedOut(Refused):
    """This voter may not take a paper now."""

    code = "paper_not_handed_out"


@transaction.atomic
def store_bearer_papers(
    ballot: Ballot, *, printed: Sequence[str], by: User, now: dt.datetime | None = None
) -> list[BearerPaper]:
    """Let papers with these codes be valid: only the keyed hashes are stored, under random ids.

    Before closing; no more papers than voters and one in ten to spare. Raises NotAllowed, WrongStage, BadInput.
    """
    moment = now or clock.now()
    locked = locked_ballot(ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    _require_before_closing(locked)
    require_papers_left(locked, len(printed))
    ids = receipts.random_ids(len(printed))
    made = BearerPaper.objects.bulk_create(
        BearerPaper(pk=pk, ballot=locked, code_hash=codes.hash_code(code))
        for pk, code in sorted(zip(ids, printed, strict=True))
    )
    ledger.record(
        by=by, act="store_bearer_papers", subject=locked, office=office, after={"papers": len(made)}, now=moment
    )
    return made


def require_papers_left(ballot: Ballot, count: int) -> None:
    """Refuse printing more papers of a secret ballot than voters and one in ten to spare, or of unequal weights."""
    _require_secret(ballot)
    voters = Voter.objects.filter(ballot=ballot).count()
    left = voters + voters // 10 + 1 - BearerPaper.objects.filter(ballot=ballot).count()
    if not 1 <= count <= left:
        raise BadInput(_("还可以印 %(most)d 张。") % {"most": max(left, 0)}, field="last")


@transaction.atomic
def hand_out_paper(voter: Voter, *, by: User, now: dt.datetime | None = None) -> PaperBatch:
    """Note that a voter was handed a paper, any one: from now on nothing but paper. Said again it changes nothing.

    Raises NotAllowed, WrongStage, PaperNotHandedOut (has voted, stepped aside, gave a proxy, is not in the room).
    """
    moment = now or clock.now()
    locked = locked_ballot(voter.ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    _require_secret(locked)
    batch, _created = PaperBatch.objects.get_or_create(ballot=locked)
    if PaperHandout.objects.filter(voter=voter).exists():
        return batch
    _require_before_closing(locked)
    _require_may_take(locked, voter)
    if BearerPaper.objects.filter(ballot=locked).count() <= batch.issued:
        raise WrongStage(_("印好的票已经发完，请先加印。"), code="no_papers_left")
    PaperHandout.objects.create(voter=voter)
    batch.issued += 1
    batch.save(update_fields=["issued"])
    ledger.record(
        by=by, act="hand_out_paper", subject=locked, office=office, after={"voter": str(voter.pk)}, now=moment
    )
    return batch


@transaction.atomic
def take_back_paper(voter: Voter, *, by: User, now: dt.datetime | None = None) -> PaperBatch:
    """Note that a voter gave an unused paper back: it counts as never handed out, the voter may vote otherwise again.

    Said again it changes nothing. Were the paper in the box all the same, the box would hold more than were handed out.
    Raises NotAllowed, WrongStage.
    """
    moment = now or clock.now()
    locked = locked_ballot(voter.ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    _require_secret(locked)
    batch, _created = PaperBatch.objects.get_or_create(ballot=locked)
    if PaperHandout.objects.filter(voter=voter).exists():
        _require_before_closing(locked)
        if batch.issued <= PaperBallot.objects.filter(ballot=locked).count():
            raise WrongStage(_("发出的票都已投入票箱并录入，不可能再有未用的票。"), code="no_paper_outside")
        PaperHandout.objects.filter(voter=voter).delete()
        batch.issued -= 1
        batch.save(update_fields=["issued"])
        ledger.record(
            by=by, act="take_back_paper", subject=locked, office=office, after={"voter": str(voter.pk)}, now=moment
        )
    return batch


@transaction.atomic
def enter_bearer_paper(
    paper: BearerPaper, *, choices: Mapping[str, Any], by: User, now: dt.datetime | None = None
) -> PaperBallot:
    """Store what `by` reads on a paper out of the box; cast it once two agree, or a third has settled a difference.

    `choices` as in `enter_paper`. The readings are forgotten when the paper is settled. Raises NotAllowed, WrongStage,
    BadInput, AlreadyEntered.
    """
    moment = now or clock.now()
    locked = locked_ballot(paper.ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    if has_stepped_aside(locked, by):
        raise NotAllowed(_("已回避的人不能录入本次表决的票。"))
    read = as_read(locked, choices)
    entered = PaperBallot.objects.filter(bearer=paper).first() or PaperBallot(ballot=locked, bearer=paper)
    return note_entry(locked, entered, read, by=by, office=office, settle=_settle, now=moment)


# --- inside -----------------------------------------------------------------


def _require_secret(ballot: Ballot) -> None:
    if ballot.kind != BallotKind.SECRET:
        raise Refused(_("记名的纸质票按人印制和录入。"), code="named_paper")
    if same_weight(ballot) is None:
        raise Refused(_("各人票权不同的无记名表决不能用纸质票：票上没有票权。"), code="unequal_weights")


def _require_before_closing(ballot: Ballot) -> None:
    if ballot.phase not in {Phase.DRAFT, Phase.OPEN}:
        raise WrongStage(_("表决已截止。"), code="closed")


def _require_may_take(ballot: Ballot, voter: Voter) -> None:
    if queries.items_voted_on(voter):
        raise PaperNotHandedOut(_("已经投过票，不能重复表决。"))
    if Recusal.objects.filter(voter=voter).exists():
        raise PaperNotHandedOut(_("此人已回避部分事项，无记名的纸质票分不出来，请在线投票。"))
    if Proxy.objects.filter(principal=voter, revoked_at__isnull=True).exists():
        raise PaperNotHandedOut(_("已经委托了他人。"))
    if ballot.in_room and not voter.present:
        raise PaperNotHandedOut(_("只有到会的人可以领票。"))


def _settle(ballot: Ballot, paper: PaperBallot, read: Mapping[str, str], now: dt.datetime) -> None:
    paper.is_void = set(read.values()) == {methods.INVALID}
    paper.settled_at, paper.state = now, PaperState.COUNTED
    paper.entries.update(choices={})
    _cast(ballot, read)


def _cast(ballot: Ballot, read: Mapping[str, str]) -> None:
    """Write the choices of one paper as `cast_votes` writes those of a secret ballot, but for nobody."""
    heads, area = same_weight(ballot) or (1, 0)
    items = {str(item.pk): item for item in Item.objects.filter(ballot=ballot)}
    rows: list[tuple[Any, ...]] = []
    counts: dict[tuple[int, str], int] = {}
    for key, choice in read.items():
        item = items[key]
        rows.append((item.pk, choice, secrets.token_hex(16), None))
        rows += taken_out(item.pk)
        for mark, amount in [(methods.EVERYBODY, 1), *methods.marks_of(item.method, choice)]:
            counts[item.pk, mark] = counts.get((item.pk, mark), 0) + amount
    bulk.insert("voting_secretvote", ("id", "item_id", "choice", "receipt", "slot"), scattered(rows))
    bulk.add_to_counts([(item, key, n, n * heads, n * area) for (item, key), n in sorted(counts.items())])
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE voting_ballot SET version = version + 1, "cast" = "cast" + %s WHERE id = %s', [heads, ballot.pk]
        )
    tell_changed(ballot)
