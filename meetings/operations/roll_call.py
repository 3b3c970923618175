"""The roll call (唱名表决): the recorder calls the names and notes each answer, by the one operation of casting."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.errors import BadInput, NotFound, Refused
from meetings.models import AgendaBallot
from meetings.operations.acting import lock, note
from meetings.rules import require_running
from voting.models import Ballot, Channel, Voter
from voting.operations import CastIntent, cast_votes
from voting.operations.ballot import tell_changed
from voting.persons import proxies_in_force

ANSWERS = ("for", "against", "abstain")


def record_called_vote(
    *, ballot: Ballot, voter: Voter, answer: str, by: User, now: dt.datetime | None = None
) -> AgendaBallot:
    """Note what a member answered to their name, or what the holder of their power answered for them.

    A later answer replaces the earlier one until the vote ends, so a slip is put right at once. The ledger says whose
    answer was noted and by whom, never the answer: named votes are not public.

    Raises NotAllowed, NotFound (no roll call), BadInput, Refused with the code of the cast (not_eligible: not in the
    room and not represented there; recused; closed).
    """
    if answer not in ANSWERS:
        raise BadInput(_("请选择同意、反对或者弃权。"), field="answer")
    now = now or clock.now()
    with transaction.atomic():
        found = AgendaBallot.objects.select_related("item__meeting").filter(ballot=ballot, is_roll_call=True).first()
        if found is None:
            raise NotFound(_("这次表决不是唱名表决。"))
        meeting = lock(found.item.meeting)
        require_running(by, meeting)
        voter = Voter.objects.filter(pk=voter.pk, ballot=ballot).first() or _stranger()
        outcome = cast_votes([_intent(ballot, voter, answer)], now=now)[0]
        if not outcome.accepted:
            raise Refused(outcome.message, code=outcome.code)
        tell_changed(ballot)
        after = {"ballot": ballot.pk, "voter": voter.pk}
        note(meeting, by=by, act="record_called_vote", parts=("roll_call",), subject=found.item, after=after, now=now)
    return found


def _stranger() -> Voter:
    raise BadInput(_("不在本次表决的名册中。"), field="voter")


def _intent(ballot: Ballot, voter: Voter, answer: str) -> CastIntent:
    power = proxies_in_force(ballot.pk).filter(principal=voter).first()
    return CastIntent(
        ballot_id=ballot.pk,
        voter_id=power.holder_id if power is not None else voter.pk,
        request=f"roll-call-{uuid.uuid4()}",  # a correction must not look like a retry
        choices={str(ballot.items.get().pk): answer},
        on_behalf_of=str(voter.pk) if power is not None else None,
        channel=Channel.HAND,
        user_id=power.holder_user_id if power is not None else None,
    )
