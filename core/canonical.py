"""One way to write a value down, so that equal values have equal hashes. No Django."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """Return `value` as JSON with sorted keys, no spaces, Chinese unescaped; floats are refused.

    Raises ValueError for a float anywhere inside: a hash must not depend on rounding.
    """
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_hex(value: Any) -> str:
    """Return the SHA-256 of bytes, or of the canonical JSON of any other value, as 64 hex digits."""
    data = value if isinstance(value, bytes) else canonical_json(value).encode()
    return hashlib.sha256(data).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        message = f"a float cannot be hashed exactly: {value!r}"
        raise ValueError(message)  # noqa: TRY004 - the value is at fault, not the caller's types
    if isinstance(value, dict):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_floats(part)
