"""Where the hub re-reads what it may have missed: one reader for each kind of topic.

A reader is given `{topic: version last heard}` and returns the updates of the topics that moved on. It runs in the
hub's own thread every heartbeat, so it should be one cheap query when nothing happened.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Update:
    """One piece of news: the newest `version` wins for each (topic, key)."""

    topic: str
    key: str
    version: int
    message: Mapping[str, Any]


Reader = Callable[[Mapping[str, int]], Sequence[Update]]
_readers: dict[str, Reader] = {}


def register(kind: str, reader: Reader) -> None:
    """Let `reader` answer for the topics of `kind` ("ballot", "meeting")."""
    _readers[kind] = reader


def reader_of(kind: str) -> Reader | None:
    """Return the reader of `kind`, None when nobody registered one."""
    return _readers.get(kind)
