"""What a requisition that reached its share obliges to: whoever must convene is told, and says when it is done."""

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from community.models import User
from community.rules import office_of
from core import clock, ledger
from core.actors import Actor
from core.calendar import ends_on
from core.errors import NotAllowed
from core.notify import tell
from core.official import official_language
from core.words import day_in_words, one_line
from voting.mandates import convening_term
from voting.models import Ballot, Convening
from voting.special import conveners_of, may_convene, requisition_of

_LONGEST = 300


def owe_convening(ballot: Ballot, *, by: Actor, now: dt.datetime) -> Convening | None:
    """Note that a certified requisition passed and tell those who must call the meeting; None for other ballots.

    Part of certifying: runs in its transaction, once. The last day is counted where the jurisdiction sets one.
    """
    key = requisition_of(ballot)
    if not key or ballot.result is None or ballot.result["outcome"] != "passed":
        return None
    term = convening_term(key, ballot.community)
    due_on = ends_on(clock.local_date(now), term[0]).ends if term is not None else None
    made = Convening.objects.create(
        ballot=ballot, owed_at=now, due_on=due_on, basis=term[1] if term is not None else ""
    )
    ledger.record(
        by=by, act="owe_convening", subject=ballot,
        after={"due_on": due_on.isoformat() if due_on else None, "basis": made.basis}, now=now,
    )  # fmt: skip
    with official_language():
        until = _("，期限%(day)s") % {"day": day_in_words(due_on)} if due_on else ""
        text = _("“%(title)s”达到法定比例，须由您召集会议%(until)s。") % {"title": ballot.title, "until": until}
    tell(conveners_of(ballot), text, reverse("voting:convening", args=[ballot.pk]))
    return made


@transaction.atomic
def record_convening(ballot: Ballot, *, note: str, by: Actor, now: dt.datetime | None = None) -> Convening:
    """Note that the meeting was called: `note` says when and where. Noting it again changes nothing.

    By whoever must convene, or the heads of the community. Raises NotAllowed, BadInput, Convening.DoesNotExist where
    nothing is owed.
    """
    moment = now or clock.now()
    locked = (
        Convening.objects.select_for_update(of=("self",))
        .select_related("ballot__community", "ballot__drawn_from")
        .get(ballot=ballot)
    )
    if not isinstance(by, User) or not may_convene(by, locked.ballot):
        raise NotAllowed(_("只有应当召集会议的人和社区的书记、主任可以这样做。"))
    line = one_line(note, "note", _LONGEST)
    if locked.convened_at is None:
        locked.convened_at, locked.convened_by, locked.note = moment, by, line
        locked.save(update_fields=["convened_at", "convened_by", "note"])
        is_late = locked.due_on is not None and clock.local_date(moment) > locked.due_on
        ledger.record(
            by=by, act="record_convening", subject=locked.ballot,
            office=office_of(by, locked.ballot.drawn_from or locked.ballot.community, now=moment),
            after={"note": line, "is_late": is_late}, now=moment,
        )  # fmt: skip
    return locked
