"""The page about the kinds says what the schemas say."""

from pathlib import Path

from publish.kinds.document import markdown


def test_the_page_is_as_the_schemas_are() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "notice-kinds.md"

    assert page.read_text(encoding="utf-8") == markdown()
