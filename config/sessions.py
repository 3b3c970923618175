"""Sessions: which cookie can name one, and that no answer made for one reader is kept by a browser or a proxy."""

import re

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

_KEY = re.compile("[0-9a-z]{32}")


class SessionStore(DatabaseStore):
    """Django's sessions in the database, asked for keys it could have made alone.

    A quoted cookie can carry any octet, NUL too; PostgreSQL raises on a NUL, and every page would be a 500.
    """

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and _KEY.fullmatch(key))


class PrivateMiddleware(MiddlewareMixin):
    """Says of what was made with somebody's session that it is not to be kept, unless the page says something else.

    On a shared device the button back would show it after signing out.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer with its Cache-Control."""
        session = getattr(request, "session", None)
        if session is not None and session.accessed and not session.is_empty():
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
