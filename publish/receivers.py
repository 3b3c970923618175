"""What publish does on news from below."""

from typing import Any

from publish.operations.periods import recompute_open_periods


def recompute_periods(years: list[int], **_kwargs: Any) -> None:
    """Count the open periods again: the working days of `years` were set or corrected."""
    recompute_open_periods(years=years)
