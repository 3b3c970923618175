"""Finds a vote in the published count again: by the receipt of its cast, or as the signed-in voter's own line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voting import methods, receipts
from voting.models import Ballot, BallotKind, Item, Method, SecretVote, Vote, Voter

# The plain choices are stored with their Chinese words, which stand in the result; readers see their own language.
PLAIN_WORDS = {"for": gettext_lazy("同意"), "against": gettext_lazy("反对"), "abstain": gettext_lazy("弃权")}
_RECEIPT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class CountedVote:
    """One vote as it was counted: the matter, the choice in words, and the receipt of its line in the recount file."""

    matter: str
    said: str
    receipt: str


@dataclass(frozen=True, slots=True)
class OwnLine:
    """What a named ballot's recount file holds under one voter's pseudonym; no votes: the voter stayed away."""

    name: str
    pseudonym: str
    votes: list[CountedVote]


def votes_of_receipt(ballot: Ballot, text: str) -> list[CountedVote]:
    """Return the votes counted under the receipt of a cast, [] when none is: all 32 digits must agree. Three queries.

    Spaces in the number do not matter. The number itself is neither stored nor logged.
    """
    receipt = "".join(text.split()).lower()
    if _RECEIPT.fullmatch(receipt) is None:
        return []
    items = _items(ballot)
    wanted = {receipts.item_receipt(receipt, pk): pk for pk in items}
    model = SecretVote if ballot.kind == BallotKind.SECRET else Vote
    rows = model.objects.filter(item__in=items, receipt__in=wanted).values_list("item_id", "choice", "receipt")
    found = {pk: (choice, line) for pk, choice, line in rows if wanted[line] == pk}
    return [CountedVote(items[pk].title, said(items[pk], found[pk][0]), found[pk][1]) for pk in items if pk in found]


def own_lines(ballot: Ballot, voters: Iterable[Voter]) -> list[OwnLine]:
    """Return the lines of a named ballot's file that belong to these voters. Three queries; [] for a secret one."""
    people = {voter.pk: voter for voter in voters}
    if ballot.kind == BallotKind.SECRET or not people:
        return []
    items = _items(ballot)
    rows = Vote.objects.filter(item__in=items, voter__in=people).values_list("voter_id", "item_id", "choice", "receipt")
    found = {(voter, item): (choice, receipt) for voter, item, choice, receipt in rows}
    return [
        OwnLine(
            voter.name,
            receipts.pseudonym(ballot.pk, pk),
            [
                CountedVote(item.title, said(item, found[pk, key][0]), found[pk, key][1])
                for key, item in items.items()
                if (pk, key) in found
            ],
        )
        for pk, voter in people.items()
    ]


def said(item: Item, choice: str) -> str:
    """Return a stored choice in the reader's words, as `told`."""
    return told(item, methods.readable(choice))


def told(item: Item, given: Any) -> str:
    """Return a choice as it was sent in words: 同意; 甲、丙; 1 乙、2 甲 (a ranking); 路 3、灯 7 (points)."""
    labels = {option.key: PLAIN_WORDS.get(option.key, option.label) for option in item.options.all()}
    if isinstance(given, dict):
        return _("、").join(f"{labels[key]} {number}" for key, number in given.items())
    if isinstance(given, list) and item.method == Method.RANKING:
        return _("、").join(f"{place} {labels[key]}" for place, key in enumerate(given, start=1))
    keys = given if isinstance(given, list) else [given]
    return _("、").join(str(labels.get(key, _("无效"))) for key in keys)


def _items(ballot: Ballot) -> dict[int, Item]:
    return {item.pk: item for item in ballot.items.prefetch_related("options").order_by("position")}
