"""Papers of the agenda: handed out by who runs the meeting, read by who was invited."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.errors import BadInput, NotAllowed, NotFound
from core.web import page_errors
from meetings import phases
from meetings.forms import PaperForm
from meetings.models import AgendaItem, AgendaPaper, PaperKind
from meetings.operations import add_paper, withdraw_paper
from meetings.queries.papers import days_ahead, late_papers, papers_due_on, papers_of
from meetings.rules import may_run, may_see
from meetings.views.finding import cleaned, meeting_or_404, person, row_of

_TYPES = {PaperKind.PDF: ("application/pdf", ".pdf"), PaperKind.PHOTO: ("image/jpeg", ".jpg")}


def _back(_request: HttpRequest, meeting_id: int, **_more: Any) -> str:
    return reverse("meetings:papers", args=[meeting_id])


@page_errors
def papers(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show what was handed out for each item, the present one first; by when it is due; what is late. Five queries."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if not may_see(user, meeting):
        raise NotAllowed(_("会议材料只对受邀人员开放。"))
    handed = papers_of(meeting)
    late = {paper.pk: max(0, days_ahead(paper, meeting)) for paper in late_papers(meeting, handed)}
    rows: dict[int, list[AgendaPaper]] = {}
    for paper in handed:
        rows.setdefault(paper.item_id, []).append(paper)
    runs = may_run(user, meeting) and meeting.phase in {phases.CONVENED, *phases.ONGOING}
    due = papers_due_on(meeting)
    context = {
        "meeting": meeting,
        "items": [
            {"item": item, "papers": rows.get(item.pk, []), "form": PaperForm(auto_id=f"paper-{item.pk}-%s")}
            for item in sorted(meeting.agenda.order_by("position"), key=lambda item: item.status != "current")
        ],
        "late": late,
        "may_hand_out": runs,
        "due": due,
        "is_due": clock.local_date() > due,
    }
    return render(request, "meetings/papers.html", context)


@require_POST
@page_errors(back=_back)
def paper_act(request: HttpRequest, meeting_id: int, act: str) -> HttpResponse:
    """Hand out a paper, or take one back."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if act == "add":
        form = PaperForm(request.POST, request.FILES)
        cleaned(form)
        item = row_of(AgendaItem, request.POST.get("item"), meeting=meeting)
        add_paper(item=item, title=form.cleaned_data["title"], file=form.cleaned_data["file"], by=user)
        messages.success(request, _("材料已发出，受邀人员已通知。"))
    elif act == "withdraw":
        paper = row_of(AgendaPaper, request.POST.get("paper"), item__meeting=meeting)
        withdraw_paper(paper=paper, reason=request.POST.get("reason", "")[:300], by=user)
        messages.success(request, _("材料已撤下。"))
    else:
        raise BadInput(_("没有这个操作。"), field="act")
    return redirect("meetings:papers", meeting.pk)


@require_safe
@page_errors
def paper_file(request: HttpRequest, meeting_id: int, paper_id: int) -> HttpResponse:
    """Send one paper to who was invited or works for the community."""
    meeting = meeting_or_404(meeting_id)
    if not may_see(person(request), meeting):
        raise NotAllowed(_("会议材料只对受邀人员开放。"))
    paper = AgendaPaper.objects.filter(pk=paper_id, item__meeting=meeting, withdrawn_at__isnull=True).first()
    if paper is None:
        raise NotFound(_("没有这份材料，或者已经撤下。"))
    kind, ending = _TYPES[PaperKind(paper.kind)]
    try:
        with default_storage.open(paper.file) as file:
            response = HttpResponse(file.read(), content_type=kind)
    except OSError:
        raise NotFound(_("材料暂时取不到，请稍后再试。")) from None
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(paper.title + ending)}"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
