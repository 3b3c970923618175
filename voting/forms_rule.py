"""Choosing a rule of the catalogue in a form: grouped by whose it is, and only what fits who decides."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.utils.functional import Promise
from django.utils.translation import gettext

from voting.electorates import SCOPES
from voting.rules import ENTRIES, electorates_of, fits
from voting.wording import rule_title


class FittedSelect(forms.Select):
    """A choice of which only what fits another field is offered: each option names the values it fits."""

    class Media:
        js = (Script("js/fitted.js", type="module"),)

    def __init__(self, fitted_by: str) -> None:
        super().__init__(attrs={"data-fitted-by": fitted_by})
        self.fits: Mapping[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **more: Any) -> dict[str, Any]:
        """Return the option with the values it fits; without any it fits all."""
        option: dict[str, Any] = super().create_option(name, value, *args, **more)
        if fitting := self.fits.get(str(value)):
            option["attrs"]["data-fits"] = fitting
        return option


class RuleField(forms.ChoiceField):
    """A rule for one of `electorates`, in the reader's language; `fitted_by` is the field that says who decides."""

    def __init__(
        self, *, fitted_by: str, empty: str | Promise, electorates: Collection[str] = tuple(SCOPES), **more: Any
    ) -> None:
        widget = FittedSelect(fitted_by)
        widget.fits = {
            entry["key"]: " ".join(one for one in electorates if fits(entry["key"], one)) for entry in ENTRIES
        }
        super().__init__(choices=lambda: [("", str(empty)), *_by_electorate(electorates)], widget=widget, **more)


def _by_electorate(electorates: Collection[str]) -> Iterator[tuple[str, Iterable[tuple[str, str]]]]:
    """Yield whose rules, and the rules; what fits nobody of `electorates` is left out."""
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for entry in ENTRIES:
        whose = tuple(one for one in electorates_of(entry["key"]) if one in electorates)
        groups.setdefault(whose, []).append((entry["key"], rule_title(entry)))
    groups.pop((), None)
    for whose, rules in groups.items():
        yield gettext("、").join(str(SCOPES[one].title) for one in whose), rules
