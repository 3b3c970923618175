"""Registers the app."""

from django.apps import AppConfig


class DeliberationConfig(AppConfig):
    """The conductor."""

    name = "deliberation"
    verbose_name = "五议"

    def ready(self) -> None:
        """Listen to the rooms below; say who conducts the ballots of a proposal."""
        from deliberation import receivers  # noqa: F401, PLC0415 - the models must be ready first
        from deliberation.conducting import conducts_the_proposal  # noqa: PLC0415 - the same
        from voting.conducting import register_judge  # noqa: PLC0415 - the same

        register_judge(conducts_the_proposal)
