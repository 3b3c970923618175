"""The language of an answer: the API is English unless Chinese is named, pages are Chinese unless English is."""

import pytest
from django.test import Client
from django.utils import translation

pytestmark = pytest.mark.django_db

NOT_SIGNED_IN = "/api/v1/session"


@pytest.mark.parametrize(
    ("accepted", "title", "language"),
    [
        (None, "Please sign in first.", "en"),
        ("en-GB,en;q=0.9", "Please sign in first.", "en"),
        ("fr,*;q=0.5", "Please sign in first.", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "请先登录。", "zh-hans"),
        ("en;q=0.4,zh;q=0.9", "请先登录。", "zh-hans"),
    ],
)
def test_a_problem_is_told_in_the_language_the_caller_names(
    client: Client, accepted: str | None, title: str, language: str
) -> None:
    answer = client.get(NOT_SIGNED_IN, headers={"Accept-Language": accepted} if accepted else {})

    body = answer.json()
    assert (body["code"], body["title"], body["detail"]) == ("not_signed_in", title, title)
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_language_chosen_on_our_pages_goes_before_the_browser_s(client: Client) -> None:
    client.cookies["django_language"] = "zh-hans"

    answer = client.get(NOT_SIGNED_IN, headers={"Accept-Language": "en"})

    assert answer.json()["title"] == "请先登录。"


def test_a_page_is_chinese_where_no_language_of_ours_is_named(client: Client) -> None:
    answer = client.get("/sign-in/", headers={"Accept-Language": "fr"})

    assert answer.headers["Content-Language"] == "zh-hans"


def test_no_language_is_left_behind_for_what_the_thread_does_next(client: Client) -> None:
    client.get("/sign-in/", headers={"Accept-Language": "en"})

    assert translation.get_language() == "zh-hans"
