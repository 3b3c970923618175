"""Photos: only the pixels survive."""

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from core import photos
from core.errors import BadInput


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def _photo(form: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **more: Any) -> io.BytesIO:
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, form, **more)
    out.seek(0)
    return out


def test_the_place_it_was_taken_is_gone() -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (30.0, 48.0, 0.0)}
    exif[0x010E] = "SECRET"

    name = photos.store_photo(_photo(exif=exif, comment=b"SECRET"))

    with default_storage.open(name) as file:
        data = file.read()
    assert b"SECRET" not in data
    with Image.open(io.BytesIO(data)) as stored:
        assert (stored.format, stored.size, len(stored.getexif())) == ("JPEG", (60, 40), 0)


def test_it_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    name = photos.store_photo(_photo(exif=exif))

    with default_storage.open(name) as file, Image.open(file) as stored:
        assert stored.size == (40, 60)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_half_a_picture_is_refused_with_weasyprint_loaded(form: str) -> None:
    pytest.importorskip("weasyprint", reason="WeasyPrint needs Pango")
    whole = io.BytesIO()
    Image.effect_noise((400, 300), 50).convert("RGB").save(whole, form)
    half = io.BytesIO(whole.getvalue()[: len(whole.getvalue()) // 2])

    with pytest.raises(BadInput, match="这不是可用的照片"):
        photos.store_photo(half)

    assert not default_storage.exists("photos")


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("WEBP", "RGB"), ("JPEG", "CMYK")]
)
def test_the_common_forms_become_jpeg(form: str, mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, form)
    out.seek(0)

    with default_storage.open(photos.store_photo(out)) as file, Image.open(file) as stored:
        assert (stored.format, stored.mode) == ("JPEG", "RGB")


def test_a_large_photo_is_made_smaller() -> None:
    name = photos.store_photo(_photo(size=(5120, 100)))

    with default_storage.open(name) as file, Image.open(file) as stored:
        assert stored.size == (2560, 50)


def test_names_cannot_be_guessed() -> None:
    names = {photos.store_photo(_photo()) for _time in range(3)}

    assert len(names) == 3
    assert all(name.startswith("photos/") and name.endswith(".jpg") and len(name) > 40 for name in names)


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + b"\0" * 50, _photo().getvalue()[:200]],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        photos.store_photo(io.BytesIO(data), field="photos.0")

    assert refused.value.field == "photos.0"


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MAX_PIXELS", 100)
    with pytest.raises(BadInput):
        photos.store_photo(_photo(size=(11, 10)))

    monkeypatch.setattr(photos, "MAX_BYTES", 100)
    with pytest.raises(BadInput):
        photos.store_photo(_photo(size=(10, 10)))


def test_what_cannot_be_read_smaller_may_have_fewer_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MAX_PIXELS_WHOLE", 100)
    for form in ("PNG", "WEBP"):
        with pytest.raises(BadInput):
            photos.store_photo(_photo(form, size=(11, 10)))

    assert photos.store_photo(_photo("JPEG", size=(11, 10)))


def test_a_crowd_of_photos_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "_places", threading.BoundedSemaphore(1))

    def unfold(_data: bytes, _field: str) -> bytes:
        with pytest.raises(photos.Busy):
            photos.store_photo(_photo())
        return b"pixels"

    monkeypatch.setattr(photos, "_reencoded", unfold)
    photos.store_photo(_photo())
    photos.store_photo(_photo())  # the place is free again


def test_photos_stay_only_where_they_were_taken() -> None:
    with photos.stored_photos([_photo()]) as names:
        kept = names.pop()
    with photos.stored_photos([_photo()]) as names:
        left = names[0]
    with pytest.raises(ValueError, match="refused"), photos.stored_photos([_photo()]) as names:  # noqa: PT012 - what is tested
        refused = names.pop()
        raise ValueError("refused")
    with pytest.raises(BadInput), photos.stored_photos([_photo(), io.BytesIO(b"no photo")]):
        pass

    assert [default_storage.exists(name) for name in (kept, left, refused)] == [True, False, False]
    folder = kept.rpartition("/")[0]
    assert default_storage.listdir(folder)[1] == [kept.rpartition("/")[2]]
