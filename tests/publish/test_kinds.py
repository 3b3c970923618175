"""The facts of every kind, to the last field."""

import json

import pytest

from core.canonical import canonical_json
from core.errors import BadInput
from publish import kinds


def refusal(kind: str, **changes: object) -> tuple[str, str]:
    facts = kinds.example(kind) | changes
    with pytest.raises(BadInput) as caught:
        kinds.validate(kind, facts)
    return caught.value.field, caught.value.sentence


def test_issue_d_names_every_kind() -> None:
    assert kinds.keys() == [
        "topic_list",
        "meeting_notice",
        "plan_for_comment",
        "roll",
        "vote_result",
        "implementation_result",
        "evaluation_report",
        "minutes",
        "registration_form",
        "acceptance_letter",
        "return_letter",
        "rejection_letter",
        "legality_opinion",
        "party_study_note",
        "voting_procedure",
        "ballot_paper",
        "proxy_form",
        "count_sheet",
        "preliminary_result",
        "resolution",
        "responsibility_list",
        "follow_up_order",
        "rating_form",
        "rectification_notice",
        "period_statement",
        "archive_index",
    ]


@pytest.mark.parametrize("kind", kinds.keys())
def test_the_example_of_a_kind_is_right_and_can_be_hashed(kind: str) -> None:
    facts = kinds.example(kind)

    kinds.validate(kind, facts)

    assert json.loads(canonical_json(facts)) == facts


@pytest.mark.parametrize("kind", kinds.keys())
def test_the_schema_of_a_kind_is_closed(kind: str) -> None:
    document = kinds.schema(kind)

    objects = [part for part in document["$defs"].values() if part["type"] == "object"]
    assert [part["additionalProperties"] for part in objects] == [False] * len(objects)
    assert document["title"] == kinds.title_of(kind)


def test_a_title_is_chinese() -> None:
    assert kinds.title_of("vote_result") == "表决结果公示"


@pytest.mark.parametrize(
    ("kind", "changes", "field", "sentence"),
    [
        ("roll", {"total_heads": "14"}, "total_heads", "应为整数，实为文字"),
        ("roll", {"total_heads": -1}, "total_heads", "应为不小于 0 的整数"),
        ("roll", {"total_heads": 1.5}, "total_heads", "应为整数或十进制字符串，不能是浮点数"),
        ("roll", {"total_area": "12 平"}, "total_area", "应为整数或十进制字符串，如 88.40"),
        ("roll", {"nope": 1}, "nope", "没有这个字段"),
        ("roll", {"title": ""}, "title", "文字不能少于 1 字"),
        ("roll", {"title": "长" * 121}, "title", "文字过长，上限 120 字"),
        ("roll", {"title": "a\x00b"}, "title", "含有不能印刷的字符 U+0000"),
        ("roll", {"title": "反向\u202e文字"}, "title", "含有不能印刷的字符 U+202E"),
        ("roll", {"entries": []}, "entries", "列表不能少于 1 项"),
        ("roll", {"entries": [{"place": "甲"}]}, "entries[0].name", "缺少必填字段"),
        ("roll", {"entries": [{"place": "甲", "name": 3}]}, "entries[0].name", "应为文字，实为整数"),
        ("roll", {"roll_hash": "zz"}, "roll_hash", "应为 64 位十六进制摘要"),
        ("roll", {"objection": []}, "objection", "应为对象，实为列表"),
        ("meeting_notice", {"starts_at": "明天"}, "starts_at", "应为日期和时间，如 2026-12-08T19:30"),
        ("evaluation_report", {"period_start": "2026"}, "period_start", "应为日期，如 2026-12-08"),
        ("evaluation_report", {"passed": 1}, "passed", "应为true/false，实为整数"),
        (
            "vote_result",
            {"items": [{"title": "甲", "outcome": "maybe", "options": [{"label": "同意", "heads": 1}]}]},
            "items[0].outcome",
            "不是可用的值：maybe",
        ),
        (
            "implementation_result",
            {"photos": [{"data": "https://example.org/a.png", "caption": "甲"}]},
            "photos[0].data",
            "应为 data:image/png 或 data:image/jpeg 图片",
        ),
    ],
)
def test_wrong_facts_are_named_by_field_and_by_what_was_expected(
    kind: str, changes: dict[str, object], field: str, sentence: str
) -> None:
    assert refusal(kind, **changes) == (field, sentence)


def test_ten_megabytes_are_refused_with_the_limit() -> None:
    field, sentence = refusal("roll", paragraphs=["字" * 10_000_000])

    assert field == "facts"
    assert sentence.endswith("超过上限 400000 字")


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="没有“poem”这种文书，可用：topic_list"):
        kinds.validate("poem", {})


def test_facts_must_be_an_object() -> None:
    with pytest.raises(BadInput, match="facts 应为对象"):
        kinds.validate("roll", [])
