"""Photos people send: bounded, re-encoded, without EXIF, under a name nobody can guess."""

import io
import secrets
import warnings
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from core import clock
from core.errors import BadInput

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONGEST_SIDE = 2560
_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 85


def store_photo(file: IO[bytes], *, field: str = "photo") -> str:
    """Store a photo and return its name in the default storage ("photos/2026/11/<random>.jpg").

    The pixels are decoded and written anew as JPEG, turned upright, at most 2560 px long; nothing else of the file
    survives (EXIF with the place it was taken, comments, what is appended to it).
    Raises BadInput for more than 12 MiB or 50 million pixels, other formats than JPEG, PNG and WebP, or damage.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadInput(_("照片不能超过 12 MB。"), field=field)
    today = clock.local_date()
    name = f"photos/{today:%Y/%m}/{secrets.token_urlsafe(18)}.jpg"
    return default_storage.save(name, ContentFile(_reencoded(data, field)))


def _reencoded(data: bytes, field: str) -> bytes:
    # WeasyPrint lets Pillow take half a picture for a whole one, for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the bounds below are ours; Pillow only warns
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise _too_many(field)
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
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
