"""Work that time asks for: rooms register it in their `periodic.py`, the background process calls it.

Several hosts may call the same job in the same moment, so a job locks what it changes and is idempotent.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections
from django.utils.module_loading import autodiscover_modules

log = logging.getLogger(__name__)
Job = Callable[[], object]


@dataclass(slots=True)
class _Entry:
    job: Job
    seconds: float
    due_at: float = 0.0


_jobs: dict[str, _Entry] = {}


def periodic(*, seconds: float) -> Callable[[Job], Job]:
    """Call the decorated function about every `seconds` in the background process."""

    def register(job: Job) -> Job:
        _jobs[f"{job.__module__}.{job.__qualname__}"] = _Entry(job, seconds)
        return job

    return register


def find_jobs() -> list[str]:
    """Import every room's `periodic.py` and return the names of all jobs."""
    autodiscover_modules("periodic")
    return sorted(_jobs)


def run_due(moment: float | None = None) -> list[str]:
    """Run the jobs whose time has come (`moment` in seconds of the monotonic clock); return their names.

    A job that fails is logged and tried again at its next time; the others run.
    """
    moment = time.monotonic() if moment is None else moment
    ran = []
    for name, entry in sorted(_jobs.items()):
        if entry.due_at > moment:
            continue
        entry.due_at = moment + entry.seconds
        ran.append(name)
        try:
            entry.job()
        except Exception:
            log.exception("periodic job %s failed", name)
            connections.close_all()
    return ran
