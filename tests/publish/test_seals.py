"""Electronic seals and signatures: who may, what is kept, what is refused, and that a broken file shows."""

import base64
import datetime as dt
import hashlib
import io
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from django.core.files.storage import default_storage
from django.test import Client
from pdfua.cli import main as pdfua
from PIL import Image, ImageDraw
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from community.models import Unit, User
from core import ledger
from core.errors import BadInput, NotAllowed, WrongStage
from publish import kinds, press, signing
from publish.models import Notice, Rendering, SealImage
from publish.operations import retire_seal, seal_notice, sign_notice, upload_seal
from publish.queries import verdict_of
from publish.typeset import engine
from tests.publish.conftest import Issue

pytestmark = pytest.mark.django_db
Seen = Callable[[User | None], Client]
PASSPHRASE = b"invented"


def picture(
    size: tuple[int, int] = (600, 600), ground: tuple[int, ...] = (0, 0, 0, 0), form: str = "PNG"
) -> io.BytesIO:
    """Return a stand-in for somebody's seal: a red ring on a transparent ground."""
    image = Image.new("RGBA", size, ground)
    ImageDraw.Draw(image).ellipse((20, 20, size[0] - 20, size[1] - 20), outline=(200, 0, 0, 255), width=16)
    out = io.BytesIO()
    (image if form == "PNG" else image.convert("RGB")).save(out, form)
    out.seek(0)
    return out


def unfolding() -> io.BytesIO:
    """Return a small file that says it is 30,000 pixels a side; opened it would take 3.6 GB."""
    data = bytearray(picture().getvalue())
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return io.BytesIO(bytes(data))


@pytest.fixture
def authority(tmp_path: Path, settings: Any, community: Unit) -> x509.Certificate:
    """Return the certificate of a test authority, with the community's certificate and key put in place."""
    settings.SIGNING_DIR = str(tmp_path)
    now = dt.datetime.now(dt.UTC)
    root_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _one in range(2))
    root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "平城社区居民委员会")])

    def certificate(subject: x509.Name, public: Any, *, ca: bool) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not ca,
                    content_commitment=not ca,
                    key_cert_sign=ca,
                    crl_sign=ca,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
            .sign(root_key, hashes.SHA256())
        )

    root = certificate(root_name, root_key.public_key(), ca=True)
    own = certificate(name, key.public_key(), ca=False)
    bundle = pkcs12.serialize_key_and_certificates(
        b"wuyi", key, own, [root], serialization.BestAvailableEncryption(PASSPHRASE)
    )
    (tmp_path / f"{community.code}.p12").write_bytes(bundle)
    (tmp_path / f"{community.code}.pass").write_bytes(PASSPHRASE + b"\n")
    return root


def stored(rendering: Rendering) -> bytes:
    rendering.refresh_from_db()
    return bytes_of(str(rendering.file))


def bytes_of(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


def judged(data: bytes, root: x509.Certificate) -> tuple[bool, bool]:
    """Return (bottom line, whole file covered) of the one signature in `data`."""
    trusted = asn1.Certificate.load(root.public_bytes(serialization.Encoding.DER))
    [signature] = PdfFileReader(io.BytesIO(data)).embedded_signatures
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[trusted]))
    return status.bottom_line, status.coverage == SignatureCoverageLevel.ENTIRE_FILE


@pytest.mark.both_profiles
def test_a_seal_is_kept_with_who_and_when(community: Unit, director: User) -> None:
    given = picture()

    seal = upload_seal(community, image=given, width_mm=42, by=director)

    with default_storage.open(str(seal.file)) as file:
        data = file.read()
    assert hashlib.sha256(data).hexdigest() == seal.file_hash
    assert Image.open(io.BytesIO(data)).tobytes() == Image.open(given).tobytes()
    assert (seal.uploaded_by, seal.retired_at, seal.width_mm) == (director, None, 42)
    entry = ledger.entries_about(seal).get()
    assert (entry.act, entry.actor_id, entry.document_hash) == ("upload_seal", director.pk, seal.file_hash)


def test_another_seal_retires_the_one_before(community: Unit, director: User, secretary: User) -> None:
    first = upload_seal(community, image=picture(), width_mm=42, by=director)
    second = upload_seal(community, image=picture((500, 500)), width_mm=40, by=secretary)

    first.refresh_from_db()
    assert first.retired_by == secretary
    assert list(SealImage.objects.filter(retired_at__isnull=True)) == [second]

    retire_seal(community, by=director)
    with pytest.raises(WrongStage, match="没有在用的电子印章"):
        retire_seal(community, by=director)


@pytest.mark.parametrize(
    ("image", "width", "field", "sentence"),
    [
        (picture(form="JPEG"), 42, "image", "这不是可用的 PNG 图片。"),
        (io.BytesIO(b"%PDF-1.7"), 42, "image", "这不是可用的 PNG 图片。"),
        (io.BytesIO(picture().getvalue()[:700]), 42, "image", "这不是可用的 PNG 图片。"),
        (io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg"/>'), 42, "image", "这不是可用的 PNG 图片。"),
        (unfolding(), 42, "image", "印章图片的边长应在 200 到 2000 像素之间，长宽相近。"),
        (io.BytesIO(b"x" * (1024 * 1024 + 1)), 42, "image", "印章图片不能超过 1 MB。"),
        (picture((199, 199)), 42, "image", "印章图片的边长应在 200 到 2000 像素之间，长宽相近。"),
        (picture((300, 600)), 42, "image", "印章图片的边长应在 200 到 2000 像素之间，长宽相近。"),
        (picture(ground=(255, 255, 255, 255)), 42, "image", "印章图片要用透明底，否则会盖住署名和日期。"),
        (picture(), 29, "width_mm", "印章宽度应在 30 到 60 毫米之间。"),
    ],
)
def test_what_is_no_seal_is_refused(
    community: Unit, director: User, image: io.BytesIO, width: int, field: str, sentence: str
) -> None:
    image.seek(0)

    with pytest.raises(BadInput) as caught:
        upload_seal(community, image=image, width_mm=width, by=director)

    assert (caught.value.field, caught.value.sentence) == (field, sentence)
    assert not SealImage.objects.exists()


def test_only_leaders_seal(community: Unit, resident: User, director: User, issue: Issue) -> None:
    notice = issue()
    upload_seal(community, image=picture(), width_mm=42, by=director)

    with pytest.raises(NotAllowed):
        upload_seal(community, image=picture(), width_mm=42, by=resident)
    with pytest.raises(NotAllowed):
        seal_notice(notice, by=resident)
    with pytest.raises(NotAllowed):
        sign_notice(notice, by=resident)


@pytest.mark.both_profiles
def test_sealing_makes_a_file_beside_the_frozen_one(
    community: Unit, director: User, issue: Issue, django_capture_on_commit_callbacks: Any
) -> None:
    notice = issue()
    with pytest.raises(WrongStage, match="还没有上传电子印章"):
        seal_notice(notice, by=director)
    upload_seal(community, image=picture(), width_mm=42, by=director)

    with django_capture_on_commit_callbacks(execute=True):
        rendering = seal_notice(notice, by=director)
    again = seal_notice(notice, by=director)

    data = stored(rendering)
    assert again.pk == rendering.pk
    assert Notice.objects.get(pk=notice.pk).file_hash == notice.file_hash != rendering.file_hash
    verdict = verdict_of(hashlib.sha256(data).hexdigest())
    assert (verdict.state, verdict.matched, verdict.variant, verdict.notice) == ("valid", "file", "sealed", notice)
    acts = [entry.act for entry in ledger.entries_about(notice)]
    assert acts == ["issue_notice", "post_notice", "seal_notice", "store_sealed_notice"]
    assert ledger.entries_about(notice).last().document_hash == rendering.file_hash  # type: ignore[union-attr] # just asserted


def test_a_form_has_no_place_for_a_seal(community: Unit, director: User, issue: Issue) -> None:
    upload_seal(community, image=picture(), width_mm=42, by=director)

    with pytest.raises(WrongStage, match="没有落款"):
        seal_notice(issue("ballot_paper"), by=director)


@pytest.mark.typeset
def test_the_uploaded_seal_lies_over_name_and_date(
    community: Unit, director: User, issue: Issue, django_capture_on_commit_callbacks: Any
) -> None:
    upload_seal(community, image=picture(), width_mm=42, by=director)
    notice = issue("acceptance_letter")
    plain = bytes_of(str(notice.file))
    with django_capture_on_commit_callbacks(execute=True):
        rendering = seal_notice(notice, by=director)

    data = stored(rendering)

    def said(pdf: bytes) -> str:
        return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()

    assert said(data) == said(plain)
    pictures = [image.image.size for image in PdfReader(io.BytesIO(data)).pages[-1].images if image.image]
    assert pictures.count((600, 600)) == 1
    assert (600, 600) not in [
        image.image.size for image in PdfReader(io.BytesIO(plain)).pages[-1].images if image.image
    ]


@pytest.mark.typeset
def test_a_signature_holds_and_one_flipped_byte_breaks_it(
    authority: x509.Certificate, director: User, issue: Issue, django_capture_on_commit_callbacks: Any
) -> None:
    notice = issue("acceptance_letter")
    plain = bytes_of(str(notice.file))
    with django_capture_on_commit_callbacks(execute=True):
        rendering = sign_notice(notice, by=director)

    data = stored(rendering)

    assert data.startswith(plain)
    assert judged(data, authority) == (True, True)
    assert (verdict_of(rendering.file_hash).variant, verdict_of(rendering.file_hash).state) == ("signed", "valid")
    for place in (len(plain) // 2, 20):
        broken = bytearray(data)
        broken[place] ^= 1
        assert verdict_of(hashlib.sha256(broken).hexdigest()).state == "unknown"
        try:
            holds, _whole = judged(bytes(broken), authority)
        except Exception:  # noqa: BLE001 - the reader may refuse the file before it comes to the signature
            holds = False
        assert holds is False


def test_without_certificate_signing_says_so(director: User, issue: Issue, community: Unit) -> None:
    notice = issue()

    with pytest.raises(signing.CannotSign, match=f"本单位还没有配置签名证书（{community.code}.p12）"):
        sign_notice(notice, by=director)
    assert not Rendering.objects.exists()


@pytest.mark.parametrize("spoil", ["pass", "p12"])
def test_a_certificate_that_does_not_open_is_refused(
    authority: x509.Certificate, director: User, issue: Issue, community: Unit, tmp_path: Path, spoil: str
) -> None:
    notice = issue()
    (tmp_path / f"{community.code}.{spoil}").write_bytes(b"wrong")

    with pytest.raises(signing.CannotSign, match="签名证书打不开"):
        sign_notice(notice, by=director)


def test_the_pages_of_the_leader(
    seen: Seen, director: User, resident: User, community: Unit, issue: Issue, django_capture_on_commit_callbacks: Any
) -> None:
    notice = issue()
    address = f"/notices/seal/{community.code}/"

    assert seen(resident).get(address).status_code == 403
    client = seen(director)
    assert "还没有电子印章" in client.get(address).content.decode()
    wrong = client.post(address, {"image": picture(form="JPEG"), "width_mm": 42})
    assert (wrong.status_code, "这不是可用的 PNG 图片。" in wrong.content.decode()) == (422, True)
    assert client.post(address, {"image": picture(), "width_mm": 42}).status_code == 302
    assert client.get(f"{address}picture/")["Content-Type"] == "image/png"
    with django_capture_on_commit_callbacks(execute=True):
        asked = client.post(f"/notices/{notice.pk}/endorse/seal/")
    assert asked["Location"] == f"/notices/{notice.pk}/variants/sealed/"
    rendering = Rendering.objects.get()
    assert "电子印章版" in client.get(f"/notices/{notice.pk}/").content.decode()
    assert client.get(f"/notices/{notice.pk}/pdf?variant=sealed")["Content-Type"] == "application/pdf"
    assert (
        "与发布的文件（电子印章版）逐字节相同" in client.get(f"/notices/verify/{rendering.file_hash}/").content.decode()
    )
    seen(resident).post(f"/notices/{notice.pk}/endorse/sign/")
    assert Rendering.objects.count() == 1


@pytest.mark.typeset
@pytest.mark.parametrize("kind", kinds.keys())
def test_every_kind_sealed_and_signed_passes_the_judges(
    kind: str, authority: x509.Certificate, community: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seal = None
    if kinds.kind_of(kind).form in {"notice", "letter"}:
        seal = press.Seal("data:image/png;base64," + base64.b64encode(picture().getvalue()).decode(), 42)
    sealed = engine.typeset(engine.read_paper(kinds.example_paper(kind)), seal=seal)
    signed = signing.sign(sealed, unit_code=community.code, name="平城社区居民委员会", reason=kind)

    for number, data in enumerate((sealed, signed)):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(data)
        checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
        drawn = subprocess.run(
            ["mutool", "draw", "-q", "-r", "20", "-F", "ppm", "-o", "/dev/null", str(path)],
            capture_output=True,
            check=False,
        )
        assert (checked.returncode, checked.stderr, drawn.returncode) == (0, "", 0)
        assert pdfua(["check", str(path)]) == 0, capsys.readouterr().out
    assert judged(signed, authority) == (True, True)
    broken = bytearray(signed)
    broken[len(sealed) // 2] ^= 1
    try:
        holds, _whole = judged(bytes(broken), authority)
    except Exception:  # noqa: BLE001 - the reader may refuse the file before it comes to the signature
        holds = False
    assert holds is False
