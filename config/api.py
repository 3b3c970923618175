"""Assembles the HTTP API from the rooms and writes every error as an RFC 9457 problem document."""

import json
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from community.api import router as community_router
from core.canonical import canonical_json
from core.errors import BadInput, Refused
from core.requirements import RequirementsNotMet
from deliberation.api import router as deliberation_router
from meetings.api import router as meetings_router
from publish.api import router as publish_router
from voting.api import router as voting_router


class TextParser(Parser):
    """Reads JSON whose texts a database can hold: no NUL, no half of a surrogate pair."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the value of the body. Raises ValueError."""
        value = super().parse_body(request)
        # A backslash that was typed is written twice: without those pairs only a real NUL is left.
        if b"\\u0000" in json.dumps(value, ensure_ascii=False).encode().replace(rb"\\", b""):
            message = "NUL is not text"
            raise ValueError(message)
        return value


PROBLEM = {
    "type": "object",
    "description": "RFC 9457, with a stable `code`.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "article": {"type": "string"},
        "field": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "missing": {"type": "array", "items": {"type": "object"}},
    },
}


class WuyiAPI(NinjaAPI):
    """Describes its refusals too: each operation may answer with a problem document."""

    def get_openapi_schema(self, **wishes: Any) -> OpenAPISchema:
        """Return ninja's description with `Problem` and a 4XX answer for every operation."""
        schema = super().get_openapi_schema(**wishes)
        schema["components"]["schemas"]["Problem"] = PROBLEM
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"]["4XX"] = {"description": "Refused", "content": content}
        return schema


api = WuyiAPI(title="Wuyi 五议", version="1", urls_namespace="api", docs_url="/docs", parser=TextParser())
api.add_router("", community_router)
api.add_router("", voting_router)
api.add_router("", publish_router)
api.add_router("", meetings_router)
api.add_router("", deliberation_router)


def problem(status: int, code: str, title: str, **more: Any) -> HttpResponse:
    """Return a problem document: `type`, `title`, `status`, the stable `code`, and what more there is to say."""
    body = {"type": f"urn:wuyi:problem:{code}", "title": title, "status": status, "code": code, **more}
    return HttpResponse(canonical_json(body), status=status, content_type="application/problem+json")


@api.exception_handler(Refused)
def _refused(_request: HttpRequest, error: Refused) -> HttpResponse:
    more: dict[str, Any] = {"detail": str(error)}
    if error.article:
        more["article"] = str(error.article)
    if isinstance(error, BadInput) and error.field:
        more["field"] = error.field
    if isinstance(error, RequirementsNotMet):
        more["missing"] = [
            {"key": m.key, "sentence": str(m.sentence), "article": str(m.article)} for m in error.missing
        ]
    return problem(error.status, error.reason_code, str(error.sentence), **more)


@api.exception_handler(ValidationError)
def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [{"field": ".".join(map(str, e["loc"])), "message": str(e["msg"])} for e in error.errors[:20]]
    return problem(422, "bad_input", _("请求的内容不符合格式。"), errors=errors)


@api.exception_handler(HttpError)
def _unreadable(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "bad_json", _("请求的内容不是可读的 JSON。"), detail=str(error))


@api.exception_handler(AuthenticationError)
def _unauthenticated(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problem(401, "not_signed_in", _("请先登录。"))


@api.exception_handler(Http404)
def _not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(404, "not_found", _("没有找到。"))


@api.exception_handler(RequestDataTooBig)
def _too_big(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problem(413, "too_large", _("请求的内容太大。"))


@csrf_exempt  # nothing is done here, whatever the method
def no_such_address(_request: HttpRequest) -> HttpResponse:
    """Answer what no room answers below /api/v1/: a problem document, as everywhere there."""
    return problem(404, "not_found", _("没有找到。"))


class MethodMiddleware(MiddlewareMixin):
    """Writes the framework's 405 below /api/ as a problem document; it passes by no exception handler."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer, in the API's form."""
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not request.path_info.startswith("/api/"):
            return response
        answer = problem(405, "method_not_allowed", _("这个地址不接受这种请求方法。"))
        answer["Allow"] = response["Allow"]
        return answer
