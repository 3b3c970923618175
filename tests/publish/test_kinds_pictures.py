"""Pictures in facts: a damaged or unfolding one is refused by its path, and nothing is printed with a hole."""

import base64
import io

import pytest
from PIL import Image, ImageFile

from core.errors import BadInput
from publish import kinds


def _png(size: tuple[int, int], mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, "PNG")
    return out.getvalue()


def _facts(data: bytes) -> dict[str, object]:
    address = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    return {**kinds.example_paper("period_statement")["facts"], "photos": [{"data": address, "caption": "公示栏"}]}


def test_a_whole_picture_is_taken() -> None:
    kinds.validate("period_statement", _facts(_png((800, 600))))


@pytest.mark.parametrize("lenient", [True, False])
@pytest.mark.parametrize("data", [b"", b"abc", _png((800, 600))[:900], _png((80, 60))[:60]])
def test_a_damaged_picture_is_refused_by_its_path(
    monkeypatch: pytest.MonkeyPatch, data: bytes, *, lenient: bool
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)  # as WeasyPrint leaves it

    with pytest.raises(BadInput) as caught:
        kinds.validate("period_statement", _facts(data))

    assert caught.value.field == "photos[0].data"
    assert caught.value.sentence in {"图片损坏或不完整，不能印制", "应为 data:image/png 或 data:image/jpeg 图片"}


def test_a_small_file_of_many_pixels_is_refused_before_it_is_opened() -> None:
    with pytest.raises(BadInput) as caught:
        kinds.validate("period_statement", _facts(_png((5001, 4000), "1")))

    assert (caught.value.field, caught.value.sentence) == (
        "photos[0].data",
        "图片的像素太多，超过上限 2000 万像素",
    )
