"""What one voter, one session or one address may ask of the live path."""

import threading
import time
from collections import OrderedDict, defaultdict
from typing import Any

from core.web import THIS_MACHINE

BURST = 30  # casts at once
PER_SECOND = 5.0  # casts, lasting
REMEMBERED = 50_000  # voters
SOCKETS_PER_VOTER = 12
SOCKETS_PER_SESSION = 12
SOCKETS_PER_ADDRESS = 4000  # a whole meeting may sit behind one address


class Allowance:
    """A token bucket for each key. Its limits hold for each process."""

    def __init__(self, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self._burst = burst
        self._per_second = per_second
        self._left: OrderedDict[Any, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: Any, moment: float | None = None) -> bool:
        """Take one token of `key`; return whether there was one. `moment` in seconds of the monotonic clock."""
        moment = time.monotonic() if moment is None else moment
        with self._lock:
            left, at = self._left.pop(key, (self._burst, moment))
            left = min(self._burst, left + (moment - at) * self._per_second)
            if may := left >= 1:
                left -= 1
            self._left[key] = (left, moment)
            if len(self._left) > REMEMBERED:
                self._left.popitem(last=False)
        return may


class Places:
    """Counts what is open for each key."""

    def __init__(self) -> None:
        self._taken: defaultdict[Any, int] = defaultdict(int)

    def enter(self, key: Any, limit: int) -> bool:
        """Take one place of `key` unless `limit` are taken; return whether there was one."""
        if self._taken[key] >= limit:
            return False
        self._taken[key] += 1
        return True

    def leave(self, key: Any) -> None:
        """Give one place of `key` back."""
        self._taken[key] -= 1
        if self._taken[key] <= 0:
            del self._taken[key]


casts = Allowance()
sockets = Places()


def address_of(scope: dict[str, Any]) -> str | None:
    """Return the client's address (the server has put a trusted proxy's word in), None for this machine itself."""
    address = scope["client"][0] if scope.get("client") else ""
    return None if not address or address in THIS_MACHINE else address
