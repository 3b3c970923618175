"""docs/notice-kinds.md, written from the schemas: `python -m publish.kinds.document > docs/notice-kinds.md`."""

import os
import sys
from typing import Any

INTRODUCTION = """# 文书种类 / Kinds of papers

`manage.py render_notice FACTS.json OUT.pdf [--variant document|poster|large]` typesets one paper without touching the
database. `--kinds` lists the kinds, `--schema KIND` prints the JSON Schema of a kind's facts, `--example KIND` a whole
FACTS to copy from. The same FACTS give the same bytes. On wrong input one line on stderr names file, path of the field
and what was expected; the exit status is 2 and no OUT is written.

FACTS is one JSON object:

| field | meaning |
|---|---|
| `kind` * | one of the kinds below |
| `issuer` * | `{"name": full name, "letterhead": red head of page one or "", "term": e.g. 第三届}` |
| `facts` * | the fields of the kind, below |
| `number` | document number as printed, e.g. 〔2026〕12号 |
| `posted_on`, `ends_on` | ISO dates; the period ends at 24:00 of `ends_on` |
| `provisional` | true when the holiday schedule of the year is not out |
| `supersedes` | number of the paper this one replaces |
| `follows` | numbers of earlier papers of the matter that stay valid, and which this one now speaks for |
| `content_hash`, `verify_url` | worked out when absent: SHA-256 of the rest; address behind the QR code |

Numbers are integers or decimal strings (`"88.40"`), never floats; areas in square metres, money in yuan; dates
`2026-12-08`, times `2026-12-08T19:30`; names arrive masked. Text is bounded field by field and to 400,000 characters
in all, pictures to 12 of 800,000 characters as `data:image/png` or `data:image/jpeg`, a paper to 400 pages. Markup in
any text appears as text. Half-width marks beside Chinese are set full-width. A character that none of our faces can
draw is refused by name.

Every kind may carry, beside its own fields: `addressee`, `basis` (list), `paragraphs` (list), `sections`
(`[{heading, paragraphs}]`), `tables` (`[{caption, columns, rows}]`), `attachments` (list), `places` (list),
`objection` (`{office*, phone, address, deadline, note}`), `copies` (list). `title` is required. `*` marks required
fields.

This page is written from the schemas by `python -m publish.kinds.document`.
"""
_SHARED = {
    "title",
    "addressee",
    "basis",
    "paragraphs",
    "sections",
    "tables",
    "attachments",
    "places",
    "objection",
    "copies",
}


def markdown() -> str:
    """Return the page."""
    from publish import kinds  # noqa: PLC0415 - run as a module, Django is set up first

    parts = [INTRODUCTION]
    for key, kind in kinds.KINDS.items():
        document = kinds.schema(key)
        definitions = document["$defs"]
        facts = definitions[document["$ref"].rsplit("/", 1)[1]]
        days = f", posted {kind.days} days" if kind.days else ""
        about = str(facts.get("description", "")).split("\n", 1)[0]
        parts.append(f"## {key} {kind.title}\n\n{about} Form: {kind.form}{days}.\n\n| field | value |\n|---|---|")
        required = set(facts.get("required", []))
        for name, field in facts["properties"].items():
            if name not in _SHARED:
                parts.append(f"| `{name}`{' *' if name in required else ''} | {_said(field, definitions)} |")
        parts.append("")
    return "\n".join(parts)


def _said(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "$ref" in field:
        inner = definitions[field["$ref"].rsplit("/", 1)[1]]
        required = set(inner.get("required", []))
        fields = (f"{name}{'*' if name in required else ''}" for name in inner["properties"])
        return "{" + ", ".join(fields) + "}"
    if "anyOf" in field:
        return " or ".join(_said(one, definitions) for one in field["anyOf"])
    if "enum" in field:
        return " / ".join(map(str, field["enum"]))
    if field.get("type") == "array":
        return f"list of {_said(field['items'], definitions)}"
    pattern = field.get("pattern", "")
    for mark, word in (
        ("[T ]", "date and time"),
        ("\\d{4}-", "date"),
        ("\\d{1,12}", "decimal string"),
        ("0-9a-f", "SHA-256"),
    ):
        if mark in pattern:
            return word
    return {"string": "text", "integer": "integer", "boolean": "true / false", "null": "null"}.get(
        field["type"], "text"
    )


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.stdout.write(markdown())
