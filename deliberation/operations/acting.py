"""The one shape of every act on a proposal: lock, who may, stale, stage, requirements, change, ledger, tell.

`make_move` takes a move of the table; `acting` is for the acts that change no status.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from community.models import User
from community.queries import office_holders
from core import clock, ledger
from core.actors import Actor
from core.calendar import ends_on
from core.errors import BadInput, NotAllowed, NotFound, Stale, WrongStage
from core.masking import mask_name
from core.notify import tell
from core.official import official_language
from core.requirements import require
from core.words import refuse_unprintable
from deliberation import limits, rules
from deliberation.acts import ACTS, act_title
from deliberation.case import Case
from deliberation.models import Proposal
from deliberation.moves import MOVES, Move
from deliberation.requirements import requirements_of
from deliberation.stages import STAGELESS, Status

REASON_LENGTH = 2000
# Statuses whose deadline is somebody's duty to carry out; in the others the time itself is what is waited for.
_DUTIES = frozenset({Status.EXECUTING, Status.RECTIFYING})


@dataclass(slots=True)
class Done:
    """What an operation did besides: the hash of the document it rests on, facts for the ledger, the due day.

    `is_repeated`: an act of `acting` that was done already, word for word; nothing is written down.
    """

    document_hash: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    due: limits.Term | dt.date | None = None
    is_repeated: bool = False


Work = Callable[[Proposal], "Done | None"]


def lock(proposal: Proposal | int) -> Proposal:
    """Return the proposal with its row locked until the transaction ends. Raises NotFound."""
    pk = proposal if isinstance(proposal, int) else proposal.pk
    locked = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("community", "unit", "proposer", "ballot", "merged_into")
        .filter(pk=pk)
        .first()
    )
    if locked is None:
        raise NotFound
    return locked


def require_fresh(proposal: Proposal, expected_version: int | None) -> None:
    """Raise Stale, saying who did what and when, when the page was made from an older version."""
    if expected_version is None or expected_version == proposal.version:
        return
    last = ledger.entries_about(proposal).order_by("-sequence").first()
    if last is None:
        raise Stale(_("页面打开之后情况有变，请看过最新情况再操作。"))
    raise Stale(
        _("页面打开之后，%(office)s%(name)s已于%(at)s%(act)s，现在是“%(status)s”。请看过最新情况再操作。")
        % {
            "office": rules.title_of(last.office),
            "name": mask_name(last.actor_name),
            "at": timezone.localtime(last.at).strftime("%m-%d %H:%M"),
            "act": act_title(last.act),
            "status": proposal.get_status_display(),
        }
    )


def make_move(
    key: str,
    proposal: Proposal,
    *,
    by: Actor,
    reason: str = "",
    reason_code: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
    arrange: Work | None = None,
    carry_out: Work | None = None,
) -> Proposal:
    """Take the move `key` and return the proposal as it is now.

    `arrange` puts in place what came with the move before the requirements are asked; `carry_out` does its work after
    they are met (notices, ballots, meetings) in the same transaction. When anything is refused nothing is stored.
    Raises NotFound, NotAllowed, Stale, WrongStage, BadInput (reason), RequirementsNotMet, and what the work raises.
    """
    move = MOVES[key]
    moment = now or clock.now()
    with transaction.atomic():
        locked = lock(proposal)
        standing = rules.require_mover(by, locked, move)
        require_fresh(locked, expected_version)
        _require_stage(move, locked)
        reason = _checked_reason(move, reason, reason_code)
        arranged = (arrange(locked) if arrange is not None else None) or Done()
        case = Case(locked, moment, reason_code=reason_code)
        require(case, requirements_of(key))
        done = (carry_out(locked) if carry_out is not None else None) or Done()
        before = locked.status
        _take(move, locked)
        if before in _DUTIES and locked.due_on is not None and locked.due_on < clock.local_date(moment):
            locked.was_late = True
        if before not in STAGELESS:
            locked.previous_status = before
        locked.reason_code = reason_code
        if locked.status != Status.SUSPENDED:
            locked.resumes_on = None
        _set_due(locked, done.due or arranged.due, moment)
        locked.entered_at = moment
        locked.version += 1
        locked.save()
        ledger.record(
            by=by,
            act=key,
            subject=locked,
            office=standing.acting_office(move.offices),
            before={"status": before},
            after={"status": locked.status, "version": locked.version, **arranged.facts, **done.facts}
            | ({"reason_code": reason_code} if reason_code else {}),
            reason=reason,
            document_hash=done.document_hash or arranged.document_hash,
            now=moment,
        )
        _tell_people(move, locked, by)
    return locked


def _require_stage(move: Move, proposal: Proposal) -> None:
    if Status(proposal.status) not in move.sources:
        raise WrongStage(
            _("现在是“%(status)s”，不能“%(move)s”。") % {"status": proposal.get_status_display(), "move": move.title}
        )


def _checked_reason(move: Move, reason: str, reason_code: str) -> str:
    reason = reason.strip()
    if len(reason) > REASON_LENGTH:
        raise BadInput(_("理由不能超过%(most)d字。") % {"most": REASON_LENGTH}, field="reason")
    refuse_unprintable(reason, field="reason")
    if move.reason_codes:
        if reason_code not in move.reason_codes:
            codes = _("、").join(str(title) for title in move.reason_codes.values())
            raise BadInput(_("请选择理由：%(codes)s。") % {"codes": codes}, field="reason_code")
        with official_language():
            return reason or str(move.reason_codes[reason_code])
    if reason_code:
        raise BadInput(_("这一步没有可选的理由。"), field="reason_code")
    if move.needs_reason and not reason:
        raise BadInput(_("请写明理由。"), field="reason")
    return reason


def _take(move: Move, proposal: Proposal) -> None:
    try:
        getattr(proposal, move.key)()
    except TransitionNotAllowed as error:  # the table and the machine differ: a test keeps them equal
        raise WrongStage(_("现在不能“%(move)s”。") % {"move": move.title}) from error


def _set_due(proposal: Proposal, due: limits.Term | dt.date | None, now: dt.datetime) -> None:
    if due is None:
        due = limits.DUE.get(Status(proposal.status))
    if isinstance(due, dt.date):
        proposal.due_on, proposal.due_is_provisional = due, False
    elif due is None:
        proposal.due_on, proposal.due_is_provisional = None, False
    else:
        found = ends_on(clock.local_date(now), due.days, due.mode)
        proposal.due_on, proposal.due_is_provisional = found.ends, found.provisional


def _tell_people(move: Move, proposal: Proposal, by: Actor) -> None:
    """Tell the proposer, the co-signers and whoever has the next move; not the one who just acted."""
    people: dict[int, User] = {}
    if proposal.proposer is not None:
        people[proposal.proposer.pk] = proposal.proposer
    people |= {s.user.pk: s.user for s in proposal.co_signatures.select_related("user") if s.user is not None}
    people |= {user.pk: user for user in next_actors(proposal)}
    people.pop(by.pk or 0, None)
    with official_language():
        text = f"“{proposal.title}”：{move.title}，现在是“{proposal.get_status_display()}”。"
    tell(people.values(), text, proposal.get_absolute_url())


def next_actors(proposal: Proposal) -> Iterable[User]:
    """Return the people of the community whose turn it is: the offices of the main move that leaves the status."""
    offices = next((m.offices for m in MOVES.values() if m.main and Status(proposal.status) in m.sources), ())
    return office_holders(proposal.community, *offices) if offices else ()


@contextmanager
def acting(
    proposal: Proposal,
    *,
    by: Actor,
    act: str,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
    reason: str = "",
    bumps: bool = True,
    also: int | None = None,
) -> Iterator[tuple[Proposal, Done]]:
    """Open the transaction of an act of `deliberation.acts`; yields the locked proposal and a `Done` to fill in.

    The version rises, so an older page is told; not with `bumps` False, for acts that leave everybody else's page
    true. `also` is one person (user id) who may besides the offices. The ledger row is written when the block ends
    without an error.
    """
    moment = now or clock.now()
    with transaction.atomic():
        locked = lock(proposal)
        if also is not None and by.pk == also:
            office = rules.standing_of(by, locked).office
        else:
            office = rules.require_standing(by, locked, ACTS[act].offices)
        require_fresh(locked, expected_version)
        if ACTS[act].statuses and locked.status not in ACTS[act].statuses:
            raise WrongStage(
                _("现在是“%(status)s”，不能%(act)s。") % {"status": locked.get_status_display(), "act": act_title(act)}
            )
        done = Done()
        yield locked, done
        if done.is_repeated:
            return
        locked.version += bumps
        locked.save()
        ledger.record(
            by=by,
            act=act,
            subject=locked,
            office=office,
            after={"version": locked.version, **done.facts},
            reason=reason,
            document_hash=done.document_hash,
            now=moment,
        )


def person(by: Actor) -> User:
    """Return `by` as a signed-in person; raise NotAllowed for the platform: the act needs somebody's name."""
    if not isinstance(by, User) or by.pk is None:
        raise NotAllowed(_("请先登录。"), code="not_signed_in")
    return by
