"""The typesetting engine: a paper in, a PDF out. The only file that knows WeasyPrint.

    typeset(paper, variant)   bytes of a PDF/A-3a that is PDF/UA-1 too, with the facts inside; same input, same bytes
    check(kind, facts)        what typeset would refuse, without typesetting
    problems()                what keeps this host from typesetting

WeasyPrint and Pango are loaded on first use: pages and votes work without them. One font configuration is kept for the
life of the process (a new one for each paper takes 3-4 times the memory). Nothing is fetched: the renderer sees data:
addresses only, and of the host's fonts only our own.
"""

import ctypes.util
import gc
import io
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import msgspec
import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from PIL import ImageFile

from core.errors import BadInput, Refused
from publish.kinds import checks
from publish.kinds.catalogue import kind_of
from publish.press import Seal
from publish.typeset import embed, fitting, fonts, glyphs, streams, titles, wording
from publish.typeset.paper import Issuer, Paper, content_hash, read_paper

Variant = Literal["document", "poster", "large"]
VARIANTS: tuple[Variant, ...] = ("document", "poster", "large")
PAGES_LIMIT = 400
# Characters of a title line: 156 mm / 22 pt; A3 poster: 237 mm / 52 pt; large print: 162 mm / 26 pt.
_TITLE_WIDTH = {"document": 19, "poster": 12, "large": 16}
_LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}


class CannotTypeset(Refused):
    """This host lacks what typesetting needs; the sentence names the packages."""

    code = "cannot_typeset"
    status = 503


@dataclass(frozen=True)
class _Press:
    """What is kept warm: WeasyPrint, its font configuration, the style sheets."""

    weasyprint: Any
    font_configuration: Any
    fetcher: Any
    sheets: dict[Variant, list[Any]]
    tighter: dict[Variant, list[Any]]


_lock = threading.Lock()
_press: list[_Press] = []
_settled: list[bool] = []


def problems() -> list[str]:
    """Return what keeps papers from being set here, each a sentence naming the package; [] when all is well."""
    found = [
        _("缺少 %(library)s，请安装 Debian 软件包 %(package)s") % {"library": library, "package": package}
        for library, package in _LIBRARIES.items()
        if ctypes.util.find_library(library) is None
    ]
    return found + fonts.problems()


def check(kind: str, facts: Any) -> None:
    """Raise BadInput (field, sentence) for facts that cannot become a paper: form, bounds, characters without glyph."""
    checks.validate(kind, facts)
    _require_fonts()
    glyphs.require_drawable(facts)


def with_drawable(value: Any) -> Any:
    """Return texts, or facts, with 〓 for each character that no face has; unchanged where the faces are missing."""
    return value if fonts.problems() else glyphs.with_drawable(value)


def require_drawable(value: Any) -> None:
    """Raise BadInput as `check` does for a character without glyph; nothing is known where the faces are missing."""
    if not fonts.problems():
        glyphs.require_drawable(value)


def typeset(paper: Paper, variant: Variant = "document", *, seal: Seal | None = None) -> bytes:
    """Return the PDF of a paper; with `seal`, an uploaded picture lies over its sign-off.

    Raises BadInput for wrong facts or too many pages, CannotTypeset when the host lacks Pango or the fonts.
    About 0.1 s of processor time for three pages when warm, 1 s the first time.
    """
    if variant not in VARIANTS:
        raise BadInput(_("没有“%(variant)s”这种版式") % {"variant": variant}, field="variant")
    typed = checks.parse(paper.kind, paper.facts)
    _require_fonts()
    glyphs.require_drawable(msgspec.to_builtins(paper))
    html = _html(paper, typed, variant, seal)
    with _lock, _uncollected():
        data = _print(_warm(), paper, html, variant)
        _settle()
    return data


def typeset_all(papers: Sequence[Paper], *, told: Callable[[int], None]) -> bytes:
    """Return one PDF of many papers to be printed, each beginning on a page of its own.

    Without what an archived paper carries: facts inside, hash, accessibility. `told` hears after each how many are
    set. About 50 ms of processor time a page. Raises as `typeset`; beyond PAGES_LIMIT pages nothing is set.
    """
    pages: list[Any] = []
    document = None
    for number, paper in enumerate(papers, 1):
        typed = checks.parse(paper.kind, paper.facts)
        _require_fonts()
        glyphs.require_drawable(msgspec.to_builtins(paper))
        html = _html(paper, typed, "document")
        with _lock, _uncollected():
            document = _laid_out(_warm(), html, "document")
        pages += document.pages
        if len(pages) > PAGES_LIMIT:
            raise BadInput(_("超过 %(limit)d 页，请分批印制。") % {"limit": PAGES_LIMIT}, field="papers")
        told(number)
    if document is None:
        raise BadInput(_("没有要印的票。"), field="papers")
    file = io.BytesIO()
    with _lock, _uncollected():
        document.copy(pages).write_pdf(file, finisher=lambda _document, pdf: embed.declare(pdf))
    return file.getvalue()


def _require_fonts() -> None:
    if wrong := fonts.problems():
        raise CannotTypeset("；".join(wrong))


def _html(paper: Paper, typed: Any, variant: Variant, seal: Seal | None = None) -> str:
    """Return the page as HTML; every text is escaped by the template engine."""
    kind = kind_of(paper.kind)
    facts = _normalised(msgspec.to_builtins(typed))
    digest = paper.content_hash or content_hash(paper)
    address = paper.verify_url or f"{settings.PUBLIC_URL}/notices/verify/{digest}/"
    page = render_to_string(
        f"publish/papers/{paper.kind}.html",
        {
            "paper": paper,
            "issuer": paper.issuer,
            "facts": facts,
            "kind": kind,
            "variant": variant,
            "title_lines": titles.title_lines(facts["title"], _TITLE_WIDTH[variant]),
            "digest": digest,
            "address": address,
            "code": _code(address),
            "sign_off_indent": _sign_off_indent(paper),
            "seal": seal,
        },
    )
    # Headings of the first level are numbered here: WeasyPrint knows no Chinese counter. Texts are escaped by now,
    # so the mark can only be the templates' own.
    head, *rest = page.split('<h2 class="counted">')
    return head + "".join(f"<h2>{wording.numeral(number)}、{part}" for number, part in enumerate(rest, 1))


def _code(address: str) -> str:
    """Return a QR code as data: address of a one-bit PNG.

    A picture, where pages use core.qr's SVG: drawing an SVG takes 5 ms. One fixed mask: choosing among eight takes
    15 ms, and any of them can be read.
    """
    return str(segno.make(address, error="m", micro=False, mask=3).png_data_uri(scale=1, border=2))


def _sign_off_indent(paper: Paper) -> str:
    """Return the indent in em that puts the date four characters from the right and the issuer centred over it."""
    name = paper.issuer.name + (f"（{paper.issuer.term}）" if paper.issuer.term else "")
    overhang = (len(name) - len(wording.date_text(paper.posted_on)) * 0.65) / 2
    return f"{min(4.0, max(0.0, 4.0 - overhang)):.2f}"


def _normalised(value: Any) -> Any:
    """Return facts with the marks of official Chinese; identifiers and pictures stay as they are."""
    if isinstance(value, str):
        return value if value.startswith("data:image/") else wording.normalised(value)
    if isinstance(value, dict):
        return {key: _normalised(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_normalised(inner) for inner in value]
    return value


def _warm() -> _Press:
    """Return the press, built once in a process."""
    if not _press:
        _press.append(_build_press())
    return _press[0]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector away while a paper grows: of a roll of 2,000 lines it took a third of the time, for nothing.

    All there is hangs together until the file is written; what then falls apart in circles is collected right after.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _settle() -> None:
    """After the first paper, let the collector pass over what is there for good: a tenth of the time of a paper."""
    if not _settled:
        _settled.append(True)
        gc.collect()
        gc.freeze()


def _build_press() -> _Press:
    if wrong := problems():
        raise CannotTypeset("；".join(wrong))
    # Fontconfig reads this once, when the configuration is made; children of this process need not inherit it.
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(fonts.FOLDER / "fonts.conf")
    try:
        import weasyprint  # noqa: PLC0415 - Pango may be missing; only typesetting may need it
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - Pango is loaded when a paper is set
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 - the same

        from publish.typeset import justify, keep, shortcuts, unbroken  # noqa: PLC0415 - the same

        # What keeps lines comes before what widens them.
        keep.install()
        unbroken.install()
        justify.install()
        embed.install()
        streams.install()
        shortcuts.install()
        configuration = FontConfiguration()
        # Loading WeasyPrint lets Pillow take half a picture for a whole one, in all of this process: not here.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    except OSError as error:
        raise CannotTypeset(_("排版组件不能加载：%(reason)s") % {"reason": str(error).splitlines()[0]}) from error
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before
    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    folder = Path(__file__).resolve().parent.parent.parent / "templates" / "publish" / "papers"

    def sheet(rules: str) -> Any:
        return weasyprint.CSS(string=rules, font_config=configuration, url_fetcher=fetcher)

    sheets = {
        variant: [sheet((folder / name).read_text(encoding="utf-8")) for name in ("paper.css", f"{variant}.css")]
        for variant in VARIANTS
    }
    tighter = {variant: [*sheets[variant], sheet(fitting.TIGHTER[variant])] for variant in VARIANTS}
    return _Press(weasyprint, configuration, fetcher, sheets, tighter)


def _laid_out(press: _Press, html: str, variant: Variant) -> Any:
    """Return the paper in pages, with closer lines where that saves one."""
    document = _read(press, html)
    laid = document.render(font_config=press.font_configuration, stylesheets=press.sheets[variant])
    if not fitting.might_save_a_page(laid.pages, variant):
        return laid
    closer = document.render(font_config=press.font_configuration, stylesheets=press.tighter[variant])
    return closer if len(closer.pages) < len(laid.pages) else laid


def _read(press: _Press, html: str) -> Any:
    """Return WeasyPrint's document of a page. Our pages are well-formed XML, which is read ten times faster than HTML.

    A test reads every kind both ways.
    """
    head = '<!DOCTYPE html [<!ENTITY nbsp "&#160;">]>'
    root = ET.fromstring(html.replace("<!doctype html>", head, 1))  # noqa: S314 - our own page, escaped texts
    document = press.weasyprint.HTML.__new__(press.weasyprint.HTML)
    document.base_url, document.url_fetcher, document.media_type = None, press.fetcher, "print"
    document.wrapper_element = press.weasyprint.cssselect2.ElementWrapper.from_html_root(root, content_language=None)
    document.etree_element = document.wrapper_element.etree_element
    return document


def _print(press: _Press, paper: Paper, html: str, variant: Variant) -> bytes:
    document = _laid_out(press, html, variant)
    if len(document.pages) > PAGES_LIMIT:
        raise BadInput(
            _("共 %(got)d 页，超过上限 %(limit)d 页") % {"got": len(document.pages), "limit": PAGES_LIMIT},
            field="facts",
        )
    posted = paper.posted_on or "2000-01-01"
    day = datetime.fromisoformat(posted).replace(tzinfo=UTC)
    facts = json.dumps(msgspec.to_builtins(paper), ensure_ascii=False, sort_keys=True, indent=1)
    document.metadata.created = document.metadata.modified = posted
    document.metadata.attachments = [
        press.weasyprint.Attachment(
            string=facts,
            name="facts.json",
            description="The facts this paper was typeset from",
            created=day,
            modified=day,
            relationship="Source",
            url_fetcher=press.fetcher,
        )
    ]
    _declare_accessible(document.metadata)
    file = io.BytesIO()
    document.write_pdf(file, finisher=_finish, pdf_variant="pdf/a-3a", pdf_identifier=content_hash(paper)[:32].encode())
    return file.getvalue()


def _finish(_document: Any, pdf: Any) -> None:
    """Put right what WeasyPrint leaves: header cells say what they head (PDF/UA), attached files are listed once."""
    embed.declare(pdf)
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
    for element in pdf.objects:
        if isinstance(element, dict) and element.get("S") == "/TH" and "A" in element:
            row = pdf.objects[int(element["P"].split()[0])]
            body = pdf.objects[int(row["P"].split()[0])]
            element["A"]["Scope"] = "/Column" if body.get("S") == "/THead" else "/Row"
    streams.settle(pdf)


# PDF/A wants foreign metadata described before it is used; PDF/UA wants its part said.
_ACCESSIBLE = b"""<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA Universal Accessibility \
Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Part of ISO 14289\
</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\
</rdf:Description><rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">\
<pdfuaid:part>1</pdfuaid:part></rdf:Description></rdf:RDF>"""


def _declare_accessible(metadata: Any) -> None:
    """Say in the metadata that the file is PDF/UA-1 as well; WeasyPrint writes one standard at a time.

    They are written as they are, uncompressed: whatever searches an archive reads them without opening the file.
    """
    original, included = metadata.generate_rdf_metadata, metadata.include_in_pdf

    def generate(variant: str, version: int, conformance: str) -> bytes:
        written: bytes = original(variant, version, conformance)
        return written.replace(b"</rdf:RDF>", _ACCESSIBLE)

    def include(pdf: Any, variant: str, version: int, conformance: str, compress: bool) -> None:  # noqa: ARG001, FBT001 - WeasyPrint's signature
        included(pdf, variant, version, conformance, compress=False)

    metadata.generate_rdf_metadata, metadata.include_in_pdf = generate, include


__all__ = [
    "VARIANTS",
    "CannotTypeset",
    "Issuer",
    "Paper",
    "Variant",
    "check",
    "content_hash",
    "problems",
    "read_paper",
    "require_drawable",
    "typeset",
    "typeset_all",
    "with_drawable",
]
