"""The ballots that came with an agenda item, announced with the meeting, while nobody has opened them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from meetings.models import AgendaItem, Meeting
from meetings.rules import ballots_here
from voting.mandates import ballots_together
from voting.models import Ballot, BallotKind, Method
from voting.models import Phase as BallotPhase


def prepared_ballots(meeting: Meeting, item: AgendaItem) -> list[Ballot]:
    """Return the ballot announced for `item`, or one for each body where the matter needs several; [] once opened.

    They are opened and ended together. Three queries at most.
    """
    if item.ballot is None or item.ballot.phase != BallotPhase.DRAFT:
        return []
    together = [one.pk for one in ballots_together(item.ballot)]
    return list(ballots_here(meeting).filter(pk__in=together, phase=BallotPhase.DRAFT).order_by("pk"))


def why_not_by_roll_call(ballots: Sequence[Ballot]) -> str:
    """Return why `ballots` cannot be answered aloud, "" when they can: one named ballot, for, against or abstaining."""
    if len(ballots) > 1:
        return _("两方分别表决，各有名册，不能一起唱名；请两方同时在手机上投票。")
    is_named = ballots[0].kind == BallotKind.NAMED
    if not is_named or list(ballots[0].items.values_list("method", flat=True)) != [Method.FOR_AGAINST]:
        return _("唱名表决是记名的，一次只表决一个事项，只能回答同意、反对或者弃权。")
    return ""
