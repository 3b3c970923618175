"""The papers' page of a ballot, for the office: find a paper, enter it, settle differences, reconcile, mobile boxes."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.models import User
from community.rules import require_office
from core.errors import BadInput, NotFound, Refused
from core.web import page_errors
from voting.forms import choices_from
from voting.forms_paper import BoxForm, BoxReturnForm, IssueForm, ReconcileForm, WitnessForm
from voting.live.access import ballot_key
from voting.models import AssistedVote, Ballot, BallotKind, BoxTrip, Item, PaperBallot, PaperState, Phase, Voter
from voting.operations.box import return_box, send_box
from voting.operations.paper import (
    PAPER_OFFICES,
    assist_vote,
    enter_paper,
    issue_papers,
    let_paper_win,
    reconcile_papers,
)
from voting.paper_sheets import SAID, TONES, differences_of, sheet_of
from voting.papers import batch_of, box_trips, paper_counts, papers_of, roll_number, voter_of_paper
from voting.persons import named, placed

_PAGE = 50
_MAX_MARK = 64


@never_cache
@require_http_methods(["GET", "POST"])
@page_errors
def paper_page(request: HttpRequest, ballot_id: str) -> HttpResponse:
    """Show the papers of a ballot and do what the office asks; `?code=` (printed code, roll number) opens one."""
    ballot = ballot_named(ballot_id)
    require_office(request.user, *PAPER_OFFICES, unit=ballot.community)
    forms_shown = forms_of(ballot)
    chosen: dict[str, Any] = {}
    voter = _wanted_voter(request, ballot)
    status = 200
    if request.method == "POST":
        done, status = carry_out(request, ballot, _ACTS, voter, forms_shown)
        if done is not None:
            return done
        if voter is not None:
            chosen = choices_from(request.POST, items_in(ballot))
    context = {
        "ballot": ballot,
        "is_named": ballot.kind == BallotKind.NAMED,
        "forms": forms_shown,
        "entry": _entry(voter, request.user, chosen) if voter is not None else None,  # type: ignore[arg-type] # an officer is a User
        "mark": request.GET.get("code", "")[:_MAX_MARK],
        **_list_context(request, ballot),
    }
    return render(request, "voting/paper.html", context, status=status)


Act = Callable[[HttpRequest, Ballot, Any, dict[str, forms.Form]], str]


def carry_out(
    request: HttpRequest, ballot: Ballot, acts: Mapping[str, Act], of: Any, shown: dict[str, forms.Form]
) -> tuple[HttpResponseRedirect | None, int]:
    """Do the act that was posted on `of` (a voter or a paper): return where to go, or None and the refusal's status."""
    try:
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            raise BadInput(_("没有这样的操作。"), field="act")
        messages.success(request, act(request, ballot, of, shown))
    except InvalidForm:
        return None, 422
    except Refused as refused:
        messages.error(request, str(refused))
        return None, refused.status
    return redirect("voting:paper", ballot_id=ballot.pk), 200


# --- acts -------------------------------------------------------------------


class InvalidForm(Exception):
    """A form says itself what is wrong."""


def _issue(request: HttpRequest, ballot: Ballot, _voter: Voter | None, shown: dict[str, forms.Form]) -> str:
    said = cleaned(shown, "issue", IssueForm(request.POST))
    issue_papers(ballot, issued=said["issued"], by=officer_of(request))
    return _("发出的张数已记下。")


def _enter(request: HttpRequest, ballot: Ballot, voter: Voter | None, _shown: dict[str, forms.Form]) -> str:
    if voter is None:
        raise NotFound(_("名册上没有找到。"))
    paper = enter_paper(voter, choices=choices_from(request.POST, items_in(ballot)), by=officer_of(request))
    return _("%(who)s：%(said)s") % {"who": placed(voter), "said": SAID[PaperState(paper.state)]}


def _assist(request: HttpRequest, ballot: Ballot, voter: Voter | None, shown: dict[str, forms.Form]) -> str:
    if voter is None:
        raise NotFound(_("名册上没有找到。"))
    said = cleaned(shown, "witness", WitnessForm(request.POST, use_required_attribute=False))
    choices = choices_from(request.POST, items_in(ballot))
    assisted = assist_vote(voter, choices=choices, witness=said["witness"], by=officer_of(request))
    return _("%(who)s：已代录并计票，凭证 %(receipt)s") % {"who": placed(voter), "receipt": assisted.receipt}


def reconcile_act(request: HttpRequest, ballot: Ballot, _voter: Voter | None, shown: dict[str, forms.Form]) -> str:
    """Store the sums; a wrong one is said at its field."""
    form = ReconcileForm(request.POST)
    said = cleaned(shown, "reconcile", form)
    try:
        reconcile_papers(ballot, **said, by=officer_of(request))
    except BadInput as refused:
        form.add_error(refused.field, str(refused))
        raise InvalidForm from None
    return _("纸质票已核对：发出等于收回加未收回，收回等于有效加无效。")


def send_act(request: HttpRequest, ballot: Ballot, _voter: Voter | None, shown: dict[str, forms.Form]) -> str:
    """Note a box going out."""
    form = BoxForm(request.POST)
    said = cleaned(shown, "box", form)
    try:
        send_box(
            ballot,
            box=said["box"],
            place=said["place"],
            carriers=said["carriers"].splitlines(),
            seal=said["seal"],
            by=officer_of(request),
        )
    except BadInput as refused:
        form.add_error(refused.field, str(refused))
        raise InvalidForm from None
    return _("流动票箱已记为出发。")


def return_act(request: HttpRequest, ballot: Ballot, _voter: Voter | None, _shown: dict[str, forms.Form]) -> str:
    """Note a box coming back."""
    key = ballot_key(request.POST.get("trip", ""))
    trip = BoxTrip.objects.filter(ballot=ballot, pk=key).first() if key is not None else None
    if trip is None:
        raise NotFound
    said = BoxReturnForm(request.POST)
    if not said.is_valid():
        raise BadInput(_("请写箱内张数。"), field="papers")
    return_box(
        trip, papers=said.cleaned_data["papers"], seal_intact=said.cleaned_data["seal_intact"], by=officer_of(request)
    )
    return _("流动票箱已记为收回。")


def _priority(request: HttpRequest, ballot: Ballot, _voter: Voter | None, _shown: dict[str, forms.Form]) -> str:
    let_paper_win(ballot, wins=request.POST.get("wins") == "1", by=officer_of(request))
    return _("已记下：纸质票优先。") if ballot.paper_wins else _("已记下：先到的票有效。")


_ACTS: dict[str, Act] = {
    "issue": _issue,
    "enter": _enter,
    "assist": _assist,
    "reconcile": reconcile_act,
    "send": send_act,
    "return": return_act,
    "priority": _priority,
}


def cleaned(shown: dict[str, forms.Form], name: str, form: forms.Form) -> dict[str, Any]:
    """Return what a form says, and show it again where it does not hold."""
    shown[name] = form
    if not form.is_valid():
        raise InvalidForm
    return form.cleaned_data


def officer_of(request: HttpRequest) -> User:
    """Return who asks, once it is known that they hold an office."""
    return request.user  # type: ignore[return-value] # only Users hold offices


# --- reading ----------------------------------------------------------------


def ballot_named(ballot_id: str) -> Ballot:
    """Return the ballot an address names. Raises NotFound."""
    key = ballot_key(ballot_id)
    ballot = Ballot.objects.select_related("community").filter(pk=key).first() if key is not None else None
    if ballot is None:
        raise NotFound
    return ballot


def items_in(ballot: Ballot) -> list[Item]:
    """Return the items with their options, in order. Two queries."""
    return list(ballot.items.prefetch_related("options").order_by("position"))


def _wanted_voter(request: HttpRequest, ballot: Ballot) -> Voter | None:
    """Return the voter the request is about; say so when there is none."""
    posted = request.POST if request.method == "POST" else request.GET
    if request.method == "POST" or "voter" in posted:
        key = ballot_key(posted.get("voter", ""))
        return Voter.objects.select_related("ballot").filter(ballot=ballot, pk=key).first() if key else None
    mark = request.GET.get("code", "")[:_MAX_MARK]
    voter = voter_of_paper(ballot, mark) if mark else None
    if mark and voter is None:
        messages.error(request, _("名册上没有找到。请核对表决码或名册号。"))
    return voter


def forms_of(ballot: Ballot) -> dict[str, forms.Form]:
    """Return the forms of the papers' pages as they stand before anything is posted."""
    batch = batch_of(ballot)
    told = {"issued": batch.issued} if batch else {}
    told_of = ("returned", "unreturned", "valid", "invalid")
    sums = {key: getattr(batch, key) for key in told_of} if batch else {}
    return {
        "issue": IssueForm(initial=told),
        "reconcile": ReconcileForm(initial=sums),
        "witness": WitnessForm(use_required_attribute=False),
        "box": BoxForm(),
        "boxreturn_act": BoxReturnForm(),
    }


def _list_context(request: HttpRequest, ballot: Ballot) -> dict[str, Any]:
    state = request.GET.get("state", "")
    page = Paginator(papers_of(ballot, state), _PAGE).get_page(request.GET.get("page"))
    counts = paper_counts(ballot)
    batch = batch_of(ballot)
    here = reverse("voting:paper", args=[ballot.pk])
    tabs = [{"href": here, "label": _("全部"), "current": state not in PaperState.values, "count": counts.entered}]
    tabs += [
        {"href": f"{here}?{urlencode({'state': s.value})}", "label": s.label, "current": state == s.value,
         "count": getattr(counts, s.value)}
        for s in PaperState
    ]  # fmt: skip
    return {
        "page": page,
        "lines": [_line(paper) for paper in page],
        "query": urlencode({"state": state}) if state in PaperState.values else "",
        "tabs": tabs,
        "counts": counts,
        "batch": batch,
        "trips": box_trips(ballot),
        "may_enter": ballot.phase == Phase.OPEN,
        "may_issue": ballot.phase in {Phase.DRAFT, Phase.OPEN},
        "may_set_priority": ballot.phase == Phase.DRAFT,
        "may_reconcile": ballot.phase == Phase.CLOSED and batch is not None,
    }


def _line(paper: PaperBallot) -> dict[str, Any]:
    return {
        "who": named(paper.voter) if paper.voter else "",
        "place": paper.voter.place if paper.voter else "",
        "state": paper.get_state_display(),
        "tone": TONES[PaperState(paper.state)],
        "by": [entry.by.actor_name() for entry in paper.entries.all()],
        "is_void": paper.is_void,
        "open": f"?{urlencode({'voter': paper.voter_id})}" if paper.settled_at is None else "",
    }


def _entry(voter: Voter, user: User, chosen: dict[str, Any]) -> dict[str, Any]:
    """Return what the entry of one paper shows. What the first read stays hidden until two entries differ."""
    paper = PaperBallot.objects.filter(voter=voter).prefetch_related("entries__by").first()
    entries = list(paper.entries.all()) if paper else []
    has_entered = any(entry.by_id == user.pk for entry in entries)
    items = items_in(voter.ballot)
    differs = paper is not None and paper.state == PaperState.DIFFERS and not has_entered
    return {
        "voter": voter,
        "who": placed(voter),
        "number": roll_number(voter),
        "state": SAID[PaperState(paper.state)] if paper else "",
        "assisted": AssistedVote.objects.filter(voter=voter).first(),
        "may_enter": not has_entered and (paper is None or paper.settled_at is None),
        "may_assist": paper is None,
        "is_third": differs,
        "has_entered": has_entered,
        "differences": differences_of(items, [entry.choices for entry in entries]) if differs else [],
        "papers": [sheet_of(item, chosen.get(str(item.pk))) for item in items],
    }
