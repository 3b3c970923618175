"""The public recount file: everything a stranger needs to count and decide again, and nothing personal.

Named ballots list votes under pseudonyms, secret ones choices under receipts. One record stands on a line and ends
with a check that continues the line before (SHA-256 of the check before and the record's canonical JSON, 16 hex
digits), so an edited line is named. `verify.py` reads the file; docs/recount.md describes it.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.canonical import canonical_json, sha256_hex
from core.errors import WrongStage
from core.masking import distinguish
from core.measure import format_area
from voting import bulk, methods, receipts
from voting.counting import count_items, same_weight
from voting.evidence import roll_lines
from voting.models import Ballot, BallotKind

FORMAT = "wuyi-recount-1"
SECTIONS = ("ballot", "roll", "items", "votes", "declared", "result")


def recount_document(ballot: Ballot) -> dict[str, Any]:
    """Return the recount file of a closed ballot as one value. Raises WrongStage before closing."""
    if ballot.result is None:
        raise WrongStage(_("表决尚未截止，没有可供复核的文件。"), code="not_closed")
    items = count_items(ballot)
    sections: dict[str, Any] = {
        "ballot": {
            "id": str(ballot.pk),
            "title": ballot.title,
            "community": ballot.community.name,
            "kind": str(ballot.kind),
            "rule": ballot.rule,
            "more_rules": ballot.more_rules,
            "motion": _motion(ballot),
            "roll_hash": ballot.roll_hash,
            "tellers": distinguish(one.teller_name for one in ballot.certifications.filter(agrees=True).order_by("pk")),
        },
        "roll": checked(roll_lines(ballot)),
        "items": checked(
            [
                [
                    str(item.pk), item.title, item.method, dict(item.form),
                    [[key, label] for key, label in item.options],
                    [item.recused[0], format_area(item.recused[1])],
                    None if item.present is None else [item.present[0], format_area(item.present[1])],
                ]
                for item in items
            ]
        ),
        "votes": checked(_secret_votes(ballot) if ballot.kind == BallotKind.SECRET else _named_votes(ballot)),
        "declared": {},
        "result": ballot.result,
    }  # fmt: skip
    if ballot.kind == BallotKind.SECRET and same_weight(ballot) is None:
        sections["declared"] = {
            str(item.pk): {
                methods.EVERYBODY: [item.counts.participating[1], format_area(item.counts.participating[2])],
                methods.INVALID: [item.counts.invalid[1], format_area(item.counts.invalid[2])],
                **{key: [sums[1], format_area(sums[2])] for key, sums in item.counts.options.items()},
            }
            for item in items
        }
    hashes = {name: sha256_hex(sections[name]) for name in SECTIONS}
    return {"format": FORMAT, **sections, "hashes": hashes, "hash": sha256_hex(hashes)}


def _motion(ballot: Ballot) -> dict[str, Any] | None:
    """Return which ballots must pass together with this one."""
    if ballot.motion is None:
        return None
    return {
        "title": ballot.motion.title,
        "ballots": [str(pk) for pk in ballot.motion.ballots.order_by("pk").values_list("pk", flat=True)],
    }


def laid_out(document: dict[str, Any]) -> str:
    """Return the file's text: one section after the other, one record on a line."""
    parts = []
    for name, value in document.items():
        if isinstance(value, list):
            body = "[\n" + ",\n".join(canonical_json(row) for row in value) + "\n]"
        else:
            body = canonical_json(value)
        parts.append(f'"{name}": {body}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def checked(rows: Sequence[list[Any]]) -> list[list[Any]]:
    """Return the rows with their chained checks."""
    made, before = [], ""
    for row in rows:
        before = hashlib.sha256((before + canonical_json(row)).encode()).hexdigest()[:16]
        made.append([*row, before])
    return made


def _named_votes(ballot: Ballot) -> list[list[Any]]:
    """Return [item, pseudonym, choice, receipt] of each vote, in the order of items and pseudonyms."""
    return sorted(
        [str(item), receipts.pseudonym(ballot.pk, voter), choice, receipt]
        for item, voter, choice, receipt in bulk.rows(
            "SELECT v.item_id, v.voter_id, v.choice, v.receipt FROM voting_vote v"
            " JOIN voting_item i ON i.id = v.item_id WHERE i.ballot_id = %s",
            ballot.pk,
        )
    )


def _secret_votes(ballot: Ballot) -> list[list[Any]]:
    """Return [item, "", choice, receipt] of each vote, in the order of items and receipts: both tell nothing."""
    return sorted(
        (
            [str(item), "", choice, receipt]
            for item, choice, receipt in bulk.rows(
                "SELECT v.item_id, v.choice, v.receipt FROM voting_secretvote v"
                " JOIN voting_item i ON i.id = v.item_id WHERE i.ballot_id = %s",
                ballot.pk,
            )
        ),
        key=lambda row: (row[0], row[3]),
    )
