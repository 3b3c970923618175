"""HTTP API of deliberation: proposals, their moves and acts, figures (CONTRACT 3)."""

import datetime as dt
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Body, Query, Router, Schema, Status
from ninja.errors import AuthenticationError

from community.models import Unit, User
from community.queries import unit_by_code
from core.errors import BadInput, NotFound
from core.masking import mask_name
from core.requirements import Missing
from core.web import require_same_site
from deliberation import operations, queries, rules
from deliberation.acts import ACTS, acts_in
from deliberation.forms import ActForm, form_of_act, form_of_move
from deliberation.models import Proposal
from deliberation.moves import MOVES
from deliberation.queries.figures import community_figures
from deliberation.queries.progress import MoveStatus
from deliberation.views.work import codes_context

router = Router(tags=["deliberation"])
PAGE_SIZE, PAGE_SIZE_LIMIT = 20, 100


class PlaceOut(Schema):
    """A community, or a place in it."""

    code: str
    name: str


class MissingOut(Schema):
    """One thing that is missing, with the article behind it."""

    key: str
    sentence: str
    article: str


class MoveOut(Schema):
    """A move that leaves the present status: who may, whether the reader may, what is missing."""

    key: str
    title: str
    target: str | None
    main: bool
    offices: list[str]
    may: bool
    missing: list[MissingOut]
    reason_codes: dict[str, str]


class ProposalLine(Schema):
    """A proposal in a list; the proposer is masked. `due_on` is when the present status should end."""

    id: str
    title: str
    category: str
    source: str
    stage: str
    status: str
    status_title: str
    community: PlaceOut
    unit: PlaceOut
    proposer: str
    submitted_at: dt.datetime | None
    due_on: dt.date | None
    due_is_provisional: bool
    version: int
    url: str


class ProposalFull(ProposalLine):
    """A proposal with where it is, what is missing and what has been said."""

    body: str
    co_signers: int
    opinions: dict[str, int]
    sentence: str
    next_moves: list[MoveOut]
    acts: list[dict[str, str]]
    plans: list[dict[str, Any]]
    notices: list[dict[str, str]]
    ballot: str | None
    merged_into: str | None
    reason_code: str


class ProposalPage(Schema):
    """One page of proposals; `count` of all that match."""

    items: list[ProposalLine]
    count: int
    page: int
    pages: int


class ProposalIn(Schema):
    """A new proposal. Staff may name somebody else as `proposer_name` with `proposer_phone`."""

    title: str
    body: str
    community: str = ""
    unit: str = ""
    category: str = "other"
    source: str = "resident"
    proposer_name: str = ""
    proposer_phone: str = ""
    submit: bool = True


class FigureOut(Schema):
    """k of n: the text is half-up to one place, "—" when n is 0."""

    k: int
    n: int
    percent: str


class FiguresOut(Schema):
    """The figures of a community, or of every place under a unit."""

    unit: PlaceOut | None
    received: int
    accepted: int
    closed: int
    open: dict[str, int]
    answer: FigureOut
    closure: FigureOut
    on_time_closure: FigureOut
    satisfaction: FigureOut


def _place(unit: Unit) -> dict[str, str]:
    return {"code": unit.code, "name": unit.name}


def _line(proposal: Proposal) -> dict[str, Any]:
    name = proposal.proposer_name or (proposal.proposer.actor_name() if proposal.proposer else "")
    return {
        "id": str(proposal.pk),
        "title": proposal.title,
        "category": proposal.category,
        "source": proposal.source,
        "stage": proposal.stage.value,
        "status": str(proposal.status),
        "status_title": str(proposal.get_status_display()),
        "community": _place(proposal.community),
        "unit": _place(proposal.unit),
        "proposer": mask_name(name) if name else "",
        "submitted_at": proposal.submitted_at,
        "due_on": proposal.due_on,
        "due_is_provisional": proposal.due_is_provisional,
        "version": proposal.version,
        "url": f"{settings.PUBLIC_URL}{proposal.get_absolute_url()}",
    }


def _missing(missing: list[Missing]) -> list[dict[str, str]]:
    return [{"key": m.key, "sentence": str(m.sentence), "article": str(m.article)} for m in missing]


def _move(found: MoveStatus) -> dict[str, Any]:
    move = found.move
    return {
        "key": move.key,
        "title": str(move.title),
        "target": move.target.value if move.target else None,
        "main": move.main,
        "offices": list(move.offices),
        "may": found.may,
        "missing": _missing(found.missing),
        "reason_codes": {code: str(title) for code, title in move.reason_codes.items()},
    }


def _full(request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
    moves = queries.next_moves(proposal, request.user)
    standing = rules.standing_of(request.user, proposal)
    return {
        **_line(proposal),
        "body": proposal.body,
        "co_signers": proposal.co_signatures.count(),
        "opinions": queries.stances_of(proposal),
        "sentence": queries.next_step(proposal, moves).sentence,
        "next_moves": [_move(found) for found in moves],
        "acts": [
            {"key": act.key, "title": str(act.title)} for act in acts_in(proposal.status) if standing.may(act.offices)
        ],
        "plans": [
            {"number": plan.number, "content_hash": plan.content_hash, "is_lawful": plan.is_lawful}
            for plan in proposal.plans.order_by("number")
        ],
        "notices": [
            {
                "id": str(link.notice_id),
                "number": link.notice.number,
                "purpose": link.purpose,
                "title": link.notice.title,
                "status": str(link.notice.status),
            }
            for link in queries.papers_of(proposal, request.user)
        ],
        "ballot": str(proposal.ballot_id) if proposal.ballot_id else None,
        "merged_into": str(proposal.merged_into_id) if proposal.merged_into_id else None,
        "reason_code": proposal.reason_code,
    }


@router.get("/proposals", response=ProposalPage, summary="List proposals, newest first")
def list_proposals(
    request: HttpRequest,  # noqa: ARG001 - ninja names its first argument so
    stage: str = "",
    status: str = "",
    category: str = "",
    community: str = "",
    words: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=PAGE_SIZE_LIMIT)] = PAGE_SIZE,
) -> dict[str, Any]:
    """Return the public proposals of a stage, status, category, community (its code), with words in title or body."""
    given = queries.ProposalFilter(stage, status, category, community, words)
    found = given.applied_to(queries.public_proposals())
    count = found.count()
    return {
        "items": [_line(proposal) for proposal in found[(page - 1) * size : page * size]],
        "count": count,
        "page": page,
        "pages": max(1, -(-count // size)),
    }


@router.get("/proposals/{proposal_id}", response=ProposalFull, summary="One proposal, with what is missing next")
def read_proposal(request: HttpRequest, proposal_id: str) -> dict[str, Any]:
    """Return a proposal: stage, next moves with what each is missing, plans, notices."""
    return _full(request, _found(request, proposal_id))


@router.post("/proposals", response={201: ProposalFull}, summary="Hand in a proposal")
def create_proposal(request: HttpRequest, payload: ProposalIn) -> Status[dict[str, Any]]:
    """Register a proposal and hand it in, or keep it as a draft with `submit` false."""
    user = _user(request)
    community = queries.community_for(user, payload.community)
    try:
        unit = unit_by_code(payload.unit) if payload.unit else None
    except NotFound as error:
        raise BadInput(str(error), field="unit") from None
    made = operations.register_proposal(
        community=community,
        unit=unit,
        title=payload.title,
        body=payload.body,
        category=payload.category,
        source=payload.source,
        proposer_name=payload.proposer_name,
        proposer_phone=payload.proposer_phone,
        submit=payload.submit,
        by=user,
    )
    return Status(201, _full(request, _found(request, str(made.pk))))


@router.post("/proposals/{proposal_id}/moves/{move}", summary="Take a move")
def take_move(
    request: HttpRequest, proposal_id: str, move: str, payload: Annotated[dict[str, Any] | None, Body()] = None
) -> dict[str, Any]:
    """Take one move. The body holds its fields (docs/states.md names reasons; `expected_version` refuses a stale page).

    Answers the proposal as it is now, `call_vote` also the printed codes, this once. A refusal is a problem document
    with the sentence, the article and what is missing.
    """
    user = _user(request)
    proposal = _found(request, proposal_id)
    form_class = form_of_move(move)
    rules.require_mover(user, proposal, MOVES[move])
    return _applied(request, form_class, proposal, user, payload or {})


@router.post("/proposals/{proposal_id}/acts/{act}", summary="Do an act between the moves")
def do_act(
    request: HttpRequest, proposal_id: str, act: str, payload: Annotated[dict[str, Any] | None, Body()] = None
) -> dict[str, Any]:
    """Do one act, such as record_screening, publish_topic, draft_plan or record_party_review."""
    user = _user(request)
    proposal = _found(request, proposal_id)
    form_class = form_of_act(act)
    rules.require_standing(user, proposal, ACTS[act].offices)
    return _applied(request, form_class, proposal, user, payload or {})


def _applied(
    request: HttpRequest, form_class: type[ActForm], proposal: Proposal, user: User, payload: dict[str, Any]
) -> dict[str, Any]:
    unknown = set(payload) - set(form_class.base_fields)
    if unknown:
        raise BadInput(_("没有这一项：%(name)s。") % {"name": min(unknown)[:40]}, field=min(unknown)[:40])
    form = form_class(payload, proposal=proposal, user=user)
    if not form.is_valid():
        raise form.refusal()
    done = form.apply()
    answer = _full(request, _found(request, str(done.pk if isinstance(done, Proposal) else proposal.pk)))
    if isinstance(done, operations.CalledVote):
        context = codes_context(done)
        answer["codes"] = [{"place": place, "name": name, "code": code} for place, name, code in context["codes"]]
        answer["warnings"] = [str(warning) for warning in done.warnings]
    return answer


@router.post("/proposals/{proposal_id}/co-signatures", response={201: None}, summary="Stand behind a proposal")
def co_sign(request: HttpRequest, proposal_id: str) -> Status[None]:
    """Co-sign; the second time changes nothing."""
    operations.co_sign_proposal(_found(request, proposal_id), by=_user(request))
    return Status(201, None)


class OpinionIn(Schema):
    """for, against or neutral, and why."""

    stance: str
    text: str = ""


@router.put("/proposals/{proposal_id}/opinion", summary="Say what one thinks")
def give_opinion(request: HttpRequest, proposal_id: str, payload: OpinionIn) -> dict[str, str]:
    """Give or change one's opinion until it is answered."""
    made = operations.give_opinion(
        _found(request, proposal_id), by=_user(request), stance=payload.stance, text=payload.text
    )
    return {"stance": made.stance, "text": made.text}


class RatingIn(Schema):
    """satisfied, fairly or dissatisfied."""

    grade: str
    text: str = ""


@router.put("/proposals/{proposal_id}/rating", summary="Rate the result")
def rate(request: HttpRequest, proposal_id: str, payload: RatingIn) -> dict[str, str]:
    """Rate, or change one's rating while the round runs."""
    made = operations.rate_proposal(
        _found(request, proposal_id), by=_user(request), grade=payload.grade, text=payload.text
    )
    return {"grade": made.grade, "text": made.text}


@router.get("/figures", response=FiguresOut, summary="Figures of the method")
def figures(
    request: HttpRequest,  # noqa: ARG001 - ninja names its first argument so
    unit: str = "",
) -> dict[str, Any]:
    """Return how many were received, answered, accepted, closed, closed on time, and how content residents are.

    Of everything under `unit` (a code), or of everything.
    """
    place = unit_by_code(unit) if unit else None
    found = community_figures(place)
    return {"unit": _place(place) if place else None, **found}


def _user(request: HttpRequest) -> User:
    require_same_site(request)
    if not isinstance(request.user, User):
        raise AuthenticationError
    return request.user


def _found(request: HttpRequest, proposal_id: str) -> Proposal:
    if not (proposal_id.isascii() and proposal_id.isdigit() and len(proposal_id) < 19):  # noqa: PLR2004 - 63 bits
        raise NotFound
    return queries.proposal_or_not_found(int(proposal_id), request.user)
