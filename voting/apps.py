"""Registers the app."""

from django.apps import AppConfig


class VotingConfig(AppConfig):
    """Ballots."""

    name = "voting"
    verbose_name = "表决"

    def ready(self) -> None:
        """Connect the receivers; teach the door the printed voting codes, the ledger what to compare with it."""
        from community.signin import register_resolver  # noqa: PLC0415 - models are ready only now
        from core.ledger import register_witness  # noqa: PLC0415 - the same
        from voting import receivers  # noqa: F401, PLC0415 - the same
        from voting.codes import resolve_voting_code  # noqa: PLC0415 - the same
        from voting.evidence import edited_ballots  # noqa: PLC0415 - the same

        register_resolver(resolve_voting_code)
        register_witness(edited_ballots)
