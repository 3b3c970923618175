"""What stays together at a line's end."""

import pytest

from publish.typeset import unbroken


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("至2026年12月1日24时止", ["2026年", "12月1日", "24时"]),
        ("9时30分", ["9时30分"]),
        ("赵**、阿**·**", ["赵**", "阿**", "·**"]),
        ("没有", []),
    ],
)
def test_spans_are_those_of_dates_moments_and_masked_names(text: str, together: list[str]) -> None:
    encoded = text.encode()

    assert [encoded[start:end].decode() for start, end in unbroken.spans(text)] == together
