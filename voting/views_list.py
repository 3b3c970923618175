"""The list of votes: running, decided, and those a person stands on the roll of."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.web import page_errors
from voting.models import Ballot, Phase
from voting.verdicts import is_preliminary, verdict_of

_PAGE = 20


@require_GET
@page_errors
def ballot_list(request: HttpRequest) -> HttpResponse:
    """List the votes that were opened, newest first. A draft has its own page; it is announced by its notice."""
    tabs = {"open": _("正在表决"), "over": _("已经截止")}
    if request.user.is_authenticated:
        tabs["mine"] = _("有我一票的")
    show = request.GET.get("show", "open")
    show = show if show in tabs else "open"
    page = Paginator(_shown(request, show), _PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(ballot) for ballot in page],
        "tabs": [
            {"href": f"?show={key}", "label": word, "current": key == show, "count": None} for key, word in tabs.items()
        ],
        "query": f"show={show}",
    }
    return render(request, "voting/list.html", context)


def _shown(request: HttpRequest, show: str) -> QuerySet[Ballot]:
    ballots = Ballot.objects.exclude(phase=Phase.DRAFT).select_related("community").order_by("-pk")
    if show == "mine":
        mine = Q(voters__user=request.user.pk) | Q(voters__guardian=request.user.pk)
        return ballots.filter(pk__in=Ballot.objects.filter(mine).values("pk"))
    return ballots.filter(phase=Phase.OPEN) if show == "open" else ballots.exclude(phase=Phase.OPEN)


def _row(ballot: Ballot) -> dict[str, Any]:
    if ballot.result is None:
        return {"ballot": ballot, "word": ballot.get_phase_display(), "tone": "jade", "icon": "vote"}
    verdict = verdict_of(ballot)
    icon = "clock" if is_preliminary(ballot) else "vote"
    return {"ballot": ballot, "word": verdict["outcome_word"], "tone": verdict["tone"], "icon": icon}
