"""Faces are embedded as bare CFF with only the glyphs that are used, found by their identifiers.

WeasyPrint keeps the numbers of glyphs when it cuts a face down, so each face carries thousands of empty ones, is cut
twice, and is embedded as OpenType, where some readers take a character's code for a glyph's number and some for its
identifier. A bare CFF with identifiers (CIDFontType0C) has one reading only: code, identifier, glyph. Ours are such
faces and their identifiers are their numbers (fonts.py sees to it), so nothing else of the file changes. Cutting once
and without empty glyphs takes a sixth of the time; the map of characters is left aside (see `_prepared`).
A TrueType face keeps its numbers and is cut once too.

Written for WeasyPrint 70.0, whose version justify.py guards.
"""

from typing import Any

_CFF = 0x43464620  # "CFF "
# Faces made ready for cutting, by the address of HarfBuzz's own: five in a process.
_ready: dict[int, Any] = {}
# Tables of a face that nothing in the CFF hangs on; sorted, as HarfBuzz wants its sets.
_UNUSED = sorted(
    int.from_bytes(tag.encode(), "big")
    for tag in ("BASE", "DSIG", "GDEF", "GPOS", "GSUB", "OS/2", "VORG", "cmap", "name", "post", "vhea", "vmtx")
)
_USED = tuple(int.from_bytes(tag.encode(), "big") for tag in ("CFF ", "glyf", "head", "hhea", "hmtx", "loca", "maxp"))
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
        cut = b"" if font.missing else _cut(font, sorted(to_unicode), is_bare=font.file_content[:4] == b"OTTO")
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


def _cut(font: Any, glyphs: list[int], *, is_bare: bool) -> bytes:
    """Return the CFF of a face with `glyphs` and their identifiers only, or else its TrueType with their numbers.

    b"" when HarfBuzz will not.
    """
    from weasyprint.text.ffi import ffi, harfbuzz, harfbuzz_subset  # noqa: PLC0415 - see install

    order = ffi.gc(harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy)
    for numbers, kept in (
        (harfbuzz_subset.hb_subset_input_glyph_set(order), glyphs),
        (harfbuzz_subset.hb_subset_input_set(order, harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG), _UNUSED),
    ):
        harfbuzz.hb_set_add_sorted_array(numbers, ffi.new(f"hb_codepoint_t[{len(kept)}]", kept), len(kept))
    flags = harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE | harfbuzz_subset.HB_SUBSET_FLAGS_NO_HINTING
    if not is_bare:
        flags |= harfbuzz_subset.HB_SUBSET_FLAGS_RETAIN_GIDS
    harfbuzz_subset.hb_subset_input_set_flags(order, flags)
    cut = harfbuzz_subset.hb_subset_or_fail(_prepared(font.hb_face), order)
    if cut == ffi.NULL:
        return b""
    table = harfbuzz.hb_face_reference_table(cut, _CFF) if is_bare else harfbuzz.hb_face_reference_blob(cut)
    length = ffi.new("unsigned int *")
    data = harfbuzz.hb_blob_get_data(table, length)
    found = bytes(ffi.unpack(data, length[0])) if length[0] else b""
    harfbuzz.hb_blob_destroy(table)
    harfbuzz.hb_face_destroy(cut)
    return found


def _prepared(face: Any) -> Any:
    """Return a face of the tables that cutting needs, made once.

    With the map of characters HarfBuzz would go through all 10,000 of them for each paper, and put in glyphs nobody
    asked for. Its own way to prepare a face (hb_subset_preprocess) saves a millisecond more and takes 35 MiB a face.
    """
    from weasyprint.text.ffi import ffi, harfbuzz  # noqa: PLC0415 - see install

    if not _ready:
        ffi.cdef(
            "hb_face_t * hb_face_builder_create (void);"
            "hb_bool_t hb_face_builder_add_table (hb_face_t *face, hb_tag_t tag, hb_blob_t *blob);"
        )
    address = int(ffi.cast("uintptr_t", face))
    if address not in _ready:
        # Held for good, so that no other face comes to stand at its address.
        harfbuzz.hb_face_reference(face)
        _ready[address] = made = harfbuzz.hb_face_builder_create()
        for tag in _USED:
            blob = harfbuzz.hb_face_reference_table(face, tag)
            if harfbuzz.hb_blob_get_length(blob):
                harfbuzz.hb_face_builder_add_table(made, tag, blob)
            harfbuzz.hb_blob_destroy(blob)
    return _ready[address]
