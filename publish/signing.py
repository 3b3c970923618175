"""PAdES signatures with an organisation's certificate. The only file that knows pyHanko, an optional package.

The certificate of a unit is `CODE.p12` in the folder SIGNING_DIR, its passphrase the one line of `CODE.pass` beside it;
both are put there by the operator, readable by the service alone, and never enter the database.
"""

import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core import clock
from core.errors import Refused

FIELD = "Wuyi"


class CannotSign(Refused):
    """There is no usable certificate, or no pyHanko; the sentence says what to do."""

    code = "cannot_sign"
    status = 503


def is_configured(unit_code: str) -> bool:
    """Return whether a certificate of the unit has been put in place."""
    return bool(settings.SIGNING_DIR) and _certificate(unit_code).is_file()


def require_ready(unit_code: str) -> None:
    """Raise CannotSign unless `sign` would work for this unit now."""
    _signer(unit_code)


def sign(data: bytes, *, unit_code: str, name: str, reason: str) -> bytes:
    """Return the PDF with an invisible PAdES-B signature appended; what was there before stays byte for byte.

    Raises CannotSign.
    """
    signer = _signer(unit_code)
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - optional package
    from pyhanko.sign import signers  # noqa: PLC0415 - the same
    from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415 - the same

    about = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=name, reason=reason
    )
    out = io.BytesIO()
    signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), about, signer=signer, output=out)
    return out.getvalue()


def _certificate(unit_code: str) -> Path:
    return Path(settings.SIGNING_DIR) / f"{unit_code}.p12"


def _signer(unit_code: str) -> Any:
    if not is_configured(unit_code):
        raise CannotSign(_("本单位还没有配置签名证书（%(file)s）。") % {"file": f"{unit_code}.p12"})
    try:
        from pyhanko.sign import signers  # noqa: PLC0415 - optional, and half a second to load
    except ImportError:
        raise CannotSign(_("没有安装签名组件，请执行 pip install -r requirements/sign.txt。")) from None
    try:
        passphrase = _certificate(unit_code).with_suffix(".pass").read_bytes().strip()
    except FileNotFoundError:
        passphrase = b""
    try:
        load: Any = signers.SimpleSigner.load_pkcs12
        signer = load(str(_certificate(unit_code)), passphrase=passphrase or None)
    except (OSError, ValueError) as error:
        raise CannotSign(_("签名证书打不开，请检查文件和密码。")) from error
    if signer is None:
        raise CannotSign(_("签名证书打不开，请检查文件和密码。"))
    period = signer.signing_cert["tbs_certificate"]["validity"]
    if not period["not_before"].native <= clock.now() <= period["not_after"].native:
        raise CannotSign(_("签名证书不在有效期内。"))
    return signer
