"""Notices of a proposal: facts go down to publish, the link stays here."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import models

from core.actors import Actor
from core.canonical import sha256_hex
from deliberation.models import NoticeLink, Plan, Proposal, Purpose
from publish.models import Notice
from publish.operations import issue_notice

TITLE_LENGTH = 120
_PARAGRAPH = 3900


def notice_title(before: str, matter: str, after: str) -> str:
    """Return 关于…的公示 within the length a notice's title may have."""
    room = TITLE_LENGTH - len(before) - len(after)
    return f"{before}{matter if len(matter) <= room else matter[: room - 1] + '…'}{after}"


def post_notice(
    proposal: Proposal,
    purpose: Purpose,
    *,
    kind: str,
    facts: dict[str, Any],
    by: Actor,
    plan: Plan | None = None,
    electorates: str = "",
    days: int | None = None,
    period_key: str = "",
    about: models.Model | None = None,
    supersedes: Notice | None = None,
    follows: Sequence[Notice] = (),
    now: dt.datetime | None = None,
) -> Notice:
    """Issue a notice of the residents' committee about `proposal` and link it as what it is for.

    Its subject is `about` (default: the proposal): a ballot has papers of its own.
    """
    notice = issue_notice(
        kind=kind,
        facts=facts,
        issuer=proposal.community,
        by=by,
        subject=about or proposal,
        days=days,
        period_key=period_key,
        supersedes=supersedes,
        follows=follows,
        now=now,
    )
    link_notice(proposal, notice, purpose, plan=plan, electorates=electorates)
    return notice


def link_notice(
    proposal: Proposal, notice: Notice, purpose: Purpose, *, plan: Plan | None = None, electorates: str = ""
) -> None:
    """Note that `notice` serves `proposal` as `purpose`."""
    NoticeLink.objects.get_or_create(
        proposal=proposal,
        notice=notice,
        defaults={"purpose": purpose, "plan": plan, "electorates": electorates},
    )


def paragraphs_of(text: str) -> list[str]:
    """Return the lines of a text as paragraphs of a notice, at most 191."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    cut = [line[start : start + _PARAGRAPH] for line in lines for start in range(0, len(line), _PARAGRAPH)]
    return cut[:190] + (["（全文见社区公示栏附件）"] if len(cut) > 190 else [])  # noqa: PLR2004 - the schema's bound


def facts_hash(notice: Notice) -> str:
    """Return the hash of what the notice says, known before it has its number."""
    return sha256_hex(notice.facts)
