"""Static files come whole, with WhiteNoise's headers; pages come out where nobody gathered them."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as given
from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from config.static_files import Gathered, StaticFiles, advice_on_static_files


@pytest.fixture
def serve(tmp_path: Path, settings: Any) -> StaticFiles:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "base.css").write_bytes(b"body { color: red }")
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS, settings.WHITENOISE_AUTOREFRESH = tmp_path, False, False
    return StaticFiles(_page, settings=given)


def _page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


def ask(serve: StaticFiles, path: str = "/static/css/base.css", method: str = "get", **headers: str) -> HttpResponse:
    response: HttpResponse = serve(getattr(RequestFactory(), method)(path, headers=headers))
    return response


def test_a_file_comes_whole_and_not_as_a_stream(serve: StaticFiles) -> None:
    answer = ask(serve)

    assert (answer.status_code, answer.content, answer.streaming) == (200, b"body { color: red }", False)
    assert answer["Content-Type"] == 'text/css; charset="utf-8"'
    assert answer["Content-Length"] == "19"
    assert "max-age" in answer["Cache-Control"]


def test_a_part_a_head_and_an_unchanged_file(serve: StaticFiles) -> None:
    part = ask(serve, range="bytes=0-3")
    head = ask(serve, method="head")
    same = ask(serve, if_none_match=ask(serve)["ETag"])

    assert (part.status_code, part.content, part["Content-Range"]) == (206, b"body", "bytes 0-3/19")
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", "19")
    assert (same.status_code, same.content) == (304, b"")


def test_other_addresses_go_on_to_the_pages(serve: StaticFiles) -> None:
    assert ask(serve, "/meetings/").content == b"a page"


@pytest.fixture
def gathered(tmp_path: Path, settings: Any) -> Gathered:
    """Names as they are made outside the tests, from a folder where nothing was gathered."""
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "config.static_files.Gathered"}}
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS = tmp_path, False
    storage = storages["staticfiles"]
    assert isinstance(storage, Gathered)
    return storage


@pytest.mark.django_db
def test_pages_come_without_style_where_nothing_was_gathered(
    gathered: Gathered, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    page = client.get("/offline/")

    said = [record.getMessage() for record in caplog.records if record.name == "config.static_files"]
    assert page.status_code == 200
    assert gathered.hashed_files == {}
    assert '<link rel="stylesheet" href="/static/css/tokens.css">' in page.content.decode()
    assert len(said) == 1, "one line a process, not one a file"
    assert said[0].endswith("run `manage.py collectstatic`; pages go out without style")
    assert advice_on_static_files().startswith("静态文件尚未收集")


def test_a_gathered_file_has_its_hash(gathered: Gathered, caplog: pytest.LogCaptureFixture) -> None:
    gathered.hashed_files = {"css/base.css": "css/base.0123456789ab.css"}
    serve = StaticFiles(_page, settings=given)

    kept_for_ever = [
        serve.immutable_file_test("", f"/static/{name}") for name in ("css/base.0123456789ab.css", "js/jquery.min.js")
    ]

    assert gathered.url("css/base.css") == "/static/css/base.0123456789ab.css"
    assert advice_on_static_files() == ""
    assert kept_for_ever == [True, False]
    assert caplog.messages == []


@pytest.mark.usefixtures("gathered")
def test_the_error_page_needs_no_list_of_files() -> None:
    answer = server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert b"/static/css/base.css" in answer.content
