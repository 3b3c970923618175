"""What must hold after every fault: acknowledged is stored, once; the result is the fold of the rows; screens agree."""

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.crowd import Crowd
from voting import receipts
from voting.models import Ballot, CastRequest, Vote

FINAL_SECONDS = 5.0


@dataclass
class Tally:
    """The figures of one run, or of all runs of one fault."""

    runs: int = 0
    asked: int = 0
    acked: int = 0
    stored: int = 0
    refused: int = 0
    doubled: int = 0
    lost: int = 0
    not_final: int = 0
    went_back: int = 0
    late: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add another run."""
        for name in (
            "runs",
            "asked",
            "acked",
            "stored",
            "refused",
            "doubled",
            "lost",
            "not_final",
            "went_back",
            "late",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.wrong += other.wrong

    def faults(self) -> dict[str, int]:
        """Return what is not zero and must be."""
        found = {name: getattr(self, name) for name in ("doubled", "lost", "not_final", "went_back", "late")}
        return {name: number for name, number in found.items() if number} | dict.fromkeys(self.wrong, 1)


def audit(crowd: Crowd, closed: Ballot, closed_at: float) -> Tally:
    """Compare what the phones were told with what the database holds.

    `closed_at` is the monotonic moment at which the close had returned: no vote first sent later may be accepted.
    """
    result = closed.result
    assert result is not None
    sent = crowd.sent()
    acked = [(voter, one) for voter, one in sent if one.receipt]
    found = Tally(runs=1, asked=len(sent), acked=len(acked), refused=sum(bool(one.code) for _voter, one in sent))
    requests = Counter(CastRequest.objects.filter(voter__ballot=closed).values_list("voter_id", "request_hash"))
    rows = list(Vote.objects.filter(item__ballot=closed).values_list("voter_id", "choice", "voter__heads"))
    known = {(voter.pk, receipts.request_hash(voter.pk, one.request)) for voter, one in sent}
    found.stored = len(requests)
    found.doubled = sum(n - 1 for n in requests.values()) + len(rows) - len({voter for voter, *_rest in rows})
    found.doubled += len(set(requests) - known)
    found.lost = sum(requests[voter.pk, receipts.request_hash(voter.pk, one.request)] != 1 for voter, one in acked)
    found.late = sum(bool(one.receipt) and one.first_sent_at > closed_at for _voter, one in sent)
    _check_rows(crowd, found, rows)
    _check_result(found, closed, rows)
    wanted = {"cast": closed.cast, "eligible": closed.roll_heads}
    tally = {key: sums["heads"] for key, sums in result["items"][0]["counts"].items()}

    def is_final() -> bool:
        return all(
            phone.version >= closed.version
            and phone.state["turnout"] == wanted
            and {key: phone.state["tally"][crowd.item][key]["heads"] for key in tally} == tally
            for phone in crowd.phones
        )

    if not crowd.until(is_final, FINAL_SECONDS):
        found.not_final = sum(phone.version < closed.version for phone in crowd.phones) or 1
    found.went_back = sum(phone.went_back for phone in crowd.phones)
    if crowd.errors:
        found.wrong.append(f"protocol errors: {crowd.errors[0]}")
    return found


def _check_rows(crowd: Crowd, found: Tally, rows: list[tuple[int, str, int]]) -> None:
    """Every stored choice is one its voter asked for; every accepted voter has one; answers never change."""
    stored = {voter: choice for voter, choice, _heads in rows}
    asked: dict[int, set[str]] = {}
    for voter, one in crowd.sent():
        asked.setdefault(voter.pk, set()).add(one.choice)
        if len(set(one.answers)) > 1:
            found.wrong.append(f"two answers to one request: {one.answers}")
        if one.receipt and one.receipt != receipts.cast_receipt(voter.pk, one.request):
            found.wrong.append("a receipt of something else")
        if one.receipt and voter.pk not in stored:
            found.lost += 1
    found.wrong += [
        f"voter {voter} never chose {choice}" for voter, choice in stored.items() if choice not in asked[voter]
    ]


def _check_result(found: Tally, closed: Ballot, rows: list[tuple[int, str, int]]) -> None:
    assert closed.result is not None
    fold: Counter[str] = Counter()
    for _voter, choice, heads in rows:
        fold[choice] += heads
    told = {key: sums["heads"] for key, sums in closed.result["items"][0]["counts"].items() if sums["heads"]}
    if told != dict(fold):
        found.wrong.append(f"the result says {told}, the rows {dict(fold)}")
    if closed.result["counters_matched"] is not True:
        found.wrong.append("the running counters differ from the rows")
    if closed.cast != len({voter for voter, *_rest in rows}):
        found.wrong.append(f"turnout {closed.cast} of {len(rows)} rows")
