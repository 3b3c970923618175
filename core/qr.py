"""QR codes as SVG, without an imaging library."""

import segno


def svg(text: str) -> str:
    """Return the SVG element of a QR code of `text` (medium error correction); attributes only, no inline style."""
    return str(_code(text).svg_inline(scale=4, border=2, omitsize=True, light="#fff"))


def data_url(text: str) -> str:
    """Return the same code as a `data:` address for an <img> or a typeset page."""
    return str(_code(text).svg_data_uri(scale=4, border=2, light="#fff"))


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
