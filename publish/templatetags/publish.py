"""Tags of the pages of publish."""

from collections.abc import Mapping

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from publish.typeset.titles import title_words

register = template.Library()


@register.filter
def of_kind(titles: Mapping[str, object], kind: str) -> object:
    """Return the Chinese name of a kind from the page's table of names."""
    return titles.get(kind, kind)


@register.filter
def by_words(title: str) -> SafeString:
    """Return a title that a page breaks between words only, as its paper does; with `.by-words`."""
    return format_html_join("", "{}<wbr>", ((word,) for word in title_words(title)))
