"""Pictures in facts: whole, and small enough to be set. A paper is not printed with a hole where a photo should be."""

import base64
import binascii
import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, ImageFile, UnidentifiedImageError

from core.errors import BadInput

# What a phone's camera makes, taken down once; opened it takes some 80 MB.
PIXELS_LIMIT = 20_000_000


def require_whole(address: str, *, field: str) -> None:
    """Raise BadInput naming `field` unless the data: address holds a whole PNG or JPEG of at most 20 million pixels.

    The size is read before a pixel is opened, so that a small file cannot unfold into gigabytes.
    """
    # WeasyPrint lets Pillow take half a picture for a whole one, for the whole process; put right for good (as
    # core.photos does): who gave the leniency back would give it to another thread's picture.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the bound below is ours; Pillow only warns
            data = base64.b64decode(address.partition(",")[2], validate=True)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
                if opened.width * opened.height > PIXELS_LIMIT:
                    raise _too_many(field)
                opened.load()
    except Image.DecompressionBombError:
        raise _too_many(field) from None
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise BadInput(_("图片损坏或不完整，不能印制"), field=field) from error


def _too_many(field: str) -> BadInput:
    return BadInput(_("图片的像素太多，超过上限 %(limit)d 万像素") % {"limit": PIXELS_LIMIT // 10_000}, field=field)
