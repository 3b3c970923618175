"""Files named by their own SHA-256: written whole before anything refers to them, never changed."""

import contextlib
import hashlib
import os
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def store_file(data: bytes, folder: str, suffix: str) -> tuple[str, str]:
    """Store `data` as folder/ab/<sha256><suffix> and return (name, sha256). The same data is stored once.

    On a file system the bytes are on disk (fsync) when this returns. A half-written file left by a crash is
    found by its hash and written again.
    """
    digest = hashlib.sha256(data).hexdigest()
    name = f"{folder}/{digest[:2]}/{digest}{suffix}"
    if default_storage.exists(name):
        if _digest_of(name) == digest:
            return name, digest
        default_storage.delete(name)
    # Another worker writing the same content at the same moment has the name: then storage gives us one beside it.
    stored = default_storage.save(name, ContentFile(data))
    _flush(stored)
    return stored, digest


def _digest_of(name: str) -> str:
    with default_storage.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(name: str) -> None:
    with contextlib.suppress(NotImplementedError):  # object storage has no path and answers only when it has stored
        path = Path(default_storage.path(name))
        for target, flags in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
            descriptor = os.open(target, flags)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
