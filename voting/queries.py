"""What is asked about ballots. Reads only; the shapes are those of the live protocol."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, Sum

from core.measure import format_area
from voting import bulk, methods
from voting.models import Ballot, BallotKind, Disclosure, Item, Participation, Phase, Vote, Voter
from voting.persons import proxies_in_force

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


def items_voted_on(voter: Voter) -> set[int]:
    """Return the ids of the items a voter has voted on, in either kind of ballot."""
    items = list(Item.objects.filter(ballot=voter.ballot_id).values_list("pk", flat=True))
    model = Participation if voter.ballot.kind == BallotKind.SECRET else Vote
    return set(model.objects.filter(item__in=items, voter=voter).values_list("item_id", flat=True))


def voters_who_voted(ballot: Ballot) -> set[int]:
    """Return the ids of the voters of a named ballot who have voted on an item. For the office: it is personal data."""
    return set(Vote.objects.filter(item__ballot=ballot).values_list("voter_id", flat=True).distinct())


def represented_by(ballot: Ballot, *, voter: Voter | None, user_id: int | None) -> list[dict[str, str]]:
    """Return whom a person votes for besides: [{"voter", "name", "as"}], `as` "proxy" or "guardian".

    The person is an entry of the roll, an account, or both. A power goes before the guardianship. Two queries.
    """
    if voter is None and user_id is None:
        return []
    account = user_id if user_id is not None else voter.user_id if voter is not None else None
    holds = Q(holder=voter) if voter is not None else Q(pk__in=[])
    holds |= Q(holder_user=account) if account is not None else Q(pk__in=[])
    running = proxies_in_force(ballot.pk)
    held = running.filter(holds).select_related("principal").order_by("pk")
    found = [{"voter": str(one.principal_id), "name": one.principal.name, "as": "proxy"} for one in held]
    if account is not None:
        wards = Voter.objects.filter(ballot=ballot, guardian=account).exclude(pk__in=running.values("principal"))
        found += [{"voter": str(ward.pk), "name": ward.name, "as": "guardian"} for ward in wards.order_by("pk")]
    return found
