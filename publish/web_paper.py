"""The body of a paper as a page shows it: the blocks of the paper's own template, so that both say the same."""

from typing import Any

import msgspec
from django.core.cache import cache
from django.template import Context, engines
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, ExtendsNode
from django.utils.safestring import SafeString

from publish.kinds import checks
from publish.kinds.catalogue import kind_of
from publish.models import Notice
from publish.typeset import wording

_BLOCKS = ("body", "more", "close")
_KEEP_SECONDS = 24 * 3600


def body_html(notice: Notice) -> SafeString:
    """Return what stands between title and signature of a posted notice, as escaped HTML.

    A posted paper never changes, so the result is kept by its content hash; a roll of 6,000 takes about a second
    the first time.
    """
    key = f"publish.body.{notice.content_hash}"
    html = cache.get(key)
    if html is None:
        html = _render(notice.paper or {})
        cache.set(key, html, _KEEP_SECONDS)
    return SafeString(html)


def _render(paper: dict[str, Any]) -> str:
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
        return "".join(str(found[name].render_annotated(context)) for name in _BLOCKS if name in found)


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
