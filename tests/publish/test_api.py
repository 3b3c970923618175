"""The public API: lists, one notice, its file, verification; every error a problem document."""

import hashlib
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from community.models import Unit, User
from publish import kinds
from publish.operations import issue_notice, withdraw_notice
from tests.publish.conftest import Hire, Issue

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_asks_the_same_queries_for_one_and_three(
    issue: Issue, client: Client, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        issue()

    with django_assert_num_queries(2):
        answer = client.get("/api/v1/notices").json()

    assert (answer["count"], len(answer["items"]), answer["page"], answer["pages"]) == (count, count, 1, 1)


def test_a_list_is_paged_and_filtered(
    issue: Issue, client: Client, secretary: User, neighbours: Unit, hire: Hire
) -> None:
    for _number in range(5):
        issue()
    withdraw_notice(issue("roll"), reason="有误", by=secretary)
    issue(issuer=neighbours, by=hire("director", neighbours))

    def numbers(query: str) -> list[str]:
        return [item["number"] for item in client.get(f"/api/v1/notices?{query}").json()["items"]]

    assert numbers("size=2&page=2") == ["平城社区〔2026〕5号", "平城社区〔2026〕4号"]
    assert numbers("page=99") == []
    assert numbers("state=ended") == ["平城社区〔2026〕6号"]
    assert numbers("kind=roll") == ["平城社区〔2026〕6号"]
    assert numbers(f"unit={neighbours.code}") == ["延安社区〔2026〕1号"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("page=0", 422, "bad_input"),
        ("page=x", 422, "bad_input"),
        ("size=101", 422, "bad_input"),
        ("state=dancing", 422, "bad_input"),
        ("kind=poem", 422, "bad_input"),
        ("unit=nowhere", 404, "not_found"),
        ("unit=%00", 404, "not_found"),
    ],
)
def test_wrong_questions_get_a_problem_document(client: Client, db: None, query: str, status: int, code: str) -> None:
    answer = client.get(f"/api/v1/notices?{query}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_a_notice_is_found_by_number_and_by_id(issue: Issue, client: Client) -> None:
    first = issue("roll")
    notice = issue("roll", supersedes=first)

    by_number = client.get(f"/api/v1/notices/{quote(notice.number)}").json()

    assert by_number == client.get(f"/api/v1/notices/{notice.pk}").json()
    assert (by_number["number"], by_number["status"], by_number["version"]) == ("平城社区〔2026〕2号", "posted", 2)
    assert (by_number["supersedes"], by_number["superseded_by"]) == ("平城社区〔2026〕1号", None)
    assert by_number["facts"]["title"] == notice.title
    assert client.get(f"/api/v1/notices/{first.pk}").json()["superseded_by"] == "平城社区〔2026〕2号"


def test_the_file_is_the_one_its_hash_names(issue: Issue, client: Client) -> None:
    notice = issue()

    answer = client.get(f"/api/v1/notices/{quote(notice.number)}/pdf")

    assert hashlib.sha256(answer.content).hexdigest() == notice.file_hash
    assert client.get(f"/api/v1/notices/{notice.pk}/pdf?variant=large").json()["code"] == "not_found"
    assert client.get(f"/api/v1/notices/{notice.pk}/pdf?variant=huge").json()["code"] == "bad_input"


def test_what_is_not_public_is_not_found(
    issue: Issue, client: Client, community: Unit, secretary: User, resident: User
) -> None:
    letter = issue("minutes", recipient=resident)
    preparing = issue_notice(kind="roll", facts=kinds.example("roll"), issuer=community, by=secretary)

    for number in (quote(letter.number), letter.pk, preparing.pk, "9" * 40, quote("没有〔2026〕1号"), "%00"):
        for tail in ("", "/pdf"):
            answer = client.get(f"/api/v1/notices/{number}{tail}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), number
    assert client.get("/api/v1/notices").json()["count"] == 0


def test_verification_answers_for_content_and_file(issue: Issue, client: Client, secretary: User) -> None:
    first = issue("roll")
    second = issue("roll", supersedes=first)
    third = withdraw_notice(issue("roll"), reason="有误", by=secretary)

    def verdict(digest: str) -> tuple[str, str, str | None]:
        answer = client.get(f"/api/v1/verify/{digest}").json()
        return answer["state"], answer["matched"], answer["superseded_by"]

    assert verdict(second.content_hash) == ("valid", "content", None)
    assert verdict(second.file_hash) == ("valid", "file", None)
    assert verdict(first.file_hash) == ("superseded", "file", "平城社区〔2026〕2号")
    assert verdict(third.content_hash) == ("withdrawn", "content", None)
    assert verdict("f" * 64) == ("unknown", "", None)
    assert verdict("<script>") == ("unknown", "", None)
