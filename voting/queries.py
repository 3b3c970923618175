"""What is asked about ballots. Reads only; the shapes are those of the live protocol."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Sum

from core.measure import format_area
from voting import bulk, methods
from voting.models import Ballot, BallotKind, Disclosure, Item, Participation, Phase, Vote, Voter

Tally = dict[str, dict[str, dict[str, Any]]]


def tallies(ballot_ids: Iterable[int]) -> dict[int, Tally]:
    """Return the running counts of ballots: {ballot: {item: {option: {"heads", "area", "votes"}}}}. One query."""
    found: dict[int, Tally] = {}
    such, parameter = bulk.among(ballot_ids)
    for ballot, item, key, votes, heads, area in bulk.rows(
        "SELECT i.ballot_id, i.id, c.key, c.votes, c.heads, c.area FROM voting_optioncount c"  # noqa: S608 - our own words
        f" JOIN voting_item i ON i.id = c.item_id WHERE i.ballot_id {such} ORDER BY i.position, c.id",
        parameter,
    ):
        counts = found.setdefault(ballot, {}).setdefault(str(item), {})
        if key == methods.EVERYBODY or (key == methods.INVALID and not votes):
            continue
        counts[key] = {"heads": heads, "area": format_area(area), "votes": votes}
    return found


def counts_are_public(ballot: Ballot) -> bool:
    """Return whether the ballot's policy shows counts in its present phase."""
    return ballot.phase in {Phase.CLOSED, Phase.CERTIFIED} or (
        ballot.disclosure == Disclosure.RUNNING and ballot.phase == Phase.OPEN
    )


def turnout(ballot: Ballot) -> dict[str, int]:
    """Return the heads that have voted and all heads of the roll: of a draft those that stand on it now."""
    eligible = ballot.roll_heads
    if ballot.phase == Phase.DRAFT:
        eligible = Voter.objects.filter(ballot=ballot).aggregate(heads=Sum("heads", default=0))["heads"]
    return {"cast": ballot.cast, "eligible": eligible}


def ballot_state(ballot_id: int) -> dict[str, Any]:
    """Return the `ballot.state` message without `mine`. Three queries, of a draft four. Raises Ballot.DoesNotExist."""
    ballot = Ballot.objects.get(pk=ballot_id)
    items = Item.objects.filter(ballot=ballot).prefetch_related("options").order_by("position")
    state: dict[str, Any] = {
        "type": "ballot.state",
        "ballot": str(ballot.pk),
        "version": ballot.version,
        "phase": ballot.phase,
        "title": ballot.title,
        "kind": ballot.kind,
        "revisable": ballot.revisable,
        "items": [
            {
                "id": str(item.pk),
                "title": item.title,
                "method": item.method,
                "form": item.form,
                "options": [{"id": option.key, "label": option.label} for option in item.options.all()],
            }
            for item in items
        ],
        "turnout": turnout(ballot),
    }
    state["tally"] = tallies([ballot.pk]).get(ballot.pk, {}) if counts_are_public(ballot) else None
    return state


def my_votes(voter: Voter) -> dict[str, Any] | None:
    """Return what a voter may see of their own voting, or None when they have not voted.

    Named: {"voter", "choices": {item: choice}}. Secret: {"cast": True} and nothing more.
    """
    ballot = voter.ballot
    items = list(Item.objects.filter(ballot=ballot).values_list("pk", flat=True))
    if ballot.kind == BallotKind.SECRET:
        return {"cast": True} if Participation.objects.filter(item__in=items, voter=voter).exists() else None
    votes = Vote.objects.filter(item__in=items, voter=voter).values_list("item_id", "choice")
    choices = {str(item): methods.readable(choice) for item, choice in votes}
    return {"voter": str(voter.pk), "choices": choices} if choices else None


def items_voted_on(voter: Voter) -> set[int]:
    """Return the ids of the items a voter has voted on, in either kind of ballot."""
    items = list(Item.objects.filter(ballot=voter.ballot_id).values_list("pk", flat=True))
    model = Participation if voter.ballot.kind == BallotKind.SECRET else Vote
    return set(model.objects.filter(item__in=items, voter=voter).values_list("item_id", flat=True))


def voters_who_voted(ballot: Ballot) -> set[int]:
    """Return the ids of the voters who have voted on at least one item. For the office only: it is personal data."""
    items = list(Item.objects.filter(ballot=ballot).values_list("pk", flat=True))
    model = Participation if ballot.kind == BallotKind.SECRET else Vote
    return set(model.objects.filter(item__in=items).values_list("voter_id", flat=True).distinct())


def proxies_held(voter: Voter) -> list[dict[str, str]]:
    """Return the principals a voter votes for: [{"voter", "name"}], for the ballot page's choice of "on behalf of"."""
    held = voter.proxies_held.filter(revoked_at__isnull=True).select_related("principal").order_by("pk")
    return [{"voter": str(proxy.principal_id), "name": proxy.principal.name} for proxy in held]
