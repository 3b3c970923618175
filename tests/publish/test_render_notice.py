"""The command that typesets without touching the database (no test here asks for one)."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from publish import kinds

pytestmark = pytest.mark.typeset


def facts_file(folder: Path, document: object) -> str:
    path = folder / "facts.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return str(path)


def refused(folder: Path, document: object) -> str:
    out = folder / "out.pdf"
    with pytest.raises(CommandError) as caught:
        call_command("render_notice", facts_file(folder, document), str(out))
    assert caught.value.returncode == 2
    assert list(folder.iterdir()) == [folder / "facts.json"]
    return str(caught.value)


def test_the_example_is_typeset_to_the_same_bytes_each_time(tmp_path: Path) -> None:
    source = facts_file(tmp_path, kinds.example_paper("minutes"))

    call_command("render_notice", source, str(tmp_path / "one.pdf"))
    call_command("render_notice", source, str(tmp_path / "two.pdf"))

    first = (tmp_path / "one.pdf").read_bytes()
    assert first.startswith(b"%PDF-1.7")
    assert (tmp_path / "two.pdf").read_bytes() == first


def test_a_wrong_field_is_named_with_its_path(tmp_path: Path) -> None:
    document = kinds.example_paper("roll")
    document["facts"]["entries"][3]["heads"] = "一"

    assert refused(tmp_path, document) == "facts.json: facts.entries[3].heads: 应为整数，实为文字"


def test_a_wrong_field_outside_the_facts_is_named(tmp_path: Path) -> None:
    document = kinds.example_paper("roll") | {"posted_on": "昨天"}

    assert refused(tmp_path, document) == "facts.json: posted_on: 应为日期，如 2026-12-08"


def test_a_missing_issuer_is_named(tmp_path: Path) -> None:
    document = kinds.example_paper("roll")
    del document["issuer"]

    assert refused(tmp_path, document) == "facts.json: issuer: 缺少必填字段"


def test_ten_megabytes_are_refused(tmp_path: Path) -> None:
    document = kinds.example_paper("roll")
    document["facts"]["paragraphs"] = ["字" * 10_000_000]

    assert "超过上限 400000 字" in refused(tmp_path, document)


def test_a_character_without_glyph_is_refused(tmp_path: Path) -> None:
    document = kinds.example_paper("roll")
    document["facts"]["entries"][0]["name"] = "\U000107a0*"

    assert refused(tmp_path, document) == (
        "facts.json: facts.entries[0].name: 字体中没有“\U000107a0”（U+107A0）这个字，不能印发：见“\U000107a0*”"
    )


def test_what_is_not_an_object_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, [1]) == "facts.json: $: 应为一个 JSON 对象"


def test_schema_and_example_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("render_notice", schema="roll")
    assert json.loads(capsys.readouterr().out) == kinds.schema("roll")

    call_command("render_notice", example="roll")
    assert json.loads(capsys.readouterr().out) == kinds.example_paper("roll")
