"""Screening (把关): acknowledge, check, accept, return, merge, transfer, reject."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock, ledger
from core.actors import Actor
from core.calendar import ends_on
from core.errors import BadInput, NotFound, WrongStage
from core.notify import tell
from core.official import official_language
from deliberation import limits, rules
from deliberation.models import Proposal
from deliberation.moves import REJECT_CODES
from deliberation.operations.acting import Done, acting, lock, make_move, person
from deliberation.operations.notices import facts_hash
from deliberation.operations.papers import (
    file_acceptance,
    file_registration,
    file_rejection,
    file_return,
)
from deliberation.operations.propose import carry_co_signers
from publish import press
from publish.models import Notice


def acknowledge_proposal(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Sign for it (due within 1 working day): the registration form is written and the proposer told; once."""
    moment = now or clock.now()
    with acting(
        proposal,
        by=by,
        act="acknowledge_proposal",
        expected_version=expected_version,
        now=moment,
    ) as (locked, done):
        if locked.acknowledged_at is not None:
            raise WrongStage(_("已经签收过了。"))
        locked.acknowledged_at, locked.acknowledged_by = moment, person(by)
        form = file_registration(locked, receiver=by.actor_name(), now=moment)
        done.facts = {"notice": form.pk}
        if locked.proposer is not None:
            tell([locked.proposer], f"“{locked.title}”已签收。", locked.get_absolute_url())
    return locked


def extend_screening(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Give screening 5 more working days, once, with a reason."""
    moment = now or clock.now()
    if not reason.strip():
        raise BadInput(_("请写明理由。"), field="reason")
    with acting(
        proposal,
        by=by,
        act="extend_screening",
        expected_version=expected_version,
        now=moment,
        reason=reason.strip(),
    ) as (locked, done):
        if locked.screening_extended_at is not None:
            raise WrongStage(_("审核只能延长一次。"))
        start = locked.due_on or clock.local_date(moment)
        found = ends_on(start, limits.SCREENING_EXTENSION.days, limits.SCREENING_EXTENSION.mode)
        locked.screening_extended_at, locked.screening_extended_by = moment, person(by)
        locked.due_on, locked.due_is_provisional = found.ends, found.provisional
        done.facts = {"due_on": found.ends.isoformat()}
    return locked


def record_screening(
    proposal: Proposal,
    *,
    by: Actor,
    identity_verified: bool,
    in_scope: bool,
    not_duplicate: bool,
    legality_prechecked: bool,
    note: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Write down what the party organisation and the residents' committee found on the four questions."""
    moment = now or clock.now()
    with acting(
        proposal,
        by=by,
        act="record_screening",
        expected_version=expected_version,
        now=moment,
        reason=note.strip(),
    ) as (locked, done):
        found = {
            "identity_verified": identity_verified,
            "in_scope": in_scope,
            "not_duplicate": not_duplicate,
            "legality_prechecked": legality_prechecked,
        }
        for name, value in found.items():
            setattr(locked, name, value)
        locked.screened_at, locked.screened_by = moment, person(by)
        done.facts = dict(found)
    return locked


def request_supplement(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Return a proposal for more information within 10 working days, by letter; at most twice."""
    moment = now or clock.now()

    def carry_out(locked: Proposal) -> Done:
        locked.supplements += 1
        return _rest_on(file_return(locked, reason=reason.strip(), now=moment))

    return make_move(
        "request_supplement",
        proposal,
        by=by,
        reason=reason,
        expected_version=expected_version,
        now=moment,
        carry_out=carry_out,
    )


def accept_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Take a proposal up as a topic, by letter. All four questions of the screening must be answered yes.

    Its title goes on every later paper: one that cannot be printed is refused now, while the proposer can mend it.
    """
    moment = now or clock.now()

    def carry_out(locked: Proposal) -> Done:
        press.require_drawable(title=locked.title)
        return _rest_on(file_acceptance(locked, note=reason.strip(), now=moment))

    return make_move(
        "accept",
        proposal,
        by=by,
        reason=reason,
        expected_version=expected_version,
        now=moment,
        carry_out=carry_out,
    )


def _rest_on(letter: Notice) -> Done:
    return Done(document_hash=facts_hash(letter), facts={"notice": letter.pk})


def merge_proposals(
    proposal: Proposal,
    *,
    into: Proposal,
    by: Actor,
    reason: str,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Join `proposal` to a similar one; proposer and co-signers go over to it. Returns the merged proposal."""
    moment = now or clock.now()
    with transaction.atomic():
        # Two merges into each other lock in the order of ids, so neither waits for the other for ever.
        for pk in sorted({proposal.pk, into.pk}):
            lock(pk)

        def arrange(locked: Proposal) -> None:
            locked.merged_into = lock(into)

        def carry_out(locked: Proposal) -> Done:
            target = locked.merged_into
            if target is None:
                raise NotFound
            carried = carry_co_signers(locked, target, moment)
            target.version += 1
            target.save(update_fields=["version"])
            ledger.record(
                by=by,
                act="receive_merged",
                subject=target,
                office=rules.standing_of(by, target).office,
                after={"from": locked.pk, "carried": carried},
                reason=reason.strip(),
                now=moment,
            )
            return Done(facts={"into": target.pk, "carried": carried})

        return make_move(
            "merge",
            proposal,
            by=by,
            reason=reason,
            expected_version=expected_version,
            now=moment,
            arrange=arrange,
            carry_out=carry_out,
        )


def transfer_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    reason_code: str,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Hand the matter to whoever is in charge: hotline, mediation, owners_assembly, subdistrict."""
    return make_move(
        "transfer",
        proposal,
        by=by,
        reason=reason,
        reason_code=reason_code,
        expected_version=expected_version,
        now=now,
    )


def reject_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    reason_code: str,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Refuse to take a proposal up, by letter; the proposer may appeal within 10 working days."""
    moment = now or clock.now()
    last_day = ends_on(clock.local_date(moment), limits.APPEAL.days, limits.APPEAL.mode).ends

    def carry_out(locked: Proposal) -> Done:
        with official_language():
            reasons = [str(REJECT_CODES[reason_code]), reason.strip()]
        done = _rest_on(file_rejection(locked, reasons=reasons, appeal_until=last_day, now=moment))
        done.due, done.facts["appeal_until"] = last_day, last_day.isoformat()
        return done

    return make_move(
        "reject",
        proposal,
        by=by,
        reason=reason,
        reason_code=reason_code,
        expected_version=expected_version,
        now=moment,
        carry_out=carry_out,
    )
