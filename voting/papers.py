"""What is asked about paper ballots: whose paper this is, how far its entry has come, what the papers add up to."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from community import codes
from voting.models import Ballot, BoxTrip, PaperBallot, PaperBatch, PaperState, Voter

_MOST_DIGITS = 6
_SHOWN_TRIPS = 200


@dataclass(frozen=True, slots=True)
class PaperCounts:
    """How many papers stand where. `valid` are counted papers with at least one valid item."""

    entered_once: int
    differs: int
    counted: int
    conflict: int
    valid: int

    @property
    def entered(self) -> int:
        """Return how many papers somebody has entered at least once."""
        return self.unsettled + self.counted + self.conflict

    @property
    def unsettled(self) -> int:
        """Return how many papers somebody still has to deal with."""
        return self.entered_once + self.differs


def voter_of_paper(ballot: Ballot, mark: str) -> Voter | None:
    """Return the voter a paper belongs to: by its printed code, or by its number on the roll (from 1)."""
    mark = mark.strip()
    if mark.isascii() and mark.isdigit() and len(mark) <= _MOST_DIGITS:
        return _on_roll(ballot).all()[int(mark) - 1 : int(mark)].first() if int(mark) else None
    code = codes.normalized(mark)
    if not codes.is_code(code):
        return None
    return _on_roll(ballot).filter(code_hash=codes.hash_code(code)).first()


def roll_number(voter: Voter) -> int:
    """Return the number of a voter on the roll of the ballot, from 1."""
    return Voter.objects.filter(ballot=voter.ballot_id, pk__lte=voter.pk).count()


def paper_counts(ballot: Ballot) -> PaperCounts:
    """Return how many papers stand where."""
    return PaperCounts(
        **PaperBallot.objects.filter(ballot=ballot).aggregate(
            **{state.value: Count("pk", filter=Q(state=state)) for state in PaperState},
            valid=Count("pk", filter=Q(state=PaperState.COUNTED, is_void=False)),
        )
    )


def papers_of(ballot: Ballot, state: str = "") -> QuerySet[PaperBallot]:
    """Return the papers of a ballot in the order of the roll, all or those in one state. Lazy: page it."""
    papers = PaperBallot.objects.filter(ballot=ballot).select_related("voter").prefetch_related("entries__by")
    if state in PaperState.values:
        papers = papers.filter(state=state)
    return papers.order_by("voter_id")


def batch_of(ballot: Ballot) -> PaperBatch | None:
    """Return the batch of a ballot's papers, or None when none were handed out."""
    return PaperBatch.objects.filter(ballot=ballot).first()


def box_trips(ballot: Ballot) -> list[BoxTrip]:
    """Return the ways of the mobile boxes, newest first."""
    return list(BoxTrip.objects.filter(ballot=ballot).order_by("-out_at", "-pk")[:_SHOWN_TRIPS])


def _on_roll(ballot: Ballot) -> QuerySet[Voter]:
    return Voter.objects.filter(ballot=ballot).order_by("pk")
