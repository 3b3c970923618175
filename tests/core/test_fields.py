import pytest
from django.core.exceptions import ValidationError

from core.fields import DayField, MomentField


@pytest.mark.parametrize("year", ["0001", "1899", "2200", "9999"])
def test_a_year_no_office_has_to_do_with_is_refused(year: str) -> None:
    with pytest.raises(ValidationError, match="1900"):
        DayField().clean(f"{year}-01-01")
    with pytest.raises(ValidationError, match="1900"):
        MomentField().clean(f"{year}-06-01T08:00")


@pytest.mark.parametrize("text", ["0001-01-01T00:00+08:00", "9999-12-31T23:59-08:00", "2026-13-01T00:00", "NaN", "🈳"])
def test_what_is_no_moment_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValidationError):
        MomentField().clean(text)


def test_the_edges_are_taken() -> None:
    assert str(DayField().clean("1900-01-01")) == "1900-01-01"
    moment = MomentField().clean("2199-12-31T23:59")
    assert moment is not None
    assert (moment.year, moment.tzinfo is not None) == (2199, True)
    assert DayField(required=False).clean("") is None
