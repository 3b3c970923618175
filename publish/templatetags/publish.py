"""Tags of the pages of publish."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def of_kind(titles: Mapping[str, object], kind: str) -> object:
    """Return the Chinese name of a kind from the page's table of names."""
    return titles.get(kind, kind)
