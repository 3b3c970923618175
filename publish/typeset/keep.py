"""What WeasyPrint works out again for each paper is worked out once in a process: styles, and what Pango needs.

All papers of a form share their style sheets, so the style of "a cell in a row in the body of a table" is the same
object in every paper: its computed values, its anonymous boxes' style, its Pango context, font description and
features hang on it. That is a third of the time of a paper. It also stops a leak: WeasyPrint never gives back the list
of font features it makes for each piece of text, some 25 KiB a paper.

Nothing here depends on what was set before: tests/publish/test_typeset_engine.py sets papers in different orders and
compares bytes. Written for WeasyPrint 70.0, whose version justify.py guards.
"""

import sys
from dataclasses import dataclass
from math import inf
from typing import Any

# Kept styles by what makes them: sheets, parent, pseudo-element, matched rules. Papers of all forms need some 600.
_styles: dict[Any, Any] = {}
# The styles of an element and its pseudo-elements by what they depend on: its own signature and all above it.
_elements: dict[Any, dict[Any, Any]] = {}
_signatures: dict[Any, int] = {}
# Attributes that no selector of our sheets or WeasyPrint's asks for; their values are different in each paper.
_MUTE = frozenset({"src", "alt", "content"})
_page_sizes: dict[Any, dict[str, Any]] = {}
_pages: dict[Any, dict[Any, Any]] = {}
_WIDTHS = (
    *(f"{what}_{side}" for what in ("margin", "padding") for side in ("left", "right", "top", "bottom")),
    *("width", "min_width", "max_width"),
)
_HEIGHTS = ("height", "min_height", "max_height")
_LIMIT = 20_000
_PARAGRAPHS = frozenset("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


def install() -> None:
    """Put the patches in place, once."""
    from weasyprint import css  # noqa: PLC0415 - Pango may be missing; only typesetting may need it
    from weasyprint.text import line_break  # noqa: PLC0415 - the same

    if getattr(css.StyleFor, "keeps", False):
        return
    css.StyleFor.__init__ = _style_for
    css.StyleFor.keeps = True
    usual = line_break.Layout.setup

    def setup(layout: Any, style: Any) -> None:
        if style["text_decoration_line"] != "none":
            usual(layout, style)
        else:
            _set_up(layout, style)

    line_break.Layout.setup = setup
    _keep_lines(line_break)
    _keep_lengths()
    _keep_grounds()
    _keep_pages()
    made = line_break._font_style_cache_key  # noqa: SLF001 - a long string of eleven values, made for every line

    def key_of(style: Any, include_size: bool = False) -> str:  # noqa: FBT001, FBT002 - WeasyPrint's signature
        known = style.__dict__.setdefault("keys", {})
        if include_size not in known:
            known[include_size] = made(style, include_size)
        return str(known[include_size])

    line_break._font_style_cache_key = key_of  # noqa: SLF001 - see above


def _keep_lines(line_break: Any) -> None:
    """Let a line be drawn as it was laid out; WeasyPrint throws its glyphs away and shapes it again."""
    shaped, thrown, written = (getattr(line_break.Layout, name) for name in ("reactivate", "deactivate", "set_text"))
    pango = line_break.pango

    def set_text(layout: Any, text: str, justify: bool = False) -> None:  # noqa: FBT001, FBT002 - WeasyPrint's signature
        # Drawing asks for this mode, and Pango shapes anew when it changes; for text of one paragraph it is the same.
        pango.pango_layout_set_single_paragraph_mode(layout.layout, _PARAGRAPHS.isdisjoint(text))
        written(layout, text, justify)

    def deactivate(layout: Any) -> None:
        if "is_drawn" in layout.__dict__:
            thrown(layout)
        else:
            layout.is_drawn = False

    def reactivate(layout: Any, style: Any) -> None:
        # A line is drawn again where the head of a table is repeated: then it is shaped as WeasyPrint does.
        if layout.__dict__.get("is_drawn", True):
            shaped(layout, style)
        layout.is_drawn = True

    line_break.Layout.set_text, line_break.Layout.deactivate = set_text, deactivate
    line_break.Layout.reactivate = reactivate


def _keep_lengths() -> None:
    """Read the lengths of a style once; WeasyPrint looks at seventeen for each box, nearly all of them fixed."""
    from weasyprint.formatting_structure import boxes  # noqa: PLC0415 - see install
    from weasyprint.layout import percent  # noqa: PLC0415 - the same

    usual = percent.resolve_percentages

    def resolve(box: Any, containing_block: Any) -> None:
        lengths = box.style.__dict__.get("lengths")
        if lengths is None:
            lengths = box.style.__dict__["lengths"] = _lengths_of(box.style)
        if not lengths.is_known or isinstance(box, boxes.PageBox):
            usual(box, containing_block)
            return
        width = containing_block.width if isinstance(containing_block, boxes.Box) else containing_block[0]
        own = box.__dict__
        # Borders that a table has already settled between its cells stay.
        settled = {name: own[name] for name in lengths.borders if name in own} if lengths.collapses else {}
        own.update(lengths.fixed)
        own.update(settled)
        for name, share in lengths.of_width:
            own[name] = width * share / 100

    percent.resolve_percentages = resolve
    for name, module in list(sys.modules.items()):
        if name.startswith("weasyprint.layout") and getattr(module, "resolve_percentages", None) is usual:
            module.resolve_percentages = resolve  # type: ignore[attr-defined] # their own import of it


@dataclass(frozen=True)
class _Lengths:
    """The lengths of a style: fixed ones, shares of the containing block's width; `is_known`: nothing else."""

    fixed: dict[str, Any]
    of_width: tuple[tuple[str, float], ...]
    borders: tuple[str, ...]
    collapses: bool
    is_known: bool


def _lengths_of(style: Any) -> _Lengths:
    fixed: dict[str, Any] = {}
    shares = []
    is_known = bool(style["box_sizing"] == "content-box")
    for name in (*_WIDTHS, *_HEIGHTS):
        value = style[name]
        unit = getattr(value, "unit", None)
        if value == "auto":
            fixed[name] = 0 if name.startswith("min_") else "auto"
        elif unit == "px":
            fixed[name] = value.value
        elif unit == "%" and name in _WIDTHS:
            shares.append((name, value.value))
        else:
            is_known = False
    borders = tuple(f"border_{side}_width" for side in ("top", "right", "bottom", "left"))
    fixed |= {name: style[name] for name in borders}
    return _Lengths(fixed, tuple(shares), borders, style["border_collapse"] == "collapse", is_known)


def _keep_pages() -> None:
    """Keep the styles of pages and their seventeen margin boxes, which depend on the side and on being the first."""
    from weasyprint.layout import page  # noqa: PLC0415 - see install

    usual = page.set_page_type_computed_styles

    def style(page_type: Any, html: Any, style_for: Any) -> None:
        computed = style_for.get_computed_styles()
        root = computed[html.etree_element, None]
        key = (id(root), page_type.side, page_type.blank, page_type.index == 0, page_type.name)
        if key not in _pages:
            usual(page_type, html, style_for)
            _pages[key] = {pseudo: found for (owner, pseudo), found in computed.items() if owner == page_type}
        for pseudo, found in _pages[key].items():
            computed[page_type, pseudo] = found

    page.set_page_type_computed_styles = style


def _keep_grounds() -> None:
    """Pass over boxes without ground, border picture or round corner, which is nearly all."""
    from weasyprint.layout import background  # noqa: PLC0415 - see install

    usual = background.layout_box_backgrounds

    def lay(page: Any, box: Any, image_of: Any, layout_children: bool = True, style: Any = None) -> None:  # noqa: FBT001, FBT002 - WeasyPrint's signature
        own = box.style.__dict__
        if "is_plain" not in own:
            own["is_plain"] = _is_plain(box.style)
        if box is page or style is not None or not own["is_plain"]:
            usual(page, box, image_of, layout_children, style)
            return
        box.border_top_left_radius = box.border_top_right_radius = (0, 0)
        box.border_bottom_left_radius = box.border_bottom_right_radius = (0, 0)
        box.background = None
        if layout_children:
            for child in box.all_children():
                lay(page, child, image_of)

    background.layout_box_backgrounds = lay


def _is_plain(style: Any) -> bool:
    from weasyprint.draw.color import get_color  # noqa: PLC0415 - see install

    return (
        style["visibility"] == "visible"
        and style["border_image_source"][0] == style["mask_border_source"][0] == "none"
        and all(kind == "none" for kind, _value in style["background_image"])
        and get_color(style, "background_color").alpha == 0
        and not style["box_shadow"]
        and all(
            (0, "px") in style[f"border_{corner}_radius"]
            for corner in ("top_left", "top_right", "bottom_right", "bottom_left")
        )
    )


def _style_for(
    self: Any, html: Any, sheets: Any, presentational_hints: Any, font_config: Any, target_collector: Any
) -> None:
    """Give each element its style; stands in for weasyprint.css.StyleFor.__init__, which computes them all anew."""
    from weasyprint import css  # noqa: PLC0415 - see install

    if max(len(_styles), len(_elements)) > _LIMIT:  # cannot happen with our own templates
        _styles.clear()
        _elements.clear()
        _signatures.clear()
        _pages.clear()
    cascaded: dict[Any, Any] = {}
    computed: dict[Any, Any] = {}
    self._cascaded_styles, self._computed_styles = cascaded, computed
    self._sheets, self.font_config = sheets, font_config
    house = tuple(id(sheet) for sheet, _origin, _specificity in sheets)
    self.initial_page_sizes = _page_sizes.setdefault(house, {"box": None, "area": None})
    if _is_known(html.etree_element, house, computed):
        return
    inline: dict[Any, Any] = {}
    for specificity, element, found, base_url in css.find_style_attributes(
        html.etree_element, presentational_hints, html.base_url
    ):
        if declarations := list(css.preprocess_declarations(base_url, found)):
            inline[element] = repr(declarations)
            _cascade(cascaded.setdefault((element, None), {}), declarations, "author", (inf, specificity))
    kept_ids: dict[Any, Any] = {None: house}
    signatures: dict[Any, Any] = {None: house}
    for element in html.wrapper_element.iter_subtree():
        node, parent = element.etree_element, element.parent.etree_element if element.parent else None
        signature = signatures[node] = _signature(node, parent, signatures[parent])
        styles = {}
        for pseudo, rules in _matched(element, sheets).items():
            above = kept_ids[parent if pseudo is None else node]
            own = inline.get(node, "") if pseudo is None else ""
            key = (above, pseudo, own, tuple((rank, id(declarations)) for rank, _origin, declarations in rules))
            known = _styles.get(key)
            if known is None:
                style = cascaded.setdefault((node, pseudo), {})
                for rank, origin, declarations in rules:
                    _cascade(style, declarations, origin, rank)
                self.set_computed_styles(
                    node,
                    root=html.etree_element,
                    parent=parent if pseudo is None else node,
                    pseudo_type=pseudo,
                    base_url=html.base_url,
                    target_collector=target_collector,
                )
                known = _styles[key] = computed[node, pseudo]
            computed[node, pseudo] = styles[pseudo] = known
            if pseudo is None:
                kept_ids[node] = id(known)
        _elements[signature] = styles
    cascaded.clear()


def _is_known(root: Any, house: Any, computed: dict[Any, Any]) -> bool:
    """Give the elements of a page the styles they had in earlier papers; whether all of them had been met.

    Name and attributes decide, its own and those of all it stands in, and of a row whether it is the first or last:
    no selector of our sheets looks at other siblings.
    """
    waiting = [(root, None, house)]
    while waiting:
        node, parent, above = waiting.pop()
        signature = _signature(node, parent, above)
        styles = _elements.get(signature)
        if styles is None:
            return False
        for pseudo, style in styles.items():
            computed[node, pseudo] = style
        waiting += [(child, node, signature) for child in node]
    return True


def _signature(node: Any, parent: Any, above: Any) -> int:
    """Return a number for what an element's style depends on; `above` is that of its parent, or the sheets."""
    edge = (node is parent[0], node is parent[-1]) if node.tag == "tr" else None
    key = (above, node.tag, edge, tuple(item for item in node.attrib.items() if item[0] not in _MUTE))
    return _signatures.setdefault(key, len(_signatures))


def _matched(element: Any, sheets: Any) -> dict[Any, list[Any]]:
    """Return the rules of an element itself (None) and of its pseudo-elements: rank, origin, declarations."""
    found: dict[Any, list[Any]] = {None: []}
    for sheet, origin, sheet_specificity in sheets:
        for specificity, _order, pseudo, (declarations, layer) in sheet.matcher.match(element):
            rank = (inf if layer is None else sheet.layers.index(layer), sheet_specificity or specificity)
            found.setdefault(pseudo, []).append((rank, origin, declarations))
    return found


def _cascade(style: dict[str, Any], declarations: Any, origin: str, rank: tuple[Any, Any]) -> None:
    """Let declarations into a style where nothing weightier stands."""
    from weasyprint.css import declaration_precedence  # noqa: PLC0415 - see install

    for name, values, importance in declarations:
        weight = (declaration_precedence(origin, importance), *rank)
        before = style.get(name)
        if before is None or before[1] <= weight:
            style[name] = values, weight


def _set_up(layout: Any, style: Any) -> None:
    """Make the Pango layout of a style; stands in for weasyprint.text.line_break.Layout.setup."""
    from weasyprint.text.ffi import ffi, gobject, pango  # noqa: PLC0415 - see install

    kept = style.__dict__.get("pango")
    if kept is None:
        kept = style.__dict__["pango"] = _pango_of(style)
    context, description, layout.language, features = kept
    layout.style, layout.first_line_direction, layout.ascent = style, 0, None
    layout.underline_position = layout.strikethrough_position = None
    layout.underline_thickness = layout.strikethrough_thickness = None
    layout.layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, False)  # noqa: FBT003 - C signature
    pango.pango_layout_set_font_description(layout.layout, description)
    if features:
        # A list of its own: spacing is written into it. The layout holds it from here on.
        attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        pango.pango_attr_list_insert(attributes, pango.pango_attr_font_features_new(features))
        pango.pango_layout_set_attributes(layout.layout, attributes)


def _pango_of(style: Any) -> tuple[Any, Any, Any, bytes]:
    """Return Pango's context, font description and language for a style, and its font features."""
    from weasyprint.text import fonts, line_break  # noqa: PLC0415 - see install
    from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p  # noqa: PLC0415 - the same

    context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref)
    pango.pango_context_set_round_glyph_positions(context, False)  # noqa: FBT003 - C signature
    pango.pango_context_set_base_dir(context, line_break.PANGO_DIRECTION[style["direction"]])
    override = style["font_language_override"]
    if named := line_break.LST_TO_ISO.get(override.lower(), override) if override != "normal" else style["lang"]:
        pointer, _kept_alive = unicode_to_char_p(named)
        language = pango.pango_language_from_string(pointer)
        pango.pango_context_set_language(context, language)
    else:
        language = pango.pango_language_get_default()
    features = fonts.font_features(
        *(style[name] for name in ("font_kerning", "font_variant_ligatures", "font_variant_position")),
        *(style[f"font_variant_{name}"] for name in ("caps", "numeric", "alternates", "east_asian")),
        style["font_feature_settings"],
    )
    said = ",".join(f"{key} {value}" for key, value in features.items()).encode()
    return context, fonts.get_font_description(style), language, said
