"""Registers the app."""

from django.apps import AppConfig


class VotingConfig(AppConfig):
    """Ballots."""

    name = "voting"
    verbose_name = "表决"

    def ready(self) -> None:
        """Connect the receivers."""
        from voting import receivers  # noqa: F401, PLC0415 - models are ready only now
