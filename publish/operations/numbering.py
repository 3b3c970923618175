"""Numbers taken for papers made elsewhere, and numbers voided: both leave a record, never a silent gap."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import Unit
from community.rules import require_office
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, WrongStage
from publish.issuers import issuer_profile
from publish.models import Family, NumberSeries, ReservationState, ReservedNumber
from publish.numbers import number_text
from publish.rules import ISSUERS, LEADERS


def reserve_number(
    *, issuer: Unit, family: str, purpose: str, by: Actor, now: dt.datetime | None = None
) -> ReservedNumber:
    """Take the next number of the series for a paper made outside the platform. Raises NotAllowed, BadInput."""
    office = require_office(by, *ISSUERS, unit=issuer)
    if family not in Family.values:
        raise BadInput(_("没有这种编号类别。"), field="family")
    purpose = purpose.strip()
    if not purpose or len(purpose) > 200:  # noqa: PLR2004 - the column's length
        raise BadInput(_("请写明预留的用途，不超过 200 字。"), field="purpose")
    moment = now or clock.now()
    year = clock.local_date(moment).year
    profile = issuer_profile(issuer)
    with transaction.atomic():
        NumberSeries.objects.get_or_create(issuer=issuer, family=family, year=year)
        series = NumberSeries.objects.select_for_update().get(issuer=issuer, family=family, year=year)
        reserved = ReservedNumber.objects.create(
            series=series,
            serial=series.next_serial,
            number=number_text(profile.code_word, family, year, series.next_serial),
            purpose=purpose,
            reserved_at=moment,
            reserved_by_id=by.pk,
        )
        series.next_serial += 1
        series.save(update_fields=["next_serial"])
        after = {"number": reserved.number, "purpose": purpose}
        ledger.record(by=by, act="reserve_number", subject=reserved, office=office, after=after, now=moment)
    return reserved


def void_number(reserved: ReservedNumber, *, reason: str, by: Actor, now: dt.datetime | None = None) -> ReservedNumber:
    """Void a reserved number with its reason; it is never given again. Raises NotAllowed, BadInput, WrongStage."""
    office = require_office(by, *LEADERS, unit=reserved.series.issuer)
    reason = reason.strip()
    if not reason or len(reason) > 300:  # noqa: PLR2004 - the column's length
        raise BadInput(_("请写明作废的理由，不超过 300 字。"), field="reason")
    moment = now or clock.now()
    with transaction.atomic():
        locked = ReservedNumber.objects.select_for_update().get(pk=reserved.pk)
        if locked.state == ReservationState.VOIDED:
            raise WrongStage(_("这个发文字号已经作废。"))
        locked.state, locked.voided_at, locked.voided_by_id = ReservationState.VOIDED, moment, by.pk
        locked.void_reason = reason
        locked.save()
        ledger.record(
            by=by,
            act="void_number",
            subject=locked,
            office=office,
            before={"number": locked.number},
            reason=reason,
            now=moment,
        )
    return locked
