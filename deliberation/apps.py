"""Registers the app."""

from django.apps import AppConfig


class DeliberationConfig(AppConfig):
    """The conductor."""

    name = "deliberation"
    verbose_name = "五议"
