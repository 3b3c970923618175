"""Requests no page can read."""

import json

import pytest
from django.test import Client, RequestFactory

from config.api import TextParser
from deliberation import operations
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]


def test_ten_megabytes_of_text_are_refused_with_the_limit() -> None:
    answer = Client(raise_request_exception=False).post("/sign-in/", {"username": "字" * 3_400_000})

    assert answer.status_code == 413
    assert "内容太多：一次提交的文字不能超过6 MB，没有保存。" in answer.content.decode()


def test_more_fields_than_a_form_has_cannot_be_read() -> None:
    answer = Client(raise_request_exception=False).post("/sign-in/", {f"f{one}": "" for one in range(2000)})

    assert (answer.status_code, "这个请求看不明白" in answer.content.decode()) == (400, True)


@pytest.mark.both_profiles
def test_a_form_with_a_nul_cannot_be_read() -> None:
    world = World()
    world.walk_to(Status.SUBMITTED)
    opinion = world.do(operations.give_opinion, world.p, by=world.proposer, stance="for", text="早点装。")
    secretary = Client(raise_request_exception=False)
    secretary.force_login(world.secretary)
    address = f"/proposals/{world.p.pk}/opinions/{opinion.pk}/answer/"

    answer = secretary.post(address, {"answer": "下周\x00开会。"})

    opinion.refresh_from_db()
    assert (answer.status_code, "不能保存的空字符" in answer.content.decode()) == (400, True)
    assert opinion.answer == ""
    assert secretary.post(address, {"answer": "下周开会。"}).status_code == 302


@pytest.mark.parametrize(
    ("body", "is_read"),
    [(rb'["\\u0000"]', True), (rb'["\u0000"]', False), (rb'["\\\u0000"]', False), (rb'["\ud800"]', False)],
)
def test_a_body_is_read_unless_it_holds_what_is_no_text(body: bytes, *, is_read: bool) -> None:
    request = RequestFactory().post("/api/v1/", body, content_type="application/json")

    if is_read:
        assert TextParser().parse_body(request) == json.loads(body)
    else:
        with pytest.raises(ValueError, match=r"NUL|surrogates"):
            TextParser().parse_body(request)
