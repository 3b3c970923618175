"""Files that staff hand in as papers of a meeting: PDF and pictures, bounded; nothing that acts by itself."""

import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from typing import IO

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from core.errors import BadInput
from core.photos import store_photo
from meetings.models.paper import PaperKind
from publish.files import store_file

MAX_BYTES = 20 * 1024 * 1024
_MOST_UNPACKED = 64 * 1024 * 1024
_HEAD, _TAIL = 1024, 2048
# What makes a PDF do something when it is opened, or carry other files.
_ACTING = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z])")
_PACKED, _STREAM, _ENDSTREAM = b"/ObjStm", re.compile(rb"stream\r?\n"), b"endstream"
_DICTIONARY = 400  # bytes between the name of a packed stream and its beginning, at most
_PIECE = 1024 * 1024
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def store_paper(file: IO[bytes]) -> tuple[str, str, int, str]:
    """Store a paper and return (kind, name in storage, size in bytes, SHA-256).

    A picture is decoded and written anew (core/photos.py): no EXIF survives. A PDF is kept as it came, at most 20 MiB.
    Raises BadInput for anything else, a damaged or encrypted PDF, and one with scripts, actions or attachments.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadInput(_("材料不能超过 20 MB。"), field="file")
    if b"%PDF-" not in data[:_HEAD]:
        name = store_photo(io.BytesIO(data), field="file")
        with default_storage.open(name) as stored:
            written = stored.read()
        return PaperKind.PHOTO, name, len(written), hashlib.sha256(written).hexdigest()
    if b"%%EOF" not in data[-_TAIL:]:
        raise BadInput(_("这个 PDF 不完整，请重新导出。"), field="file")
    if b"/Encrypt" in data:
        raise BadInput(_("这个 PDF 加了密，大家打不开，请去掉密码。"), field="file")
    if _acts(data):
        raise BadInput(_("这个 PDF 带有脚本、动作或者附件，请另存为普通 PDF。"), field="file")
    name, digest = store_file(data, "meeting-papers", ".pdf")
    return PaperKind.PDF, name, len(data), digest


def _acts(data: bytes) -> bool:
    """Return whether a PDF names scripts, actions or attachments, in the open or in its packed objects."""
    if _ACTING.search(_plain(data)):
        return True
    left = _MOST_UNPACKED
    for packed in _packed_streams(data):
        unpacked = _unpacked(packed, left)
        left -= len(unpacked)
        if left <= 0 or _ACTING.search(_plain(unpacked)):
            return True
    return False


def _packed_streams(data: bytes) -> Iterator[bytes]:
    """Yield the streams of packed objects. One pass: a pattern over all of it would begin anew at every name."""
    at = data.find(_PACKED)
    while at >= 0:
        begun = _STREAM.search(data, at, at + _DICTIONARY)
        end = data.find(_ENDSTREAM, begun.end()) if begun else at + len(_PACKED)
        if end < 0:
            return
        if begun:
            yield data[begun.end() : end]
        at = data.find(_PACKED, end)


def _unpacked(packed: bytes, most: int) -> bytes:
    """Return what a stream unfolds to, at most `most` bytes; of a damaged one what comes before the damage."""
    stream, out = zlib.decompressobj(), bytearray()
    try:
        while packed and len(out) < most:
            out += stream.decompress(packed, min(_PIECE, most - len(out)))
            packed = stream.unconsumed_tail
    except zlib.error:
        pass
    return bytes(out)


def _plain(data: bytes) -> bytes:
    """Return the bytes with the escapes of PDF names undone: /#4aS is /JS."""
    return _ESCAPED.sub(lambda found: bytes([int(found.group(1), 16)]), data)
