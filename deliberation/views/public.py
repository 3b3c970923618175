"""What everybody sees: the home page, the list, the page of a proposal, its plans and photos."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from community.models import Unit, User
from community.queries import place_name, place_names
from core import clock
from core.calendar import office_calendar
from core.errors import NotFound
from core.web import page_errors
from deliberation import queries, rules
from deliberation.acts import acts_in
from deliberation.case import Outcome, ballot_outcome, figures_of_round
from deliberation.differences import word_difference
from deliberation.figures import yuan
from deliberation.forms import OpinionForm, RatingForm
from deliberation.models import Category, CoSignature, NoticeLink, Opinion, Plan, Proposal, Purpose, Rating, Stance
from deliberation.situations import situation_of
from deliberation.stages import PUBLIC, Stage, Status
from deliberation.voices import is_rated_now, takes_co_signatures, takes_opinions
from publish.cards import card
from publish.kinds import title_of
from publish.queries import public_notices, with_working_days
from voting.models import Ballot, Phase

PAGE_SIZE = 20
MOST_OPINIONS = 200
DUTIES_AT_HOME, OWN_AT_HOME, NOTICES_AT_HOME, MATTERS_AT_HOME = 5, 3, 3, 8
# The form that is to be filled in while a proposal stands there.
_TO_PRINT = {Status.NOTICE_PERIOD: Purpose.PROXY_FORM, Status.EVALUATING: Purpose.RATING_FORM}
# What says how a matter ended, and how a vote did.
_OUTCOMES = (Purpose.RESULT, Purpose.NOT_QUORATE, Purpose.IMPLEMENTATION, Purpose.EVALUATION)
_VERDICTS = {
    Outcome.PASSED: gettext_lazy("表决通过。"),
    Outcome.REJECTED: gettext_lazy("表决没有通过。"),
    Outcome.NOT_QUORATE: gettext_lazy("参加表决的没有达到法定人数。"),
}
IMMUTABLE = "public, max-age=31536000, immutable"


@require_safe
@page_errors
def home(request: HttpRequest) -> HttpResponseBase:
    """Show the three doors residents come for, what is asked of the reader, the board, and the matters by stage."""
    stages = queries.proposals_by_stage()
    matters = list(queries.matters_at_work()[:MATTERS_AT_HOME])
    waiting, mine, all_mine = [], [], 0
    if isinstance(request.user, User):
        waiting = queries.everything_of(request.user)
        own = queries.proposals_of(request.user)
        mine, all_mine = list(own[:OWN_AT_HOME]), own.count()
    shown = waiting[:DUTIES_AT_HOME]
    notices = public_notices(state="running")
    context = {
        "today": shown,
        "waiting": len(waiting),
        "more_waiting": len(waiting) - len(shown),
        "mine": with_places(mine),
        "all_mine": all_mine,
        "open_votes": Ballot.objects.filter(phase=Phase.OPEN).count(),
        "notices": [
            (notice, working_days, title_of(notice.kind))
            for notice, working_days in with_working_days(notices[:NOTICES_AT_HOME])
        ],
        "all_notices": notices.count(),
        "stages": [
            {
                "key": stage.value,
                "label": stage.label,
                "count": stages[stage.value],
                "href": f"{reverse('deliberation:proposals')}?stage={stage.value}",
            }
            for stage in Stage
        ],
        "matters": with_places(matters),
        "all_matters": sum(stages.values()),
    }
    return render(request, "deliberation/home.html", context)


def with_places(proposals: list[Proposal]) -> list[tuple[Proposal, str, int | None]]:
    """Return each proposal with what its place is called and the working days left, None where every day counts.

    Three queries.
    """
    names = place_names(proposal.unit for proposal in proposals)
    calendar = office_calendar() if proposals else None
    return [
        (proposal, names[proposal.unit.path], queries.working_days_left(proposal, calendar=calendar))
        for proposal in proposals
    ]


@require_safe
@page_errors
def proposal_list(request: HttpRequest) -> HttpResponseBase:
    """Show the public list with filters, search and pages."""
    given = {
        key: request.GET.get(key, "").strip()[:100]
        for key in ("stage", "status", "category", "community", "place", "words")
    }
    reader = request.user if isinstance(request.user, User) else None
    is_mine = request.GET.get("mine") == "1" and reader is not None
    all_ = queries.proposals_of(reader) if is_mine and reader is not None else queries.public_proposals()
    found = queries.ProposalFilter(**given).applied_to(all_)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page", "1"))
    chosen = {key: value for key, value in given.items() if value} | ({"mine": "1"} if is_mine else {})
    others = {key: value for key, value in chosen.items() if key != "stage"}
    tabs = [{"label": _("全部"), "href": f"?{urlencode(others)}", "current": not given["stage"], "count": None}]
    tabs += [
        {
            "label": stage.label,
            "href": f"?{urlencode({**others, 'stage': stage.value})}",
            "current": given["stage"] == stage.value,
            "count": None,
        }
        for stage in Stage
    ]
    within = Unit.objects.filter(code=given["place"].replace("\x00", "")).first() if given["place"] else None
    context = {
        "page": page,
        "is_mine": is_mine,
        "within": within and place_name(within),
        "rows": with_places(list(page)),
        "query": urlencode(chosen),
        "given": given,
        "tabs": tabs,
        "categories": Category.choices,
        "statuses": [choice for choice in Status.choices if choice[0] != Status.DRAFT],
    }
    return render(request, "deliberation/proposals.html", context)


@require_safe
@page_errors
def proposal_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one proposal: where it is, what is missing, plans, opinions, papers, history."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    return render(request, "deliberation/proposal.html", proposal_context(request, proposal))


def proposal_context(
    request: HttpRequest,
    proposal: Proposal,
    *,
    opinion_form: OpinionForm | None = None,
    rating_form: RatingForm | None = None,
) -> dict[str, Any]:
    """Return what the page of a proposal reads; forms that were refused come back with their errors."""
    user = request.user if isinstance(request.user, User) else None
    moves = queries.next_moves(proposal, request.user)
    standing = rules.standing_of(request.user, proposal)
    opinions = list(proposal.opinions.select_related("user").order_by("-id")[:MOST_OPINIONS])
    mine = proposal.opinions.filter(user=user).first() if user else None
    rated = proposal.ratings.filter(user=user, round=proposal.rating_round).first() if user else None
    plans = list(proposal.plans.prefetch_related("budget_lines").order_by("-number"))
    is_local = rules.is_local(user, proposal) if user else False
    documents = [(link, title_of(link.notice.kind)) for link in queries.papers_of(proposal, request.user)]
    return {
        "proposal": proposal,
        "share_url": f"{settings.PUBLIC_URL}{proposal.get_absolute_url()}",
        "card_url": f"{settings.PUBLIC_URL}{reverse('deliberation:card', args=[proposal.pk])}",
        "place": place_name(proposal.unit),
        "place_code": proposal.unit.code,
        "track": queries.stage_track(proposal),
        "situation": situation_of(proposal.status, is_acknowledged=proposal.acknowledged_at is not None),
        "why": queries.why_it_stands(proposal),
        "step": queries.next_step(proposal, moves),
        "turn": queries.turn_of(proposal, request.user) if not proposal.is_final else None,
        "turn_due": queries.due_of(proposal) if queries.waits_for_receipt(proposal) else None,
        "standing": standing,
        "decision": queries.decision_of(proposal),
        "is_local": is_local,
        "staff_moves": [status for status in moves if status.may],
        "staff_acts": [
            act for act in acts_in(proposal.status) if standing.may(act.offices) and _is_open(act.key, proposal)
        ],
        "photos": photos_of(proposal),
        "plans": plans,
        "plan": _plan_context(plans[0], plans[1] if len(plans) > 1 else None) if plans else None,
        "opinions": opinions,
        "counts": _stances(opinions) if len(opinions) < MOST_OPINIONS else queries.stances_of(proposal),
        "opinion_form": opinion_form or OpinionForm(initial=_opinion_of(mine)),
        "may_say": is_local and takes_opinions(proposal) and (mine is None or mine.answered_at is None),
        "co_signers": proposal.co_signatures.count(),
        "has_signed": user is not None and CoSignature.objects.filter(proposal=proposal, user=user).exists(),
        "may_co_sign": is_local
        and takes_co_signatures(proposal)
        and user is not None
        and proposal.proposer_id != user.pk,
        "documents": documents,
        "outcome_papers": _outcome_papers(proposal, documents),
        "verdict": _verdict(proposal),
        "form": _form_to_print(proposal, [link for link, _kind in documents]),
        "consultations": list(proposal.consultations.exclude(recorded_at=None)),
        "tasks": [(task, task.light(clock.local_date())) for task in proposal.tasks.select_related("owner")],
        "completions": list(proposal.completions.all()),
        "rating_form": rating_form or RatingForm(initial=_rating_of(rated)),
        "rated": rated,
        "may_rate": is_local and is_rated_now(proposal, clock.local_date()),
        "ratings": figures_of_round(proposal) if proposal.rating_round else None,
        "history": queries.history_of(proposal, inside=standing.is_staff),
        "appeal": getattr(proposal, "appeal", None),
    }


def _verdict(proposal: Proposal) -> object:
    """Return how the certified vote ended, "" while it has not. Two queries at most."""
    ballot = proposal.ballot
    outcome = ballot_outcome(ballot) if ballot is not None and ballot.phase == Phase.CERTIFIED else None
    return _VERDICTS[outcome] if outcome is not None else ""


def _outcome_papers(proposal: Proposal, documents: list[tuple[NoticeLink, str]]) -> list[tuple[NoticeLink, str]]:
    """Return the papers that say how a finished matter ended, the last of each kind; none while it goes on."""
    last = {link.purpose: (link, kind) for link, kind in documents if link.notice.number}
    return [last[purpose] for purpose in _OUTCOMES if purpose in last] if proposal.is_final else []


def _form_to_print(proposal: Proposal, documents: list[NoticeLink]) -> NoticeLink | None:
    """Return the form to fill in now: the last one, for an earlier round's is past its day."""
    wanted = _TO_PRINT.get(Status(proposal.status))
    return next((one for one in reversed(documents) if one.purpose == wanted and one.notice.number), None)


def _is_open(act: str, proposal: Proposal) -> bool:
    """Return whether an act that is done once is still to be done, and one of a special way concerns the matter."""
    appeal = getattr(proposal, "appeal", None)
    closed = {
        "acknowledge_proposal": proposal.acknowledged_at is not None,
        "file_appeal": appeal is not None,
        "record_party_step": not proposal.four_step,
        "decide_appeal": appeal is None or appeal.decided_at is not None,
    }
    return not closed.get(act, False)


def photos_of(proposal: Proposal) -> list[dict[str, str]]:
    """Return the photos of a proposal as the photo component shows them. One query."""
    return [
        {"url": reverse("deliberation:photo", args=[proposal.pk, photo.position]), "alt": _("现场照片")}
        for photo in proposal.photos.all()
    ]


def _opinion_of(mine: Opinion | None) -> dict[str, str]:
    return {"stance": mine.stance, "text": mine.text} if mine else {}


def _rating_of(rated: Rating | None) -> dict[str, str]:
    return {"grade": rated.grade, "text": rated.text} if rated else {}


def _stances(opinions: list[Opinion]) -> dict[str, int]:
    return {stance: sum(opinion.stance == stance for opinion in opinions) for stance in Stance.values}


def _plan_context(plan: Plan, before: Plan | None) -> dict[str, Any]:
    lines = list(plan.budget_lines.all())
    return {
        "plan": plan,
        "before": before,
        "lines": [(line.item, yuan(line.amount_fen), line.source) for line in lines],
        "total": yuan(sum(line.amount_fen for line in lines)) if lines else "",
        "review": plan.party_review,
        "steps": list(plan.party_steps.all()),
    }


@require_safe
@page_errors
def plan_page(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Show one version of the plan, word by word against the one before (or `?against=N`)."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    plans = {plan.number: plan for plan in proposal.plans.prefetch_related("budget_lines")}
    if number not in plans:
        raise NotFound(_("没有这一版方案。"))
    asked = request.GET.get("against", "")
    against = plans.get(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else number - 1)  # noqa: PLR2004 - a version number
    context = {
        "proposal": proposal,
        "plans": sorted(plans.values(), key=lambda plan: -plan.number),
        "against": against,
        "pieces": word_difference(against.text, plans[number].text) if against else [],
        "plan": plans[number],
        "this": _plan_context(plans[number], against),
    }
    return render(request, "deliberation/plan.html", context)


@require_safe
@page_errors
def card_picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the picture of a matter for those who share its address."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    made = card(
        above=f"{proposal.get_category_display()} · {proposal.stage.label}", title=proposal.title,
        below=f"{proposal.community} · {proposal.get_status_display()}",
    )  # fmt: skip
    kept = "public, max-age=3600" if proposal.status in PUBLIC else "private, no-store"
    return HttpResponse(made, content_type="image/png", headers={"Cache-Control": kept})


@require_safe
@page_errors
def photo(request: HttpRequest, pk: int, position: int) -> HttpResponseBase:
    """Send one photo of a proposal."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    found = proposal.photos.filter(position=position).first()
    if found is None or not default_storage.exists(found.path):
        raise NotFound(_("没有这张照片。"))
    kept = IMMUTABLE if proposal.status in PUBLIC else "private, no-store"
    headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
    # At most a megabyte or so: under ASGI a FileResponse would be read whole as well, and its file left open.
    with default_storage.open(found.path) as file:
        return HttpResponse(file.read(), content_type="image/jpeg", headers=headers)
