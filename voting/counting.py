"""Counts the rows of a ballot: what the database holds is the truth, the running counters are compared with it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from core import clock
from voting import bulk, methods, tally
from voting.models import Ballot, BallotKind, Item, OptionCount, Participation, Recusal, Vote, Voter
from voting.persons import powers_on
from voting.tally import NONE, Counts, Sums


@dataclass(frozen=True, slots=True)
class CountedItem:
    """One item with its counts and what bears on its decision. Weights in persons and 0.01 m2."""

    pk: int
    title: str
    method: str
    form: Mapping[str, int]
    options: tuple[tuple[str, str], ...]
    counts: Counts
    rankings: tuple[tuple[list[str], int], ...]
    recused: tuple[int, int]
    present: tuple[int, int] | None


def count_items(ballot: Ballot, *, at: dt.datetime | None = None) -> list[CountedItem]:
    """Count the rows of a ballot. The database groups them; the cost does not grow with Python work per vote.

    `at` is when it closes, of one that is not closed yet: a power past its last day then represents nobody.

    Of a secret ballot with unequal weights the rows give the votes, and the running sums how the weights fell.
    """
    secret = ballot.kind == BallotKind.SECRET
    grouped = _grouped_secret(ballot) if secret else _grouped_named(ballot)
    weights = same_weight(ballot)
    day = clock.local_date(at or ballot.closed_at)
    items = []
    for item in Item.objects.filter(ballot=ballot).prefetch_related("options").order_by("position"):
        keys = [option.key for option in item.options.all()]
        choices = grouped.get(item.pk, [])
        if secret and weights is not None:
            choices = [(choice, (votes, votes * weights[0], votes * weights[1])) for choice, (votes, _h, _a) in choices]
        counts = tally.fold(item.method, keys, choices)
        if secret and weights is None:
            counts = _with_summed_weights(item, counts)
        recused = _sum_of(Voter.objects.filter(recusals__item=item))
        present = _present(ballot, item, day)
        rankings = tuple(
            (methods.readable(choice), sums[1])
            for choice, sums in choices
            if item.method == "ranking" and choice[0] == "["
        )
        items.append(
            CountedItem(
                item.pk, item.title, item.method, item.form, tuple((o.key, o.label) for o in item.options.all()),
                counts, rankings, recused,
                present,
            )
        )  # fmt: skip
    return items


def _grouped_named(ballot: Ballot) -> dict[int, list[tuple[str, Sums]]]:
    found: dict[int, list[tuple[str, Sums]]] = {}
    for item, choice, votes, heads, area in bulk.rows(
        "SELECT v.item_id, v.choice, COUNT(*), SUM(r.heads), SUM(r.area) FROM voting_item i"
        " JOIN voting_vote v ON v.item_id = i.id JOIN voting_voter r ON r.id = v.voter_id"
        " WHERE i.ballot_id = %s GROUP BY v.item_id, v.choice ORDER BY v.item_id, v.choice",
        ballot.pk,
    ):
        found.setdefault(item, []).append((choice, (int(votes), int(heads), int(area))))
    return found


def _grouped_secret(ballot: Ballot) -> dict[int, list[tuple[str, Sums]]]:
    found: dict[int, list[tuple[str, Sums]]] = {}
    for item, choice, votes in bulk.rows(
        "SELECT s.item_id, s.choice, COUNT(*) FROM voting_item i JOIN voting_secretvote s ON s.item_id = i.id"
        " WHERE i.ballot_id = %s GROUP BY s.item_id, s.choice ORDER BY s.item_id, s.choice",
        ballot.pk,
    ):
        found.setdefault(item, []).append((choice, (int(votes), 0, 0)))
    return found


def same_weight(ballot: Ballot) -> tuple[int, int] | None:
    """Return (heads, area) where every voter of the roll weighs the same, else None."""
    found = list(Voter.objects.filter(ballot=ballot).values_list("heads", "area").distinct()[:2])
    return found[0] if len(found) == 1 else None


def _with_summed_weights(item: Item, counts: Counts) -> Counts:
    sums = {row.key: row for row in OptionCount.objects.filter(item=item)}

    def weighed(key: str, votes: Sums) -> Sums:
        row = sums.get(key)
        return (votes[0], row.heads, row.area) if row is not None else votes

    everybody = weighed(methods.EVERYBODY, counts.participating)
    invalid = weighed(methods.INVALID, counts.invalid)
    return Counts(
        {key: weighed(key, votes) for key, votes in counts.options.items()},
        (counts.participating[0], everybody[1] - invalid[1], everybody[2] - invalid[2]),
        invalid,
    )


def in_the_room(ballot: Ballot, *, now: dt.datetime) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (heads, area) of who may vote in a ballot of the room: in person or by a guardian, and by a power.

    Whoever stepped aside on every item is left out. Two queries.
    """
    roll = Voter.objects.filter(_has_an_item(ballot), ballot=ballot)
    by_power = roll.filter(_represented(clock.local_date(now)), present=False)
    return _sum_of(roll.filter(present=True)), _sum_of(by_power)


def took_part(ballot: Ballot) -> tuple[int, int]:
    """Return (heads, area) of who has voted on at least one item so far. One query."""
    return _sum_of(Voter.objects.filter(_has_voted(ballot, {"item__ballot": ballot}), ballot=ballot))


def entitled(ballot: Ballot, *, now: dt.datetime) -> tuple[int, int]:
    """Return (heads, area) of who may vote, or has voted: the roll, or in the room who is there or represented.

    One query for a ballot of the room, none for another.
    """
    if not ballot.in_room:
        return ballot.roll_heads, ballot.roll_area
    may = Q(present=True) | _represented(clock.local_date(now))
    here = Voter.objects.filter(may & _has_an_item(ballot), ballot=ballot)
    voted = Voter.objects.filter(_has_voted(ballot, {"item__ballot": ballot}), ballot=ballot)
    return _sum_of(Voter.objects.filter(Q(pk__in=here.values("pk")) | Q(pk__in=voted.values("pk"))))


def _has_voted(ballot: Ballot, on: Mapping[str, Any]) -> Q:
    """Return the condition that a voter has voted on the items `on` names."""
    votes = (Participation if ballot.kind == BallotKind.SECRET else Vote).objects.filter(**on)
    return Q(Exists(votes.filter(voter=OuterRef("pk"))))


def _has_an_item(ballot: Ballot) -> Q:
    """Return the condition that a voter has not stepped aside on every item of a ballot."""
    aside = Recusal.objects.filter(item=OuterRef("pk"), voter=OuterRef(OuterRef("pk")))
    return Q(Exists(Item.objects.filter(~Exists(aside), ballot=ballot)))


def _represented(day: dt.date) -> Q:
    """Return the condition that the holder of a power a voter gave, which may be used on `day`, is in the room."""
    running = powers_on(day).filter(principal=OuterRef("pk"))
    return Q(Exists(running.filter(Q(holder__present=True) | Q(holder__isnull=True, holder_present=True))))


def _present(ballot: Ballot, item: Item, day: dt.date) -> tuple[int, int] | None:
    """Return heads and area of those present for an item, or None where presence is not counted apart.

    In the room that is who is there or represented when the count is made, and who voted on the item before leaving:
    their vote stands, so they were there for it. Who left without voting is not counted (RULEBOOK 2: silence is not
    taking part), nor is who stepped aside on the item.
    """
    if ballot.present_heads is not None:
        aside = _sum_of(Voter.objects.filter(recusals__item=item))
        return ballot.present_heads - aside[0], (ballot.present_area or 0) - aside[1]
    if not ballot.in_room:
        return None
    here = Voter.objects.filter(Q(present=True) | _represented(day) | _has_voted(ballot, {"item": item}), ballot=ballot)
    return _sum_of(here.exclude(recusals__item=item))


def _sum_of(voters: QuerySet[Voter]) -> tuple[int, int]:
    """Return heads and area of `voters`, each of whom must stand there once. One query."""
    sums = voters.order_by().aggregate(heads=Sum("heads"), area=Sum("area"))
    return sums["heads"] or 0, sums["area"] or 0


def counters_match(ballot: Ballot, items: list[CountedItem]) -> bool:
    """Return whether the running counters say what the rows say."""
    counted: dict[tuple[int, str], Sums] = {}
    for item in items:
        for key, sums in item.counts.options.items():
            counted[item.pk, key] = sums
        counted[item.pk, methods.INVALID] = item.counts.invalid
        counted[item.pk, methods.EVERYBODY] = tally.add(item.counts.participating, item.counts.invalid)
    ran = {
        (row.item_id, row.key): (row.votes, row.heads, row.area)
        for row in OptionCount.objects.filter(item__ballot=ballot)
    }
    return all(ran.get(place, NONE) == sums for place, sums in counted.items()) and all(
        place in counted or sums == NONE for place, sums in ran.items()
    )
