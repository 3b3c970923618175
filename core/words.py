"""Which characters a text may hold. No Django models."""

import re

from django.utils.translation import gettext as _

from core.errors import BadInput

# C0 and C1 controls but line break and tab, surrogates, non-characters, bidirectional overrides: they cannot be read,
# and the last make a text look like another one.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def refuse_unprintable(text: str, *, field: str) -> None:
    """Raise BadInput naming the first character of `text` that nobody could read."""
    if found := UNPRINTABLE.search(text):
        raise BadInput(_("含有不可见的控制字符 U+%(code)04X。") % {"code": ord(found[0])}, field=field)
