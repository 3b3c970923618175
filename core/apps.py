"""Registers the app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The lowest room."""

    name = "core"
    verbose_name = "核心"
