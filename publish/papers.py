"""What the typesetter is given: the frozen facts with number, issuer and dates, as `render_notice` reads it."""

import datetime as dt
from typing import Any

from django.conf import settings

from publish.issuers import issuer_profile
from publish.models import Notice
from publish.numbers import number_text
from publish.typeset.paper import content_hash, read_paper


def compose_paper(
    notice: Notice, *, year: int, serial: int, posted_on: dt.date, ends_on: dt.date, provisional: bool = False
) -> dict[str, Any]:
    """Return the paper of `notice` under this number: plain JSON, complete, never read from live rows again.

    Raises BadInput when number, issuer and dates make it no longer fit its form.
    """
    profile = issuer_profile(notice.issuer)
    facts = dict(notice.facts)
    if notice.is_public and notice.days:
        if not facts.get("places") and profile.places:
            facts["places"] = list(profile.places)
        if facts.get("objection") is None and profile.objection_office:
            facts["objection"] = {
                "office": profile.objection_office,
                "phone": profile.objection_phone,
                "address": profile.objection_address,
                "deadline": ends_on.isoformat(),
            }
        elif facts.get("objection") and not facts["objection"].get("deadline"):
            facts["objection"] = {**facts["objection"], "deadline": ends_on.isoformat()}
    paper: dict[str, Any] = {
        "kind": notice.kind,
        "issuer": {"name": profile.full_name, "letterhead": profile.letterhead, "term": profile.committee_term},
        "number": number_text(profile.code_word, notice.family, year, serial),
        "posted_on": posted_on.isoformat(),
        "facts": facts,
    }
    if notice.days:
        paper["ends_on"], paper["provisional"] = ends_on.isoformat(), provisional
    if notice.supersedes is not None and notice.supersedes.number:
        paper["supersedes"] = notice.supersedes.number
    followed = [one.number for one in notice.follows.order_by("id") if one.number] if notice.pk else []
    if followed:
        paper["follows"] = followed
    # What it says, hashed, goes on it as a QR code.
    digest = content_hash(read_paper(paper))
    return {**paper, "content_hash": digest, "verify_url": verification_url(digest)}


def verification_url(content_hash: str) -> str:
    """Return the public address that tells whether the paper with this hash holds.

    Printed on paper, so written out: it must stay what it is even when the pages move.
    """
    return f"{settings.PUBLIC_URL}/notices/verify/{content_hash}/"
