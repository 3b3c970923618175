"""Pages of the door and of one's own account."""

import re
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from community import operations, signin
from community.forms import CodeForm, PasswordForm
from community.models import User
from community.rules import running_terms
from core.notify import mark_read, unread_of
from core.web import page_errors, safe_next

_YEAR = 60 * 60 * 24 * 365
NEWS_SHOWN = 20
_ID = re.compile(r"[0-9]{1,18}")


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
@page_errors
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the two ways in; a QR code on paper carries `?code=`, which fills the form and waits for one tap."""
    by_code, by_password = CodeForm(initial={"code": request.GET.get("code", "")[:40]}), PasswordForm()
    wrong, status = "", 200
    if request.method == "POST":
        form: CodeForm | PasswordForm
        if "code" in request.POST:
            form = by_code = CodeForm(request.POST)
        else:
            form = by_password = PasswordForm(request.POST)
        if form.is_valid():
            try:
                came = _came_in(request, form)
                return HttpResponseRedirect(safe_next(request, came.next))
            except (signin.BadCredentials, signin.Throttled) as error:
                wrong, status = str(error), error.status
        else:
            status = 422
    context = {
        "by_code": by_code,
        "by_password": by_password,
        "wrong": wrong,
        "next": safe_next(request, ""),
    }
    return render(request, "community/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    signin.sign_out(request)
    return redirect("/")


@never_cache
@login_required
@page_errors
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own name, offices and settings."""
    context = {
        "terms": running_terms(request.user).order_by("unit__path", "office"),
        "household": request.user.residencies.select_related("household").first(),  # type: ignore[union-attr] # signed in
        "news": unread_of(cast("User", request.user))[:NEWS_SHOWN],
    }
    return render(request, "community/account.html", context)


@require_POST
@login_required
def read_news(request: HttpRequest) -> HttpResponse:
    """Mark what the account page showed as read; what came since stays new."""
    ids = [int(pk) for pk in request.POST.getlist("news")[:NEWS_SHOWN] if _ID.fullmatch(pk)]
    mark_read(cast("User", request.user), ids=ids)
    return HttpResponseRedirect(reverse("community:account"))


@require_POST
def large_type(request: HttpRequest) -> HttpResponse:
    """Switch the large-type view: in a cookie for this device, and on the account of whoever is signed in."""
    wanted = request.POST.get("large_type") == "1"
    if isinstance(request.user, User):
        operations.set_large_type(request.user, wanted=wanted)
    answer = HttpResponseRedirect(safe_next(request))
    answer.set_cookie("large_type", "1" if wanted else "0", max_age=_YEAR, samesite="Lax", secure=request.is_secure())
    return answer


def _came_in(request: HttpRequest, form: CodeForm | PasswordForm) -> signin.SignedIn:
    if isinstance(form, CodeForm):
        return signin.sign_in_with_code(request, code=form.cleaned_data["code"])
    return signin.sign_in_with_password(request, **form.cleaned_data)
