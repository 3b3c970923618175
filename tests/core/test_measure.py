"""Areas: exact both ways, and no float passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.measure import MAX_AREA, format_area, parse_area, parse_decimal


@pytest.mark.parametrize(
    ("text", "area"), [("88.40", 8840), ("88.4", 8840), ("88", 8800), ("0.01", 1), (" 1237.60 ", 123760)]
)
def test_a_decimal_becomes_hundredths(text: str, area: int) -> None:
    assert parse_area(text) == area


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.00", "-1", "1.234", "1e3", "NaN", "inf", "88,40", "٨٨", "88.", ".5", "1_000", "9" * 11, "88 40"],
)
def test_anything_else_is_refused_by_field(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_area(text, field="rows.3.area")

    assert refused.value.field == "rows.3.area"


def test_a_float_is_refused() -> None:
    with pytest.raises(BadInput):
        parse_decimal(88.4)  # type: ignore[arg-type] # what a careless caller would pass


@given(st.integers(1, MAX_AREA))
def test_formatting_and_parsing_are_inverse(area: int) -> None:
    assert parse_area(format_area(area)) == area


def test_zero_is_allowed_where_it_means_nothing_cast() -> None:
    assert parse_decimal("0") == 0
