"""Prints what the faults did to the votes."""

from typing import Any

import pytest

from tests.faults.audit import Tally

tallies: dict[str, Tally] = {}
COLUMNS = ("runs", "asked", "acked", "stored", "refused", "doubled", "lost", "late", "not_final", "went_back")


@pytest.fixture
def tally_of(request: pytest.FixtureRequest) -> Tally:
    """Return the sums of all runs of this test's fault."""
    fault: str = request.getfixturevalue("fault").__name__
    return tallies.setdefault(fault.replace("_", " "), Tally())


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table."""
    if not tallies:
        return
    terminalreporter.section("faults")
    width = max(map(len, tallies))
    terminalreporter.line(" ".join([" " * width, *(f"{name:>9}" for name in COLUMNS)]))
    for fault, tally in sorted(tallies.items()):
        terminalreporter.line(" ".join([f"{fault:{width}}", *(f"{getattr(tally, name):9}" for name in COLUMNS)]))
