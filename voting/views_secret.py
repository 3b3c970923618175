"""The papers of a secret ballot: handed to voters, entered by code, reconciled. Papers and voters never meet here."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.models import User
from community.rules import require_office
from core.errors import BadInput, NotFound
from core.web import page_errors
from voting import views_paper
from voting.forms import choices_from
from voting.models import Ballot, BallotKind, BearerPaper, PaperBallot, PaperState, Phase, Voter
from voting.operations.paper import PAPER_OFFICES
from voting.operations.secret_paper import enter_bearer_paper, hand_out_paper, take_back_paper
from voting.paper_sheets import SAID, differences_of, sheet_of
from voting.papers import batch_of, bearer_of, box_trips, paper_counts, papers_taken
from voting.persons import named, placed, voters_named
from voting.views_paper import Act, ballot_named, carry_out, forms_of, items_in, officer_of

_MAX_MARK = 64
_SHOWN_TAKEN = 500


@never_cache
@require_http_methods(["GET", "POST"])
@page_errors
def paper_page(request: HttpRequest, ballot_id: str) -> HttpResponseBase:
    """Show the papers of a ballot, named or secret; `?code=` of a printed paper opens its entry."""
    ballot = ballot_named(ballot_id)
    if ballot.kind == BallotKind.NAMED:
        return views_paper.paper_page(request, ballot_id)
    require_office(request.user, *PAPER_OFFICES, unit=ballot.community)
    shown = forms_of(ballot)
    mark = (request.POST if request.method == "POST" else request.GET).get("code", "")[:_MAX_MARK]
    paper = bearer_of(ballot, mark) if mark else None
    if mark and paper is None and request.method == "GET":
        messages.error(request, _("没有这个编号的票。请核对票上的编号。"))
    status, chosen = 200, {}
    if request.method == "POST":
        done, status = carry_out(request, ballot, _ACTS, paper, shown)
        if done is not None:
            return done
        chosen = choices_from(request.POST, items_in(ballot)) if paper is not None else {}
    counts, batch = paper_counts(ballot), batch_of(ballot)
    context = {
        "ballot": ballot,
        "forms": shown,
        "mark": mark,
        "entry": _entry(paper, officer_of(request), chosen) if paper is not None else None,
        "counts": counts,
        "batch": batch,
        "taken": [named(voter) for voter in papers_taken(ballot)[:_SHOWN_TAKEN]],
        "printed": BearerPaper.objects.filter(ballot=ballot).count(),
        "trips": box_trips(ballot),
        "may_enter": ballot.phase == Phase.OPEN,
        "may_issue": ballot.phase in {Phase.DRAFT, Phase.OPEN},
        "may_reconcile": ballot.phase == Phase.CLOSED and batch is not None,
    }
    return render(request, "voting/paper_secret.html", context, status=status)


def _hand_out(request: HttpRequest, ballot: Ballot, _paper: BearerPaper | None, _shown: dict[str, forms.Form]) -> str:
    voter = _voter(request, ballot)
    hand_out_paper(voter, by=officer_of(request))
    return _("%(who)s已领一张票。") % {"who": placed(voter)}


def _take_back(request: HttpRequest, ballot: Ballot, _paper: BearerPaper | None, _shown: dict[str, forms.Form]) -> str:
    voter = _voter(request, ballot)
    take_back_paper(voter, by=officer_of(request))
    return _("%(who)s交回了未用的票，可以在线投票了。请当场销毁这张票。") % {"who": placed(voter)}


def _enter(request: HttpRequest, ballot: Ballot, paper: BearerPaper | None, _shown: dict[str, forms.Form]) -> str:
    if paper is None:
        raise NotFound(_("没有这个编号的票。请核对票上的编号。"))
    entered = enter_bearer_paper(paper, choices=choices_from(request.POST, items_in(ballot)), by=officer_of(request))
    return str(SAID[PaperState(entered.state)])


def _shared(act: Callable[..., str]) -> Callable[..., str]:
    """Return an act of the named papers' page that asks for no voter."""
    return lambda request, ballot, _paper, shown: act(request, ballot, None, shown)


_ACTS: dict[str, Act] = {
    "hand_out": _hand_out,
    "take_back": _take_back,
    "enter": _enter,
    "reconcile": _shared(views_paper.reconcile_act),
    "send": _shared(views_paper.send_act),
    "return": _shared(views_paper.return_act),
}


def _voter(request: HttpRequest, ballot: Ballot) -> Voter:
    mark = request.POST.get("who", "")[:_MAX_MARK]
    found = voters_named(ballot, mark)
    if len(found) > 1:
        raise BadInput(_("名册上有几位%(mark)s，请填名册号。") % {"mark": mark}, field="who")
    if not found:
        raise NotFound(_("名册上没有“%(mark)s”。") % {"mark": mark})
    return found[0]


def _entry(bearer: BearerPaper, user: User, chosen: dict[str, Any]) -> dict[str, Any]:
    """Return what the entry of one paper shows. What the first read stays hidden until two entries differ."""
    paper = PaperBallot.objects.filter(bearer=bearer).prefetch_related("entries__by").first()
    entries = list(paper.entries.all()) if paper else []
    has_entered = any(entry.by_id == user.pk for entry in entries)
    items = items_in(bearer.ballot)
    differs = paper is not None and paper.state == PaperState.DIFFERS and not has_entered
    return {
        "who": _("无记名纸质票"),
        "state": SAID[PaperState(paper.state)] if paper else "",
        "may_enter": not has_entered and (paper is None or paper.settled_at is None),
        "is_third": differs,
        "has_entered": has_entered,
        "differences": differences_of(items, [entry.choices for entry in entries]) if differs else [],
        "papers": [sheet_of(item, chosen.get(str(item.pk))) for item in items],
    }
