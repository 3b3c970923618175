"""Tellers sign the count; two who agree, and nobody who does not, certify it."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import User
from core import clock, ledger
from core.actors import COMMAND_LINE, Actor
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from voting.models import Ballot, Certification, PaperBatch, Phase, Recusal
from voting.operations.ballot import close_ballot, copy_fields, tell
from voting.signals import ballot_certified

TELLERS = 2


class CountDisputed(Refused):
    """A teller does not agree with the count."""

    code = "count_disputed"


class TooFewTellers(Refused):
    """Fewer than two different tellers have signed."""

    code = "too_few_tellers"


class PapersNotReconciled(Refused):
    """Papers were handed out and nobody has said what became of them."""

    code = "papers_not_reconciled"


@transaction.atomic
def sign_count(
    ballot: Ballot, *, by: User | str, agrees: bool = True, reason: str = "", now: dt.datetime | None = None
) -> Certification:
    """Record one teller's signature under the count of a closed ballot. Signing again replaces the earlier signature.

    `by` is a signed-in person, or the name of somebody who signed on paper. Raises WrongStage before closing and after
    certification, NotAllowed for somebody who stepped aside on an item, BadInput for a disagreement without reason.
    """
    moment = now or clock.now()
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    return _sign(locked, by, agrees=agrees, reason=reason, now=moment)


@transaction.atomic
def certify_when_signed(ballot: Ballot, *, by: Actor, now: dt.datetime | None = None) -> bool:
    """Certify once two tellers agree and nobody disagrees, in the name of `by`, who signed last; return whether it was.

    Until then the signatures alone are what there is. Raises PapersNotReconciled.
    """
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    agreed = list(Certification.objects.filter(ballot=locked).values_list("agrees", flat=True))
    if len(agreed) < TELLERS or not all(agreed):
        return False
    certify_ballot(ballot, actor=by, now=now)
    return True


@transaction.atomic
def certify_ballot(
    ballot: Ballot, *, by: Sequence[User | str] = (), actor: Actor | None = None, now: dt.datetime | None = None
) -> Ballot:
    """Certify the count: those in `by` sign, then two different tellers at least must agree and none disagree.

    The ledger names `actor`, else the first of `by` with an account. An open ballot is closed first. Certifying again
    changes nothing. Raises WrongStage for a draft, TooFewTellers, CountDisputed, PapersNotReconciled.
    """
    moment = now or clock.now()
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    if locked.phase == Phase.DRAFT:
        raise WrongStage(_("表决尚未开始，不能确认结果。"), code="not_open")
    if locked.phase != Phase.CERTIFIED:
        actor = actor or next((teller for teller in by if isinstance(teller, User)), COMMAND_LINE)
        agreed = {_name_of(teller) for teller in by} | set(
            Certification.objects.filter(ballot=locked, agrees=True).values_list("teller_name", flat=True)
        )
        if len(agreed) < TELLERS:
            raise TooFewTellers(_("至少两名不同的监票人、计票人签字才能确认。"))
        locked = close_ballot(locked, by=actor, now=moment)
        for teller in by:
            _sign(locked, teller, agrees=True, reason="", now=moment)
        signed = list(Certification.objects.filter(ballot=locked).order_by("pk"))
        if disputed := [one for one in signed if not one.agrees]:
            raise CountDisputed(
                _("%(name)s不同意计票结果：%(reason)s")
                % {"name": disputed[0].teller_name, "reason": disputed[0].reason}
            )
        if PaperBatch.objects.filter(ballot=locked, issued__gt=0, reconciled_at__isnull=True).exists():
            raise PapersNotReconciled(_("发出的纸质票还没有核对：发出须等于收回加未收回，收回须等于有效加无效。"))
        locked.phase, locked.certified_at = Phase.CERTIFIED, moment
        locked.version += 1
        locked.save(update_fields=["phase", "certified_at", "version"])
        ledger.record(
            by=actor,
            act="certify_ballot",
            subject=locked,
            before={"phase": Phase.CLOSED.value},
            after={"phase": Phase.CERTIFIED.value, "tellers": [one.teller_name for one in signed]},
            document_hash=(locked.result or {})["hash"],
            now=moment,
        )
        tell(ballot_certified, locked)
    copy_fields(locked, ballot)
    return ballot


def _sign(ballot: Ballot, by: User | str, *, agrees: bool, reason: str, now: dt.datetime) -> Certification:
    if ballot.phase != Phase.CLOSED or ballot.result is None:
        raise WrongStage(_("只有已截止、尚未确认的表决可以签字。"), code="not_closed")
    name = _name_of(by)
    if not agrees and not reason.strip():
        raise BadInput(_("不同意须写明理由。"), field="reason")
    user = by if isinstance(by, User) else None
    if user is not None and Recusal.objects.filter(item__ballot=ballot, voter__user=user).exists():
        raise NotAllowed(_("已回避的人不能担任监票人、计票人。"))
    signed, _created = Certification.objects.update_or_create(
        ballot=ballot,
        teller_name=name,
        defaults={
            "teller": user,
            "agrees": agrees,
            "reason": reason.strip(),
            "result_hash": ballot.result["hash"],
            "at": now,
        },
    )
    ledger.record(
        by=user or COMMAND_LINE,
        act="sign_count",
        subject=ballot,
        after={"teller": name, "agrees": agrees},
        reason=reason.strip(),
        document_hash=ballot.result["hash"],
        now=now,
    )
    return signed


def _name_of(teller: User | str) -> str:
    name = (teller.actor_name() if isinstance(teller, User) else teller).strip()
    if not name or len(name) > 100 or not name.isprintable():  # noqa: PLR2004 - the column
        raise BadInput(_("监票人、计票人的姓名不对。"), field="by")
    return name
