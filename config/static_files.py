"""Static files: their names where nobody gathered them, and their bytes in one piece.

Under ASGI Django reads a synchronous stream whole anyway, and warns on each file.
"""

import logging
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

log = logging.getLogger(__name__)


class Gathered(CompressedManifestStaticFilesStorage):
    """Names with a hash, from the list `collectstatic` writes; without an entry a page lacks its style, not its words.

    Django would raise for the first file that is not on the list: every page, the error page included, would be a 500.
    """

    _told = False

    def stored_name(self, name: str) -> str:
        """Return the name to link to: the plain one where the list lacks it, which is logged once a process."""
        try:
            found: str = super().stored_name(name)
        except ValueError:
            if not self._told:
                self._told = True
                log.error("%s was not gathered: run `manage.py collectstatic`; pages go out without style", name)  # noqa: TRY400 - the place tells nothing
            return name
        return found


def advice_on_static_files() -> str:
    """Return what to do where `serve` would find no list of gathered files, or ""."""
    if settings.WHITENOISE_USE_FINDERS or getattr(staticfiles_storage, "hashed_files", None) != {}:
        return ""
    return (
        "静态文件尚未收集，页面会没有样式；请先运行 manage.py collectstatic --noinput。"
        " / static files are not gathered: run manage.py collectstatic --noinput"
    )


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, with its file read (in Django's thread) and closed before the answer leaves."""

    def get_static_url(self, name: str) -> str | None:
        """Return the address of a file on the list alone: WhiteNoise guesses names to learn which ones hold a hash."""
        listed = getattr(staticfiles_storage, "hashed_files", None)
        if listed is not None and name not in listed:
            return None
        url: str | None = super().get_static_url(name)
        return url

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """Answer with a static file: the headers WhiteNoise sets, its content (or the range asked for) whole."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["content-type"]
        for name, value in found.headers:
            response[name] = value
        return response
