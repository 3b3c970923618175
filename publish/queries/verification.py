"""What the address behind a QR code answers."""

import re
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q

from publish.models import Notice, NoticeStatus, Rendering, RenderingStatus
from publish.models.notice import UNPUBLISHED

_DIGEST = re.compile(r"[0-9a-f]{64}")
State = Literal["valid", "superseded", "withdrawn", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the paper with this hash holds. `matched` says what the hash was: "content" or "file" ("" unknown).

    `variant` says which file it is: "document", "poster", "large", "sealed" or "signed" ("" for a content hash).
    """

    state: State
    matched: str = ""
    notice: Notice | None = None
    successor: Notice | None = None
    variant: str = ""


def verdict_of(digest: str) -> Verdict:
    """Return the verdict on a content hash or the SHA-256 of a PDF of whatever variant. At most 3 queries."""
    digest = digest.lower()
    if _DIGEST.fullmatch(digest) is None:
        return Verdict("unknown")
    found = Notice.objects.exclude(status__in=UNPUBLISHED).select_related("issuer")
    notice = found.filter(Q(content_hash=digest) | Q(file_hash=digest)).first()
    matched = "content" if notice is not None and notice.content_hash == digest else "file"
    variant = "" if matched == "content" else "document"
    if notice is None:
        rendering = (
            Rendering.objects.filter(file_hash=digest, status=RenderingStatus.READY)
            .select_related("notice__issuer")
            .first()
        )
        if rendering is None:
            return Verdict("unknown")
        notice, variant = rendering.notice, rendering.variant
    if notice.status == NoticeStatus.WITHDRAWN:
        return Verdict("withdrawn", matched, notice, variant=variant)
    if notice.status == NoticeStatus.SUPERSEDED:
        successor = notice.corrections.exclude(status__in=UNPUBLISHED).select_related("issuer").first()
        return Verdict("superseded", matched, notice, successor, variant)
    return Verdict("valid", matched, notice, variant=variant)
