"""What a notice will say before it is issued: its words, the number it should get, its period. Writes nothing."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from community.models import Unit
from core import clock
from core.calendar import ends_on
from core.official import official_language
from publish import kinds
from publish.models import Notice, NoticeStatus, NumberSeries, PeriodMode
from publish.papers import compose_paper
from publish.periods import Period
from publish.queries import period_for
from publish.web_paper import body_of


@dataclass(frozen=True, slots=True)
class Preview:
    """A notice as it would be posted now. `number` is the next one free: what is posted before it may take it.

    `ends_on` is the last day of `period`, to 24:00, None for a kind without one; `provisional`: its year has no holiday
    schedule yet. `body` is what stands between title and signature, escaped HTML.
    """

    title: str
    addressee: str
    issuer: str
    number: str
    posted_on: dt.date
    ends_on: dt.date | None
    provisional: bool
    period: Period
    body: SafeString

    @property
    def in_working_days(self) -> bool:
        """Return whether rest days are left out of the count."""
        return self.period.mode == "working"


@official_language()
def preview_notice(
    *, kind: str, facts: dict[str, Any], issuer: Unit, follows: Sequence[Notice] = (), now: dt.datetime | None = None
) -> Preview:
    """Return how a notice of these facts would read. Raises BadInput for facts that do not fit their kind."""
    period = period_for(kind, issuer)
    family = kinds.kind_of(kind).form
    posted_on = clock.local_date(now or clock.now())
    last = ends_on(posted_on, period.days, PeriodMode(period.mode).counted) if period.days else None
    notice = Notice(
        kind=kind, family=family, issuer=issuer, facts=facts, days=period.days, mode=period.mode,
        is_public=family == "notice", title=facts["title"],
    )  # fmt: skip
    series = NumberSeries.objects.filter(issuer=issuer, family=family, year=posted_on.year).first()
    ahead = Notice.objects.filter(issuer=issuer, family=family, status=NoticeStatus.PREPARING).count()
    paper = compose_paper(
        notice,
        year=posted_on.year,
        serial=(series.next_serial if series is not None else 1) + ahead,
        posted_on=posted_on,
        ends_on=last.ends if last is not None else posted_on,
        provisional=last.provisional if last is not None else False,
    )
    followed = [one.number for one in follows if one.number]
    return Preview(
        title=facts["title"],
        addressee=facts.get("addressee", ""),
        issuer=paper["issuer"]["name"],
        number=paper["number"],
        posted_on=posted_on,
        ends_on=last.ends if last is not None else None,
        provisional=last.provisional if last is not None else False,
        period=period,
        body=SafeString(body_of(paper | ({"follows": followed} if followed else {}))),
    )
