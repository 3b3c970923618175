"""The life of a ballot: created with its roll, opened (frozen), closed (counted), repeated.

Who may do it is judged here, whoever calls (voting.conducting).
"""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from community.models import Unit
from core import clock, ledger
from core.actors import Actor
from core.canonical import sha256_hex
from core.errors import BadInput, WrongStage
from core.measure import format_area
from core.words import day_in_words
from voting import bulk, receipts, result, rules, signals
from voting.conducting import Act, require_conductor, require_maker
from voting.evidence import roll_lines, votes_hash
from voting.mandates import rule_at
from voting.models import (
    Ballot,
    BallotKind,
    Disclosure,
    Item,
    Method,
    Phase,
    SecretVote,
    Voter,
)
from voting.operations.drafts import (
    ItemDraft,
    VoterDraft,
    item_draft,
    line_of_text,
    refuse_uncountable,
    refuse_unfit,
    store_items,
    store_voters,
)
from voting.persons import ROLL_OFFICES
from voting.requirements import prepare_to_open
from voting.special import may_close_from
from voting.warnings import warnings_for

_log = logging.getLogger(__name__)

MAX_VOTERS = 50_000
MAX_ITEMS = 100
MAX_RULES = 5
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class CreatedBallot:
    """A new ballot, the printed codes by voter id (shown once, stored hashed), and what to think of before opening."""

    ballot: Ballot
    codes: dict[int, str]
    warnings: list[str]


@transaction.atomic
def create_ballot(
    *,
    community: Unit,
    title: str,
    items: Sequence[ItemDraft | Mapping[str, Any]],
    rule: str | Mapping[str, Any],
    voters: Sequence[VoterDraft],
    by: Actor,
    kind: str = BallotKind.NAMED,
    revisable: bool = False,
    subject: models.Model | None = None,
    disclosure: str | None = None,
    opens_at: dt.datetime | None = None,
    closes_at: dt.datetime | None = None,
    issue_codes: bool = True,
    in_room: bool = False,
    more_rules: Sequence[str | Mapping[str, Any]] = (),
    scope: str = "",
    drawn_from: Unit | None = None,
    paper_wins: bool = False,
    previous: Ballot | None = None,
    petition: Ballot | None = None,
    makers: Sequence[str] = ROLL_OFFICES,
    now: dt.datetime | None = None,
) -> CreatedBallot:
    """Create a draft ballot with its items, options and roll.

    A `rule` given by key is the form it has at `community` (`set_rule`). Items must also pass by each of
    `more_rules`. Counts run in public while a ballot is open only where `disclosure` says so, or without
    a word for a named one of a bare list: two counts tell the vote between them, and its area whose it was. Those of a
    secret one never do. With `in_room` only voters marked present (`mark_present`) may vote. `scope` and `drawn_from`
    say how the roll was drawn from the register: a rule by key must be one for such an electorate. With `paper_wins`
    a paper takes the place of the voter's vote by another way; else the first holds. `previous` is the round before,
    `petition` the signatures it rests on. A roll of the register or a matter of the platform is voted on as the rule
    says, named or secret; of a bare list nobody knows who they are: a warning says so. By one of `makers`, or who
    conducts the `subject`. Raises NotAllowed, BadInput naming the field.
    """
    about, about_id = _about(subject, previous)
    office = require_maker(by, community, about, about_id, offices=makers, now=now)
    made, *more = _checked_rules([rule, *more_rules], community, kind, voters, scope)
    drafts = [item_draft(item, f"items[{place}]") for place, item in enumerate(items)]
    line_of_text(title, "title", 200)
    if more and any(draft.method == Method.ELECTION for draft in drafts):
        raise BadInput(_("选举只按一条规则决定。"), field="more_rules")
    if not 0 < len(drafts) <= MAX_ITEMS:
        raise BadInput(_("表决事项须为 1 至 %(most)d 项。") % {"most": MAX_ITEMS}, field="items")
    is_listed = not scope and not about
    shown = disclosure or (Disclosure.RUNNING if kind == BallotKind.NAMED and is_listed else Disclosure.AT_CLOSING)
    _refuse_telling(kind, shown, paper_wins=paper_wins)
    if not is_listed:
        _refuse_other_kind([made, *more], kind)
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise BadInput(_("截止时间须晚于开始时间。"), field="closes_at")
    ballot = Ballot.objects.create(
        community=community, title=title, kind=kind, revisable=revisable, disclosure=shown, rule=made.entry,
        subject_type=about, subject_id=about_id,
        opens_at=opens_at, closes_at=closes_at, in_room=in_room, more_rules=[one.entry for one in more], scope=scope,
        drawn_from=drawn_from, paper_wins=paper_wins, previous=previous, petition=petition,
        round=previous.round + 1 if previous is not None else 1,
    )  # fmt: skip
    store_items(ballot, drafts)
    issued = store_voters(ballot, voters, issue_codes=issue_codes)
    refuse_uncountable(ballot, drafts, voters)
    ledger.record(
        by=by,
        office=office,
        act="create_ballot",
        subject=ballot,
        after={
            "title": title, "kind": kind, "rule": made.entry["key"], "more_rules": [one.entry["key"] for one in more],
            "voters": len(voters), "items": len(drafts), "previous": previous.pk if previous is not None else None,
        },
        now=now,
    )  # fmt: skip
    return CreatedBallot(ballot, issued, warnings_for(ballot))


def _about(subject: models.Model | None, previous: Ballot | None) -> tuple[str, str]:
    """Return type and key of what a ballot is about; a further round is about what the round before was."""
    if subject is not None:
        return ledger.subject_type(subject), str(subject.pk)
    return (previous.subject_type, previous.subject_id) if previous is not None else ("", "")


def _refuse_telling(kind: str, disclosure: str, *, paper_wins: bool) -> None:
    """Refuse what would tell how somebody voted in secret."""
    if disclosure not in Disclosure.values:
        raise BadInput(_("计数公开方式须为 running 或 at_closing。"), field="disclosure")
    if kind == BallotKind.SECRET and disclosure == Disclosure.RUNNING:
        raise BadInput(_("无记名表决的计数只能在截止后公开：实时计数会泄露每一票。"), field="disclosure")
    if paper_wins and kind == BallotKind.SECRET:
        raise BadInput(_("无记名表决不知道每张票是谁的，不能定纸质票优先。"), field="paper_wins")


@transaction.atomic
def open_ballot(ballot: Ballot, *, by: Actor, now: dt.datetime | None = None) -> Ballot:
    """Freeze the roll and the options and open the ballot. Opening again, or after closing, changes nothing.

    The roll hash covers the pseudonym, weight and keyed identity of every voter; the recount file publishes the same.
    """
    moment = now or clock.now()
    locked = lock_ballot(ballot)
    office = require_conductor(by, Act.OPEN, locked, now=moment)
    if locked.phase == Phase.DRAFT:
        if locked.closes_at is not None and locked.closes_at <= moment:
            raise WrongStage(_("计划的截止时间已过，不能开始表决。"), code="closed")
        prepare_to_open(locked, today=clock.local_date(moment))
        roll = roll_lines(locked)
        if not roll:
            raise BadInput(_("名册是空的。"), field="voters")
        locked.roll_hash = sha256_hex(roll)
        weights = list(Voter.objects.filter(ballot=locked).values_list("heads", "area"))
        locked.roll_heads, locked.roll_area = sum(w[0] for w in weights), sum(w[1] for w in weights)
        locked.phase, locked.opened_at = Phase.OPEN, moment
        locked.version += 1
        locked.save(
            update_fields=["authorisation", "roll_hash", "roll_heads", "roll_area", "phase", "opened_at", "version"]
        )
        ledger.record(
            by=by,
            office=office,
            act="open_ballot",
            subject=locked,
            before={"phase": Phase.DRAFT.value},
            after={
                "phase": Phase.OPEN.value, "roll_hash": locked.roll_hash, "voters": len(roll),
                "heads": locked.roll_heads, "area": format_area(locked.roll_area), "warnings": warnings_for(locked),
                "authorisation": locked.authorisation_id,
            },
            now=moment,
        )  # fmt: skip
        signals.ballot_opened.owe(ballot=locked)
    copy_fields(locked, ballot)
    return ballot


@transaction.atomic
def close_ballot(
    ballot: Ballot,
    *,
    by: Actor,
    reason: str = "",
    now: dt.datetime | None = None,
    present: tuple[int, int] | None = None,
) -> Ballot:
    """Close an open ballot: lock it, count its rows, decide, store the result. Closing again changes nothing.

    Before its planned end only with a `reason`, which the ledger and the result keep: those who have not voted lose it.

    `present` (heads, 0.01 m2) are those present at the meeting, recused ones included, where a rule counts them and the
    ballot is not `in_room`. The rows of a secret ballot are written anew, shuffled, under new random ids.
    Raises NotAllowed, WrongStage for a draft, BadInput naming `reason`.
    """
    moment = now or clock.now()
    locked = lock_ballot(ballot)
    office = require_conductor(by, Act.CLOSE, locked, now=moment)
    end_ballot(locked, by=by, office=office, reason=reason, now=moment, present=present)
    copy_fields(locked, ballot)
    return ballot


def end_ballot(
    locked: Ballot,
    *,
    by: Actor,
    now: dt.datetime,
    reason: str = "",
    office: str = "",
    present: tuple[int, int] | None = None,
) -> None:
    """Close a locked ballot as `close_ballot` does; who may is judged by the caller."""
    if locked.phase == Phase.DRAFT:
        raise WrongStage(_("表决尚未开始，不能截止。"), code="not_open")
    if locked.phase == Phase.OPEN:
        last = may_close_from(locked)
        if last is not None and clock.local_date(now) <= last:
            raise WrongStage(
                _("公示期到%(day)s结束，之前不能截止：没有书面反对的人还可以反对。") % {"day": day_in_words(last)},
                code="posting_runs",
            )
        if present is not None:
            if not locked.cast <= present[0] <= locked.roll_heads or not 0 <= present[1] <= locked.roll_area:
                raise BadInput(_("到会人数须不少于已投人数，不多于名册人数。"), field="present")
            locked.present_heads, locked.present_area = present
        early = _early(locked, reason, now)
        if locked.kind == BallotKind.SECRET:
            _scatter(locked)
        locked.result = result.make_result(locked, closed_at=now, early=early)
        locked.phase, locked.closed_at = Phase.CLOSED, now
        locked.version += 1
        locked.save(update_fields=["present_heads", "present_area", "result", "phase", "closed_at", "version"])
        ledger.record(
            by=by,
            office=office,
            act="close_ballot",
            subject=locked,
            before={"phase": Phase.OPEN.value},
            after={
                "phase": Phase.CLOSED.value, "outcome": locked.result["outcome"], "cast": locked.cast,
                "counters_matched": locked.result["counters_matched"], "votes": votes_hash(locked),
                **({"early": early} if early else {}),
            },
            reason=early["reason"] if early else "",
            document_hash=locked.result["hash"],
            now=now,
        )  # fmt: skip
        signals.ballot_closed.owe(ballot=locked)


def _early(ballot: Ballot, reason: str, moment: dt.datetime) -> dict[str, str] | None:
    """Return what the result says of a ballot closed before its planned end, None for one closed in time."""
    if ballot.closes_at is None or moment >= ballot.closes_at:
        return None
    if not reason.strip():
        raise BadInput(_("还没有到公告的截止时间，提前截止须写明理由。"), field="reason")
    line_of_text(reason.strip(), "reason", LONGEST_REASON)
    return {"planned": ballot.closes_at.astimezone(dt.UTC).isoformat(), "reason": reason.strip()}


def close_due_ballots(*, by: Actor, now: dt.datetime | None = None) -> int:
    """Close every open ballot whose planned end has come; return how many. Each in its own transaction.

    One that may not be closed yet (its posting runs on over a new holiday), or cannot, does not hold up the others.
    """
    moment = now or clock.now()
    due = Ballot.objects.filter(phase=Phase.OPEN, closes_at__lte=moment).order_by("pk")
    closed = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            closed += _close_due(pk, by, moment)
        except WrongStage as refusal:
            _log.info("ballot %s is due and stays open: %s", pk, refusal)
        except Exception:  # noqa: BLE001 - whatever is wrong with one ballot, the others end in time
            _log.exception("ballot %s could not be closed; the others go on", pk)
    return closed


@transaction.atomic
def _close_due(pk: int, by: Actor, moment: dt.datetime) -> bool:
    # Asked again under the lock: somebody may have extended it meanwhile.
    due = Ballot.objects.select_for_update().filter(pk=pk, phase=Phase.OPEN, closes_at__lte=moment).first()
    if due is not None:
        close_ballot(due, by=by, now=moment)
    return due is not None


# --- inside -----------------------------------------------------------------


def _checked_rules(
    given: Sequence[str | Mapping[str, Any]], community: Unit, kind: str, voters: Sequence[VoterDraft], scope: str
) -> list[rules.Rule]:
    if len(given) > MAX_RULES:
        raise BadInput(_("一次表决最多适用 %(most)d 条规则。") % {"most": MAX_RULES}, field="more_rules")
    made = []
    for place, rule in enumerate(given):
        field = f"more_rules[{place - 1}]" if place else "rule"
        made.append(_checked_rule(rule, community, kind, voters, field))
        if scope and isinstance(rule, str):
            refuse_unfit(rule, scope, field)
        if any(made[-1].entry == known.entry for known in made[:-1]):
            raise BadInput(_("同一条规则出现两次。"), field=field)
    return made


def _checked_rule(
    rule: str | Mapping[str, Any], community: Unit, kind: str, voters: Sequence[VoterDraft], field: str
) -> rules.Rule:
    if kind not in BallotKind.values:
        raise BadInput(_("表决方式须为 named 或 secret。"), field="kind")
    try:
        made = (
            rules.rule_of(dict(rule), field=field)
            if isinstance(rule, Mapping)
            else rule_at(rule, community, field=field)
        )
    except rules.BadNumbers as error:
        raise BadInput(error.problem, field=error.field) from None
    if unknown := [measure for measure in made.measures if measure not in {"heads", "area"}]:
        raise BadInput(_("名册上没有“%(measure)s”这个数。") % {"measure": unknown[0]}, field=field)
    if made.entry["ballots"] == ["secret"] and kind != BallotKind.SECRET:
        raise BadInput(_("%(article)s规定须用无记名投票。") % {"article": made.entry["article"]}, field="kind")
    if not 0 < len(voters) <= MAX_VOTERS:
        raise BadInput(_("名册须有 1 至 %(most)d 人。") % {"most": MAX_VOTERS}, field="voters")
    if "area" in made.measures and not any(voter.area for voter in voters):
        raise BadInput(_("这条规则按面积计算，名册上却没有面积。"), field="voters")
    return made


def _refuse_other_kind(by: Sequence[rules.Rule], kind: str) -> None:
    """Refuse a secret vote where the rule knows only named and signed ones (owners')."""
    for rule in by:
        if rule.entry["ballots"] == ["named"] and kind == BallotKind.SECRET:
            raise BadInput(
                _("依据%(article)s的表决须记名并签名，不能用无记名方式。") % {"article": rule.entry["article"]},
                field="kind",
            )


def _scatter(ballot: Ballot) -> None:
    """Write all rows of a secret ballot anew in random order, under new ids, without the slots of revision."""
    items = list(Item.objects.filter(ballot=ballot).values_list("pk", flat=True))
    rows = list(SecretVote.objects.filter(item__in=items).values_list("item_id", "choice", "receipt"))
    such, parameter = bulk.among(items)
    bulk.run(f"DELETE FROM voting_secretvote WHERE item_id {such}", parameter)  # noqa: S608 - our own words
    rows.sort(key=lambda row: row[2])  # receipts are random to all who lack the key
    ids = receipts.random_ids(len(rows))
    mixed = sorted(zip(ids, rows, strict=True))
    bulk.insert("voting_secretvote", ("id", "item_id", "choice", "receipt"), [(pk, *row) for pk, row in mixed])


def lock_ballot(ballot: Ballot) -> Ballot:
    """Return the row of a ballot, fresh and locked until the transaction ends, with its community."""
    return Ballot.objects.select_for_update(of=("self",)).select_related("community").get(pk=ballot.pk)


def tell_changed(ballot: Ballot) -> None:
    """Say after commit that screens showing the ballot are out of date."""
    transaction.on_commit(partial(signals.ballot_changed.send, sender=Ballot, ballot_id=ballot.pk))


def copy_fields(stored: Ballot, given: Ballot) -> None:
    """Bring the caller's object up to date without a query."""
    for name in [f.attname for f in Ballot._meta.concrete_fields]:  # noqa: SLF001 - Django's documented meta interface
        setattr(given, name, getattr(stored, name))
