"""Calling off a ballot that was prepared and will not be held."""

import datetime as dt
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock, ledger
from core.actors import Actor
from core.errors import WrongStage
from voting import signals
from voting.conducting import Act, require_conductor
from voting.models import Ballot, Phase
from voting.operations.ballot import lock_ballot


@transaction.atomic
def cancel_ballot(ballot: Ballot, *, by: Actor, reason: str, now: dt.datetime | None = None) -> Ballot:
    """End a draft before it was opened: its planned end is set to now, and `open_ballot` refuses one whose end is past.

    Calling it off again changes nothing. Raises NotAllowed, WrongStage when it has been opened: then it is closed and
    counted.
    """
    moment = now or clock.now()
    locked = lock_ballot(ballot)
    office = require_conductor(by, Act.CANCEL, locked, now=moment)
    if locked.phase != Phase.DRAFT:
        raise WrongStage(_("表决已经开始，不能取消，只能截止。"), code="open")
    if locked.closes_at is None or locked.closes_at > moment:
        before = {"closes_at": locked.closes_at.isoformat() if locked.closes_at else None}
        locked.closes_at = moment
        # A ballot is not planned to end before it begins.
        locked.opens_at = min(locked.opens_at, moment) if locked.opens_at else None
        locked.version += 1
        locked.save(update_fields=["opens_at", "closes_at", "version"])
        ledger.record(
            by=by,
            office=office,
            act="cancel_ballot",
            subject=locked,
            before=before,
            after={"closes_at": moment.isoformat()},
            reason=reason,
            now=moment,
        )
        transaction.on_commit(partial(signals.ballot_changed.send, sender=Ballot, ballot_id=locked.pk))
    ballot.opens_at, ballot.closes_at, ballot.version = locked.opens_at, locked.closes_at, locked.version
    return ballot
