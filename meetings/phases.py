"""The life of a meeting: its phases and the moves between them. Pure Python.

`MOVES` is the one table; the operations, the chair's page and docs/states.md read it.
"""

from typing import Final

DRAFT: Final = "draft"
CONVENED: Final = "convened"
OPEN: Final = "open"
SUSPENDED: Final = "suspended"
CLOSED: Final = "closed"
MINUTED: Final = "minuted"
CANCELLED: Final = "cancelled"

# move -> (phases it starts from, phase it leads to)
MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "convene": (frozenset({DRAFT}), CONVENED),
    "cancel": (frozenset({DRAFT, CONVENED}), CANCELLED),
    "open": (frozenset({CONVENED}), OPEN),
    "suspend": (frozenset({OPEN}), SUSPENDED),
    "adjourn": (frozenset({OPEN}), SUSPENDED),
    "resume": (frozenset({SUSPENDED}), OPEN),
    "close": (frozenset({OPEN, SUSPENDED}), CLOSED),
    "freeze_minutes": (frozenset({CLOSED}), MINUTED),
}

ONGOING: Final = frozenset({OPEN, SUSPENDED})
OVER: Final = frozenset({CLOSED, MINUTED, CANCELLED})


def may_move(phase: str, move: str) -> bool:
    """Return whether `move` starts from `phase`."""
    return phase in MOVES[move][0]


def after(move: str) -> str:
    """Return the phase `move` leads to."""
    return MOVES[move][1]
