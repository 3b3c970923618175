"""manage.py migrate: Django's own; Django asks that it finds changes as makemigrations does."""

from django.core.management.commands import migrate

from config.management.commands.makemigrations import Autodetector


class Command(migrate.Command):
    """Bring the database up to date."""

    autodetector = Autodetector
