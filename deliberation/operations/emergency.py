"""Repairs that cannot wait for a vote (Civil Code art. 281(2)): the basis written down, then done and published."""

import datetime as dt

from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import BadInput
from deliberation.models import Proposal
from deliberation.operations.acting import acting, make_move


def document_emergency(
    proposal: Proposal, *, by: Actor, basis: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Write down why a repair cannot wait for a vote (Civil Code art. 281(2)): who found what, when."""
    if not basis.strip() or len(basis) > 2000:  # noqa: PLR2004 - the form's length
        raise BadInput(_("请写明紧急情况和依据。"), field="basis")
    with acting(
        proposal,
        by=by,
        act="document_emergency",
        expected_version=expected_version,
        now=now,
        reason=basis.strip(),
    ) as (locked, _done):
        locked.emergency_basis = basis.strip()
    return locked


def order_emergency_repair(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Repair at once without a vote; the matter is still published and rated."""
    return make_move(
        "order_emergency_repair", proposal, by=by, reason=reason, expected_version=expected_version, now=now
    )
