"""Registers the app."""

from django.apps import AppConfig


class VotingConfig(AppConfig):
    """Ballots."""

    name = "voting"
    verbose_name = "表决"

    def ready(self) -> None:
        """Connect the receivers; teach the door the printed voting codes."""
        from community.signin import register_resolver  # noqa: PLC0415 - models are ready only now
        from voting import receivers  # noqa: F401, PLC0415 - the same
        from voting.codes import resolve_voting_code  # noqa: PLC0415 - the same

        register_resolver(resolve_voting_code)
