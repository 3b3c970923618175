"""What a voter gets to find the vote again, and the keyed hashes that keep a secret ballot apart from its voters.

cast receipt = HMAC(key, voter | request), told to the voter only. item receipt = SHA-256(cast receipt : item), stored
with the vote and published in the recount file: whoever holds the cast receipt finds the votes, nobody else can tie two
items of one cast together. All are the first 128 bits as 32 hex digits.
"""

import hashlib
import hmac
import os
import struct
from functools import cache

from django.conf import settings


@cache
def _key(purpose: str) -> bytes:
    """Return the key of one purpose. Kept: reading a setting costs as much as the hash."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"wuyi.voting.{purpose}".encode(), "sha256")


def keyed(purpose: str, text: str) -> str:
    """Return 32 hex digits that only the holder of SECRET_KEY can derive from `text`."""
    return hmac.digest(_key(purpose), text.encode(), "sha256")[:16].hex()


def cast_receipt(voter_id: int, request: str) -> str:
    """Return the receipt of one cast."""
    return keyed("receipt", f"{voter_id}|{request}")


def item_receipt(receipt: str, item_id: int) -> str:
    """Return the receipt of one item of a cast; anybody who has the cast receipt can compute it."""
    return hashlib.sha256(f"{receipt}:{item_id}".encode()).hexdigest()[:32]


def request_hash(voter_id: int, request: str) -> str:
    """Return the hash under which an answered request is remembered."""
    return hashlib.sha256(f"{voter_id}|{request}".encode()).hexdigest()[:32]


def slot(item_id: int, voter_id: int) -> str:
    """Return the name of the row that holds a voter's still revisable secret choice."""
    return keyed("slot", f"{item_id}|{voter_id}")


def pseudonym(ballot_id: int, voter_id: int) -> str:
    """Return the name under which a voter stands in the public recount file of a ballot."""
    return keyed("pseudonym", f"{ballot_id}|{voter_id}")


def random_ids(count: int) -> list[int]:
    """Return `count` random positive 63-bit numbers from the system's own source."""
    return [(number >> 1) or 1 for number in struct.unpack(f"<{count}Q", os.urandom(8 * count))]
