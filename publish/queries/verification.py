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

    `successor` took the place of a superseded one; `follower` was published after one that still holds, and counts now.
    `variant` says which file it is: "document", "poster", "large", "sealed" or "signed" ("" for a content hash).
    """

    state: State
    matched: str = ""
    notice: Notice | None = None
    successor: Notice | None = None
    variant: str = ""
    follower: Notice | None = None


def verdict_of(digest: str) -> Verdict:
    """Return the verdict on a content hash or the SHA-256 of a PDF of whatever variant. At most 5 queries.

    The spaces between the groups of a hash copied from a paper do not matter.
    """
    digest = "".join(digest.split()).lower()
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
    return Verdict("valid", matched, notice, variant=variant, follower=follower_of(notice))


def follower_of(notice: Notice) -> Notice | None:
    """Return the paper published after `notice` that is to be read in its stead, or what corrected that one since.

    None while it is not published, and once it was withdrawn. One query for each correction.
    """
    published = Notice.objects.exclude(status__in=UNPUBLISHED).select_related("issuer")
    later = published.filter(pk=notice.follower_id).first() if notice.follower_id is not None else None
    while later is not None and later.status == NoticeStatus.SUPERSEDED:
        later = published.filter(supersedes=later).first()
    return None if later is not None and later.status == NoticeStatus.WITHDRAWN else later
