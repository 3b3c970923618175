"""Printing the papers of a ballot: asked for, followed, fetched; for the office only."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from community.rules import require_office
from core.errors import NotFound, Refused
from core.web import page_errors
from voting.forms_paper import PrintCountForm, PrintForm
from voting.models import BallotKind, Phase, PrintRun, PrintState, Voter
from voting.operations.paper import PAPER_OFFICES
from voting.operations.printing import MOST_AT_ONCE, request_papers
from voting.papers import print_runs
from voting.views_paper import ballot_named, officer_of


@never_cache
@require_http_methods(["GET", "POST"])
@page_errors
def print_page(request: HttpRequest, ballot_id: str) -> HttpResponse:
    """Show what is printed and how far it is; take an order."""
    ballot = ballot_named(ballot_id)
    require_office(request.user, *PAPER_OFFICES, unit=ballot.community)
    is_named = ballot.kind == BallotKind.NAMED
    voters = Voter.objects.filter(ballot=ballot).count()
    form_of = PrintForm if is_named else PrintCountForm
    form, status = form_of(initial={"first": 1, "last": min(voters, MOST_AT_ONCE)}), 200
    if request.method == "POST":
        form = form_of(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                request_papers(ballot, first=said.get("first", 1), last=said["last"], by=officer_of(request))
            except Refused as refused:
                messages.error(request, str(refused))
                status = refused.status
            else:
                return redirect("voting:print", ballot_id=ballot.pk)
        else:
            status = 422
    runs = print_runs(ballot)
    context = {
        "ballot": ballot,
        "is_named": is_named,
        "runs": [{"run": run, "whole": run.last - run.first + 1} for run in runs],
        "form": form,
        "voters": voters,
        "most": MOST_AT_ONCE,
        "may_print": ballot.phase in {Phase.DRAFT, Phase.OPEN},
    }
    response = render(request, "voting/print.html", context, status=status)
    if any(run.state in {PrintState.WAITING, PrintState.RUNNING} for run in runs):
        response["Refresh"] = "3"
    return response


@never_cache
@require_GET
@page_errors
def printed_file(request: HttpRequest, ballot_id: str, run_id: int) -> HttpResponse:
    """Hand the PDF to the office."""
    ballot = ballot_named(ballot_id)
    require_office(request.user, *PAPER_OFFICES, unit=ballot.community)
    run = PrintRun.objects.filter(ballot=ballot, pk=run_id, state=PrintState.READY).first()
    if run is None:
        raise NotFound(_("没有这份文件，或者还没有排好。"))
    name = f"ballot-{ballot.pk}-{run.first}-{run.last}.pdf"
    # Under ASGI a FileResponse would be read whole as well, and its file left open.
    with default_storage.open(run.file) as file:
        return HttpResponse(
            file.read(), content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
        )
