"""The messages of the ballot socket, closed shapes. docs/live-protocol.md is generated from here."""

from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta

RequestId = Annotated[
    str, Meta(pattern=r"^[!-~]{1,100}(?!\n)$", description="made by the client, best a UUID: visible ASCII")
]
Identity = Annotated[str, Meta(min_length=1, max_length=20)]
Choice = str | list[str] | dict[str, int]
Choices = Annotated[dict[Identity, Choice], Meta(min_length=1, max_length=200)]
PhaseName = Literal["draft", "open", "closed", "certified"]
RefusalCode = Literal[
    "not_open",
    "not_eligible",
    "already_voted",
    "invalid_choice",
    "proxy_not_allowed",
    "recused",
    "throttled",
    "closed",
]


class VoteCast(msgspec.Struct, tag_field="type", tag="vote.cast", forbid_unknown_fields=True):
    """Client: cast a vote on some or all items. The same `request` again gets the same answer."""

    request: RequestId
    choices: Choices
    on_behalf_of: Identity | None = None


class VoteAccepted(msgspec.Struct, tag_field="type", tag="vote.accepted"):
    """Server, to the sender: the vote is committed to the database."""

    request: str
    receipt: str


class VoteRefused(msgspec.Struct, tag_field="type", tag="vote.refused"):
    """Server, to the sender: nothing was stored."""

    request: str
    code: RefusalCode
    message: str


class Turnout(msgspec.Struct):
    """Voters who voted on at least one item, of those on the roll."""

    cast: int
    eligible: int


class Sum(msgspec.Struct):
    """Running sums of one answer: votes, heads, and area as a decimal string of m2."""

    votes: int
    heads: int
    area: str


Tally = dict[str, dict[str, Any]] | None


class BallotState(msgspec.Struct, tag_field="type", tag="ballot.state"):
    """Server, on connect: everything a screen needs. Reconnecting is the same message."""

    ballot: str
    version: int
    phase: PhaseName
    title: str
    items: list[dict[str, Any]]
    turnout: Turnout
    tally: Tally
    mine: dict[str, Any] | None


class BallotTally(msgspec.Struct, tag_field="type", tag="ballot.tally"):
    """Server, to everybody: at most five a second, and always a last one with the final state."""

    ballot: str
    version: int
    turnout: Turnout
    tally: Tally


class BallotPhase(msgspec.Struct, tag_field="type", tag="ballot.phase"):
    """Server, to everybody: the ballot was opened, closed or certified."""

    ballot: str
    version: int
    phase: PhaseName
    turnout: Turnout
    tally: Tally


class Error(msgspec.Struct, tag_field="type", tag="error"):
    """Server, to the sender: the frame breaks the protocol."""

    code: Literal["bad_json", "bad_message", "unknown_type", "not_text", "too_large"]
    message: str


decode_cast = msgspec.json.Decoder(VoteCast).decode


def refusal_for(text: str, problem: str) -> VoteRefused | None:
    """Return the refusal of a cast whose only fault is the form of its choices; None for any other broken frame."""
    if "`$.choices" not in problem:
        return None
    try:
        request = msgspec.convert(msgspec.json.decode(text).get("request"), RequestId)
    except (msgspec.DecodeError, AttributeError, RecursionError):
        return None
    return VoteRefused(request=request, code="invalid_choice", message=str(_("选项的写法不对。")))


def is_request_id(text: str) -> bool:
    """Return whether `text` may name a request."""
    try:
        msgspec.convert(text, RequestId)
    except msgspec.ValidationError:
        return False
    return True


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every message, by its `type`."""
    kinds = (BallotState, BallotTally, BallotPhase, VoteCast, VoteAccepted, VoteRefused, Error)
    return {str(kind.__struct_config__.tag): msgspec.json.schema(kind) for kind in kinds}
