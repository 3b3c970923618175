"""Which language an answer is in: a page in the reader's (Chinese unless they read English), the API in English."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

API = "/api/"
API_LANGUAGE = "en"


class LanguageMiddleware(LocaleMiddleware):
    """Django's choice for pages; for the API the language the caller names, English where none of ours is named."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language of the request."""
        super().process_request(request)
        if request.path_info.startswith(API):
            translation.activate(named_language(request))
            request.LANGUAGE_CODE = translation.get_language()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Name the language of the answer; leave none behind for what the thread does next."""
        named: HttpResponseBase = super().process_response(request, response)
        translation.deactivate()
        return named


def named_language(request: HttpRequest) -> str:
    """Return the language chosen on our pages (cookie), else the first of ours in Accept-Language, else English."""
    header = request.headers.get("Accept-Language", "")
    accepted = [code for code, _weight in parse_accept_lang_header(header.lower())]
    for code in [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), *accepted]:
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return API_LANGUAGE
