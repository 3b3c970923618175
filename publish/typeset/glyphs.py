"""A character that no face can draw keeps a paper from being published, and is named."""

from typing import Any

from django.utils.translation import gettext as _

from core.errors import BadInput
from publish.typeset import fonts

# What printers set for a sort they do not have.
MISSING = "〓"
_BESIDE = 8


def missing(text: str) -> list[str]:
    """Return the characters of `text` that no face of the chain covers, each once."""
    return fonts.missing(text)


def with_drawable(value: Any) -> Any:
    """Return texts, lists and dicts with MISSING in the place of every character no face can draw."""
    if isinstance(value, str):
        absent = missing(value)
        return value.translate({ord(character): MISSING for character in absent}) if absent else value
    if isinstance(value, dict):
        return {key: with_drawable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_drawable(inner) for inner in value]
    return value


def _around(text: str, at: int) -> str:
    """Return the words around a place of a text, so that whoever wrote it finds it."""
    start, end = max(0, at - _BESIDE), at + _BESIDE + 1
    said = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{said}{'…' if end < len(text) else ''}"


def require_drawable(value: Any, path: str = "") -> None:
    """Raise BadInput naming the first character no face can draw, the words around it and the path of its field."""
    if isinstance(value, str):
        if not value.startswith("data:image/") and (absent := missing(value)):
            raise BadInput(
                _("字体中没有“%(character)s”（U+%(code)04X）这个字，不能印发：见“%(place)s”")
                % {"character": absent[0], "code": ord(absent[0]), "place": _around(value, value.index(absent[0]))},
                field=path,
                code="missing_glyph",
            )
    elif isinstance(value, dict):
        for key, inner in value.items():
            require_drawable(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            require_drawable(inner, f"{path}[{index}]")
