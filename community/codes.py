"""Printed codes: 10 characters nobody misreads, stored as a keyed hash only.

31 characters without 0 O 1 I L: 31^10 = 8e14 codes, 49 bits.
"""

import secrets
import unicodedata

from django.utils.crypto import salted_hmac

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
_SALT = "community.codes"


def new_code() -> str:
    """Return a fresh code, to be shown once and stored with `hash_code`."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def normalized(code: str) -> str:
    """Return a code as typed or scanned, without spaces and hyphens, in capitals, full-width made plain."""
    plain = unicodedata.normalize("NFKC", code[:64]).upper()
    return "".join(c for c in plain if c.isalnum())


def is_code(code: str) -> bool:
    """Return whether a normalized text can be a code at all."""
    return len(code) == LENGTH and all(c in ALPHABET for c in code)


def hash_code(code: str) -> str:
    """Return the HMAC-SHA256 of a code under SECRET_KEY as 64 hex digits; case and spaces make no difference."""
    return salted_hmac(_SALT, normalized(code), algorithm="sha256").hexdigest()


def grouped(code: str) -> str:
    """Return a code as it is printed: "ABCDE FGHJK"."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"
