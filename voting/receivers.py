"""Tells screens and tellers what operations did; voting's own news comes after commit."""

import logging
from typing import Any

from django.db import DatabaseError
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from community.models import Office
from community.queries import office_holders
from core.notify import tell_once
from core.official import official_language
from core.realtime import announce
from core.realtime.sources import register
from voting import bulk
from voting.live.reader import ballots_changed, news_of
from voting.models import Appraisal, Ballot, BallotKind, Phase
from voting.operations import record_appraisal
from voting.operations.printing import forget_printed_papers
from voting.persons import tellers_of
from voting.signals import ballot_certified, ballot_changed, ballot_closed, ballot_opened

log = logging.getLogger(__name__)
register("ballot", ballots_changed)


def tell_screens(ballot_id: int) -> None:
    """Send phase and counts of one ballot to every screen that follows it. The act is done; nothing here undoes it."""
    try:
        for update in news_of(ballot_id):
            announce(update.topic, update.key, update.version, update.message)
    except (DatabaseError, Ballot.DoesNotExist):
        log.exception("screens of ballot %s are told by the next look at the database", ballot_id)


@receiver([ballot_opened, ballot_closed, ballot_certified])
def _phase_moved(ballot: Ballot, **_kwargs: Any) -> None:
    tell_screens(ballot.pk)


@receiver(ballot_certified)
def _note_appraisal(ballot: Ballot, **_kwargs: Any) -> None:
    if Appraisal.objects.filter(item__ballot=ballot).exists():
        record_appraisal(ballot)


@receiver(ballot_closed)
def _forget_papers(ballot: Ballot, **_kwargs: Any) -> None:
    forget_printed_papers(ballot)


@receiver(ballot_closed)
@official_language()
def _call_tellers(ballot: Ballot, **_kwargs: Any) -> None:
    """Tell those who sign the count that it is there: those named for it, else the tellers by office."""
    if ballot.phase == Phase.CLOSED:
        named = [teller.user for teller in tellers_of(ballot)]
        tell_once(
            named or office_holders(ballot.community, Office.TELLER),
            _("“%(title)s”已截止并计票，请核对签字。") % {"title": ballot.title},
            reverse("voting:certify", args=[ballot.pk]),
            since=ballot.closed_at,
        )


@receiver(ballot_closed)
def _empty_log(ballot: Ballot, **_kwargs: Any) -> None:
    if ballot.kind == BallotKind.SECRET:
        bulk.empty_log()


@receiver(ballot_changed)
def _changed(ballot_id: int, **_kwargs: Any) -> None:
    tell_screens(ballot_id)
