"""Between a page and an operation: a refusal becomes a sentence on a page; a foreign site's request is refused."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, overload
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core.errors import BadInput, NotAllowed, Refused
from core.requirements import RequirementsNotMet

P = ParamSpec("P")
Page = Callable[..., HttpResponseBase]
Back = str | Callable[..., str]
_PAGES = frozenset({403, 404, 409, 422})
# The addresses this machine has for itself: whose word is believed, and who is not counted, rests on them.
THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@overload
def page_errors(view: Page) -> Page: ...
@overload
def page_errors(*, back: Back | None = None) -> Callable[[Page], Page]: ...
def page_errors(view: Page | None = None, *, back: Back | None = None) -> Page | Callable[[Page], Page]:
    """Decorate a page so that `core.errors.Refused` is answered with its sentence, never with a traceback.

    Without `back` the answer is the page of the refusal's status (403, 404, 409, 422). With `back` (a path, or a
    function of the view's arguments that returns one) a refused POST becomes a message and a redirect there.
    A person who is not signed in and may not read a page is sent to sign in.
    """

    def decorate(page: Page) -> Page:
        @functools.wraps(page)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return page(request, *args, **kwargs)
            except Refused as error:
                return refusal(request, error, back=back(request, *args, **kwargs) if callable(back) else back)

        return answered

    return decorate if view is None else decorate(view)


def refusal(request: HttpRequest, error: Refused, *, back: str | None = None) -> HttpResponse:
    """Return the answer of a page to `error`; see `page_errors`."""
    user = getattr(request, "user", None)
    if isinstance(error, NotAllowed) and request.method == "GET" and not getattr(user, "is_authenticated", False):
        return redirect_to_login(request.get_full_path())
    if back is not None and request.method not in _SAFE_METHODS:
        messages.error(request, str(error))
        return redirect(back)
    status = error.status if error.status in _PAGES else 409
    context = {
        "sentence": str(error.sentence),
        "article": str(error.article),
        "code": error.reason_code,
        "field": error.field if isinstance(error, BadInput) else "",
        "missing": error.missing if isinstance(error, RequirementsNotMet) else [],
        "back": came_from(request),
    }
    return render(request, f"errors/{status}.html", context, status=status)


def came_from(request: HttpRequest) -> str:
    """Return the path of this site the reader came from, or "/"."""
    path = urlsplit(request.headers.get("Referer", ""))
    is_path = path.path.startswith("/") and not path.path.startswith("//")  # "//host" would lead to another site
    if path.netloc == request.get_host() and is_path and path.path != request.path:
        return f"{path.path}?{path.query}" if path.query else path.path
    return "/"


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """Return the `next` of the request when it leads to a page of this site, else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=hosts, require_https=request.is_secure()):
        return wanted
    return default


def require_same_site(request: HttpRequest) -> None:
    """Refuse a request that a page of another site made a browser send; scripts outside browsers pass.

    For endpoints that rely on the session cookie without a CSRF token. Browsers name the origin of every request
    that can change something (`Sec-Fetch-Site`, `Origin`); a script that sends neither carries no foreign cookies.
    Raises NotAllowed with the code `cross_site`.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site", "")
    origin = request.headers.get("Origin", "")
    allowed = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    if (site and site not in {"same-origin", "none"} and origin not in allowed) or (origin and origin not in allowed):
        raise NotAllowed(_("这个请求来自别的网站，已拒绝。"), code="cross_site")


def key_of(text: str) -> int:
    """Return the key a form or an address names, 0 (which is nobody's) for what cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0  # noqa: PLR2004 - 63 bits
