"""Floor areas: integers of 0.01 m2 inside, decimal strings at the edges. No floats anywhere."""

import re

from django.utils.translation import gettext as _

from core.errors import BadInput

# 10,000 km2: larger than any building, small enough that a million of them still fit a 64-bit sum.
MAX_AREA = 10**12
_FORM = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2}))?", re.ASCII)


def parse_area(text: str, *, field: str = "area") -> int:
    """Return the area in units of 0.01 m2: "88.40" -> 8840.

    Raises BadInput naming `field` for anything but a positive decimal with at most two places.
    """
    value = parse_decimal(text, field=field)
    if value == 0:
        raise BadInput(_("面积必须大于 0。"), field=field)
    return value


def parse_decimal(text: str, *, field: str = "") -> int:
    """Return a non-negative decimal with at most two places, times 100; 0 is allowed, floats are not."""
    found = _FORM.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise BadInput(_("面积须为最多两位小数的数，如 88.40。"), field=field)
    value = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0") or "0")
    if value > MAX_AREA:
        raise BadInput(_("面积太大。"), field=field)
    return value


def format_area(area: int) -> str:
    """Return units of 0.01 m2 as a decimal string with two places: 8840 -> "88.40"."""
    sign = "-" if area < 0 else ""
    return f"{sign}{abs(area) // 100}.{abs(area) % 100:02d}"


def square_metres(figure: object) -> str:
    """Return a figure with its unit as pages and papers write it: "88.40" -> 88.40平方米 (88.40 m² in English)."""
    return _("%(figure)s平方米") % {"figure": figure}
