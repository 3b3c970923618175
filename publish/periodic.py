"""What time asks of publish. Every job locks what it changes and may run on several hosts at once."""

from core.periodic import periodic
from publish.operations import end_due_periods, publish_stuck_notices, recompute_open_periods, render_waiting_variants


@periodic(seconds=60)
def take_up_stuck_notices() -> int:
    """Publish what a worker that died left in preparation."""
    return publish_stuck_notices()


@periodic(seconds=60)
def take_up_waiting_variants() -> int:
    """Typeset what a worker that died left waiting."""
    return render_waiting_variants()


@periodic(seconds=60)
def end_periods() -> int:
    """End the posting periods whose last day has passed."""
    return len(end_due_periods())


@periodic(seconds=6 * 3600)
def count_periods_again() -> int:
    """Count open periods again: a new release of the platform may carry a newly published schedule."""
    return len(recompute_open_periods())
