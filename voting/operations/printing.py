"""Ballot papers set into one PDF, in the background: for each voter of a named ballot, for bearers of a secret one."""

import datetime as dt
import logging
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from community.codes import new_code
from community.models import User
from community.rules import require_office
from core import clock, ledger
from core.errors import BadInput, Refused, Stale, WrongStage
from core.measure import format_area
from core.official import official_language
from publish import press
from publish.files import store_file
from publish.issuers import issuer_profile
from voting.models import Ballot, BallotKind, Item, Phase, PrintRun, PrintState, Voter
from voting.operations.paper import PAPER_OFFICES, locked_ballot
from voting.operations.secret_paper import require_papers_left, store_bearer_papers
from voting.paper_sheets import hint_of
from voting.papers import entry_address, paper_mark

MOST_AT_ONCE = 400
_TOLD_EVERY = 10
_STUCK_AFTER, _GIVEN_UP_AFTER = dt.timedelta(minutes=1), dt.timedelta(minutes=10)
_FOLDER = "papers"
_log = logging.getLogger(__name__)


@task
def print_papers_task(run_id: int) -> None:
    """Set the papers of one run, in the background."""
    print_papers(run_id)


@transaction.atomic
def request_papers(ballot: Ballot, *, first: int, last: int, by: User, now: dt.datetime | None = None) -> PrintRun:
    """Ask for the papers of the voters numbered `first` to `last` on the roll; of a secret ballot for so many papers.

    At most 400 at once, before closing. What is waiting or being set already is returned. Raises NotAllowed,
    WrongStage, BadInput.
    """
    moment = now or clock.now()
    locked = locked_ballot(ballot)
    office = require_office(by, *PAPER_OFFICES, unit=locked.community, now=moment)
    if locked.phase not in {Phase.DRAFT, Phase.OPEN}:
        raise WrongStage(_("表决已截止。"), code="closed")
    voters = Voter.objects.filter(ballot=locked).count()
    if locked.kind == BallotKind.SECRET:
        require_papers_left(locked, last - first + 1)
    elif not 1 <= first <= last <= voters:
        raise BadInput(_("名册上是第 1 至 %(last)d 号。") % {"last": voters}, field="last")
    if not 0 <= last - first < MOST_AT_ONCE:
        raise BadInput(_("一次最多印 %(most)d 张，请分批印制。") % {"most": MOST_AT_ONCE}, field="last")
    under_way = PrintRun.objects.filter(
        ballot=locked, first=first, last=last, state__in=[PrintState.WAITING, PrintState.RUNNING]
    ).first()
    if under_way is not None:
        return under_way
    run = PrintRun.objects.create(ballot=locked, first=first, last=last, by=by, requested_at=moment)
    ledger.record(
        by=by, act="request_papers", subject=locked, office=office, after={"first": first, "last": last}, now=moment
    )
    transaction.on_commit(partial(print_papers_task.enqueue, run.pk))
    return run


@official_language()
def print_papers(run_id: int) -> None:
    """Set the papers of a run that waits. What cannot be set becomes `failed` with a sentence."""
    begun = {"state": PrintState.RUNNING, "requested_at": clock.now()}
    if not PrintRun.objects.filter(pk=run_id, state=PrintState.WAITING).update(**begun):
        return
    run = PrintRun.objects.select_related("ballot__community", "by").get(pk=run_id)
    codes = [new_code() for _place in range(run.first, run.last + 1)] if run.ballot.kind == BallotKind.SECRET else []
    try:
        file, _digest = store_file(_set(run, codes), _FOLDER, ".pdf")
    except Refused as refusal:
        _fail(run, str(refusal))
        return
    except Exception:  # noqa: BLE001 - whatever the engine raises, the page must not wait for ever
        _log.exception("papers of run %s could not be set", run_id)
        _fail(run, _("排版程序出错，已记入日志。"))
        return
    try:
        _finish(run, codes, file)
    except Refused as refusal:
        default_storage.delete(file)
        _fail(run, str(refusal))


def resume_printing(*, now: dt.datetime | None = None) -> int:
    """Take up what has waited for a minute, or was left half-done ten minutes ago; return how many. At most 10."""
    moment = now or clock.now()
    PrintRun.objects.filter(state=PrintState.RUNNING, requested_at__lte=moment - _GIVEN_UP_AFTER).update(
        state=PrintState.WAITING, done=0, requested_at=moment - _STUCK_AFTER
    )
    waiting = PrintRun.objects.filter(state=PrintState.WAITING, requested_at__lte=moment - _STUCK_AFTER).order_by("pk")
    pks = list(waiting.values_list("pk", flat=True)[:10])
    for pk in pks:
        print_papers(pk)
    return len(pks)


def forget_printed_papers(ballot: Ballot) -> int:
    """Delete the printed files of a closed ballot; return how many went. Called again it does nothing."""
    gone = 0
    for run in PrintRun.objects.filter(ballot=ballot, state=PrintState.READY):
        default_storage.delete(run.file)
        run.file, run.state, run.failure = "", PrintState.FAILED, _("表决截止后已删除。")
        run.save(update_fields=["file", "state", "failure"])
        gone += 1
    return gone


# --- inside -----------------------------------------------------------------


@transaction.atomic
def _finish(run: PrintRun, codes: list[str], file: str) -> None:
    """Let the papers be valid and the file be had, unless the ballot has closed or another began the run anew."""
    if locked_ballot(run.ballot).phase not in {Phase.DRAFT, Phase.OPEN}:
        raise WrongStage(_("表决已截止。"), code="closed")
    done = run.last - run.first + 1
    if not _still(run).update(state=PrintState.READY, file=file, done=done):
        raise Stale(_("这批纸质票已由另一个进程重新排版。"))
    if codes:
        store_bearer_papers(run.ballot, printed=codes, by=run.by)


def _fail(run: PrintRun, sentence: str) -> None:
    _still(run).update(state=PrintState.FAILED, failure=sentence[:500])


def _still(run: PrintRun) -> models.QuerySet[PrintRun]:
    """Return the run as long as it is ours: whoever begins it anew notes another moment."""
    return PrintRun.objects.filter(pk=run.pk, state=PrintState.RUNNING, requested_at=run.requested_at)


def _set(run: PrintRun, codes: list[str]) -> bytes:
    ballot = run.ballot
    issuer = issuer_profile(ballot.community)
    items = [_item(item) for item in Item.objects.filter(ballot=ballot).prefetch_related("options")]
    papers = [
        {
            "kind": "ballot_paper",
            "issuer": {"name": issuer.full_name},
            "facts": {"title": _("表决票"), "matter": ballot.title, "items": items, **facts, **_terms(ballot)},
            "verify_url": address,
        }
        for facts, address in (_borne(ballot, codes) if codes else _named(run))
    ]

    def told(done: int) -> None:
        if done % _TOLD_EVERY == 0:
            PrintRun.objects.filter(pk=run.pk).update(done=done)

    return press.set_papers(papers, told=told)


def _named(run: PrintRun) -> list[tuple[dict[str, Any], str]]:
    ballot = run.ballot
    by_area = any(t["measure"] == "area" for t in (*ballot.rule["quorum"], *ballot.rule["pass"]))
    made = []
    voters = Voter.objects.filter(ballot=ballot).order_by("pk")[run.first - 1 : run.last]
    for number, voter in enumerate(voters, run.first):
        mark = paper_mark(ballot, number, voter.pk)
        facts = {"named": True, "name": voter.name, "place": voter.place, "serial": mark}
        if voter.guardian_name:
            facts["guardian"] = voter.guardian_name
        if by_area:
            facts["area"] = format_area(voter.area)
        made.append((facts, entry_address(ballot, mark)))
    return made


def _borne(ballot: Ballot, codes: list[str]) -> list[tuple[dict[str, Any], str]]:
    return [({"named": False, "serial": code}, entry_address(ballot, code)) for code in codes]


def _item(item: Item) -> dict[str, Any]:
    hint = hint_of(item) or _("请选一项")
    return {"title": item.title, "options": [option.label for option in item.options.all()], "hint": hint}


def _terms(ballot: Ballot) -> dict[str, Any]:
    lines = [
        _("在所选项前的方框内打“√”或按说明填数；不按说明填写的，该项无效。"),
        _("没有填的项不计入该项的表决。"),
    ]
    if ballot.kind == BallotKind.SECRET:
        lines.append(_("领了纸质票就不能再在线投票；交回未用的票后才可以。"))
    elif ballot.paper_wins:
        lines.append(_("同一人既在线投票又交纸质票的，以纸质票为准。"))
    else:
        lines.append(_("同一人既在线投票又交纸质票的，先到的有效。"))
    terms: dict[str, Any] = {"instructions": lines}
    if ballot.closes_at is not None:
        terms["return_until"] = timezone.localtime(ballot.closes_at).strftime("%Y-%m-%d %H:%M")
    return terms
