"""Which characters a text may hold, and how a day is said. No Django models."""

import datetime as dt
import re
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from core.errors import BadInput

# C0 and C1 controls but line break and tab, surrogates, non-characters, bidirectional overrides: they cannot be read,
# and the last make a text look like another one.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def refuse_unprintable(text: str, *, field: str) -> None:
    """Raise BadInput naming the first character of `text` that nobody could read, or where there is none to be read."""
    if found := UNPRINTABLE.search(text):
        raise BadInput(_("含有不可见的控制字符 U+%(code)04X。") % {"code": ord(found[0])}, field=field)
    if text.strip() and not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise BadInput(_("里面没有看得见的字。"), field=field)


def at_most(value: str, field: str, most: int = 200) -> str:
    """Return the text without the spaces around it, "" too. Raises BadInput naming the field of a longer one."""
    text = value.strip()
    if len(text) > most:
        raise BadInput(_("最多%(most)d个字。") % {"most": most}, field=field)
    return text


def one_line(value: Any, field: str, most: int) -> str:
    """Return a text of one line, 1 to `most` characters. Raises BadInput naming the field."""
    text = value.strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= most or not text.isprintable():
        raise BadInput(_("须为 1 至 %(most)d 个字的一行文字。") % {"most": most}, field=field)
    return text


def day_in_words(day: dt.date | None) -> str:
    """Return a day as a sentence says it (2026年11月27日, 27 November 2026), "" for none."""
    return date_format(day, _("Y年n月j日")) if day is not None else ""


def minute_in_words(moment: dt.datetime | None) -> str:
    """Return a moment to the minute (2026年11月27日 19:30), "" for none; one without zone is where the community is."""
    if moment is None:
        return ""
    return date_format(timezone.localtime(moment) if timezone.is_aware(moment) else moment, _("Y年n月j日 H:i"))
