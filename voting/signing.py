"""What stands around the signatures under a count: who signed what in which order, and what a teller must see first."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator

from community.models import User
from core import ledger
from core.masking import distinguish
from core.models import LedgerEntry
from voting.evidence import what_was_edited
from voting.models import Ballot, BoxTrip, Certification, Phase
from voting.papers import batch_of
from voting.persons import tellers_needed, tellers_of

_PAGE = 50


def signing_history(ballot: Ballot, *, page: str | None = None, in_full: bool = False) -> Page[dict[str, Any]]:
    """Return every signature under the count, the newest first, those that a later one or a recount replaced too.

    [{"name", "agrees", "reason", "at", "stands"}], 50 a page; a recount is one with `agrees` None. From the ledger,
    which keeps them all. The public reads masked names, `in_full` is for whose office needs them. Four queries.
    """
    entries = ledger.entries_about(ballot).filter(act__in=("sign_count", "recount_ballot")).order_by("-sequence")
    shown: Page[Any] = Paginator(entries, _PAGE).get_page(page)
    signed = list(ballot.certifications.order_by("pk").values_list("teller_name", "at", "agrees"))
    standing = {(name, at) for name, at, _agrees in signed}
    lines = list(shown.object_list)
    # In the order of the notice: those who certified come first, so that (甲) and (乙) are the same people there.
    names = [name for name, _at, agrees in signed if agrees] + [_signer(entry) for entry in lines]
    called = {} if in_full else masked(names)
    shown.object_list = [
        {
            "name": called.get(_signer(entry), _signer(entry)),
            "agrees": entry.after["agrees"] if entry.act == "sign_count" else None,
            "reason": entry.reason,
            "at": entry.at,
            "stands": entry.act == "sign_count" and (entry.after["teller"], entry.at) in standing,
        }
        for entry in lines
    ]
    return shown


def masked(names: Iterable[str]) -> dict[str, str]:
    """Return each name as the public reads it; two that look alike masked are told apart."""
    each = list(dict.fromkeys(names))
    return dict(zip(each, distinguish(each), strict=True))


def signing_context(ballot: Ballot, user: User) -> dict[str, Any]:
    """Return what the page of a counted ballot shows a teller beside the count. Reads every vote of a closed ballot.

    `signers`: (name, signature or None) of those named and those who signed; `lacking`: how many must still agree;
    `edited`: what of the stored count is no longer what the ledger saw, "" for nothing.
    """
    signed = list(ballot.certifications.select_related("teller").order_by("pk"))
    needed = tellers_needed(ballot)
    return {
        "own": next((one for one in signed if one.teller == user), None),
        "needed": needed,
        "lacking": max(needed - sum(one.agrees for one in signed), 0),
        "signers": signers_of(ballot, signed),
        "disputes": [one for one in signed if not one.agrees],
        "edited": what_was_edited(ballot) if ballot.phase == Phase.CLOSED else "",
        "batch": batch_of(ballot),
        "boxes": BoxTrip.objects.filter(ballot=ballot).count(),
    }


def signers_of(ballot: Ballot, signed: Sequence[Certification]) -> list[tuple[str, Certification | None]]:
    """Return (name, signature or None) of those named as tellers and of those who signed. One query."""
    by_person = {one.teller: one for one in signed if one.teller is not None}
    people = dict.fromkeys([*(teller.user for teller in tellers_of(ballot)), *by_person])
    named: list[tuple[str, Certification | None]] = [(one.actor_name(), by_person.get(one)) for one in people]
    return named + [(one.teller_name, one) for one in signed if one.teller is None]


def _signer(entry: LedgerEntry) -> str:
    return str(entry.after["teller"]) if entry.act == "sign_count" else str(entry.actor_name)
