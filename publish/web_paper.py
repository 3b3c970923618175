"""The body of a paper as a page shows it: the blocks of the paper's own template, so that both say the same."""

import re
from typing import Any

import msgspec
from django.core.cache import cache
from django.template import Context, engines
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, ExtendsNode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from publish.kinds import checks
from publish.kinds.catalogue import kind_of
from publish.models import Notice
from publish.typeset import wording

_RESULTS = frozenset({"vote_result", "preliminary_result"})
_BLOCKS = ("body", "more", "close")
_KEEP_SECONDS = 24 * 3600
_WIDE = 5  # columns; fewer fit on a phone
_TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr.*?</tr>", re.DOTALL)
_HEADING = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.DOTALL)
_CELL = re.compile(r"<t[dh](?=[ >])")
_TAG = re.compile(r"<[^>]*>")


def body_html(notice: Notice) -> SafeString:
    """Return what stands between title and signature of a posted notice, as escaped HTML.

    A posted paper never changes, so the result is kept by its content hash; a roll of 6,000 takes about a second
    the first time.
    """
    key = f"publish.body.3.{notice.content_hash}"
    html = cache.get(key)
    if html is None:
        html = body_of(notice.paper or {})
        cache.set(key, html, _KEEP_SECONDS)
    return SafeString(html)


def outcomes_of(notice: Notice) -> list[tuple[str, str]]:
    """Return each item that a posted result decides with how it ended; none for other kinds."""
    words = {
        "passed": _("通过"),
        "rejected": _("没有通过"),
        "not_quorate": _("参加表决的没有达到法定人数"),
    }
    facts = (notice.paper or {}).get("facts", {})
    votes = [facts, *facts.get("other_votes", [])] if notice.kind in _RESULTS else []
    items = [item for vote in votes for item in vote.get("items", [])]
    return [(item["title"], words[item["outcome"]]) for item in items if item.get("outcome") in words]


def body_of(paper: dict[str, Any]) -> str:
    """Return the same of a paper that need not be posted yet."""
    kind = kind_of(paper["kind"])
    facts = _worded(msgspec.to_builtins(checks.parse(paper["kind"], paper["facts"])))
    template = engines["django"].get_template(f"publish/papers/{paper['kind']}.html").template  # type: ignore[attr-defined] # Django's own engine
    context = Context(
        {"paper": paper, "issuer": paper["issuer"], "facts": facts, "kind": kind, "variant": "document"},
    )
    with context.bind_template(template), context.render_context.push_state(template):
        blocks = BlockContext()
        found: dict[str, BlockNode] = {}
        for node in _chain(template, context):
            named = {block.name: block for block in node.nodelist.get_nodes_by_type(BlockNode)}
            blocks.add_blocks(named)
            found = {**named, **found}
        context.render_context[BLOCK_CONTEXT_KEY] = blocks
        html = "".join(str(found[name].render_annotated(context)) for name in _BLOCKS if name in found)
    return _TABLE.sub(lambda match: _with_labels(match[0]), html)


def _with_labels(table: str) -> str:
    """Return a wide table with each cell's heading in it: on a phone its rows are listed, not cut off at the edge."""
    headings = [_TAG.sub("", cell).strip() for cell in _HEADING.findall(table)]
    if len(headings) < _WIDE or "colspan" in table or "rowspan" in table:
        return table
    head, end, rows = table.partition("</thead>")

    def labelled(row: re.Match[str]) -> str:
        labels = iter(headings)
        return _CELL.sub(lambda cell: f'{cell[0]} data-label="{next(labels, "")}"', row[0])

    return head.replace("<table", "<table data-wide", 1) + end + _ROW.sub(labelled, rows)


def _chain(template: Any, context: Context) -> list[Any]:
    """Return the template and its parents, the most derived first."""
    found = [template]
    while (extends := next((node for node in template.nodelist if isinstance(node, ExtendsNode)), None)) is not None:
        template = extends.get_parent(context)
        found.append(template)
    return found


def _worded(value: Any) -> Any:
    """Return facts with the punctuation of official Chinese, as they stand on the paper; pictures as they are."""
    if isinstance(value, str):
        return value if value.startswith("data:image/") else wording.normalised(value)
    if isinstance(value, dict):
        return {key: _worded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_worded(inner) for inner in value]
    return value
