"""Mobile ballot boxes: who went where with which box, under which seal, and what was in it."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import User
from community.rules import require_office
from core import clock, ledger
from core.errors import BadInput
from core.words import one_line
from voting.models import Ballot, BoxTrip
from voting.operations.paper import PAPER_OFFICES, locked_ballot, require_count, require_running
from voting.persons import candidate_names

BOX_CARRIERS = 3
_MAX_NAME, _MAX_BOX, _MAX_PLACE, _MAX_SEAL, _MAX_CARRIERS = 100, 40, 200, 60, 20


@transaction.atomic
def send_box(
    ballot: Ballot,
    *,
    box: str,
    place: str,
    carriers: Sequence[str],
    seal: str,
    by: User,
    now: dt.datetime | None = None,
) -> BoxTrip:
    """Note that a mobile box goes out sealed with at least three named tellers, none a candidate.

    Raises BadInput, WrongStage.
    """
    moment = now or clock.now()
    locked = locked_ballot(ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    require_running(locked, moment)
    box, place, seal = (
        one_line(box, "box", _MAX_BOX),
        one_line(place, "place", _MAX_PLACE),
        one_line(seal, "seal", _MAX_SEAL),
    )
    names = list(dict.fromkeys(one_line(name, "carriers", _MAX_NAME) for name in carriers if name.strip()))
    if not BOX_CARRIERS <= len(names) <= _MAX_CARRIERS:
        raise BadInput(_("流动票箱须由 %(least)d 名以上监票人随箱。") % {"least": BOX_CARRIERS}, field="carriers")
    if not candidate_names(locked).isdisjoint(names):
        raise BadInput(_("候选人不能随箱。"), field="carriers")
    if BoxTrip.objects.filter(ballot=locked, box=box, in_at__isnull=True).exists():
        raise BadInput(_("这个票箱还没有收回。"), field="box")
    trip = BoxTrip.objects.create(
        ballot=locked, box=box, place=place, carriers=names, carrier_count=len(names), seal=seal, out_at=moment
    )
    ledger.record(
        by=by, act="send_box", subject=locked, office=office,
        after={"box": box, "place": place, "carriers": names, "seal": seal}, now=moment,
    )  # fmt: skip
    return trip


@transaction.atomic
def return_box(trip: BoxTrip, *, papers: int, seal_intact: bool, by: User, now: dt.datetime | None = None) -> BoxTrip:
    """Note that a mobile box is back, how many papers were in it and whether its seal was whole.

    Of a box that is back nothing is changed any more. Raises BadInput.
    """
    moment = now or clock.now()
    locked = locked_ballot(trip.ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    require_count(papers, "papers")
    stored = BoxTrip.objects.get(pk=trip.pk)
    if stored.in_at is None:
        stored.in_at, stored.papers, stored.seal_intact = moment, papers, seal_intact
        stored.save(update_fields=["in_at", "papers", "seal_intact"])
        ledger.record(
            by=by, act="return_box", subject=locked, office=office,
            after={"box": stored.box, "place": stored.place, "papers": papers, "seal_intact": seal_intact},
            now=moment,
        )  # fmt: skip
    return stored
