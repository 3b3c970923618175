"""A refusal on a page is its sentence with the right status; a foreign site's request is refused."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.translation import override

from community.models import User
from core.errors import BadInput, NotAllowed, NotFound, Refused, Stale, WrongStage
from core.requirements import Missing, RequirementsNotMet
from core.web import came_from, page_errors, require_same_site, safe_next


def _request(
    method: str = "GET", path: str = "/p/", headers: dict[str, str] | None = None, *, signed_in: bool = True
) -> HttpRequest:
    request = RequestFactory().generic(method, path, headers=headers)
    request.user = User(pk=1, username="zhang", name="张三") if signed_in else AnonymousUser()
    request.session = {}  # type: ignore[assignment] # as much of a session as messages need
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined] # as the middleware does
    return request


def _refusing(error: Refused) -> HttpResponse:
    @page_errors
    def page(_request: HttpRequest) -> HttpResponse:
        raise error

    with override("zh-hans"):
        return page(_request())  # type: ignore[return-value] # a page answers a response


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAllowed("只有书记可以这样做。"), 403),
        (NotFound("没有这份公示。"), 404),
        (WrongStage("方案还没有公示。", article="《居委会组织法》第三十条"), 409),
        (Stale("李主任刚刚受理了。"), 409),
        (BadInput("标题不能为空。", field="title"), 422),
        (RequirementsNotMet([Missing("study", "缺党组织研究记录。", "第三十条")]), 409),
    ],
)
def test_every_refusal_has_its_page_and_its_sentence(error: Refused, status: int) -> None:
    answer = _refusing(error)

    assert answer.status_code == status
    assert str(error.sentence) in answer.content.decode()


def test_a_refused_post_goes_back_with_a_message() -> None:
    @page_errors(back=lambda _request, pk: f"/proposals/{pk}/")
    def page(_request: HttpRequest, pk: int) -> HttpResponse:
        raise WrongStage("方案还没有公示。")

    request = _request("POST")
    answer = page(request, 7)

    assert (answer.status_code, answer["Location"]) == (302, "/proposals/7/")
    assert [str(m) for m in request._messages] == ["方案还没有公示。"]  # type: ignore[attr-defined] # put there by the middleware


def test_a_visitor_who_may_not_read_is_sent_to_sign_in() -> None:
    @page_errors
    def page(_request: HttpRequest) -> HttpResponse:
        raise NotAllowed("请先登录。")

    answer = page(_request(path="/proposals/?a=1", signed_in=False))

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/proposals/%3Fa%3D1")


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://testserver"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://other.testserver"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, False),
    ],
)
def test_only_our_own_pages_and_scripts_may_post(headers: dict[str, str], *, allowed: bool) -> None:
    request = _request("POST", headers=headers)

    if allowed:
        require_same_site(request)
    else:
        with pytest.raises(NotAllowed) as refused:
            require_same_site(request)
        assert refused.value.reason_code == "cross_site"


def test_reading_is_never_refused_by_site() -> None:
    require_same_site(_request("GET", headers={"Sec-Fetch-Site": "cross-site"}))


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/proposals/", "/proposals/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_stays_on_this_site(wanted: str, path: str) -> None:
    assert safe_next(RequestFactory().get("/sign-in/", {"next": wanted})) == path


@pytest.mark.parametrize(
    ("referer", "path"),
    [
        ("http://testserver/proposals/?stage=1", "/proposals/?stage=1"),
        ("http://testserver/p/", "/"),
        ("https://evil.example/x", "/"),
        ("http://testserver//evil.example/x", "/"),
        ("", "/"),
    ],
)
def test_back_stays_on_this_site(referer: str, path: str) -> None:
    assert came_from(_request(headers={"Referer": referer})) == path
