"""HTTP API of community: the session."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from community import signin
from community.models import User
from community.rules import running_terms
from core.errors import BadInput, Refused
from core.web import require_same_site

router = Router(tags=["community"])


class Credentials(Schema):
    """Either `code`, or `username` and `password`."""

    code: str | None = Field(None, max_length=64)
    username: str | None = Field(None, max_length=150)
    password: str | None = Field(None, max_length=256)


class HeldOffice(Schema):
    """One running term."""

    office: str
    unit: str
    unit_name: str


class Session(Schema):
    """Who is signed in. `user` is null when a voting code opened its ballots only."""

    name: str
    user: str | None
    username: str | None
    offices: list[HeldOffice]
    voters: dict[str, str]


class NotSignedIn(Refused):
    """There is no session."""

    code = "not_signed_in"
    status = 401


@router.post("/session", response=Session, summary="Sign in by printed code, or by username and password")
def create_session(request: HttpRequest, credentials: Credentials) -> dict[str, Any]:
    """Sign in and set the session cookie.

    Problems: `bad_credentials` (401), `throttled` (429), `bad_input` (422), `cross_site` (403).
    """
    require_same_site(request)
    _require_json(request)
    if credentials.code is not None and credentials.username is None and credentials.password is None:
        came = signin.sign_in_with_code(request, code=credentials.code)
    elif credentials.code is None and credentials.username is not None and credentials.password is not None:
        came = signin.sign_in_with_password(request, username=credentials.username, password=credentials.password)
    else:
        raise BadInput("Send either code, or username and password.", field="code")
    return _described(request, came.name)


@router.get("/session", response=Session, summary="Who is signed in")
def read_session(request: HttpRequest) -> dict[str, Any]:
    """Return who is signed in; the problem `not_signed_in` (401) for nobody."""
    user = request.user
    if isinstance(user, User):
        return _described(request, user.actor_name())
    if request.session.get("voters"):
        return _described(request, str(request.session.get("voter_name", "")))
    raise NotSignedIn(_("请先登录。"))


@router.delete("/session", response={204: None}, summary="Sign out")
def delete_session(request: HttpRequest) -> HttpResponse:
    """End the session, whoever it is."""
    require_same_site(request)
    signin.sign_out(request)
    return HttpResponse(status=204)


def _described(request: HttpRequest, name: str) -> dict[str, Any]:
    user = request.user if isinstance(request.user, User) else None
    terms = running_terms(user).order_by("unit__path", "office")
    voters = request.session.get("voters") or {}
    return {
        "name": name,
        "user": str(user.pk) if user else None,
        "username": user.username if user else None,
        "offices": [{"office": t.office, "unit": t.unit.code, "unit_name": t.unit.name} for t in terms],
        "voters": {str(ballot): str(voter) for ballot, voter in voters.items()},
    }


def _require_json(request: HttpRequest) -> None:
    """Refuse form posts: a page of another site can make a browser send those without asking us first."""
    if request.content_type != "application/json":
        raise BadInput("Content-Type must be application/json.")
