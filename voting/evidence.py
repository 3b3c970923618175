"""Whether the votes of a closed ballot still are those that were counted: compared with the ledger's own entry.

Closing and recounting write the hash of every counted row into the ledger, whose chain keeps it; who edits a vote in
the database afterwards would have to write the ledger anew as well.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from core.canonical import canonical_json, sha256_hex
from core.ledger import entries_about
from core.measure import format_area
from voting import bulk, receipts
from voting.models import Ballot, BallotKind, Phase, Voter

_COUNTED = ("close_ballot", "recount_ballot")


def roll_lines(ballot: Ballot) -> list[list[Any]]:
    """Return the roll as it is hashed and published: [pseudonym, heads, area, keyed identity], sorted by pseudonym."""
    return sorted(
        [
            receipts.pseudonym(ballot.pk, pk),
            heads,
            format_area(area),
            receipts.keyed("identity", f"{ballot.pk}|{pk}|{name}|{place}"),
        ]
        for pk, name, place, heads, area in Voter.objects.filter(ballot=ballot).values_list(
            "pk", "name", "place", "heads", "area"
        )
    )


def votes_hash(ballot: Ballot) -> str:
    """Return the SHA-256 of the votes of a ballot: item, voter, choice and receipt of each, of a secret one no voter.

    Reads every vote. The receipts cannot be guessed, so the hash tells nobody's choice.
    """
    if ballot.kind == BallotKind.SECRET:
        sql = (
            "SELECT v.item_id, '', v.choice, v.receipt FROM voting_secretvote v JOIN voting_item i ON i.id = v.item_id"
            " WHERE i.ballot_id = %s ORDER BY v.item_id, v.receipt"
        )
    else:
        sql = (
            "SELECT v.item_id, v.voter_id, v.choice, v.receipt FROM voting_vote v JOIN voting_item i"
            " ON i.id = v.item_id WHERE i.ballot_id = %s ORDER BY v.item_id, v.voter_id"
        )
    seen = hashlib.sha256()
    for row in bulk.rows(sql, ballot.pk):
        seen.update(canonical_json(list(row)).encode() + b"\n")
    return seen.hexdigest()


def what_was_edited(ballot: Ballot) -> str:
    """Return what of a closed ballot is not as the ledger says ("votes", "roll", "result"), "" where all of it is."""
    entry = entries_about(ballot).filter(act__in=_COUNTED).order_by("-sequence").first()
    if entry is None:
        return "result"
    result = dict(ballot.result or {})
    stated = result.pop("hash", "")
    if stated != entry.document_hash or sha256_hex(result) != stated:
        return "result"
    if votes_hash(ballot) != entry.after.get("votes"):
        return "votes"
    if sha256_hex(roll_lines(ballot)) != ballot.roll_hash or result["roll"]["hash"] != ballot.roll_hash:
        return "roll"
    return ""


def edited_ballots() -> Iterator[str]:
    """Yield a sentence for each ballot whose votes, roll or result were edited after the count. Reads every vote."""
    for ballot in Ballot.objects.filter(phase__in=[Phase.CLOSED, Phase.CERTIFIED]).order_by("pk").iterator(200):
        if part := what_was_edited(ballot):
            yield f"ballot {ballot.pk}: its {part} was edited after the count"
