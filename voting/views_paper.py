"""The papers' page of a ballot, for the office: find a paper, enter it, settle differences, reconcile, mobile boxes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.models import User
from community.rules import require_office
from core.errors import BadInput, NotFound, Refused
from core.web import page_errors
from voting import methods
from voting.explained import PLAIN_WORDS
from voting.forms import NUMBERED, SEVERAL, choices_from, field_of
from voting.forms_paper import BoxForm, IssueForm, ReconcileForm, WitnessForm
from voting.live.access import ballot_key
from voting.models import AssistedVote, Ballot, BallotKind, BoxTrip, Item, PaperBallot, PaperState, Phase, Voter
from voting.operations.paper import (
    PAPER_OFFICES,
    assist_vote,
    enter_paper,
    issue_papers,
    reconcile_papers,
    return_box,
    send_box,
)
from voting.papers import batch_of, box_trips, paper_counts, papers_of, roll_number, voter_of_paper

INVALID_WORD = gettext_lazy("填写有误（该项无效）")
EMPTY_WORD = gettext_lazy("空白（没有填）")
SAID = {
    PaperState.ENTERED_ONCE: gettext_lazy("第一遍已记下，请另一人再录一遍。"),
    PaperState.DIFFERS: gettext_lazy("两遍录入不一致，请第三人核定。"),
    PaperState.COUNTED: gettext_lazy("录入一致，已计票。"),
    PaperState.CONFLICT: gettext_lazy("此人已以其他方式投票，先到的有效，这张纸质票不计。"),
}
TONES = {
    PaperState.ENTERED_ONCE: "slate",
    PaperState.DIFFERS: "amber",
    PaperState.COUNTED: "jade",
    PaperState.CONFLICT: "crimson",
}
_PAGE = 50
_MAX_MARK = 64


@never_cache
@require_http_methods(["GET", "POST"])
@page_errors
def paper_page(request: HttpRequest, ballot_id: str) -> HttpResponse:
    """Show the papers of a ballot and do what the office asks; `?code=` (printed code, roll number) opens one."""
    ballot = _ballot(ballot_id)
    require_office(request.user, *PAPER_OFFICES, unit=ballot.community)
    forms_shown = _forms(ballot)
    chosen: dict[str, Any] = {}
    voter = _wanted_voter(request, ballot)
    status = 200
    if request.method == "POST":
        try:
            act = _ACTS.get(request.POST.get("act", ""))
            if act is None:
                raise BadInput(_("没有这样的操作。"), field="act")
            messages.success(request, act(request, ballot, voter, forms_shown))
            return redirect("voting:paper", ballot_id=ballot.pk)
        except _InvalidForm:
            status = 422
        except Refused as refused:
            messages.error(request, str(refused))
            status = refused.status
        if voter is not None:
            chosen = choices_from(request.POST, _items(ballot))
    context = {
        "ballot": ballot,
        "is_named": ballot.kind == BallotKind.NAMED,
        "forms": forms_shown,
        "entry": _entry(voter, request.user, chosen) if voter is not None else None,  # type: ignore[arg-type] # an officer is a User
        "mark": request.GET.get("code", "")[:_MAX_MARK],
        **_list_context(request, ballot),
    }
    return render(request, "voting/paper.html", context, status=status)


# --- acts -------------------------------------------------------------------


class _InvalidForm(Exception):
    """A form says itself what is wrong."""


def _issue(request: HttpRequest, ballot: Ballot, _voter: Voter | None, shown: dict[str, forms.Form]) -> str:
    said = _cleaned(shown, "issue", IssueForm(request.POST))
    issue_papers(ballot, issued=said["issued"], by=_officer(request))
    return _("发出的张数已记下。")


def _enter(request: HttpRequest, ballot: Ballot, voter: Voter | None, _shown: dict[str, forms.Form]) -> str:
    if voter is None:
        raise NotFound(_("名册上没有找到。"))
    paper = enter_paper(voter, choices=choices_from(request.POST, _items(ballot)), by=_officer(request))
    return _("%(who)s：%(said)s") % {"who": _who(voter), "said": SAID[PaperState(paper.state)]}


def _assist(request: HttpRequest, ballot: Ballot, voter: Voter | None, shown: dict[str, forms.Form]) -> str:
    if voter is None:
        raise NotFound(_("名册上没有找到。"))
    said = _cleaned(shown, "witness", WitnessForm(request.POST, use_required_attribute=False))
    choices = choices_from(request.POST, _items(ballot))
    assisted = assist_vote(voter, choices=choices, witness=said["witness"], by=_officer(request))
    return _("%(who)s：已代录并计票，凭证 %(receipt)s") % {"who": _who(voter), "receipt": assisted.receipt}


def _reconcile(request: HttpRequest, ballot: Ballot, _voter: Voter | None, shown: dict[str, forms.Form]) -> str:
    form = ReconcileForm(request.POST)
    said = _cleaned(shown, "reconcile", form)
    try:
        reconcile_papers(ballot, **said, by=_officer(request))
    except BadInput as refused:
        form.add_error(refused.field, str(refused))
        raise _InvalidForm from None
    return _("纸质票已核对：发出等于收回加未收回，收回等于有效加无效。")


def _send(request: HttpRequest, ballot: Ballot, _voter: Voter | None, shown: dict[str, forms.Form]) -> str:
    form = BoxForm(request.POST)
    said = _cleaned(shown, "box", form)
    try:
        send_box(
            ballot,
            box=said["box"],
            place=said["place"],
            carriers=said["carriers"].splitlines(),
            by=_officer(request),
        )
    except BadInput as refused:
        form.add_error(refused.field, str(refused))
        raise _InvalidForm from None
    return _("流动票箱已记为出发。")


def _return(request: HttpRequest, ballot: Ballot, _voter: Voter | None, _shown: dict[str, forms.Form]) -> str:
    key = ballot_key(request.POST.get("trip", ""))
    trip = BoxTrip.objects.filter(ballot=ballot, pk=key).first() if key is not None else None
    if trip is None:
        raise NotFound
    return_box(trip, by=_officer(request))
    return _("流动票箱已记为收回。")


_ACTS: dict[str, Callable[[HttpRequest, Ballot, Voter | None, dict[str, forms.Form]], str]] = {
    "issue": _issue,
    "enter": _enter,
    "assist": _assist,
    "reconcile": _reconcile,
    "send": _send,
    "return": _return,
}


def _cleaned(shown: dict[str, forms.Form], name: str, form: forms.Form) -> dict[str, Any]:
    """Return what a form says, and show it again where it does not hold."""
    shown[name] = form
    if not form.is_valid():
        raise _InvalidForm
    return form.cleaned_data


def _officer(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value] # only Users hold offices


# --- reading ----------------------------------------------------------------


def _ballot(ballot_id: str) -> Ballot:
    key = ballot_key(ballot_id)
    ballot = Ballot.objects.select_related("community").filter(pk=key).first() if key is not None else None
    if ballot is None:
        raise NotFound
    return ballot


def _items(ballot: Ballot) -> list[Item]:
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


def _forms(ballot: Ballot) -> dict[str, forms.Form]:
    batch = batch_of(ballot)
    told = {"issued": batch.issued} if batch else {}
    sums = {key: getattr(batch, key) for key in ("returned", "unreturned", "valid", "invalid")} if batch else {}
    return {
        "issue": IssueForm(initial=told),
        "reconcile": ReconcileForm(initial=sums),
        "witness": WitnessForm(use_required_attribute=False),
        "box": BoxForm(),
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
        "may_reconcile": ballot.phase == Phase.CLOSED and batch is not None,
    }


def _line(paper: PaperBallot) -> dict[str, Any]:
    return {
        "who": paper.voter.name,
        "place": paper.voter.place,
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
    items = _items(voter.ballot)
    differs = paper is not None and paper.state == PaperState.DIFFERS and not has_entered
    return {
        "voter": voter,
        "who": _who(voter),
        "number": roll_number(voter),
        "state": SAID[PaperState(paper.state)] if paper else "",
        "assisted": AssistedVote.objects.filter(voter=voter).first(),
        "may_enter": not has_entered and (paper is None or paper.settled_at is None),
        "may_assist": paper is None,
        "is_third": differs,
        "has_entered": has_entered,
        "differences": _differences(items, [entry.choices for entry in entries]) if differs else [],
        "papers": [_sheet(item, chosen.get(str(item.pk))) for item in items],
    }


def _who(voter: Voter) -> str:
    return f"{voter.place} {voter.name}".strip()


def _differences(items: list[Item], read: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return the items the two readings disagree on, in words."""
    return [
        {"title": item.title, "read": [_in_words(item, one.get(str(item.pk))) for one in read]}
        for item in items
        if len({one.get(str(item.pk)) for one in read}) > 1
    ]


def _in_words(item: Item, choice: str | None) -> str:
    if choice is None:
        return str(EMPTY_WORD)
    if choice == methods.INVALID:
        return str(INVALID_WORD)
    labels = {option.key: str(PLAIN_WORDS.get(option.key, option.label)) for option in item.options.all()}
    read = methods.readable(choice)
    if isinstance(read, dict):
        return _("、").join(f"{labels[key]} {amount}" for key, amount in read.items())
    return _("、").join(labels[key] for key in (read if isinstance(read, list) else [read]))


def _sheet(item: Item, chosen: Any) -> dict[str, Any]:
    """Return one item as templates/voting/_paper.html shows it, with what only a paper can be: wrong, or empty."""
    options = [
        {
            "key": option.key,
            "label": str(PLAIN_WORDS.get(option.key, option.label)),
            "chosen": _mark(chosen, option.key),
        }
        for option in item.options.all()
    ]
    only_paper = [{"key": methods.INVALID, "label": str(INVALID_WORD)}, {"key": "", "label": str(EMPTY_WORD)}]
    kind = "several" if item.method in SEVERAL else "numbered" if item.method in NUMBERED else "one"
    return {
        "id": str(item.pk),
        "name": field_of(item),
        "title": item.title,
        "kind": kind,
        "method": item.method,
        "hint": "",
        "options": [*options, *only_paper],
        "own": [option for option in options if option["key"] not in methods.PLAIN],
        "plain": [option for option in options if option["key"] in methods.PLAIN] + only_paper,
        "chosen": chosen,
        "locked": False,
    }


def _mark(chosen: Any, key: str) -> Any:
    if isinstance(chosen, list):
        return chosen.index(key) + 1 if key in chosen else ""
    return chosen.get(key, "") if isinstance(chosen, dict) else ""
