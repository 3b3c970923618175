"""Registers the app."""

from django.apps import AppConfig


class PublishConfig(AppConfig):
    """A generic notice engine."""

    name = "publish"
    verbose_name = "公示"
