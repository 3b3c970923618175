"""What residents do: propose, co-sign, say, rate."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from community.models import User
from community.rules import holds_office
from core.errors import BadInput
from core.web import page_errors
from deliberation import operations, queries, rules
from deliberation.forms import OpinionForm, ProposeForm, RatingForm
from deliberation.models import Opinion
from deliberation.stages import Status
from deliberation.views.public import proposal_context


def page_of(_request: HttpRequest, pk: int, **_more: object) -> str:
    """Return the page a refused act goes back to."""
    return reverse("deliberation:proposal", args=[pk])


@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def propose(request: HttpRequest) -> HttpResponseBase:
    """Show and take the form of a new proposal; what was typed stays when something is wrong."""
    community = queries.community_for(request.user, request.GET.get("community", ""))
    for_staff = holds_office(request.user, *rules.INTAKE, unit=community)
    if request.method == "POST":
        form = ProposeForm(request.POST, request.FILES, community=community, for_staff=for_staff)
        if form.is_valid():
            try:
                made = operations.register_proposal(
                    by=request.user,  # type: ignore[arg-type] # login_required
                    submit="draft" not in request.POST,
                    **form.facts(),
                )
            except BadInput as error:
                form.add_error(_field_of(form, error), str(error.sentence))
            except operations.TooManyProposals as error:
                form.add_error(None, str(error))
            else:
                is_draft = made.status == Status.DRAFT
                said = _("已存为草稿，只有您看得到。") if is_draft else _("已提交，编号%(pk)d。一个工作日内会签收。")
                messages.success(request, said if is_draft else said % {"pk": made.pk})
                return redirect(made)
    else:
        form = ProposeForm(community=community, for_staff=for_staff)
    context = {"form": form, "community": community, "for_staff": for_staff}
    return render(request, "deliberation/propose.html", context, status=422 if form.errors else 200)


def _field_of(form: ProposeForm, error: BadInput) -> str | None:
    names = {"phone": "proposer_phone", "photo": "photos"}
    field = names.get(error.field, error.field)
    return field if field in form.fields else None


@require_POST
@login_required
@page_errors(back=page_of)
def co_sign(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Stand behind a proposal."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    operations.co_sign_proposal(proposal, by=_reader(request))
    messages.success(request, _("已联名。"))
    return redirect(proposal)


@require_POST
@login_required
@page_errors(back=page_of)
def give_opinion(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say what one thinks."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    form = OpinionForm(request.POST)
    if form.is_valid():
        try:
            operations.give_opinion(proposal, by=_reader(request), **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.sentence))
        else:
            messages.success(request, _("已记下您的意见，答复前可以修改。"))
            return redirect(proposal)
    context = proposal_context(request, proposal, opinion_form=form)
    return render(request, "deliberation/proposal.html", context, status=422)


@require_POST
@login_required
@page_errors(back=page_of)
def rate(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Rate the result."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    form = RatingForm(request.POST)
    if form.is_valid():
        try:
            operations.rate_proposal(proposal, by=_reader(request), **form.cleaned_data)
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.sentence))
        else:
            messages.success(request, _("谢谢，已记下您的评价。"))
            return redirect(proposal)
    context = proposal_context(request, proposal, rating_form=form)
    return render(request, "deliberation/proposal.html", context, status=422)


@require_POST
@login_required
@page_errors(back=page_of)
def answer_opinion(request: HttpRequest, pk: int, opinion: int) -> HttpResponseBase:
    """Answer an opinion; what was typed stays when something is wrong."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    found = Opinion.objects.filter(pk=opinion, proposal=proposal).select_related("proposal").first()
    if found is None:
        raise BadInput(_("没有这条意见。"))
    typed = request.POST.get("answer", "")
    try:
        operations.answer_opinion(found, by=_reader(request), answer=typed)
    except BadInput as error:
        refused = {"opinion": found.pk, "typed": typed, "sentence": str(error.sentence)}
        context = proposal_context(request, proposal) | {"refused_answer": refused}
        return render(request, "deliberation/proposal.html", context, status=422)
    messages.success(request, _("已答复。"))
    return redirect(proposal)


def _reader(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value] # login_required
