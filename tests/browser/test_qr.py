"""The QR code of a receipt, drawn on the voter's device: bit for bit what segno draws from the same bytes."""

import pytest
import segno

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser
# What fills each version to its last byte; segno puts a byte of its own before the padding of others.
FULL = [14, 26, 42, 62, 84, 106, 122, 152, 180]


def test_codes_of_every_version_are_those_of_segno(open_page: OpenPage) -> None:
    page = open_page("/")
    texts = [f"http://[::1]/#{number}".ljust(size, "7")[:size] for number, size in enumerate(FULL)]

    drawn = page.evaluate(
        "async (texts) => { const { matrix } = await import('/static/js/qr.js'); return texts.map(matrix); }",
        [*texts, "五议", "x" * 181],
    )

    for version, (text, rows) in enumerate(zip(texts, drawn, strict=False), start=1):
        code = segno.make(text, error="m", mode="byte", mask=0, boost_error=False, micro=False)
        assert code.version == version
        assert rows == [[bool(module) for module in row] for row in code.matrix]
    assert [len(drawn[-2]), drawn[-1]] == [21, None]
