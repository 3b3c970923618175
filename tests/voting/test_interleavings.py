"""Whatever is sent in whatever order and in whatever batches: the count is the fold of the accepted votes."""

import random
from typing import Any

import pytest

from core.actors import COMMAND_LINE
from core.errors import Refused
from tests.voting.factories import HALF, items_of, make_ballot, voters_of
from voting.models import Ballot, OptionCount
from voting.operations import CastIntent, CastOutcome, cast_votes, close_ballot, lodge_proxy, open_ballot, recuse

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
VOTERS = 12


class Model:
    """What a careful clerk with a notebook would have."""

    def __init__(self, ballot: Ballot) -> None:
        self.ballot = ballot
        self.voters = {v.pk: v for v in voters_of(ballot)}
        self.votes: dict[tuple[int, str], str] = {}
        self.requests: dict[tuple[int, str], str] = {}  # the request whose choice stands
        self.answers: set[tuple[int, str]] = set()
        self.recused: set[tuple[int, str]] = set()
        self.proxies: dict[int, int] = {}
        self.is_closed = False

    def expected(self, intent: CastIntent) -> str:  # noqa: PLR0911 - one return for each answer
        """Return the code the clerk would answer, "" for acceptance, and note the vote."""
        sender = intent.voter_id or 0
        voter = int(intent.on_behalf_of) if intent.on_behalf_of else sender
        if voter != sender and self.proxies.get(voter) != sender:
            return "proxy_not_allowed"
        if voter == sender and voter in self.proxies:
            return "proxy_not_allowed"
        if (voter, intent.request) in self.answers:
            return self._repeated(intent, voter)
        if voter != sender and (sender, intent.request) in self.answers:
            return "already_voted"
        if self.is_closed:
            return "closed"
        if wrong := self._wrong(intent, voter):
            return wrong
        if not self.ballot.revisable and any((voter, item) in self.votes for item in intent.choices):
            return "already_voted"
        for item, choice in intent.choices.items():
            self.votes[voter, item] = choice
            self.requests[voter, item] = intent.request
        self.answers.add((voter, intent.request))
        return ""

    def _wrong(self, intent: CastIntent, voter: int) -> str:
        for item, choice in intent.choices.items():
            if (voter, item) in self.recused:
                return "recused"
            if choice not in {"for", "against", "abstain"}:
                return "invalid_choice"
        return ""

    def _repeated(self, intent: CastIntent, voter: int) -> str:
        """Return the answer to a request that comes again: the first one's only for the same choices."""
        for item in (str(item.pk) for item in items_of(self.ballot)):
            stands = self.requests.get((voter, item)) == intent.request
            choice = intent.choices.get(item)
            if choice is None or not stands:
                if stands or (choice is not None and not self.ballot.revisable):
                    return "already_voted"
            elif choice not in {"for", "against", "abstain"}:
                return "invalid_choice"
            elif choice != self.votes[voter, item]:
                return "already_voted"
        return ""

    def counts(self, item: str) -> dict[str, tuple[int, int, int]]:
        """Return the fold: votes, heads and area of each option."""
        sums = dict.fromkeys(("for", "against", "abstain", "*"), (0, 0, 0))
        for (voter, voted), choice in self.votes.items():
            if voted == item:
                weight = (1, self.voters[voter].heads, self.voters[voter].area)
                for key in (choice, "*"):
                    sums[key] = tuple(a + b for a, b in zip(sums[key], weight, strict=True))  # type: ignore[assignment] # three sums
        return sums


def _intent(dice: random.Random, model: Model, items: list[str]) -> CastIntent:
    sender = dice.choice(list(model.voters))
    behalf = str(dice.choice(list(model.voters))) if dice.random() < 0.3 else None
    chosen = {item: dice.choice(["for", "against", "abstain", "for", "maybe"]) for item in items if dice.random() < 0.6}
    choices: dict[str, Any] = chosen or {items[0]: "for"}
    return CastIntent(
        model.ballot.pk, sender, f"r{dice.randrange(12)}", choices, behalf, dice.choice(["live", "web", "paper"])
    )


def _rows(model: Model) -> dict[str, dict[str, tuple[int, int, int]]]:
    found: dict[str, dict[str, tuple[int, int, int]]] = {}
    for row in OptionCount.objects.filter(item__ballot=model.ballot).exclude(key="invalid"):
        found.setdefault(str(row.item_id), {})[row.key] = (row.votes, row.heads, row.area)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_the_count_is_the_fold_of_the_accepted(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a seeded walk
    ballot = make_ballot(
        VOTERS, kind=["named", "secret"][seed % 2], revisable=seed % 4 > 1, items=[{"title": "一"}, {"title": "二"}],
        rule=HALF,
    )  # fmt: skip
    model = Model(ballot)
    for _attempt in range(4):
        principal, holder = dice.sample(list(model.voters.values()), 2)
        try:
            lodge_proxy(ballot, principal=principal, holder=holder, by=COMMAND_LINE)
        except Refused:
            continue
        model.proxies[principal.pk] = holder.pk
    open_ballot(ballot, by=COMMAND_LINE)
    items = [str(item.pk) for item in items_of(ballot)]

    for step in range(30):
        if dice.random() < 0.1 and not model.is_closed:
            item, voter = dice.choice(items_of(ballot)), dice.choice(list(model.voters.values()))
            try:
                recuse(item, voter, by=COMMAND_LINE)
                model.recused.add((voter.pk, str(item.pk)))
            except Refused:
                assert (voter.pk, str(item.pk)) in model.votes
        if step == 25:
            close_ballot(ballot, by=COMMAND_LINE)
            model.is_closed = True
        batch = [_intent(dice, model, items) for _ in range(dice.randrange(1, 8))]
        expected = [model.expected(intent) for intent in batch]

        outcomes: list[CastOutcome] = cast_votes(batch)

        assert [outcome.code for outcome in outcomes] == expected
        assert _rows(model) == {item: model.counts(item) for item in items}

    assert ballot.result is not None
    assert ballot.result["counters_matched"] is True
    for told in ballot.result["items"]:
        fold = model.counts(told["id"])
        assert {k: (c["votes"], c["heads"]) for k, c in told["counts"].items()} == {
            k: sums[:2] for k, sums in fold.items() if k != "*"
        }
