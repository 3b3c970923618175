"""Who acts. Every write takes `by=`: a signed-in person, or the platform's own clock."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Actor(Protocol):
    """Somebody who can act: `pk` (None for the platform itself) and the name the ledger keeps."""

    @property
    def pk(self) -> int | None:
        """Return the database id of the person, None for the platform."""

    def actor_name(self) -> str:
        """Return the name the ledger keeps; shown masked to the public."""


class _System:
    """The platform acting by itself: deadlines, timers, command line without a person."""

    pk: int | None = None

    def __init__(self, name: str) -> None:
        self._name = name

    def actor_name(self) -> str:
        return self._name


SYSTEM: Actor = _System("系统")
COMMAND_LINE: Actor = _System("命令行")
