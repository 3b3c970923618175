"""HTTP API of voting: reading ballots, tickets for the socket, and votes from clients whose sockets are blocked."""

import datetime as dt
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Header, Router, Schema
from ninja.pagination import PageNumberPagination, paginate
from pydantic import ConfigDict

from core.errors import BadInput, NotAllowed, NotFound, Refused, WrongStage
from core.web import require_same_site
from voting import tickets
from voting.export import laid_out, recount_document
from voting.live import limits
from voting.live.access import NOBODY, Person, ballot_key, person_of
from voting.live.reader import own_votes
from voting.live.writer import cast_now
from voting.messages import is_request_id
from voting.models import Ballot, Channel, Phase
from voting.operations.cast import CastIntent, refusal
from voting.queries import ballot_state, represented_by

router = Router(tags=["voting"])
PAGE_SIZE = 50


class VoteNotTaken(Refused):
    """A vote that was refused; `status` follows the code."""

    _statuses = {"invalid_choice": 422, "not_eligible": 403, "proxy_not_allowed": 403, "recused": 403, "throttled": 429}

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence, code=code)
        self.status = self._statuses.get(code, 409)  # type: ignore[misc] # each code has its own status


class BallotLine(Schema):
    """One ballot of the list."""

    id: str
    title: str
    phase: str
    kind: str
    community: str
    opens_at: dt.datetime | None
    closes_at: dt.datetime | None

    @staticmethod
    def resolve_id(ballot: Ballot) -> str:
        """Ids are strings."""
        return str(ballot.pk)

    @staticmethod
    def resolve_community(ballot: Ballot) -> str:
        """Return the unit's code."""
        return ballot.community.code


class Pages(PageNumberPagination):
    """Pages whose first row's number the database can hold."""

    class Input(Schema):
        """Which page."""

        page: int = Field(1, ge=1, le=1_000_000)
        page_size: int | None = Field(None, ge=1, le=1000)


class Ticket(Schema):
    """What the socket accepts as `?ticket=`."""

    ticket: str
    expires_at: dt.datetime


class Vote(Schema):
    """Choices by item id: an option id; for approval, election and ranking a list; for score and budget a map."""

    model_config = ConfigDict(extra="forbid", strict=True)
    choices: dict[str, Any]
    on_behalf_of: str | None = None


class Receipt(Schema):
    """The vote is committed to the database."""

    receipt: str


@router.get("/ballots", response=list[BallotLine], summary="Ballots, newest first")
@paginate(Pages, page_size=PAGE_SIZE)
def list_ballots(request: HttpRequest, phase: str = "") -> QuerySet[Ballot]:  # noqa: ARG001 - ninja names it
    """Return ballots that were opened; with `phase` those of one phase."""
    if phase and phase not in Phase.values:
        raise BadInput(_("没有这个阶段。"), field="phase")
    ballots = Ballot.objects.exclude(phase=Phase.DRAFT).select_related("community").order_by("-pk")
    if phase:
        return ballots.filter(phase=phase) if phase in Phase.values else ballots.none()
    return ballots


@router.get("/ballots/{ballot_id}", response=dict[str, Any], summary="A ballot: state, rule, own votes, result")
def read_ballot(request: HttpRequest, ballot_id: str) -> dict[str, Any]:
    """Return what the socket's `ballot.state` says, the frozen rule, and the result once closed."""
    ballot = _ballot(ballot_id)
    person = person_of(request, ballot.pk)
    state = ballot_state(ballot.pk)
    state["mine"] = own_votes([person.voter_id]).get((ballot.pk, person.voter_id)) if person.voter_id else None
    state |= {"id": state["ballot"], "rule": ballot.rule, "opens_at": ballot.opens_at, "closes_at": ballot.closes_at}
    state["result"] = ballot.result
    return state


@router.get("/ballots/{ballot_id}/result", response=dict[str, Any], summary="The result of a closed ballot")
def read_result(request: HttpRequest, ballot_id: str) -> dict[str, Any]:  # noqa: ARG001 - ninja names it
    """Return the counts, the outcome by rule and the reasoning. Problem `not_closed` (409) before closing."""
    ballot = _ballot(ballot_id)
    if ballot.result is None:
        raise WrongStage(_("表决尚未截止，还没有结果。"), code="not_closed")
    return {"ballot": str(ballot.pk), "phase": ballot.phase, "certified_at": ballot.certified_at, **ballot.result}


@router.get("/ballots/{ballot_id}/recount", summary="The public recount file of a certified ballot")
def read_recount(request: HttpRequest, ballot_id: str) -> HttpResponse:  # noqa: ARG001 - ninja names it
    """Return what `export_ballot` writes and `verify.py` checks. Problem `not_certified` (409) before certification."""
    ballot = _ballot(ballot_id)
    if ballot.phase != Phase.CERTIFIED:
        raise WrongStage(_("结果确认后才公布计票文件。"), code="not_certified")
    answer = HttpResponse(laid_out(recount_document(ballot)), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="ballot-{ballot.pk}.json"'
    return answer


@router.post("/ballots/{ballot_id}/ticket", response=Ticket, summary="A short-lived ticket for the live socket")
def create_ticket(request: HttpRequest, ballot_id: str) -> dict[str, Any]:
    """Return a signed ticket, bound to this ballot and to the voter whose session asks.

    Problems: `not_signed_in` (401), `not_eligible` (403), `throttled` (429), `cross_site` (403).
    """
    require_same_site(request)
    ballot = _ballot(ballot_id)
    person = _voter(request, ballot)
    _take_allowance(person)
    ticket, expires_at = tickets.mint(ballot.pk, person.voter_id, person.user_id)
    return {"ticket": ticket, "expires_at": expires_at}


@router.post("/ballots/{ballot_id}/votes", response=Receipt, summary="Vote")
def create_vote(
    request: HttpRequest,
    ballot_id: str,
    vote: Vote,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key")] = "",
) -> dict[str, str]:
    """Cast a vote and answer when it is committed. The same Idempotency-Key again gets the same answer.

    With another body it is refused (`already_voted`, 409) and changes nothing: a key stands for one vote.
    The key is 1 to 100 visible ASCII characters, best a random UUID; quotation marks around it are not part of it.

    Problems carry the socket's refusal codes: `not_open`, `closed`, `already_voted` (409), `not_eligible`,
    `proxy_not_allowed`, `recused` (403), `invalid_choice` (422), `throttled` (429).
    """
    require_same_site(request)
    ballot = _ballot(ballot_id)
    key = idempotency_key.strip('"')
    if not is_request_id(key):
        raise BadInput(_("请在 Idempotency-Key 标头里写 1 至 100 个可见的 ASCII 字符。"), field="Idempotency-Key")
    person = _voter(request, ballot)
    _take_allowance(person)
    outcome = cast_now(
        CastIntent(
            ballot_id=ballot.pk,
            voter_id=person.voter_id,
            request=key,
            choices=vote.choices,
            on_behalf_of=vote.on_behalf_of,
            channel=Channel.WEB,
            user_id=person.user_id,
        )
    )
    if not outcome.accepted:
        raise VoteNotTaken(outcome.code, outcome.message)
    return {"receipt": outcome.receipt}


class NotSignedIn(Refused):
    """Nobody is signed in, neither by account nor by voting code."""

    code = "not_signed_in"
    status = 401


def _ballot(ballot_id: str) -> Ballot:
    key = ballot_key(ballot_id)
    ballot = Ballot.objects.filter(pk=key).first() if key is not None else None
    if ballot is None:
        raise NotFound
    return ballot


def _voter(request: HttpRequest, ballot: Ballot) -> Person:
    """Return who votes. Somebody off the roll passes who holds a proxy of this ballot or is a ward's guardian."""
    person = person_of(request, ballot.pk)
    if person.voter_id is not None:
        return person
    if person == NOBODY and not request.session.get("voters"):
        raise NotSignedIn(_("请先登录，或输入表决码。"))
    if not represented_by(ballot, voter=None, user_id=person.user_id):
        raise NotAllowed(refusal("not_eligible").message, code="not_eligible")
    return person


def _take_allowance(person: Person) -> None:
    if not limits.casts.take(person):
        raise VoteNotTaken("throttled", refusal("throttled").message)
