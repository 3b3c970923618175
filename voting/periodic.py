"""What time asks of ballots: open the planned ones, close those whose time is up."""

import datetime as dt
import logging

from django.urls import reverse
from django.utils.translation import gettext as _

from community.models import Office
from community.queries import office_holders
from core import clock, ledger
from core.actors import SYSTEM
from core.errors import Refused
from core.notify import tell_once
from core.official import official_language
from core.periodic import periodic
from voting.models import Ballot, Phase
from voting.operations import close_due_ballots, open_ballot
from voting.operations.printing import resume_printing

_log = logging.getLogger(__name__)
_LOOK_BACK = dt.timedelta(days=7)


def open_planned_ballots(now: dt.datetime | None = None) -> None:
    """Open draft ballots whose planned time has come; where one cannot open, tell its leaders once what is missing.

    Each refusal costs a transaction and the queries of the requirements, again at every turn of the clock.
    """
    moment = now or clock.now()
    due = Ballot.objects.filter(phase=Phase.DRAFT, opens_at__lte=moment).exclude(closes_at__lte=moment)
    for ballot in due.select_related("community").order_by("pk"):
        try:
            _open(ballot, moment)
        except Exception:  # noqa: BLE001 - whatever is wrong with one ballot, the others open in time
            _log.exception("ballot %s could not be opened; the others go on", ballot.pk)


def tell_of_missed_ballots(now: dt.datetime | None = None) -> None:
    """Tell the leaders once of each ballot whose planned end has passed before it could be opened.

    Looks a week back and leaves out those that somebody called off. One query, and four for each.
    """
    moment = now or clock.now()
    missed = Ballot.objects.filter(phase=Phase.DRAFT, closes_at__lte=moment, closes_at__gt=moment - _LOOK_BACK)
    for ballot in missed.select_related("community").order_by("pk"):
        if not ledger.entries_about(ballot).filter(act="cancel_ballot").exists():
            _tell_missed(ballot, moment)


@official_language()
def _tell_missed(ballot: Ballot, moment: dt.datetime) -> None:
    said = _("“%(title)s”在计划的时间内没有开始，截止时间已过，不能再开始。需要的话请重新发起表决。")
    tell_once(
        office_holders(ballot.community, Office.SECRETARY, Office.DIRECTOR, now=moment),
        said % {"title": ballot.title},
        reverse("voting:desk", args=[ballot.pk]),
    )


@official_language()
def _open(ballot: Ballot, moment: dt.datetime) -> None:
    try:
        open_ballot(ballot, by=SYSTEM, now=moment)
    except Refused as refused:
        tell_once(
            office_holders(ballot.community, Office.SECRETARY, Office.DIRECTOR, now=moment),
            _("“%(title)s”到了开始时间，但还不能开始表决：%(missing)s。")
            % {"title": ballot.title, "missing": str(refused).rstrip("。")},
            reverse("voting:desk", args=[ballot.pk]),
        )


@periodic(seconds=5)
def close_ended_ballots() -> None:
    """Close open ballots whose planned end has passed."""
    close_due_ballots(by=SYSTEM)


@periodic(seconds=30)
def finish_printing() -> None:
    """Take up papers that nobody set: the worker was away, or ended half-way."""
    resume_printing()


periodic(seconds=5)(open_planned_ballots)
periodic(seconds=60)(tell_of_missed_ballots)
