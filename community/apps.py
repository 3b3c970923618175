"""Registers the app."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """People and places."""

    name = "community"
    verbose_name = "社区"
