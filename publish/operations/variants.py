"""Posters and large print: typeset from the same frozen paper when somebody asks, and kept."""

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks import task

from core import clock
from core.errors import BadInput, Refused, WrongStage
from core.official import official_language
from publish import press
from publish.files import store_file
from publish.models import Notice, Rendering, RenderingStatus, Variant

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
    if variant not in Variant.values:
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
def render_variant(rendering_id: int, *, engine: Callable[[dict[str, Any], str], bytes] | None = None) -> None:
    """Typeset a variant that is waited for. Idempotent; what cannot be typeset becomes `failed` with a sentence."""
    rendering = Rendering.objects.select_related("notice").get(pk=rendering_id)
    if rendering.status != RenderingStatus.WAITING:
        return
    try:
        data = (engine or press.set_paper)(rendering.notice.paper or {}, rendering.variant)
        file, digest = store_file(data, FOLDER, f".{rendering.variant}.pdf")
    except Refused as refusal:
        _fail(rendering, str(refusal))
        return
    except Exception:  # noqa: BLE001 - whatever the engine raises, the page must not wait for ever
        _log.exception("rendering %s could not be typeset", rendering.pk)
        _fail(rendering, _("排版程序出错，已记入日志。"))
        return
    Rendering.objects.filter(pk=rendering.pk, status=RenderingStatus.WAITING).update(
        status=RenderingStatus.READY, file=file, file_hash=digest, file_size=len(data)
    )


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
