"""The office's desk of a ballot: a new one, its roll and what changed on it, opening, closing, further rounds."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.models import Unit, User
from community.queries import account_in, community_of, community_served, unit_by_code
from community.rules import require_office
from core import clock
from core.errors import BadInput, NotFound, Refused, WrongStage
from core.masking import distinguish
from core.measure import parse_area
from core.web import page_errors
from core.words import day_in_words
from voting import operations
from voting.conducting import Act, require_conductor
from voting.electorates import draw
from voting.forms_desk import AppraisalForm, AuthorisationForm, ReasonForm, RollForm
from voting.forms_new import NewBallotForm
from voting.models import Ballot, BallotKind, Phase, Voter
from voting.operations import VoterDraft
from voting.persons import APPRAISERS, ROLL_OFFICES, named, voters_named
from voting.queries import turnout, voters_who_voted
from voting.requirements import is_representatives, missing_to_open
from voting.result import is_by_area
from voting.signing import signers_of
from voting.special import may_close_from
from voting.views_paper import InvalidForm, ballot_named, cleaned
from voting.warnings import warnings_for

_PAGE = 100


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def new_page(request: HttpRequest) -> HttpResponse:
    """Let secretary and director put a question before any electorate; the printed codes are shown once."""
    community = _desk_community(request)
    form, status = NewBallotForm(community), 200
    if request.method == "POST":
        form = NewBallotForm(community, request.POST)
        status = 422
        if form.is_valid():
            try:
                created = _create(form, community, cast("User", request.user))
            except BadInput as wrong:
                form.add_error(None, str(wrong))
            except Refused as refused:
                messages.error(request, str(refused))
                status = refused.status
            else:
                return _codes(request, created.ballot, created.codes, created.warnings)
    return render(request, "voting/new.html", {"community": community, "form": form}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def appraisal_page(request: HttpRequest) -> HttpResponse:
    """Let the supervision committee put the residents' committee to its yearly appraisal; codes are shown once."""
    community = _desk_community(request, *APPRAISERS)
    form, status = AppraisalForm(initial={"year": clock.local_date().year}), 200
    if request.method == "POST":
        form = AppraisalForm(request.POST)
        status = 422
        if form.is_valid():
            try:
                created = operations.create_appraisal(community, by=cast("User", request.user), **form.cleaned_data)
            except BadInput as wrong:
                form.add_error(None, str(wrong))
            else:
                return _codes(request, created.ballot, created.codes, created.warnings)
    return render(request, "voting/appraisal.html", {"community": community, "form": form}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def desk_page(request: HttpRequest, ballot_id: str) -> HttpResponse:
    """Show a ballot's roll, what is missing before it opens, and do what the office asks."""
    ballot = ballot_named(ballot_id)
    require_conductor(request.user, Act.ROLL, ballot)
    shown = _forms(ballot)
    status = 200
    if request.method == "POST":
        try:
            act = _ACTS.get(request.POST.get("act", ""))
            if act is None:
                raise BadInput(_("没有这样的操作。"), field="act")
            return act(request, ballot, shown)
        except InvalidForm:
            status = 422
        except Refused as refused:
            messages.error(request, str(refused))
            status = refused.status
        ballot.refresh_from_db()
    return render(request, "voting/desk.html", _context(request, ballot, shown), status=status)


Handler = Callable[[HttpRequest, Ballot, dict[str, forms.Form]], HttpResponse]


def _open(request: HttpRequest, ballot: Ballot, _shown: dict[str, forms.Form]) -> HttpResponse:
    _require_own(ballot)
    operations.open_ballot(ballot, by=cast("User", request.user))
    return _done(request, ballot, _("表决已开始，名册已冻结。"))


def _close(request: HttpRequest, ballot: Ballot, _shown: dict[str, forms.Form]) -> HttpResponse:
    _require_own(ballot)
    operations.close_ballot(ballot, by=cast("User", request.user), reason=request.POST.get("early_reason", ""))
    return _done(request, ballot, _("表决已截止并计票，等监票人、计票人签字。"))


def _next_round(request: HttpRequest, ballot: Ballot, _shown: dict[str, forms.Form]) -> HttpResponse:
    _require_own(ballot)
    start = operations.start_runoff if request.POST.get("runoff") == "1" else operations.repeat_ballot
    created = start(ballot, by=cast("User", request.user))
    return _codes(request, created.ballot, created.codes, created.warnings)


def _add(request: HttpRequest, ballot: Ballot, shown: dict[str, forms.Form]) -> HttpResponse:
    said = cleaned(shown, "add", RollForm(request.POST))
    why = _why(request, ballot, shown, "add")
    user = account_in(ballot.community, said["username"]) if said["username"] else None
    if said["username"] and user is None:
        raise NotFound(_("本社区没有叫%(name)s的账号。") % {"name": said["username"][:40]})
    draft = VoterDraft(said["name"], 1, parse_area(said["area"]) if said["area"] else 0, user, None, said["place"])
    voter, code = operations.add_voter(
        ballot, draft, by=cast("User", request.user), reason=why["reason"], objection=why["objection"]
    )
    return _codes(request, ballot, {voter.pk: code}, [])


def _remove(request: HttpRequest, ballot: Ballot, shown: dict[str, forms.Form]) -> HttpResponse:
    why = _why(request, ballot, shown, "remove")
    mark = request.POST.get("mark", "")
    found = voters_named(ballot, mark)
    if len(found) != 1:
        sentence = _("名册上有几位%(mark)s，请填名册号。") if found else _("名册上没有“%(mark)s”。")
        raise NotFound(sentence % {"mark": mark[:40]})
    name = found[0].name
    operations.remove_voter(found[0], by=cast("User", request.user), reason=why["reason"], objection=why["objection"])
    return _done(request, ballot, _("%(name)s已从名册上去除。") % {"name": name})


def _redraw(request: HttpRequest, ballot: Ballot, shown: dict[str, forms.Form]) -> HttpResponse:
    why = _why(request, ballot, shown, "redraw")
    done = operations.redraw_roll(ballot, by=cast("User", request.user), reason=why["reason"])
    said = _("已按登记册核对：增加%(added)d人，去除%(removed)d人，更正%(corrected)d人。") % {
        "added": done.added, "removed": done.removed, "corrected": done.corrected,
    }  # fmt: skip
    if done.codes:
        messages.success(request, said)
        return _codes(request, ballot, done.codes, [])
    return _done(request, ballot, said)


def _authorise(request: HttpRequest, ballot: Ballot, shown: dict[str, forms.Form]) -> HttpResponse:
    form = AuthorisationForm(ballot.community, clock.local_date(), request.POST)
    said = cleaned(shown, "authorisation", form)
    operations.rest_on_authorisation(ballot, said["authorisation"], by=cast("User", request.user), reason=said["why"])
    return _done(request, ballot, _("已记下本次表决所依据的授权。"))


_ACTS: dict[str, Handler] = {
    "open": _open, "close": _close, "round": _next_round, "add": _add, "remove": _remove, "redraw": _redraw,
    "authorise": _authorise,
}  # fmt: skip


def _why(request: HttpRequest, ballot: Ballot, shown: dict[str, forms.Form], act: str) -> dict[str, Any]:
    return cleaned(shown, f"why_{act}", ReasonForm(ballot.community, request.POST, act=act))


def _require_own(ballot: Ballot) -> None:
    """Refuse to open or close here what a proposal or a meeting conducts."""
    if ballot.subject_type:
        raise WrongStage(_("这次表决由提案或者会议主持，请在那里开始和截止。"), code="conducted_elsewhere")


def _create(form: NewBallotForm, community: Unit, by: User) -> operations.CreatedBallot:
    said = form.cleaned_data
    return operations.create_ballot(
        community=community, title=said["title"], items=[form.item()], rule=said["rule"], kind=said["kind"],
        voters=draw(said["scope"], said["unit"]), scope=said["scope"], drawn_from=said["unit"],
        revisable=said["revisable"], paper_wins=said["paper_wins"], petition=said["petition"],
        opens_at=said["opens_at"], closes_at=said["closes_at"], by=by,
    )  # fmt: skip


def _forms(ballot: Ballot) -> dict[str, forms.Form]:
    return {
        "add": RollForm(),
        **{f"why_{act}": ReasonForm(ballot.community, act=act) for act in ("add", "remove", "redraw")},
        "authorisation": AuthorisationForm(ballot.community, clock.local_date()),
    }


def _context(request: HttpRequest, ballot: Ballot, shown: dict[str, forms.Form]) -> dict[str, Any]:
    today = clock.local_date()
    roll = Paginator(Voter.objects.filter(ballot=ballot).order_by("pk"), _PAGE).get_page(request.GET.get("page", "1"))
    is_draft = ballot.phase == Phase.DRAFT
    last = may_close_from(ballot) if ballot.phase == Phase.OPEN else None
    still_posted = last is not None and today <= last
    result = ballot.result or {"items": []}
    changes = list(ballot.roll_changes.select_related("objection"))
    return {
        "ballot": ballot,
        "roll": roll,
        "first": (roll.number - 1) * _PAGE,
        "changes": list(zip(changes, distinguish([one.name for one in changes]), strict=True)),
        "is_draft": is_draft,
        "is_own": not ballot.subject_type,
        "missing": missing_to_open(ballot, today=today) if is_draft else [],
        "warnings": warnings_for(ballot) if is_draft else [],
        "may_not_close": _("公示期到%(day)s结束") % {"day": day_in_words(last)} if still_posted else "",
        "is_early": ballot.phase == Phase.OPEN and ballot.closes_at is not None and clock.now() < ballot.closes_at,
        "asks_authorisation": is_draft and is_representatives(ballot),
        "turnout": turnout(ballot),
        # Of a secret ballot not: whoever watches the list would learn when somebody voted.
        "shows_voted": (shows_voted := ballot.phase == Phase.OPEN and ballot.kind == BallotKind.NAMED),
        "voted": voters_who_voted(ballot) if shows_voted else set(),
        "signers": signers_of(ballot, list(ballot.certifications.select_related("teller").order_by("pk"))),
        "by_area": is_by_area({"rule": ballot.rule, "more_rules": ballot.more_rules}),
        "following": Ballot.objects.filter(previous=ballot).first(),
        "unsigned": [_("监票人、计票人签字确认以后，才能另行选举")] if ballot.phase == Phase.CLOSED else [],
        "has_runoff": any(item.get("runoff") for item in result["items"]),
        "forms": shown,
    }


def _codes(request: HttpRequest, ballot: Ballot, codes: dict[int, str], warnings: list[str]) -> HttpResponse:
    """Show printed codes once, with the voters they belong to."""
    voters = Voter.objects.filter(pk__in=codes).order_by("pk")
    context = {
        "ballot": ballot,
        "warnings": warnings,
        "codes": [(voter.place, named(voter), codes[voter.pk]) for voter in voters],
    }
    return render(request, "voting/codes.html", context)


def _done(request: HttpRequest, ballot: Ballot, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("voting:desk", ballot_id=ballot.pk)


def _desk_community(request: HttpRequest, *offices: str) -> Unit:
    """Return the community a ballot is made in: the one named, or the first the reader serves in `offices`."""
    wanted = offices or ROLL_OFFICES
    reader = cast("User", request.user)
    code = request.GET.get("community", "")
    community = community_of(unit_by_code(code)) if code else community_served(reader, *wanted)
    require_office(reader, *wanted, unit=community)
    return community
