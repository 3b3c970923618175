"""Publication: number, posted notice and file appear together or not at all.

One worker at a time publishes for an issuer, in the order of issuing (a lease, which only saves work). The paper is
typeset for the next serial with no transaction open; its file is stored under its own hash; then one short
transaction locks the notice and the number series, and if the serial is still the next one, everything is written.
If it is not, the paper is typeset again for the serial that is. A crash at any point leaves the notice `preparing`
and at most a file nobody refers to; `publish_stuck_notices` takes it up again.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from django_tasks import task

from core import clock, ledger
from core.actors import SYSTEM
from core.calendar import ends_on
from core.errors import Refused
from core.notify import tell
from core.official import official_language
from publish import kinds, press, signals
from publish.files import store_file
from publish.models import Notice, NoticeStatus, NumberSeries, PeriodMode, Posting, PublishingLease
from publish.models.notice import IN_FORCE
from publish.papers import compose_paper

Engine = Callable[[dict[str, Any]], bytes]
# Longer than the longest paper takes to typeset.
LEASE = dt.timedelta(seconds=180)
ATTEMPTS_LIMIT = 5
# Each loss means that somebody else published; with the lease there are none.
SERIALS_LOST_LIMIT = 50
STUCK_AFTER = dt.timedelta(seconds=60)
FOLDER = "notices"

_log = logging.getLogger(__name__)


@task
def publish_notice_task(notice_id: int) -> None:
    """Publish one notice, in the background."""
    publish_notice(notice_id)


def enqueue_publication(notice_id: int) -> None:
    """Hand the notice to the background workers."""
    publish_notice_task.enqueue(notice_id)


@official_language()
def publish_notice(notice_id: int, *, engine: Engine | None = None) -> None:
    """Publish what this notice's issuer has in preparation, this notice included, oldest first. Idempotent.

    Returns at once when another worker is publishing for that issuer: it will take this notice too. What cannot be
    typeset becomes `failed` with a sentence; a storage or database error is raised and the notice stays `preparing`.
    """
    notice = Notice.objects.only("issuer_id", "status").get(pk=notice_id)
    if notice.status != NoticeStatus.PREPARING:
        return
    issuer_id, token = notice.issuer_id, uuid.uuid4().hex
    try:
        while (claimed := _claim_next(issuer_id, token)) is not None:
            _publish(claimed, engine or press.set_paper)
    except BaseException:
        _release(issuer_id, token)
        raise


@official_language()
def publish_stuck_notices(now: dt.datetime | None = None, *, engine: Engine | None = None) -> int:
    """Take up notices that have been `preparing` for a minute; return how many issuers were looked at."""
    before = (now or clock.now()) - STUCK_AFTER
    stuck = Notice.objects.filter(status=NoticeStatus.PREPARING, created_at__lte=before)
    # The oldest of each issuer stays: later keys win, and they come newest first.
    firsts = {issuer_id: pk for pk, issuer_id in stuck.order_by("-id").values_list("pk", "issuer_id")[:5000]}
    for pk in firsts.values():
        try:
            publish_notice(pk, engine=engine)
        except (OSError, DatabaseError):
            _log.exception("notice %s could not be published; it will be tried again", pk)
    return len(firsts)


def _claim_next(issuer_id: int, token: str) -> Notice | None:
    """Return the issuer's oldest notice in preparation and hold the lease; None: nothing left, or another holds it."""
    PublishingLease.objects.get_or_create(issuer_id=issuer_id)
    with transaction.atomic():
        lease = PublishingLease.objects.select_for_update().get(issuer_id=issuer_id)
        moment = clock.now()
        if lease.token not in {"", token} and lease.until is not None and lease.until > moment:
            return None
        waiting = Notice.objects.filter(issuer_id=issuer_id, status=NoticeStatus.PREPARING).order_by("id")
        notice = waiting.select_related("issuer", "supersedes").first()
        if notice is None:
            lease.token, lease.until = "", None
        else:
            lease.token, lease.until = token, moment + LEASE
            notice.attempts += 1
            notice.save(update_fields=["attempts"])
        lease.save(update_fields=["token", "until"])
    return notice


def _release(issuer_id: int, token: str) -> None:
    try:
        PublishingLease.objects.filter(issuer_id=issuer_id, token=token).update(token="", until=None)
    except DatabaseError:
        _log.warning("the lease of issuer %s was not given back; it runs out by itself", issuer_id)


def _publish(notice: Notice, engine: Engine) -> None:
    """Publish one claimed notice, or say why it cannot be."""
    if notice.attempts > ATTEMPTS_LIMIT:
        _fail(notice, _("多次尝试后仍未能发布，请检查存储和字体后重试。"))
        return
    try:
        for _lost in range(SERIALS_LOST_LIMIT):
            if _try_serial(notice, engine):
                return
    except Refused as refusal:
        _fail(notice, str(refusal))
    except (OSError, DatabaseError):
        raise
    except Exception:  # noqa: BLE001 - whatever the engine raises, the notice must not stay in limbo
        _log.exception("notice %s could not be typeset", notice.pk)
        _fail(notice, _("排版程序出错，已记入日志。请检查内容后重试。"))


def _try_serial(notice: Notice, engine: Engine) -> bool:
    """Typeset for the next serial and publish; False when somebody else took that serial meanwhile."""
    # The queue's own delay counts: a backdated notice is not posted earlier than it really waited.
    moment = notice.issued_at + (clock.now() - notice.created_at)
    posted_on = clock.local_date(moment)
    period = ends_on(posted_on, notice.days, PeriodMode(notice.mode).counted) if notice.days else None
    series, _made = NumberSeries.objects.get_or_create(
        issuer_id=notice.issuer_id, family=notice.family, year=posted_on.year
    )
    serial = series.next_serial
    paper = compose_paper(
        notice,
        year=posted_on.year,
        serial=serial,
        posted_on=posted_on,
        ends_on=period.ends if period else posted_on,
        provisional=period.provisional if period else False,
    )
    data = engine(paper)
    file, file_hash = store_file(data, FOLDER, ".pdf")

    with transaction.atomic():
        if notice.supersedes_id is not None:
            # The lower id first.
            old = Notice.objects.select_for_update().get(pk=notice.supersedes_id)
        locked = Notice.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=notice.pk)
        if locked.status != NoticeStatus.PREPARING:
            return True
        series = NumberSeries.objects.select_for_update().get(pk=series.pk)
        if series.next_serial != serial:
            return False
        if notice.supersedes_id is not None:
            # One that could not be published leaves nothing to take the place of.
            if old.status not in {*IN_FORCE, NoticeStatus.FAILED}:
                raise Refused(_("被更正的公示已不在有效状态。"))
            if old.status != NoticeStatus.FAILED:
                old.give_way(at=moment)
                old.save(update_fields=["status", "superseded_at"])
        locked.post(paper=paper, number=paper["number"], year=posted_on.year, serial=serial, at=moment)
        locked.posted_on = posted_on
        locked.ends_on = period.ends if period else posted_on
        locked.provisional = period.provisional if period else False
        locked.file, locked.file_hash, locked.file_size = file, file_hash, len(data)
        locked.content_hash = paper["content_hash"]
        locked.save()
        series.next_serial = serial + 1
        series.save(update_fields=["next_serial"])
        if locked.is_public:
            places = list(dict.fromkeys(place.strip() for place in paper["facts"].get("places", []) if place.strip()))
            Posting.objects.bulk_create(Posting(notice=locked, place=place) for place in places)
        after = {"number": locked.number, "ends_on": locked.ends_on.isoformat(), "content_hash": locked.content_hash}
        ledger.record(by=SYSTEM, act="post_notice", subject=locked, after=after, document_hash=file_hash, now=moment)
        signals.notice_posted.owe(notice=locked)
        if locked.recipient is not None:
            word = kinds.title_of(locked.kind)
            tell([locked.recipient], f"您有一份{word}：{locked.title}。", f"/notices/{locked.pk}/")
    return True


def _fail(notice: Notice, sentence: str) -> None:
    with transaction.atomic():
        locked = Notice.objects.select_for_update().get(pk=notice.pk)
        if locked.status != NoticeStatus.PREPARING:
            return
        locked.fail(sentence=sentence)
        locked.save(update_fields=["status", "failure"])
        ledger.record(by=SYSTEM, act="fail_notice", subject=locked, after={"failure": sentence})
        signals.notice_failed.owe(notice=locked)
