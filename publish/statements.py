"""The 公示情况说明: what happened during a period, from the rows."""

from typing import Any

from publish.models import Notice

STATEMENT = "period_statement"


def statement_facts(notice: Notice) -> dict[str, Any]:
    """Return the facts of the statement about a notice whose period has ended. Two queries."""
    raise NotImplementedError(notice)
