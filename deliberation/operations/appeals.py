"""Appeals (申诉) against a rejection: filed once by the proposer, decided by another than rejected it."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from community.queries import office_holders
from core import clock, ledger
from core.actors import SYSTEM, Actor
from core.errors import BadInput, Refused, WrongStage
from core.notify import tell
from core.words import day_in_words
from deliberation import rules
from deliberation.models import Appeal, Proposal
from deliberation.operations.acting import acting, person
from deliberation.operations.propose import carry_co_signers, register_proposal


def file_appeal(proposal: Proposal, *, by: Actor, text: str, now: dt.datetime | None = None) -> Appeal:
    """Object to a rejection, once, until its `due_on`; only the proposer, or staff on the proposer's behalf."""
    moment = now or clock.now()
    if not text.strip():
        raise BadInput(_("请写明申诉理由。"), field="text")
    with acting(
        proposal,
        by=by,
        act="file_appeal",
        now=moment,
        reason=text.strip(),
    ) as (locked, _done):
        if locked.due_on is not None and locked.due_on < clock.local_date(moment):
            raise Refused(_("申诉期限已过（%(day)s）。") % {"day": day_in_words(locked.due_on)}, code="appeal_too_late")
        try:
            with transaction.atomic():
                appeal = Appeal.objects.create(proposal=locked, text=text.strip(), filed_at=moment, filed_by=person(by))
        except IntegrityError as error:
            raise WrongStage(_("已经申诉过了。")) from error
        leaders = office_holders(locked.community, *rules.LEADERS)
        tell(leaders, f"“{locked.title}”提出申诉。", locked.get_absolute_url())
    return appeal


def decide_appeal(
    appeal: Appeal, *, by: Actor, upheld: bool, decision: str, now: dt.datetime | None = None
) -> Proposal:
    """Decide an appeal. Upheld, the matter goes on as a new proposal, handed in now, with its co-signers.

    Returns that new proposal, or the rejected one when the appeal is dismissed. Whoever rejected may not decide it.
    """
    moment = now or clock.now()
    if not decision.strip():
        raise BadInput(_("请写明答复。"), field="decision")
    with acting(
        appeal.proposal,
        by=by,
        act="decide_appeal",
        now=moment,
        reason=decision.strip(),
    ) as (locked, done):
        found = Appeal.objects.select_for_update().get(pk=appeal.pk)
        if found.decided_at is not None:
            raise WrongStage(_("申诉已经答复。"))
        rejected = ledger.entries_about(locked).filter(act="reject").order_by("-sequence").first()
        if rejected is not None and rejected.actor_id == by.pk:
            raise Refused(_("申诉不能由作出不予受理决定的人答复。"), code="decided_by_the_same_person")
        found.upheld, found.decision = upheld, decision.strip()
        found.decided_at, found.decided_by = moment, person(by)
        found.save()
        done.facts = {"upheld": upheld}
        if locked.proposer is not None:
            tell([locked.proposer], f"“{locked.title}”的申诉有了答复。", locked.get_absolute_url())
        if not upheld:
            return locked
        renewed = register_proposal(
            community=locked.community,
            unit=locked.unit,
            title=locked.title,
            body=locked.body,
            category=locked.category,
            source=locked.source,
            proposer=locked.proposer,
            proposer_name=locked.proposer_name,
            proposer_phone=locked.proposer_phone,
            affected_households=locked.affected_households,
            continues=locked,
            by=SYSTEM,
            now=moment,
        )
        carry_co_signers(locked, renewed, moment)
        done.facts["continued_as"] = renewed.pk
        return renewed
