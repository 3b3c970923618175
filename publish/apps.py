"""Registers the app."""

from django.apps import AppConfig


class PublishConfig(AppConfig):
    """A generic notice engine."""

    name = "publish"
    verbose_name = "公示"

    def ready(self) -> None:
        """Listen to the calendar."""
        from core.signals import calendar_changed  # noqa: PLC0415 - models are loaded only now
        from publish.receivers import recompute_periods  # noqa: PLC0415 - models are loaded only now

        calendar_changed.connect(recompute_periods, dispatch_uid="publish.recompute_periods")
