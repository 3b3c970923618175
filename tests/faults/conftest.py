"""Prints what the faults did to the votes; `CHAOS_TABLE` names a file that has the table so far at any moment."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.audit import Tally

tallies: dict[str, Tally] = {}
COLUMNS = ("runs", "asked", "acked", "stored", "refused", "doubled", "lost", "late", "not_final", "went_back")


@pytest.fixture
def tally_of(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Return the sums of all runs of this test's fault."""
    fault: str = request.getfixturevalue("fault").__name__
    yield tallies.setdefault(fault.replace("_", " "), Tally())
    if path := os.environ.get("CHAOS_TABLE"):
        Path(path).write_text("\n".join(_table()) + "\n", encoding="utf-8")


def _table() -> list[str]:
    lines = ["| fault | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for fault, tally in sorted(tallies.items()):
        lines.append(f"| {fault} | " + " | ".join(str(getattr(tally, name)) for name in COLUMNS) + " |")
    return lines


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table."""
    if tallies:
        terminalreporter.section("faults")
        for line in _table():
            terminalreporter.line(line)
