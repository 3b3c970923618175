"""Fields that read the same from a page and from JSON."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_SEPARATOR = re.compile(r"\s*[,，\t|｜]\s*")
MOST_LINES = 100


class TextArea(forms.CharField):
    """A text of several lines."""

    def __init__(self, *, rows: int = 4, **more: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **more)


class YesNoField(forms.TypedChoiceField):
    """A question that must be answered: nothing is chosen beforehand. JSON may say true or false."""

    def __init__(self, *, yes: Any = None, no: Any = None, **more: Any) -> None:
        super().__init__(
            choices=[("yes", yes or _("是")), ("no", no or _("否"))],
            coerce=lambda value: value == "yes",
            widget=forms.RadioSelect,
            **more,
        )

    def to_python(self, value: Any) -> str:
        """Return "yes", "no" or ""."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(super().to_python(value))


class LinesField(forms.Field):
    """A list of rows: on a page one line each, its parts apart by a comma; in JSON a list of objects.

    `columns` names the parts in their order; those after the first `needed` may be missing.
    """

    widget = forms.Textarea

    def __init__(self, *, columns: Sequence[str], needed: int, extra: Sequence[str] = (), **more: Any) -> None:
        super().__init__(**more)
        self.columns, self.needed, self.extra = tuple(columns), needed, tuple(extra)

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows as mappings of text. Raises ValidationError naming the row."""
        if value in (None, ""):
            return []
        if isinstance(value, str):
            rows = [self._row(number, line) for number, line in enumerate(value.splitlines(), start=1) if line.strip()]
        elif isinstance(value, list):
            rows = [self._object(number, one) for number, one in enumerate(value, start=1)]
        else:
            raise ValidationError(_("应为列表。"))
        if len(rows) > MOST_LINES:
            raise ValidationError(_("最多%(most)d行。"), params={"most": MOST_LINES})
        return rows

    def _row(self, number: int, line: str) -> dict[str, Any]:
        parts = _SEPARATOR.split(line.strip(), maxsplit=len(self.columns) - 1)
        if len(parts) < self.needed:
            raise ValidationError(_("第%(row)d行没有写全，各项之间用逗号分开。"), params={"row": number})
        return dict(zip(self.columns, parts, strict=False))

    def _object(self, number: int, one: Any) -> dict[str, Any]:
        if not isinstance(one, Mapping) or set(one) - {*self.columns, *self.extra}:
            raise ValidationError(_("第%(row)d行的格式不对。"), params={"row": number})
        if any(not isinstance(value, str | int) or isinstance(value, bool) for value in one.values()):
            raise ValidationError(_("第%(row)d行的格式不对。"), params={"row": number})
        return {key: value if key in self.extra else str(value) for key, value in one.items()}


class PhotosInput(forms.ClearableFileInput):
    """Several files in one input."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos; each is checked when it is stored."""

    widget = PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the list of files, empty when there are none."""
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(PhotosField, self).clean(file, initial) for file in files if file]
