"""Faces are embedded as bare CFF with only the glyphs that are used, found by their identifiers.

WeasyPrint keeps the numbers of glyphs when it cuts a face down, so each face carries thousands of empty ones, is cut
twice, and is embedded as OpenType, where some readers take a character's code for a glyph's number and some for its
identifier. A bare CFF with identifiers (CIDFontType0C) has one reading only: code, identifier, glyph. Ours are such
faces and their identifiers are their numbers (fonts.py sees to it), so nothing else of the file changes. Cutting once
and without empty glyphs takes a sixth of the time, and HarfBuzz prepares each face once in a process.

Written for WeasyPrint 70.0, whose version justify.py guards. Other faces (TrueType) go WeasyPrint's own way.
"""

from typing import Any

_CFF = 0x43464620  # "CFF "
# Tables of a face that nothing in the CFF hangs on; sorted, as HarfBuzz wants its sets.
_UNUSED = sorted(
    int.from_bytes(tag.encode(), "big")
    for tag in ("BASE", "DSIG", "GDEF", "GPOS", "GSUB", "OS/2", "VORG", "cmap", "name", "post", "vhea", "vmtx")
)
# A CFF of version 1.0: major, minor; then the length of the header.
_MARK = 4
_HEADER = b"\x01\x00\x04"


def install() -> None:
    """Put the patch in place, once."""
    from weasyprint.pdf import fonts  # noqa: PLC0415 - Pango may be missing; only typesetting may need it

    if getattr(fonts.Font, "is_bare", False):
        return
    usual = fonts.Font._harfbuzz_subset  # noqa: SLF001 - the one place where WeasyPrint cuts a face

    def subset(font: Any, to_unicode: dict[int, str], hinting: bool) -> None:  # noqa: FBT001 - WeasyPrint's signature
        cut = _cut(font, sorted(to_unicode)) if font.file_content[:4] == b"OTTO" and not font.missing else b""
        if cut:
            font.file_content = cut
            return
        usual(font, to_unicode, hinting)
        if len(font.file_content) <= _MARK:
            message = f"HarfBuzz could not cut {font.family}"
            raise RuntimeError(message)

    whole, made = fonts.get_hb_object_data, fonts.Font.__init__

    def init(font: Any, *given: Any) -> None:
        # WeasyPrint copies each face, 5 MB and more, out of HarfBuzz to look at its first four bytes.
        fonts.get_hb_object_data = _mark_of
        try:
            made(font, *given)
        finally:
            fonts.get_hb_object_data = whole

    fonts.Font.__init__ = init
    fonts.Font._harfbuzz_subset = subset  # noqa: SLF001 - see above
    fonts.Font.type = property(lambda font: "otf" if font.file_content.startswith((b"OTTO", _HEADER)) else "ttf")
    fonts.Font.is_bare = True


def _mark_of(face: Any) -> bytes:
    """Return the first bytes of a face, which say what it is; the whole is embedded cut only."""
    from weasyprint.text.ffi import ffi, harfbuzz  # noqa: PLC0415 - see install

    blob = harfbuzz.hb_face_reference_blob(face)
    data = harfbuzz.hb_blob_get_data(blob, ffi.new("unsigned int *"))
    mark = bytes(ffi.unpack(data, _MARK))
    harfbuzz.hb_blob_destroy(blob)
    return mark


def declare(pdf: Any) -> None:
    """Say in a finished document's objects which faces are bare CFF."""
    for element in pdf.objects:
        extra = getattr(element, "extra", None)
        if extra is not None and extra.get("Subtype") == "/OpenType" and element.stream[0].startswith(_HEADER):
            extra["Subtype"] = "/CIDFontType0C"
        elif isinstance(element, dict) and element.get("Subtype") == "/CIDFontType0":
            # Identifiers are looked up in the face itself; a map is for TrueType only.
            element.pop("CIDToGIDMap", None)


def _cut(font: Any, glyphs: list[int]) -> bytes:
    """Return the CFF of a face with `glyphs` and their identifiers only; b"" when HarfBuzz will not."""
    from weasyprint.text.ffi import ffi, harfbuzz, harfbuzz_subset  # noqa: PLC0415 - see install

    order = ffi.gc(harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy)
    for numbers, kept in (
        (harfbuzz_subset.hb_subset_input_glyph_set(order), glyphs),
        (harfbuzz_subset.hb_subset_input_set(order, harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG), _UNUSED),
    ):
        harfbuzz.hb_set_add_sorted_array(numbers, ffi.new(f"hb_codepoint_t[{len(kept)}]", kept), len(kept))
    flags = harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE | harfbuzz_subset.HB_SUBSET_FLAGS_NO_HINTING
    harfbuzz_subset.hb_subset_input_set_flags(order, flags)
    cut = harfbuzz_subset.hb_subset_or_fail(font.hb_face, order)
    if cut == ffi.NULL:
        return b""
    table = harfbuzz.hb_face_reference_table(cut, _CFF)
    length = ffi.new("unsigned int *")
    data = harfbuzz.hb_blob_get_data(table, length)
    found = bytes(ffi.unpack(data, length[0])) if length[0] else b""
    harfbuzz.hb_blob_destroy(table)
    harfbuzz.hb_face_destroy(cut)
    return found
