"""The pieces that facts of notices are made of: bounded text, exact numbers, tables, photos. Pure, no Django.

Numbers are integers or decimal strings, never floats; dates and times are ISO 8601 strings; names arrive masked.
Every text has a length, every list a bound: the typesetter never meets more than it can set.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Line = Annotated[str, Meta(max_length=200)]
NonEmptyLine = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=4000)]
Title = Annotated[str, Meta(min_length=1, max_length=120)]
Amount = Annotated[str, Meta(pattern=r"^-?\d{1,12}(\.\d{1,4})?$")]
AmountOrNone = Annotated[str, Meta(pattern=r"^(-?\d{1,12}(\.\d{1,4})?)?$")]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Number = Count | Amount
Date = Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Moment = Annotated[
    str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d.{0,20}$")
]
DateOrNone = Annotated[str, Meta(pattern=r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$")]
MomentOrNone = Annotated[
    str, Meta(pattern=r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d.{0,20})?$")
]
DigestOrNone = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")]
Lines = Annotated[list[Line], Meta(max_length=200)]
Paragraphs = Annotated[list[Text], Meta(max_length=200)]
Names = Annotated[list[Line], Meta(max_length=2000)]
Outcome = Literal["passed", "rejected", "not_quorate"]


class Part(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of everything inside facts: an unknown field is an error, not a silent loss."""


class Objection(Part, kw_only=True):
    """Where, how and until when one may object."""

    office: NonEmptyLine
    phone: Line = ""
    address: Line = ""
    deadline: DateOrNone = ""
    note: Line = ""


class Section(Part, kw_only=True):
    """A heading of the first level (一、 is added) and what stands under it."""

    heading: NonEmptyLine
    paragraphs: Paragraphs = []


class Table(Part, kw_only=True):
    """A table with caption; `align` names the columns of figures: one letter a column, l, c or r."""

    caption: Line = ""
    columns: Annotated[list[Line], Meta(min_length=1, max_length=12)]
    rows: Annotated[list[Annotated[list[Line], Meta(max_length=12)]], Meta(max_length=6000)]
    align: Annotated[str, Meta(pattern=r"^[lcr]*$", max_length=12)] = ""


class Photo(Part, kw_only=True):
    """A picture as data: URL (PNG or JPEG, at most about 600 kB) with the words that stand for it."""

    data: Annotated[str, Meta(pattern=r"^data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+$", max_length=800_000)]
    caption: NonEmptyLine


class Money(Part, kw_only=True):
    """One line of a budget or an account, yuan as decimal string."""

    item: NonEmptyLine
    amount: Amount
    actual: AmountOrNone = ""
    source: Line = ""
    note: Line = ""


class Threshold(Part, kw_only=True):
    """One threshold as the decision rules compute it (docs of `manage.py decide`)."""

    measure: Line
    of: Line = ""
    counts: Line = ""
    base: Number | None = None
    fraction: Line | None = None
    at_least: Number | None = None
    inclusive: bool = True
    needed: Number
    reached: Number
    shortfall: Number = 0
    met: bool


class Facts(Part, kw_only=True):
    """What every kind may carry."""

    title: Title
    addressee: Line = ""
    basis: Lines = []
    paragraphs: Paragraphs = []
    sections: Annotated[list[Section], Meta(max_length=40)] = []
    tables: Annotated[list[Table], Meta(max_length=20)] = []
    attachments: Lines = []
    places: Lines = []
    objection: Objection | None = None
    copies: Lines = []
