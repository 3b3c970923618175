"""The append-only ledger with its hash chain.

`record` must be called inside the transaction of the act it records. It locks the head row until that
transaction ends, so take the locks of the act itself first and record last.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from core import clock
from core.actors import Actor
from core.canonical import sha256_hex
from core.models import LedgerEntry, LedgerHead

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """Where the chain does not hold: the entry's sequence and what is wrong with it."""

    sequence: int
    problem: str


class LedgerOutsideTransaction(RuntimeError):
    """`record` was called outside the transaction of the act: the two could come apart."""


def subject_type(subject: models.Model) -> str:
    """Return the name the ledger uses for the kind of `subject`: "deliberation.proposal"."""
    return subject._meta.label_lower  # noqa: SLF001 - Django's documented meta interface


def entry_hash(entry: LedgerEntry) -> str:
    """Return the hash `entry` must carry: SHA-256 over every field but `hash`, the previous hash included."""
    return sha256_hex(
        {
            "sequence": entry.sequence,
            "at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "actor": entry.actor_id,
            "actor_name": entry.actor_name,
            "office": entry.office,
            "act": entry.act,
            "subject_type": entry.subject_type,
            "subject_id": entry.subject_id,
            "before": entry.before,
            "after": entry.after,
            "reason": entry.reason,
            "document_hash": entry.document_hash,
            "previous_hash": entry.previous_hash,
        }
    )


def record(
    *,
    by: Actor,
    act: str,
    subject: models.Model,
    office: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    document_hash: str = "",
    now: dt.datetime | None = None,
) -> LedgerEntry:
    """Append one act to the ledger and return its entry.

    `before` and `after` hold plain JSON without floats and without more personal data than the act needs.
    Raises LedgerOutsideTransaction outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise LedgerOutsideTransaction(act)
    LedgerHead.objects.get_or_create(id=1)
    head = LedgerHead.objects.select_for_update().get(id=1)
    entry = LedgerEntry(
        sequence=head.sequence + 1,
        at=now or clock.now(),
        actor_id=by.pk,
        actor_name=by.actor_name(),
        office=office,
        act=act,
        subject_type=subject_type(subject),
        subject_id=str(subject.pk),
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
        document_hash=document_hash,
        previous_hash=head.hash,
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    head.sequence, head.hash = entry.sequence, entry.hash
    head.save(update_fields=["sequence", "hash"])
    return entry


def entries_about(subject: models.Model) -> models.QuerySet[LedgerEntry]:
    """Return the entries about `subject`, oldest first. Lazy; bound it before showing."""
    return LedgerEntry.objects.filter(subject_type=subject_type(subject), subject_id=str(subject.pk))


Witness = Callable[[], Iterable[str]]
_witnesses: list[Witness] = []


def register_witness(witness: Witness) -> None:
    """Let a room say what of its rows no longer is as the ledger says: it yields one sentence for each.

    Call it from AppConfig.ready; registering the same function again changes nothing.
    """
    if witness not in _witnesses:
        _witnesses.append(witness)


def contradictions() -> Iterator[str]:
    """Yield what the rooms' rows say otherwise than the ledger. Lazy; reads whatever the witnesses compare."""
    for witness in _witnesses:
        yield from witness()


def first_break() -> ChainBreak | None:
    """Walk the whole ledger and return the first place where it does not hold, or None. Reads every row once.

    Acts may go on meanwhile: what is appended during the walk is walked too, without holding the head's lock.
    """
    previous, expected = GENESIS, 1
    while True:
        walked = expected
        for entry in LedgerEntry.objects.filter(sequence__gte=expected).order_by("sequence").iterator(chunk_size=2000):
            if problem := _problem(entry, expected, previous):
                return ChainBreak(min(entry.sequence, expected), problem)
            previous, expected = entry.hash, expected + 1
        head = LedgerHead.objects.filter(id=1).first()
        if head is None or (head.sequence, head.hash) == (expected - 1, previous):
            return None if head is not None or expected == 1 else ChainBreak(1, "the head of the ledger is missing")
        if head.sequence < expected or walked == expected:
            return ChainBreak(expected, f"the head says {head.sequence} entries, {expected - 1} are there")


def _problem(entry: LedgerEntry, expected: int, previous: str) -> str:
    if entry.sequence != expected:
        return f"entry {expected} is missing"
    if entry.previous_hash != previous:
        return f"entry {entry.sequence} does not continue the entry before it"
    try:
        expected_hash = entry_hash(entry)
    except ValueError as error:
        return f"entry {entry.sequence} was edited: {error}"
    if entry.hash != expected_hash:
        return f"entry {entry.sequence} was edited: its hash does not match its content"
    return ""
