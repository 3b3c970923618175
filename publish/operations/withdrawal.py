"""Withdrawal: the notice no longer holds, and stays readable with the reason."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from community.rules import require_office
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, WrongStage
from publish import signals
from publish.models import Notice, NoticeStatus
from publish.models.notice import IN_FORCE
from publish.rules import WITHDRAWERS

REASON_LIMIT = 500


def withdraw_notice(notice: Notice, *, reason: str, by: Actor, now: dt.datetime | None = None) -> Notice:
    """Withdraw a notice in force. Raises NotAllowed, BadInput (no reason), WrongStage (not in force)."""
    office = require_office(by, *WITHDRAWERS, unit=notice.issuer)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise BadInput(_("请写明撤回的理由，不超过 500 字。"), field="reason")
    moment = now or clock.now()
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=notice.pk)
        if locked.status not in IN_FORCE:
            raise WrongStage(
                _("这份公示现在是“%(status)s”，不能撤回。") % {"status": NoticeStatus(locked.status).label}
            )
        before = {"status": locked.status}
        locked.withdraw(at=moment, by_id=by.pk, reason=reason)
        locked.save(update_fields=["status", "withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        ledger.record(
            by=by,
            act="withdraw_notice",
            subject=locked,
            office=office,
            before=before,
            after={"status": locked.status},
            reason=reason,
            document_hash=locked.file_hash,
            now=moment,
        )
        signals.notice_withdrawn.owe(notice=locked)
    return locked
