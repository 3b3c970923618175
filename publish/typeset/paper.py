"""A paper: everything that stands on it, nothing that is looked up. Pure but for its sentences."""

from typing import Any

import msgspec
from django.utils.translation import gettext as _

from core.canonical import sha256_hex
from core.errors import BadInput
from publish.kinds import checks
from publish.kinds.catalogue import kind_of
from publish.kinds.parts import DateOrNone, DigestOrNone, Line, Lines, NonEmptyLine, Part


class Issuer(Part, kw_only=True):
    """Who issues: full name; `letterhead` is the red head of page one ("" for none); `term` e.g. 第三届."""

    name: NonEmptyLine
    letterhead: Line = ""
    term: Line = ""


class Paper(Part, kw_only=True):
    """One paper. `facts` are those of `kind`; dates ISO; `content_hash` is worked out when it is not given.

    `follows` are the numbers of papers that stay valid and are to be read with this one.
    `ends_on` is the last day of the posting period (24:00), `verify_url` the address behind the QR code.
    """

    kind: str
    facts: dict[str, Any]
    issuer: Issuer
    number: Line = ""
    posted_on: DateOrNone = ""
    ends_on: DateOrNone = ""
    provisional: bool = False
    supersedes: Line = ""
    follows: Lines = []
    content_hash: DigestOrNone = ""
    verify_url: Line = ""


def read_paper(document: Any) -> Paper:
    """Return a checked paper from its JSON form (the FACTS of `render_notice`), or raise BadInput."""
    if not isinstance(document, dict):
        raise BadInput(_("应为一个 JSON 对象"))
    try:
        paper = msgspec.convert(document, Paper, strict=True, builtin_types=())
    except msgspec.ValidationError as error:
        raise checks.explained(str(error)) from None
    kind_of(paper.kind)
    try:
        checks.validate(paper.kind, paper.facts)
    except BadInput as wrong:
        path = wrong.field if wrong.field == "facts" else f"facts.{wrong.field}"
        raise BadInput(wrong.sentence, field=path) from None
    return paper


def content_hash(paper: Paper) -> str:
    """Return the SHA-256 of what a paper says: kind, facts, issuer, number and dates in canonical JSON."""
    said = msgspec.to_builtins(paper)
    said.pop("content_hash")
    said.pop("verify_url")
    if not said["follows"]:
        said.pop("follows")  # a paper that follows none keeps the hash it had before there was the field
    return sha256_hex(said)
