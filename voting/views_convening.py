"""The page of a meeting that must be called: what obliges, until when, and the note that it was called."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.rules import office_titles
from core import clock
from core.errors import BadInput, NotAllowed, NotFound
from core.web import page_errors
from voting.models import Convening
from voting.operations.convening import record_convening
from voting.special import CONVENERS, may_convene, requisition_of, what_follows
from voting.views_paper import ballot_named


class ConveningForm(forms.Form):
    """When and where the meeting is."""

    note = forms.CharField(label=gettext_lazy("会议时间和地点"), max_length=300)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def convening_page(request: HttpRequest, ballot_id: str) -> HttpResponse:
    """Show those who must convene what they owe; let them note that the meeting was called."""
    ballot = ballot_named(ballot_id)
    convening = Convening.objects.filter(ballot=ballot).select_related("convened_by").first()
    if convening is None:
        raise NotFound(_("这次表决没有应当召集的会议。"))
    if not may_convene(request.user, ballot):
        raise NotAllowed(_("只有应当召集会议的人和社区的书记、主任可以这样做。"))
    form = ConveningForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            record_convening(ballot, note=form.cleaned_data["note"], by=request.user)  # type: ignore[arg-type] # an officer is a User
        except BadInput as wrong:
            form.add_error("note", str(wrong))
        else:
            messages.success(request, _("已记下会议的召集。"))
            return redirect("voting:result", ballot_id=ballot.pk)
    context = {
        "ballot": ballot,
        "convening": convening,
        "follows": what_follows(ballot),
        "conveners": office_titles(CONVENERS[requisition_of(ballot)]),
        "is_late": convening.due_on is not None and clock.local_date() > convening.due_on,
        "form": form,
    }
    return render(request, "voting/convening.html", context, status=422 if form.errors else 200)
