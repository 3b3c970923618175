"""Makes ballots by walking the real operations."""

import uuid
from collections.abc import Sequence
from typing import Any

from community.models import Unit, UnitKind
from core.actors import COMMAND_LINE
from voting.models import Ballot, Item, Voter
from voting.operations import CastIntent, CastOutcome, VoterDraft, cast_votes, create_ballot, open_ballot

HALF = {
    "quorum": [],
    "pass": [{"measure": "heads", "of": "participating", "fraction": "1/2", "inclusive": False}],
}


def make_unit(code: str = "511302001001") -> Unit:
    found: Unit | None = Unit.objects.filter(code=code).first()
    if found is None:
        found = Unit.objects.add_root(create_kwargs={"code": code, "name": "平城街社区", "kind": UnitKind.COMMUNITY})
    return found


def make_ballot(voters: int | Sequence[VoterDraft] = 3, **more: Any) -> Ballot:
    drafts = (
        [VoterDraft(f"居民{number}", area=10_000 + number) for number in range(voters)]
        if isinstance(voters, int)
        else voters
    )
    given: dict[str, Any] = {
        "community": make_unit(),
        "title": "加装电梯",
        "items": [{"title": "是否加装"}],
        "rule": HALF,
        "voters": drafts,
        "by": COMMAND_LINE,
        "issue_codes": False,
    }
    return create_ballot(**{**given, **more}).ballot


def open_a_ballot(voters: int | Sequence[VoterDraft] = 3, **more: Any) -> Ballot:
    return open_ballot(make_ballot(voters, **more), by=COMMAND_LINE)


def voters_of(ballot: Ballot) -> list[Voter]:
    return list(Voter.objects.filter(ballot=ballot).order_by("pk"))


def items_of(ballot: Ballot) -> list[Item]:
    return list(Item.objects.filter(ballot=ballot).order_by("position"))


def intent(voter: Voter, choice: Any = "for", **more: Any) -> CastIntent:
    given: dict[str, Any] = {"ballot_id": voter.ballot_id, "voter_id": voter.pk, "request": str(uuid.uuid4())}
    if "choices" not in more:
        more["choices"] = {str(item.pk): choice for item in items_of(voter.ballot)[:1]}
    return CastIntent(**{**given, **more})


def cast(voter: Voter, choice: Any = "for", **more: Any) -> CastOutcome:
    return cast_votes([intent(voter, choice, **more)])[0]
