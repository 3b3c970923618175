"""Tells the live screens what operations did; voting's own news comes after commit."""

import logging
from typing import Any

from django.db import DatabaseError
from django.dispatch import receiver

from core.realtime import announce
from core.realtime.sources import register
from voting import bulk
from voting.live.reader import ballots_changed, news_of
from voting.models import Appraisal, Ballot, BallotKind
from voting.operations import record_appraisal
from voting.operations.printing import forget_printed_papers
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
def _empty_log(ballot: Ballot, **_kwargs: Any) -> None:
    if ballot.kind == BallotKind.SECRET:
        bulk.empty_log()


@receiver(ballot_changed)
def _changed(ballot_id: int, **_kwargs: Any) -> None:
    tell_screens(ballot_id)
