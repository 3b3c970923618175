"""The one door to the typesetter. It is loaded when a paper is set, never at start: pages and votes work without it."""

from typing import Any


def document(paper: dict[str, Any]) -> bytes:
    """Return the PDF of a paper. Raises Refused with a sentence when it cannot be set."""
    return variant(paper, "document")


def variant(paper: dict[str, Any], name: str) -> bytes:
    """Return the PDF of a paper as "document", "poster" or "large". Raises Refused when it cannot be set."""
    from publish.typeset import engine  # noqa: PLC0415 - see the module's sentence

    return engine.render(paper, variant=name)


def check_glyphs(facts: dict[str, Any]) -> None:
    """Raise BadInput naming the first characters that no font of ours can draw."""
    from publish.typeset import engine  # noqa: PLC0415 - see the module's sentence

    engine.check_glyphs(facts)
