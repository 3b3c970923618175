"""Posters and large print, sealed and signed copies: made from the same frozen paper when somebody asks, and kept."""

import base64
import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks import task

from core import clock, ledger
from core.actors import SYSTEM
from core.errors import BadInput, Refused, WrongStage
from core.official import official_language
from publish import press, signing
from publish.files import store_file
from publish.models import Notice, Rendering, RenderingStatus, Variant
from publish.models.notice import FREE_VARIANTS

FOLDER = "notices"
STUCK_AFTER = dt.timedelta(seconds=60)
_log = logging.getLogger(__name__)


@task
def render_variant_task(rendering_id: int) -> None:
    """Typeset one variant, in the background."""
    render_variant(rendering_id)


def request_variant(notice: Notice, *, variant: str, now: dt.datetime | None = None) -> Rendering:
    """Return the rendering of a posted notice, asking for it when it is not there; asking again changes nothing.

    Raises BadInput (no such variant), WrongStage (not posted).
    """
    if variant not in FREE_VARIANTS:
        raise BadInput(_("没有这种版式。"), field="variant")
    if not notice.number:
        raise WrongStage(_("文书发布后才有其他版式。"))
    with transaction.atomic():
        rendering, made = Rendering.objects.get_or_create(
            notice=notice, variant=variant, defaults={"requested_at": now or clock.now()}
        )
        if not made and rendering.status == RenderingStatus.FAILED:
            rendering.status, rendering.failure, rendering.requested_at = RenderingStatus.WAITING, "", clock.now()
            rendering.save(update_fields=["status", "failure", "requested_at"])
            made = True
        if made:
            transaction.on_commit(partial(render_variant_task.enqueue, rendering.pk))
    return rendering


@official_language()
def render_variant(rendering_id: int, *, engine: Callable[..., bytes] | None = None) -> None:
    """Typeset a variant that is waited for. Idempotent; what cannot be typeset becomes `failed` with a sentence."""
    rendering = Rendering.objects.select_related("notice__issuer", "seal").get(pk=rendering_id)
    if rendering.status != RenderingStatus.WAITING:
        return
    try:
        data = _made(rendering, engine or press.set_paper)
        file, digest = store_file(data, FOLDER, f".{rendering.variant}.pdf")
    except Refused as refusal:
        _fail(rendering, str(refusal))
        return
    except Exception:  # noqa: BLE001 - whatever the engine raises, the page must not wait for ever
        _log.exception("rendering %s could not be typeset", rendering.pk)
        _fail(rendering, _("排版程序出错，已记入日志。"))
        return
    with transaction.atomic():
        stored = Rendering.objects.filter(pk=rendering.pk, status=RenderingStatus.WAITING).update(
            status=RenderingStatus.READY, file=file, file_hash=digest, file_size=len(data)
        )
        if stored and rendering.variant not in FREE_VARIANTS:
            act = "store_sealed_notice" if rendering.variant == Variant.SEALED else "store_signed_notice"
            ledger.record(by=SYSTEM, act=act, subject=rendering.notice, document_hash=digest)


def _made(rendering: Rendering, engine: Callable[..., bytes]) -> bytes:
    """Return the bytes of the variant."""
    notice = rendering.notice
    if rendering.variant == Variant.SIGNED:
        sealed = notice.renderings.filter(variant=Variant.SEALED, status=RenderingStatus.READY).first()
        with default_storage.open(str((sealed or notice).file)) as file:
            return signing.sign(
                file.read(),
                unit_code=notice.issuer.code,
                name=(notice.paper or {})["issuer"]["name"],
                reason=f"{notice.number} {notice.content_hash}",
            )
    if rendering.seal is not None:
        with default_storage.open(str(rendering.seal.file)) as file:
            picture = "data:image/png;base64," + base64.b64encode(file.read()).decode()
        return engine(notice.paper or {}, "document", seal=press.Seal(picture, rendering.seal.width_mm))
    return engine(notice.paper or {}, rendering.variant)


def render_waiting_variants(now: dt.datetime | None = None) -> int:
    """Typeset variants that have waited for a minute; return how many were taken up. At most 50 a call."""
    before = (now or clock.now()) - STUCK_AFTER
    waiting = Rendering.objects.filter(status=RenderingStatus.WAITING, requested_at__lte=before).order_by("id")
    pks = list(waiting.values_list("pk", flat=True)[:50])
    for pk in pks:
        render_variant(pk)
    return len(pks)


def _fail(rendering: Rendering, sentence: str) -> None:
    Rendering.objects.filter(pk=rendering.pk, status=RenderingStatus.WAITING).update(
        status=RenderingStatus.FAILED, failure=sentence[:500]
    )
