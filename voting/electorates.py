"""Rolls built from the register, by scope."""

from collections.abc import Callable

from community import queries
from community.models import Office, Residency, Unit
from voting.operations.ballot import VoterDraft

_LONGEST_PLACE = 100


def owners_of(unit: Unit) -> list[VoterDraft]:
    """Return the owners who vote on matters of `unit`: one head each, the area of their counted units. One query."""
    return [
        VoterDraft(share.owner.name, share.heads, share.area, share.owner.user, share.owner, _joined(share.places))
        for share in queries.roll_of(unit)
    ]


def households_of(unit: Unit) -> list[VoterDraft]:
    """Return one entry for each household in `unit`, held by its representative where it has named one."""
    speakers = {
        residency.household_id: residency.user
        for residency in Residency.objects.filter(
            is_representative=True, household__unit__path__startswith=unit.path
        ).select_related("user")
    }
    drafts = []
    seen: set[int] = set()
    for household in queries.households_under(unit):
        user = speakers.get(household.pk)
        if user is not None and user.pk in seen:
            user = None  # one person speaks for one household by account; the other votes by its printed code
        if user is not None:
            seen.add(user.pk)
        speaker = speakers.get(household.pk)
        name = speaker.name if speaker is not None else household.label
        drafts.append(VoterDraft(name, 1, 0, user, None, household.label))
    return drafts


def representatives_of(community: Unit) -> list[VoterDraft]:
    """Return the representatives' meeting of a community: representatives and committee members, one head each.

    Residents' Committees Act 28: the meeting consists of both, at least four fifths of them representatives.
    """
    people = {user.pk: user for user in queries.representatives_of(community)}
    people |= {user.pk: user for user in queries.office_holders(community, Office.DIRECTOR, Office.COMMITTEE_MEMBER)}
    return [VoterDraft(user.name, user=user) for user in people.values()]


def members_of(unit: Unit, *offices: str) -> list[VoterDraft]:
    """Return the people holding one of `offices` at `unit`, each once, one head each."""
    return [VoterDraft(user.name, user=user) for user in queries.office_holders(unit, *offices)]


SCOPES: dict[str, Callable[[Unit], list[VoterDraft]]] = {
    "owners": owners_of,
    "households": households_of,
    "representatives": representatives_of,
}


def _joined(places: tuple[str, ...]) -> str:
    text = "、".join(places)
    return text if len(text) <= _LONGEST_PLACE else f"{text[: _LONGEST_PLACE - 1]}…"
