"""Form fields for a day and for a moment: one widget, one format, and only years an office has to do with."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOMENT = "%Y-%m-%dT%H:%M"
# Wide enough for whoever was born long ago; narrow enough that a deadline counted from it, in any time zone, is a date.
FIRST_YEAR, LAST_YEAR = 1900, 2199


def _in_range(value: date | None) -> None:
    if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValidationError(
            _("年份应在%(first)s年到%(last)s年之间。"), params={"first": str(FIRST_YEAR), "last": str(LAST_YEAR)}
        )


class MomentField(forms.DateTimeField):
    """A day and a time, as the browser's own picker writes it or as ISO 8601. JSON may bring what is no text."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT), **more)

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment with its time zone; whatever is not one, or lies centuries away, is refused."""
        try:
            moment = super().to_python(None if value is None else str(value))
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        _in_range(moment)
        return moment


class DayField(forms.DateField):
    """A day, as the browser's own picker writes it (ISO 8601)."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)

    def to_python(self, value: Any) -> date | None:
        """Return the day; whatever is not one, or lies centuries away, is refused."""
        day = super().to_python(None if value is None else str(value))
        _in_range(day)
        return day
