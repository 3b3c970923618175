"""Photos people send: bounded, re-encoded, without EXIF, under a name nobody can guess.

A file of two kilobytes may unfold into 50 million pixels: one photo at a time is unfolded in a process.
"""

import io
import secrets
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from core import clock
from core.errors import BadInput, Refused

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_PIXELS_WHOLE = 25_000_000  # of PNG and WebP, which cannot be read at a smaller scale: some 400 MB
LONGEST_SIDE = 2560
_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 85
WAITING = 6  # photos in work or waiting for it; each holds a request's place
_places = threading.BoundedSemaphore(WAITING)
_one_at_a_time = threading.Lock()


class Busy(Refused):
    """Too many photos are being unfolded just now; send it again."""

    code = "throttled"
    status = 429


def store_photo(file: IO[bytes], *, field: str = "photo") -> str:
    """Store a photo and return its name in the default storage ("photos/2026/11/<random>.jpg").

    The pixels are decoded and written anew as JPEG, turned upright, at most 2560 px long; nothing else of the file
    survives (EXIF with the place it was taken, comments, what is appended to it).
    Takes seconds for the largest: call it before a transaction, not within. Raises BadInput for more than 12 MiB or
    50 million pixels (PNG and WebP 25 million), other formats, or damage; Busy.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadInput(_("照片不能超过 12 MB。"), field=field)
    if not _places.acquire(blocking=False):
        raise Busy(_("照片正在排队处理，请稍候再传。"))
    try:
        with _one_at_a_time:
            bare = _reencoded(data, field)
    finally:
        _places.release()
    today = clock.local_date()
    name = f"photos/{today:%Y/%m}/{secrets.token_urlsafe(18)}.jpg"
    return default_storage.save(name, ContentFile(bare))


@contextmanager
def stored_photos(photos: Iterable[IO[bytes]], *, field: str = "photos") -> Iterator[list[str]]:
    """Store photos around the transaction that refers to them and yield their names: where it raises, none stays.

    Whoever refers to them takes them out of the list; what is left in it is forgotten. Raises as `store_photo`.
    """
    names: list[str] = []
    made: list[str] = []
    try:
        for photo in photos:
            made.append(store_photo(photo, field=field))  # noqa: PERF401 - what was stored before a bad one is known
        names += made
        yield names
    except BaseException:
        names = made
        raise
    finally:
        for name in names:
            default_storage.delete(name)


def _reencoded(data: bytes, field: str) -> bytes:
    # WeasyPrint lets Pillow take half a picture for a whole one, for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the bounds below are ours; Pillow only warns
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                most = MAX_PIXELS if opened.format == "JPEG" else MAX_PIXELS_WHOLE
                if opened.width * opened.height > most:
                    raise _too_many(field)
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # before anything that copies all pixels
                upright = ImageOps.exif_transpose(opened)
                out = io.BytesIO()
                _flattened(upright).save(out, "JPEG", quality=_QUALITY, optimize=True)
    except Image.DecompressionBombError:
        raise _too_many(field) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise BadInput(_("这不是可用的照片，请传 JPEG、PNG 或 WebP。"), field=field) from error
    return out.getvalue()


def _too_many(field: str) -> BadInput:
    return BadInput(_("照片的像素太多，请缩小后再传。"), field=field)


def _flattened(image: Image.Image) -> Image.Image:
    """Return the bare pixels on white: no transparency, no profile, no metadata."""
    rgba = image.convert("RGBA")
    bare = Image.new("RGB", rgba.size, "white")
    bare.paste(rgba, mask=rgba.getchannel("A"))
    return bare
