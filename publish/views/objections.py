"""Objections: a resident's form, the office's list."""

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.models import User
from community.rules import offices_at, require_office
from core.actors import SYSTEM
from core.errors import NotFound, Refused
from core.web import page_errors
from publish.forms import ObjectionForm, RulingForm
from publish.kinds import upheld_of
from publish.models import Objection
from publish.operations import acknowledge_objection, file_objection, rule_on_objection, take_back_objection
from publish.operations.objections import TooManyObjections
from publish.queries import objections_of, with_days_to_acknowledge, with_working_days
from publish.rules import OBJECTION_OFFICE, RULERS, signed_in
from publish.views.board import found_notice

# From one address within an hour: an office computer serves many people, a script wants more.
FILED_AN_HOUR = 20


@require_http_methods(["GET", "HEAD", "POST"])
@page_errors
def objection_form(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let a resident object: signed in, or with name and phone."""
    notice = found_notice(request, pk)
    user = request.user if isinstance(request.user, User) else None
    form = ObjectionForm(
        request.POST or None, signed_in=user is not None, has_phone=user is not None and bool(user.phone)
    )
    if request.method == "POST" and form.is_valid():
        if user is None:
            _throttle(request)
        data = form.cleaned_data
        try:
            file_objection(
                notice,
                text=data["text"],
                by=user or SYSTEM,
                name=data.get("name", ""),
                phone=data.get("phone", ""),
            )
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("异议已收到。社区将在1个工作日内受理、3日内答复。"))
            return redirect("publish:notice", pk=pk)
    status = 200 if request.method != "POST" else 422
    context = {
        "notice": notice,
        "form": form,
        "upheld": upheld_of(notice.kind),
        "working_days": with_working_days([notice])[0][1],
    }
    return render(request, "publish/objection_form.html", context, status=status)


def _throttle(request: HttpRequest) -> None:
    key = f"publish.objections.{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, 3600)
    if cache.incr(key) > FILED_AN_HOUR:
        raise TooManyObjections(_("提交得太频繁了，请稍后再试，或到社区当面提出。"))


@require_safe
@page_errors
def objection_list(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the office what was objected, with names, deadlines and what can be done."""
    notice = found_notice(request, pk)
    require_office(request.user, *OBJECTION_OFFICE, *RULERS, unit=notice.issuer)
    offices = offices_at(request.user, notice.issuer)
    context = {
        "notice": notice,
        "objections": with_days_to_acknowledge(objections_of(notice)[:500]),
        "form": RulingForm(notice.kind),
        "may_acknowledge": bool(offices.intersection(OBJECTION_OFFICE)),
        "may_rule": bool(offices.intersection(RULERS)),
    }
    return render(request, "publish/objections.html", context)


def _found(pk: int) -> Objection:
    found = Objection.objects.select_related("notice__issuer", "user").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("没有这条异议。"))
    return found


@require_POST
@page_errors
def acknowledge(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an objection up."""
    objection = acknowledge_objection(_found(pk), by=signed_in(request.user))
    messages.success(request, _("已受理。"))
    return redirect("publish:objections", pk=objection.notice_id)


@require_POST
@page_errors
def rule(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Rule on an objection."""
    found = _found(pk)
    require_office(request.user, *RULERS, unit=found.notice.issuer)
    form = RulingForm(found.notice.kind, request.POST)
    if not form.is_valid():
        messages.error(request, _("请选择结论并写明答复和理由。"))
        return redirect("publish:objections", pk=found.notice_id)
    rule_on_objection(
        found, upheld=form.cleaned_data["upheld"], ruling=form.cleaned_data["ruling"], by=signed_in(request.user)
    )
    messages.success(request, _("答复已记录，并已告知提出人。"))
    return redirect("publish:objections", pk=found.notice_id)


@require_POST
@page_errors
def take_back(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let the objector take it back."""
    objection = take_back_objection(_found(pk), by=signed_in(request.user))
    messages.success(request, _("异议已撤回。"))
    return redirect("publish:notice", pk=objection.notice_id)
