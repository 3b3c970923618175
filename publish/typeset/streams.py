"""Repairs to how a PDF is written: each stream is compressed once, bytes come fast, the colour profile is closed.

pydyf 0.13 compresses everything twice, the second time to hash the file for its identifier: a sixth of the time of a
paper. It lists all pages for each tag that names one, so that a long roll took the square of its length. WeasyPrint 70
opens its colour profile for each paper and leaves it open. Written for these versions only.
"""

import zlib
from typing import Any

VERSION = "0.13.0"
# Level 9 takes four times the time for three parts in a hundred of the size.
_LEVEL = 3


def install() -> None:
    """Put the patch in place, once. Raises RuntimeError under another pydyf."""
    import pydyf  # noqa: PLC0415 - loaded with WeasyPrint, which may be missing

    if pydyf.__version__ != VERSION:
        message = f"publish/typeset/streams.py is written for pydyf {VERSION}, not {pydyf.__version__}"
        raise RuntimeError(message)
    pydyf.Stream.data = property(_data)
    pydyf.PDF.page_references = property(_pages_of)
    usual = pydyf._to_bytes  # noqa: SLF001 - it asks for the kind of everything that is written, 12,000 times a paper

    def to_bytes(item: Any) -> bytes:
        kind = type(item)
        if kind is bytes:
            return item  # type: ignore[no-any-return] # it is bytes
        if kind is str:
            return item.encode("ascii")  # type: ignore[no-any-return] # str
        if kind is int:
            return b"%d" % item
        written: bytes = usual(item)
        return written

    pydyf._to_bytes = to_bytes  # noqa: SLF001 - see above
    pydyf.Array.data = property(
        lambda array: b"[%b]" % b" ".join([one if type(one) is bytes else to_bytes(one) for one in array])
    )
    pydyf.Dictionary.data = property(_entries)
    from weasyprint import pdf  # noqa: PLC0415 - see above

    if getattr(pdf.ColorProfile, "is_closing", False):
        return
    read = pdf.ColorProfile

    def profile(file: Any, *rest: Any) -> Any:
        # Not kept for the next paper: its bytes change once its name has been asked for.
        with file:
            return read(file, *rest)

    profile.is_closing = True  # type: ignore[attr-defined] # ours, on their object
    pdf.ColorProfile = profile


def _pages_of(pdf: Any) -> tuple[bytes, ...]:
    """Return the references to all pages so far; worked out again only when there are more."""
    kids = pdf.pages["Kids"]
    known: tuple[bytes, ...] = pdf.__dict__.get("known_pages", ())
    if len(known) != len(kids) // 3:
        known = pdf.known_pages = tuple(f"{number} 0 R".encode("ascii") for number in kids[::3])
    return known


def settle(pdf: Any) -> None:
    """Let the finished objects of a document be written once; pydyf writes them again to hash them."""
    for element in pdf.objects:
        if isinstance(element, dict):
            element.written = b""  # type: ignore[attr-defined] # ours, on their object


def _entries(entries: Any) -> bytes:
    """Return the bytes of a dictionary; the same ones once it is settled."""
    import pydyf  # noqa: PLC0415 - see install

    known: bytes | None = entries.__dict__.get("written")
    if known:
        return known
    to_bytes = pydyf._to_bytes  # noqa: SLF001 - see install
    made = b"<<%b>>" % b"".join([b"/%b %b" % (to_bytes(key), to_bytes(one)) for key, one in entries.items()])
    if known is not None:
        entries.written = made
    return made


def _data(stream: Any) -> bytes:
    """Return the bytes of a stream object; asked for only while the file is written, when it no longer changes."""
    import pydyf  # noqa: PLC0415 - see install

    known: bytes | None = getattr(stream, "written", None)
    if known is not None:
        return known
    content = b"\n".join(pydyf._to_bytes(item) for item in stream.stream)  # noqa: SLF001 - numbers as pydyf writes them
    extra = pydyf.Dictionary(stream.extra.copy())
    if stream.compress:
        extra["Filter"] = "/FlateDecode"
        content = zlib.compress(content, _LEVEL)
    extra["Length"] = len(content)
    # After a content that ends in CR, LF alone would be read with it as one end of line, and Length as one too many.
    end = b"\r\n" if content.endswith(b"\r") else b"\n"
    written: bytes = b"".join((extra.data, b"\nstream\n", content, end, b"endstream"))
    stream.written = written
    return written
