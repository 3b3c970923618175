"""The English of the interface is complete: every text of the sources has it, and it fits its Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.test import Client
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "core", "community", "publish", "voting", "meetings", "deliberation")
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-zA-Z0-9]+|%[%sd]|\{\w*\}")
CHINESE = re.compile(r"[\u3400-\u9fff]")
# The function's name -> which of its arguments are texts, which one is the context.
GETTERS: dict[str, tuple[tuple[int, ...], int | None]] = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), ((0,), None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), ((0, 1), None)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1,), 0)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, 2), 0)),
}
Text = tuple[str, str]  # context ("" for none), Chinese

catalogue = polib.pofile(str(CATALOGUE))


def test_every_text_of_the_sources_is_in_the_catalogue() -> None:
    known = {(entry.msgctxt or "", text) for entry in catalogue for text in (entry.msgid, entry.msgid_plural) if text}

    missing = {f"{place}: {text}" for place, text in _texts_of_sources() if text not in known}

    assert missing == set(), "run `make messages` and write their English"


def test_every_text_has_its_english() -> None:
    bare = [entry.msgid for entry in catalogue if entry.fuzzy or not all(_english(entry))]

    assert bare == []


def test_the_english_has_the_placeholders_of_its_chinese() -> None:
    unlike = [
        (entry.msgid, english)
        for entry in catalogue
        for english in _english(entry)
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(entry.msgid))
    ]

    assert unlike == []


def test_the_english_is_english() -> None:
    """Words to be typed as they are, and masked names, are quoted."""
    chinese = [english for entry in catalogue for english in _english(entry) if CHINESE.search(_unquoted(english))]

    assert chinese == []


def test_the_compiled_catalogue_is_fresh() -> None:
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))

    assert {(e.msgctxt, e.msgid, *_english(e)) for e in compiled} == {
        (e.msgctxt, e.msgid, *_english(e)) for e in catalogue
    }


def test_texts_are_asked_for_by_names_that_the_collector_knows() -> None:
    """Renamed on import (all but to `_`), a getter is invisible to xgettext and its texts stay Chinese."""
    renamed = [
        f"{path.relative_to(ROOT)}: {name.name} as {name.asname}"
        for path in _python()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name in GETTERS and name.asname not in {None, "_"}
    ]

    assert renamed == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in/",
        "/notices/",
        "/notices/verify/",
        "/proposals/",
        "/meetings/",
        "/offline/",
        "/nowhere/",
    ],
)
@pytest.mark.parametrize("how", ["header", "cookie"])
def test_a_public_page_read_in_english_has_no_chinese_around_its_content(client: Client, path: str, how: str) -> None:
    if how == "cookie":
        client.cookies["django_language"] = "en"

    page = client.get(path, headers={"Accept-Language": "en"} if how == "header" else {}, follow=True)
    html = page.content.decode()

    assert '<html lang="en"' in html
    assert [part for part in _chrome(html) if CHINESE.search(part)] == []


def _chrome(html: str) -> Iterator[str]:
    """Yield the parts of a page that no resident wrote: title, navigation, headings, buttons, labels, footer."""
    html = re.sub(r'<(\w+)[^>]*\slang="zh-CN"[^>]*>.*?</\1>', "", html, flags=re.DOTALL)
    for tag in ("title", "nav", "h1", "h2", "label", "button", "legend", "footer"):
        for inner in re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", html, re.DOTALL):
            yield re.sub(r"<[^>]+>", " ", inner).strip()
    yield from re.findall(r'\s(?:aria-label|placeholder|data-confirm)="([^"]*)"', html)


def _english(entry: polib.POEntry | polib.MOEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def _unquoted(text: str) -> str:
    return re.sub(r"“[^”]*”", "", text)


def _python() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]


def _texts_of_sources() -> Iterator[tuple[str, Text]]:
    """Yield where and what, read from the syntax trees: the collector must not be its own judge."""
    for path in _python():
        for text in _texts_of_code(path.read_text()):
            yield str(path.relative_to(ROOT)), text
    for path in sorted((ROOT / "templates").rglob("*.html")):
        code = templatize(path.read_text())
        for call in re.findall(r"(?:_|u?n?p?gettext)\((?:[^()'\"]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*\)", code):
            for text in _texts_of_code(call):
                yield str(path.relative_to(ROOT)), text


def _texts_of_code(code: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        name = "gettext" if node.func.id == "_" else node.func.id
        places, context = GETTERS.get(name, ((), None))
        said = "" if context is None else _constant(node, context)
        yield from ((said, text) for place in places if (text := _constant(node, place)))


def _constant(call: ast.Call, place: int) -> str:
    argument = call.args[place] if place < len(call.args) else None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""
