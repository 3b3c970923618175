"""The page behind the QR code."""

import hashlib

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import BadInput
from core.web import page_errors
from publish import kinds
from publish.forms import VerifyForm
from publish.models import RenderingStatus, Variant
from publish.queries import verdict_of
from publish.rules import may_read

FILE_LIMIT = 64 * 1024 * 1024
WORDS = {
    "valid": gettext_lazy("有效"),
    "superseded": gettext_lazy("已被替代"),
    "withdrawn": gettext_lazy("已撤回"),
    "unknown": gettext_lazy("查无此件"),
}
WORDS_OF_FILES = {"document": gettext_lazy("文书原件"), **dict(Variant.choices)}


@require_safe
@page_errors
def verify(request: HttpRequest, digest: str) -> HttpResponseBase:
    """Say whether the paper with this hash is valid, superseded, withdrawn or unknown; compare a dropped PDF."""
    verdict = verdict_of(digest)
    notice = verdict.notice
    hashes = []
    if notice is not None:
        ready = notice.renderings.filter(status=RenderingStatus.READY)
        hashes = [notice.file_hash, *ready.values_list("file_hash", flat=True)]
    context = {
        "verdict": verdict,
        "digest": "".join(digest.split()).lower(),
        "word": _("已有后续文书") if verdict.follower is not None else WORDS[verdict.state],
        "notice": notice,
        # A letter's number and date can be checked by whoever holds it; what it says is not told to others.
        "may_read": notice is not None and may_read(request.user, notice),
        "kind_title": kinds.title_of(notice.kind) if notice is not None else "",
        "follower_title": kinds.title_of(verdict.follower.kind) if verdict.follower is not None else "",
        "may_read_follower": verdict.follower is not None and may_read(request.user, verdict.follower),
        "variant_word": WORDS_OF_FILES.get(verdict.variant, ""),
        "hashes": " ".join(hashes),
        "form": VerifyForm(),
    }
    return render(request, "publish/verify.html", context, status=200 if notice is not None else 404)


@require_http_methods(["GET", "HEAD", "POST"])
@page_errors
def verify_file(request: HttpRequest) -> HttpResponseBase:
    """Take a PDF where the browser cannot hash it itself, and go to the page of its hash. The file is not kept."""
    form = VerifyForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return render(request, "publish/verify_file.html", {"form": VerifyForm()})
    if not form.is_valid():
        return render(request, "publish/verify_file.html", {"form": form}, status=422)
    upload = form.cleaned_data["file"]
    if upload.size > FILE_LIMIT:
        raise BadInput(_("文件太大，不会是本平台的文书。"), field="file")
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return redirect("publish:verify", digest=digest.hexdigest())
