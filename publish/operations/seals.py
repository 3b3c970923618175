"""Seals and signatures: more than the empty space for the real seal. The program draws none itself.

A leader uploads a picture of the issuer's electronic seal; sealing lays it over name and date of one posted paper.
Signing puts a PAdES signature with the organisation's certificate on the sealed paper, or on the plain one.
Both keep the frozen document as it is and make another file beside it, with a hash of its own.
"""

import datetime as dt
import io
import warnings
from functools import partial
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from community.models import Unit
from community.rules import require_office
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, WrongStage
from publish import signing
from publish.files import store_file
from publish.models import Notice, NoticeStatus, Rendering, RenderingStatus, SealImage, Variant
from publish.models.notice import IN_FORCE
from publish.operations.variants import render_variant_task
from publish.rules import SEALERS, signed_in

BYTES_LIMIT = 1024 * 1024
SIDE = (200, 2000)
WIDTH_MM = (30, 60)
# A seal is round, or nearly: the longer side at most this much of the shorter.
_LONGEST = 1.5
# WeasyPrint, once loaded, lets Pillow take half a picture for a whole one: the last chunk is asked for.
_LAST_CHUNK = b"IEND\xaeB`\x82"


def upload_seal(
    issuer: Unit, *, image: IO[bytes], width_mm: int, by: Actor, now: dt.datetime | None = None
) -> SealImage:
    """Store the picture of the issuer's seal; the one before is retired. `width_mm` is its printed width.

    A PNG of at most 1 MiB, 200 to 2000 pixels a side, with a transparent ground so that name and date stay readable.
    Only its pixels are kept. Raises NotAllowed, BadInput.
    """
    office = require_office(by, *SEALERS, unit=issuer)
    if not WIDTH_MM[0] <= width_mm <= WIDTH_MM[1]:
        raise BadInput(
            _("印章宽度应在 %(least)d 到 %(most)d 毫米之间。") % {"least": WIDTH_MM[0], "most": WIDTH_MM[1]},
            field="width_mm",
        )
    file, digest = store_file(_bare(image.read(BYTES_LIMIT + 1)), "seals", ".png")
    moment = now or clock.now()
    with transaction.atomic():
        # The unit's row orders two uploads at the same moment.
        Unit.objects.select_for_update().get(pk=issuer.pk)
        _retire(issuer, by=by, moment=moment)
        seal = SealImage.objects.create(
            issuer=issuer,
            file=file,
            file_hash=digest,
            width_mm=width_mm,
            uploaded_at=moment,
            uploaded_by=signed_in(by),
        )
        ledger.record(
            by=by,
            act="upload_seal",
            subject=seal,
            office=office,
            after={"issuer": issuer.code, "width_mm": width_mm},
            document_hash=digest,
            now=moment,
        )
    return seal


def retire_seal(issuer: Unit, *, by: Actor, now: dt.datetime | None = None) -> None:
    """Take the issuer's seal out of use; papers that bear it keep it. Raises NotAllowed, WrongStage (there is none)."""
    office = require_office(by, *SEALERS, unit=issuer)
    moment = now or clock.now()
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=issuer.pk)
        seal = _retire(issuer, by=by, moment=moment)
        if seal is None:
            raise WrongStage(_("没有在用的电子印章。"))
        ledger.record(by=by, act="retire_seal", subject=seal, office=office, document_hash=seal.file_hash, now=moment)


def seal_notice(notice: Notice, *, by: Actor, now: dt.datetime | None = None) -> Rendering:
    """Ask for the paper with the issuer's seal over its sign-off. A second time changes nothing.

    Raises NotAllowed, WrongStage (not in force, no seal in use, a form without sign-off).
    """
    if notice.family in {"form", "minutes"}:
        raise WrongStage(_("这种文书没有落款，不能加盖电子印章。"))
    return _ask(notice, Variant.SEALED, by=by, now=now)


def sign_notice(notice: Notice, *, by: Actor, now: dt.datetime | None = None) -> Rendering:
    """Ask for the paper with a PAdES signature of the organisation: the sealed one when there is one.

    A second time changes nothing. Raises NotAllowed, WrongStage (not in force, its seal still being laid on),
    CannotSign (no certificate, or the signing package is missing).
    """
    require_office(by, *SEALERS, unit=notice.issuer)
    signing.require_ready(notice.issuer.code)
    return _ask(notice, Variant.SIGNED, by=by, now=now)


def _seal_for(notice: Notice, variant: Variant) -> SealImage | None:
    """Return the seal to be laid on; of the locked notice, so that none is retired or laid on meanwhile."""
    if variant == Variant.SIGNED:
        if notice.renderings.filter(variant=Variant.SEALED, status=RenderingStatus.WAITING).exists():
            raise WrongStage(_("正在加盖电子印章，请稍候再签名。"))
        return None
    Unit.objects.select_for_update(no_key=True).get(pk=notice.issuer_id)  # as `retire_seal` does
    seal = SealImage.objects.filter(issuer=notice.issuer_id, retired_at__isnull=True).first()
    if seal is None:
        raise WrongStage(_("本单位还没有上传电子印章。"))
    return seal


def _ask(notice: Notice, variant: Variant, *, by: Actor, now: dt.datetime | None) -> Rendering:
    office = require_office(by, *SEALERS, unit=notice.issuer)
    moment = now or clock.now()
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=notice.pk)
        if locked.status not in IN_FORCE:
            raise WrongStage(
                _("这份文书现在是“%(status)s”，不能盖章或签名。") % {"status": NoticeStatus(locked.status).label}
            )
        existing = Rendering.objects.filter(notice=locked, variant=variant).first()
        if existing is not None and existing.status != RenderingStatus.FAILED:
            return existing
        seal = _seal_for(locked, variant)
        rendering, _made = Rendering.objects.update_or_create(
            notice=locked,
            variant=variant,
            defaults={
                "status": RenderingStatus.WAITING,
                "failure": "",
                "requested_at": moment,
                "requested_by": signed_in(by),
                "seal": seal,
            },
        )
        ledger.record(
            by=by,
            act="seal_notice" if variant == Variant.SEALED else "sign_notice",
            subject=locked,
            office=office,
            after={"seal": seal.file_hash} if seal is not None else {},
            document_hash=locked.file_hash,
            now=moment,
        )
        transaction.on_commit(partial(render_variant_task.enqueue, rendering.pk))
    return rendering


def _retire(issuer: Unit, *, by: Actor, moment: dt.datetime) -> SealImage | None:
    seal = SealImage.objects.filter(issuer=issuer, retired_at__isnull=True).first()
    if seal is not None:
        seal.retired_at, seal.retired_by = moment, signed_in(by)
        seal.save(update_fields=["retired_at", "retired_by"])
    return seal


def _bare(data: bytes) -> bytes:
    """Return the picture's pixels as a PNG of their own. Raises BadInput."""
    if len(data) > BYTES_LIMIT:
        raise BadInput(_("印章图片不能超过 1 MB。"), field="image")
    if _LAST_CHUNK not in data:
        raise BadInput(_("这不是可用的 PNG 图片。"), field="image")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the bounds below are ours; Pillow only warns
            with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
                short, long = sorted(opened.size)
                if short < SIDE[0] or long > SIDE[1] or long > short * _LONGEST:
                    raise _wrong_size()
                pixels = opened.convert("RGBA")
    except Image.DecompressionBombError:
        raise _wrong_size() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise BadInput(_("这不是可用的 PNG 图片。"), field="image") from error
    alpha = pixels.getchannel("A")
    least, most = alpha.getextrema()
    corners = [alpha.getpixel((x, y)) for x in (0, alpha.width - 1) for y in (0, alpha.height - 1)]
    if least or not most or any(corners):
        raise BadInput(_("印章图片要用透明底，否则会盖住署名和日期。"), field="image")
    bare = Image.new("RGBA", pixels.size)
    bare.paste(pixels)
    out = io.BytesIO()
    bare.save(out, "PNG", optimize=True)
    return out.getvalue()


def _wrong_size() -> BadInput:
    sides = {"least": SIDE[0], "most": SIDE[1]}
    return BadInput(_("印章图片的边长应在 %(least)d 到 %(most)d 像素之间，长宽相近。") % sides, field="image")
