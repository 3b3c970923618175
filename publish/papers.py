"""What the typesetter is given: the frozen facts with number, issuer and dates, as `render_notice` reads it."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse

from core.canonical import sha256_hex
from publish.issuers import issuer_profile
from publish.models import Notice
from publish.numbers import number_text


def compose_paper(notice: Notice, *, year: int, serial: int, posted_on: dt.date, ends_on: dt.date) -> dict[str, Any]:
    """Return the paper of `notice` under this number: plain JSON, complete, never read from live rows again."""
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
    issuer = {"name": profile.full_name, "letterhead": profile.letterhead}
    if profile.committee_term:
        issuer["name"] = f"{profile.full_name}（{profile.committee_term}）"
    paper: dict[str, Any] = {
        "kind": notice.kind,
        "issuer": issuer,
        "number": number_text(profile.code_word, notice.family, year, serial),
        "posted_on": posted_on.isoformat(),
        "facts": facts,
    }
    if notice.days:
        paper["ends_on"] = ends_on.isoformat()
    return paper


def content_hash_of(paper: dict[str, Any]) -> str:
    """Return the SHA-256 of the paper's canonical JSON without its own hash and address; the QR code carries it."""
    return sha256_hex({key: value for key, value in paper.items() if key not in {"content_hash", "verify_url"}})


def with_verification(paper: dict[str, Any], content_hash: str) -> dict[str, Any]:
    """Return the paper with its hash and the address behind its QR code."""
    return {**paper, "content_hash": content_hash, "verify_url": verification_url(content_hash)}


def verification_url(content_hash: str) -> str:
    """Return the public address that tells whether the paper with this hash holds."""
    return settings.PUBLIC_URL + reverse("publish:verify", args=[content_hash])
