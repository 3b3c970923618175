"""Registers the app."""

from django.apps import AppConfig


class VotingConfig(AppConfig):
    """Ballots."""

    name = "voting"
    verbose_name = "表决"
