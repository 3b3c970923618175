"""Postings: places, photos as proof, damage and reposting."""

import datetime as dt
import hashlib
from typing import IO

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from community.rules import require_office
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, WrongStage
from core.photos import store_photo
from publish import press
from publish.models import EvidenceMoment, EvidencePhoto, EvidenceView, Notice, NoticeStatus, Posting
from publish.models.notice import IN_FORCE
from publish.operations.periods import extend_period
from publish.rules import POSTERS

PHOTOS_LIMIT = 24
PLACES_LIMIT = 60
TEXT_LIMIT = 200


def add_posting(notice: Notice, *, place: str, by: Actor, now: dt.datetime | None = None) -> Posting:
    """Add a place where the notice hangs. Raises NotAllowed, BadInput, WrongStage."""
    office = _require_poster(by, notice)
    place = place.strip()
    if not place or len(place) > TEXT_LIMIT:
        raise BadInput(_("请写明张贴地点，不超过 200 字。"), field="place")
    # It is printed in the statement when the period has ended: better said now.
    press.require_drawable(place=place)
    with transaction.atomic():
        locked = _locked(notice)
        if locked.status not in IN_FORCE:
            raise WrongStage(_("公示发布后、在有效期内才能登记张贴。"))
        if Posting.objects.filter(notice=locked).count() >= PLACES_LIMIT:
            raise BadInput(_("张贴地点太多。"), field="place")
        try:
            with transaction.atomic():
                posting = Posting.objects.create(notice=locked, place=place)
        except IntegrityError:
            raise BadInput(_("这个张贴地点已经登记。"), field="place") from None
        ledger.record(by=by, act="add_posting", subject=locked, office=office, after={"place": place}, now=now)
    return posting


def add_evidence(
    posting: Posting,
    *,
    photo: IO[bytes],
    moment: str,
    view: str,
    by: Actor,
    taken_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> EvidencePhoto:
    """Store a photo of a posting: `moment` start, repost or end; `view` close_up or wide. EXIF is not kept.

    Raises NotAllowed, BadInput (not a photo, too large, taken in the future), WrongStage.
    """
    notice = posting.notice
    office = _require_poster(by, notice)
    if moment not in EvidenceMoment.values:
        raise BadInput(_("请选择张贴时、重新张贴时或期满时。"), field="moment")
    if view not in EvidenceView.values:
        raise BadInput(_("请选择近景或远景。"), field="view")
    uploaded_at = now or clock.now()
    taken_at = taken_at or uploaded_at
    if taken_at > uploaded_at:
        raise BadInput(_("拍摄时间不能晚于现在。"), field="taken_at")
    if not notice.number:
        raise WrongStage(_("公示发布后才能上传张贴凭证。"))
    _require_room(posting)
    name = store_photo(photo)
    try:
        with default_storage.open(name) as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        with transaction.atomic():
            locked = _locked(notice)
            _require_room(posting)
            evidence = EvidencePhoto.objects.create(
                posting=posting,
                moment=moment,
                view=view,
                photo=name,
                photo_hash=digest,
                taken_at=taken_at,
                uploaded_at=uploaded_at,
                uploaded_by_id=by.pk,
            )
            after = {"place": posting.place, "moment": moment, "view": view}
            ledger.record(
                by=by,
                act="add_evidence",
                subject=locked,
                office=office,
                after=after,
                document_hash=digest,
                now=uploaded_at,
            )
    except BaseException:
        default_storage.delete(name)
        raise
    return evidence


def record_damage(
    posting: Posting, *, damage: str, by: Actor, on: dt.date | None = None, now: dt.datetime | None = None
) -> Posting:
    """Record that a posting was found damaged or gone, `on` that day. Raises NotAllowed, BadInput, WrongStage."""
    office = _require_poster(by, posting.notice)
    damage = damage.strip()
    if not damage or len(damage) > TEXT_LIMIT:
        raise BadInput(_("请写明损毁情况，不超过 200 字。"), field="damage")
    moment = now or clock.now()
    today = clock.local_date(moment)
    on = on or today
    with transaction.atomic():
        notice = _locked(posting.notice)
        _require_running(notice)
        locked = Posting.objects.select_for_update().get(pk=posting.pk)
        if locked.damaged_on is not None:
            raise WrongStage(_("这个地点已经登记过损毁，请先重新张贴。"))
        if notice.posted_on is None or not notice.posted_on <= on <= today:
            raise BadInput(_("损毁日期应在张贴之日和今天之间。"), field="on")
        locked.damaged_on, locked.damage = on, damage
        locked.save(update_fields=["damaged_on", "damage"])
        after = {"place": locked.place, "damaged_on": on.isoformat()}
        ledger.record(by=by, act="record_damage", subject=notice, office=office, after=after, reason=damage, now=moment)
    return locked


def repost(posting: Posting, *, by: Actor, on: dt.date | None = None, now: dt.datetime | None = None) -> Posting:
    """Hang a damaged posting again; the days it was missing are added to the period.

    The day it was found damaged counts as missing, the day it hangs again does not, so the same day adds one.
    The period grows by the largest sum of missing days of one place: everybody could read it there long enough.
    """
    office = _require_poster(by, posting.notice)
    moment = now or clock.now()
    today = clock.local_date(moment)
    on = on or today
    with transaction.atomic():
        notice = _locked(posting.notice)
        _require_running(notice)
        locked = Posting.objects.select_for_update().get(pk=posting.pk)
        if locked.damaged_on is None:
            raise WrongStage(_("这个地点没有登记损毁。"))
        if not locked.damaged_on <= on <= today:
            raise BadInput(_("重新张贴的日期应在损毁之日和今天之间。"), field="on")
        missing = max((on - locked.damaged_on).days, 1)
        reason, locked.damaged_on, locked.damage = locked.damage, None, ""
        locked.missing_days += missing
        locked.save(update_fields=["damaged_on", "damage", "missing_days"])
        after = {"place": locked.place, "missing_days": missing}
        ledger.record(by=by, act="repost", subject=notice, office=office, after=after, reason=reason, now=moment)
        most = Posting.objects.filter(notice=notice).aggregate(most=Max("missing_days"))["most"] or 0
        extend_period(notice, extra_days=most, by=by, office=office, reason=reason, now=moment)
    return locked


def _require_poster(by: Actor, notice: Notice) -> str:
    return require_office(by, *POSTERS, unit=notice.issuer)


def _require_room(posting: Posting) -> None:
    if EvidencePhoto.objects.filter(posting=posting).count() >= PHOTOS_LIMIT:
        raise BadInput(_("这个地点的照片已经够多了。"), field="photo")


def _locked(notice: Notice) -> Notice:
    return Notice.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=notice.pk)


def _require_running(notice: Notice) -> None:
    if notice.status != NoticeStatus.POSTED:
        raise WrongStage(_("公示期已经结束，不能再登记损毁或补贴。"))
