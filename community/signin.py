"""Signing in: by username and password, or by a printed code.

Other rooms teach the door further codes with `register_resolver` (voting: the printed voting codes). Wrong codes and
wrong passwords are counted by address in the database, each for itself; only failures count, because a whole meeting
room shares one address. To check a password costs 100 MB and a tenth of a second of every core: two at a time.
"""

import datetime as dt
import ipaddress
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from community import codes
from community.models import SignInCode, SignInFailure, User
from core import clock
from core.errors import Refused
from core.web import THIS_MACHINE

FAILURES_A_MINUTE = 30
_checking = threading.BoundedSemaphore(2)
_KEEP = dt.timedelta(hours=1)
_LONGEST_USERNAME, _LONGEST_PASSWORD = 150, 256
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came in. `user` is None where a code opens one thing only (a voting code opens its ballot).

    `session` is merged into the session after it has been renewed; dictionaries in it are merged by key.
    `next` is the path to go to.
    """

    name: str
    user: User | None = None
    session: Mapping[str, Any] = field(default_factory=dict)
    next: str = "/"


class BadCredentials(Refused):
    """The username and password, or the code, open nothing."""

    code = "bad_credentials"
    status = 401


class Throttled(Refused):
    """Too many wrong attempts; wait and try again."""

    code = "throttled"
    status = 429


Resolver = Callable[[HttpRequest, str], SignedIn | None]
_resolvers: list[Resolver] = []


def register_resolver(resolver: Resolver) -> None:
    """Let `resolver` read printed codes: it takes (request, normalized code) and returns a SignedIn or None.

    Call it from AppConfig.ready; registering the same function again changes nothing.
    """
    if resolver not in _resolvers:
        _resolvers.append(resolver)


def sign_in_with_password(
    request: HttpRequest, *, username: str, password: str, now: dt.datetime | None = None
) -> SignedIn:
    """Sign in by username and password and renew the session.

    Raises Throttled while the account is locked from this address and after 30 wrong passwords in a minute from it
    for whatever accounts, BadCredentials otherwise.
    """
    address = _address_hash(request, "password")
    user = None
    plausible = len(username) <= _LONGEST_USERNAME and len(password) <= _LONGEST_PASSWORD and "\0" not in username
    with _checking:  # the count is asked when it is one's turn: of many sent at once each sees those before it
        minute = (now or clock.now()).replace(second=0, microsecond=0)
        if _guesses_on(address, minute):
            raise Throttled(_("密码输错的次数太多了，请一分钟后再试，或用纸质登录码。"))
        if plausible and username and password:
            user = authenticate(request, username=username, password=password)
        if getattr(request, "axes_locked_out", False):
            raise Throttled(_("密码错误次数太多，请 15 分钟后再试，或用纸质登录码。"))
        if not isinstance(user, User):
            _count_failure(address, minute)
            raise BadCredentials(_("用户名或密码不对。"))
    _enter(request, user)
    return SignedIn(name=user.actor_name(), user=user)


def sign_in_with_code(request: HttpRequest, *, code: str, now: dt.datetime | None = None) -> SignedIn:
    """Sign in by a printed code (a person's own, or any a resolver knows) and renew the session.

    Raises Throttled after 30 wrong codes in a minute from this address, BadCredentials for a code that opens nothing.
    """
    moment = now or clock.now()
    address = _address_hash(request)
    minute = moment.replace(second=0, microsecond=0)
    if _guesses_on(address, minute):
        raise Throttled(_("输错的码太多了，请一分钟后再试。"))
    plain = codes.normalized(code)
    found = _resolved(request, plain, moment) if codes.is_code(plain) else None
    if found is None:
        _count_failure(address, minute)
        raise BadCredentials(_("这个码不对，或者已经失效。"))
    if found.user is not None:
        _enter(request, found.user)
    else:
        request.session.cycle_key()
        request.session["voter_name"] = found.name
    for key, value in found.session.items():
        held = request.session.get(key)
        request.session[key] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
    return found


def _enter(request: HttpRequest, user: User) -> None:
    """Sign `user` in; what a voting code opened for whoever used this browser before is closed."""
    login(request, user, backend=_BACKEND)
    for key in ("voters", "voter_name"):
        request.session.pop(key, None)


def sign_out(request: HttpRequest) -> None:
    """End the session and everything in it."""
    logout(request)


def client_address(request: HttpRequest) -> str:
    """Return the address of the client: what the proxy on this machine says, else the peer's. An IPv6 network is one.

    A client that comes past the proxy says what it likes: the server has put a trusted proxy's word in already.
    """
    address = str(request.META.get("REMOTE_ADDR") or "")
    if settings.TRUST_PROXY and address in THIS_MACHINE and (forwarded := request.headers.get("X-Forwarded-For", "")):
        address = forwarded.rsplit(",", 1)[-1].strip()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def _resolved(request: HttpRequest, code: str, now: dt.datetime) -> SignedIn | None:
    for resolver in (_own_code(now), *_resolvers):
        if (found := resolver(request, code)) is not None:
            return found
    return None


def _own_code(now: dt.datetime) -> Resolver:
    def resolve(_request: HttpRequest, code: str) -> SignedIn | None:
        held = (
            SignInCode.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
            .filter(code_hash=codes.hash_code(code), revoked_at__isnull=True, user__is_active=True)
            .select_related("user")
            .first()
        )
        return None if held is None else SignedIn(name=held.user.actor_name(), user=held.user)

    return resolve


def _guesses_on(address: str, minute: dt.datetime) -> bool:
    return SignInFailure.objects.filter(address_hash=address, minute=minute, count__gte=FAILURES_A_MINUTE).exists()


def _count_failure(address: str, minute: dt.datetime) -> None:
    with transaction.atomic():
        row, created = SignInFailure.objects.get_or_create(address_hash=address, minute=minute, defaults={"count": 1})
        if created:
            SignInFailure.objects.filter(minute__lt=minute - _KEEP).delete()
        else:
            SignInFailure.objects.filter(pk=row.pk).update(count=F("count") + 1)


def _address_hash(request: HttpRequest, what: str = "code") -> str:
    """Return what stands for the address of a request in the count of wrong codes, or of wrong passwords."""
    return salted_hmac(f"community.signin.{what}", client_address(request), algorithm="sha256").hexdigest()
