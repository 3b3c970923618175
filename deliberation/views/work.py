"""What staff do: the work list, the moves and acts of a proposal, tasks."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.models import Office, User
from community.operations import REGISTRARS
from community.rules import holds_office
from core import clock
from core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from core.requirements import Missing, RequirementsNotMet
from core.web import page_errors
from deliberation import operations, queries, rules
from deliberation.acts import ACTS, act_title
from deliberation.forms import ActForm, TaskForm, form_of_act, form_of_move
from deliberation.models import Proposal, ResponsibilityTask
from deliberation.moves import MOVES
from deliberation.previews import notice_of_move
from deliberation.views.public import photos_of, with_places
from voting.models import Voter

PAGE_SIZE = 50


@require_safe
@login_required
@page_errors
def work_list(request: HttpRequest) -> HttpResponseBase:
    """Show 待我办理: one list, the most pressing first, each row one verb."""
    rows = queries.everything_of(_reader(request))
    counts = {group: len(found) for group, found in queries.by_group(rows)}
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page", "1"))
    offices = {office for _path, office in queries.offices_by_path(_reader(request), clock.now())}
    context = {
        "page": page,
        "groups": [(group, found, counts[group]) for group, found in queries.by_group(page)],
        "total": len(rows),
        "may_appoint": not offices.isdisjoint(REGISTRARS),
        "may_register": not offices.isdisjoint(rules.INTAKE),
        "may_list_topics": not offices.isdisjoint(rules.LEADERS),
        "may_appraise": Office.SUPERVISION_COMMITTEE in offices,
    }
    return render(request, "deliberation/work.html", context)


@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def move(request: HttpRequest, pk: int, key: str) -> HttpResponseBase:
    """Show and take the form of one move; what is missing stands beside the greyed button."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    form_class = form_of_move(key)
    rules.require_mover(request.user, proposal, MOVES[key])
    found = next((m for m in queries.next_moves(proposal, request.user) if m.move.key == key), None)
    if request.method == "GET" and (found is None or not found.may):
        raise NotAllowed(_("“%(move)s”现在不能办理，或不由您办理。") % {"move": MOVES[key].title})
    missing = found.missing if found is not None else []
    # What the form itself brings is not missing before it is sent.
    missing = [] if key in _BRINGS_ITS_OWN else missing
    return _form_page(
        request, proposal, form_class, title=str(MOVES[key].title), article=MOVES[key].article, missing=missing,
        due=queries.term_of(proposal),
    )  # fmt: skip


_BRINGS_ITS_OWN = frozenset({"supplement"})


@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def act(request: HttpRequest, pk: int, key: str) -> HttpResponseBase:
    """Show and take the form of one act between the moves."""
    proposal = queries.proposal_or_not_found(pk, request.user)
    form_class = form_of_act(key)
    rules.require_standing(request.user, proposal, ACTS[key].offices)
    due = queries.due_of(proposal) if key == "acknowledge_proposal" else queries.term_of(proposal)
    return _form_page(request, proposal, form_class, title=act_title(key), article="", missing=[], due=due)


def _form_page(
    request: HttpRequest,
    proposal: Proposal,
    form_class: type[ActForm],
    *,
    title: str,
    article: str,
    missing: list[Missing],
    due: queries.Due,
) -> HttpResponseBase:
    data = request.POST if request.method == "POST" else None
    form = form_class(data, proposal=proposal, user=request.user)
    status: int = HTTPStatus.OK
    caution = form.caution
    if data is not None and form.is_valid() and caution and "sure" not in data:
        form.add_error(None, _("请先勾选“我已看清”，再办理。"))
    elif data is not None and form.is_valid():
        try:
            done = form.apply()
        except BadInput as error:
            field = error.field.partition("[")[0]
            form.add_error(field if field in form.fields else None, str(error.sentence))
        except (NotAllowed, NotFound, Stale):
            raise
        except Refused as error:
            # What was typed stays on the page: another date may be all it needs.
            status = error.status
            lines = error.missing if isinstance(error, RequirementsNotMet) else [error]
            for line in lines:
                form.add_error(None, f"{line.sentence}（{line.article}）" if line.article else str(line.sentence))
        else:
            messages.success(request, _("已办：%(title)s。") % {"title": title})
            if isinstance(done, operations.CalledVote):
                return render(request, "deliberation/codes.html", codes_context(done))
            return redirect(done if isinstance(done, Proposal) else proposal)
    if form.errors and status == HTTPStatus.OK:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {
        "proposal": proposal,
        "form": form,
        "title": title,
        "article": article,
        "missing": missing,
        "due": due,
        "caution": caution,
        "preview": notice_of_move(form.key, proposal, now=clock.now()),
        "alike": queries.alike_to(proposal) if form.shows_alike else None,
        "track": queries.stage_track(proposal),
        "photos": photos_of(proposal),
        "history": queries.history_of(proposal, inside=rules.standing_of(request.user, proposal).is_staff)[:20],
    }
    return render(request, "deliberation/act.html", context, status=status)


def codes_context(called: operations.CalledVote) -> dict[str, Any]:
    """Return the printed codes with the voters they belong to: shown this once."""
    voters = Voter.objects.filter(pk__in=called.codes).order_by("ballot", "place", "pk")
    return {
        "proposal": called.proposal,
        "ballot": called.ballot,
        "warnings": called.warnings,
        "codes": [(voter.place, voter.name, called.codes.get(voter.pk, "")) for voter in voters],
    }


@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def task(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one task and take progress, evidence, a follow-up order or its answer (`act` names which)."""
    found = (
        ResponsibilityTask.objects.select_related("proposal__community", "proposal__unit", "owner")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(_("没有这项任务。"))
    user = _reader(request)
    standing = rules.standing_of(user, found.proposal)
    if found.owner_id != user.pk and not standing.is_staff:
        raise NotAllowed(_("只有责任人和社区工作人员可以查看任务。"))
    form = TaskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        _do_task(request.POST.get("act", ""), found, user, text)
        messages.success(request, _("已记下。"))
        return redirect(reverse("deliberation:task", args=[pk]))
    context = {
        "task": found,
        "proposal": found.proposal,
        "light": found.light(clock.local_date()),
        "follow_ups": found.follow_ups.select_related("ordered_by"),
        "form": form,
        "may_work": found.done_at is None and (found.owner_id == user.pk or standing.may(ACTS["finish_task"].offices)),
        "may_chase": found.done_at is None
        and found.owner_id != user.pk
        and standing.may(ACTS["order_follow_up"].offices),
    }
    return render(request, "deliberation/task.html", context, status=422 if form.errors else 200)


def _do_task(name: str, found: ResponsibilityTask, user: User, text: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "progress": lambda: operations.report_progress(found, by=user, progress=text),
        "finish": lambda: operations.finish_task(found, by=user, evidence=text),
        "chase": lambda: operations.order_follow_up(found, by=user, text=text),
        "answer": lambda: _answer(found, user, text),
    }
    if name not in acts:
        raise BadInput(_("没有这种操作。"), field="act")
    acts[name]()


def _answer(found: ResponsibilityTask, user: User, text: str) -> None:
    order = found.follow_ups.filter(answered_at=None).order_by("id").first()
    if order is None:
        raise NotFound(_("没有等待答复的督办。"))
    operations.answer_follow_up(order, by=user, answer=text)


@require_http_methods(["GET", "POST"])
@login_required
@page_errors
def topics(request: HttpRequest) -> HttpResponseBase:
    """Show the accepted matters that are not posted yet and post the chosen ones in one topic list."""
    community = queries.community_for(request.user, request.GET.get("community", ""))
    if not holds_office(request.user, *rules.LEADERS, unit=community):
        raise NotAllowed(_("议题清单由书记、主任公示。"))
    waiting = list(
        Proposal.objects.filter(community=community, status="accepted")
        .exclude(notice_links__purpose="topic")
        .select_related("unit")
        .order_by("id")[:300]
    )
    if request.method == "POST":
        chosen = set(request.POST.getlist("proposals"))
        notice = operations.publish_topics([p for p in waiting if str(p.pk) in chosen], by=_reader(request))
        messages.success(request, _("议题清单已提交发布。"))
        return redirect("publish:notice", notice.pk)
    return render(request, "deliberation/topics.html", {"waiting": with_places(waiting), "community": community})


def _reader(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value] # login_required
