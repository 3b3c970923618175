"""Registers the app."""

from django.apps import AppConfig


class DeliberationConfig(AppConfig):
    """The conductor."""

    name = "deliberation"
    verbose_name = "五议"

    def ready(self) -> None:
        """Listen to the rooms below."""
        from deliberation import receivers  # noqa: F401, PLC0415 - the models must be ready first
