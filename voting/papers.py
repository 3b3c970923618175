"""What is asked about paper ballots: whose paper this is, how far its entry has come, what the papers add up to."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from community import codes
from voting import receipts
from voting.models import (
    Ballot,
    BearerPaper,
    BoxTrip,
    PaperBallot,
    PaperBatch,
    PaperState,
    PrintRun,
    Voter,
)

_MOST_DIGITS = 6
_SHOWN_TRIPS = 200
_SHOWN_RUNS = 20
_CHECK_DIGITS = 8


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


def paper_mark(ballot: Ballot, number: int, voter_id: int) -> str:
    """Return what a printed named paper carries: the number on the roll and a keyed check, such as 17-3f9a0c51.

    It leads an officer to the paper and signs nobody in; the same on every print.
    """
    return f"{number}-{_mark_check(ballot, voter_id)}"


def bearer_of(ballot: Ballot, code: str) -> BearerPaper | None:
    """Return the printed paper of a secret ballot that carries this code."""
    code = codes.normalized(code)
    if not codes.is_code(code):
        return None
    return BearerPaper.objects.select_related("ballot").filter(ballot=ballot, code_hash=codes.hash_code(code)).first()


def entry_address(ballot: Ballot, mark: str) -> str:
    """Return the address behind a paper's QR code: the page where the office enters it.

    Printed on paper, so written out: it must stay what it is even when the pages move.
    """
    return f"{settings.PUBLIC_URL}/ballots/{ballot.pk}/paper/?code={mark}"


def voter_of_paper(ballot: Ballot, mark: str) -> Voter | None:
    """Return the voter a paper belongs to: by its mark, its voting code, or its number on the roll (from 1)."""
    mark = mark.strip()
    number, dash, check = mark.partition("-")
    if dash and len(check) == _CHECK_DIGITS and number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS:
        voter = _on_roll(ballot).all()[int(number) - 1 : int(number)].first() if int(number) else None
        return voter if voter is not None and check.lower() == _mark_check(ballot, voter.pk) else None
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


def papers_taken(ballot: Ballot) -> QuerySet[Voter]:
    """Return the voters who hold a paper of a secret ballot, in the order of the roll. Lazy: page it."""
    return Voter.objects.filter(ballot=ballot, handout__isnull=False).order_by("pk")


def print_runs(ballot: Ballot) -> list[PrintRun]:
    """Return what was printed or is being printed, newest first."""
    return list(PrintRun.objects.filter(ballot=ballot).order_by("-pk")[:_SHOWN_RUNS])


def _mark_check(ballot: Ballot, voter_id: int) -> str:
    return receipts.keyed("paper-mark", f"{ballot.pk}|{voter_id}")[:_CHECK_DIGITS]


def _on_roll(ballot: Ballot) -> QuerySet[Voter]:
    return Voter.objects.filter(ballot=ballot).order_by("pk")
