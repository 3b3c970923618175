"""Registers the app."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Meetings."""

    name = "meetings"
    verbose_name = "会议"

    def ready(self) -> None:
        """Connect the receivers."""
        from meetings import receivers  # noqa: F401, PLC0415 - models are ready only now
