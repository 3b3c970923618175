"""How rows of a secret ballot are written so that nothing tells their order: random ids, older rows written anew."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from voting import bulk, receipts

# A single vote in a batch would show in the order of the table's rows and in PostgreSQL's transaction ids; each batch
# therefore writes this many older rows of the same item anew together with its own.
STIRRED_ROWS = 64


def taken_out(item: int) -> list[tuple[Any, ...]]:
    """Delete up to STIRRED_ROWS random rows of an item and return what they held."""
    sql = (
        "SELECT id, item_id, choice, receipt, slot FROM voting_secretvote"
        " WHERE item_id = %s AND id {} %s ORDER BY id LIMIT %s"
    )
    start = receipts.random_ids(1)[0]
    found = bulk.rows(sql.format(">="), item, start, STIRRED_ROWS)
    if len(found) < STIRRED_ROWS:
        found += bulk.rows(sql.format("<"), item, start, STIRRED_ROWS - len(found))
    if found:
        such, parameter = bulk.among([row[0] for row in found])
        bulk.run(f"DELETE FROM voting_secretvote WHERE id {such}", parameter)  # noqa: S608 - our own words
    return [row[1:] for row in found]


def scattered(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows with random ids before them, in the order of these ids: a shuffle the index likes."""
    ids = receipts.random_ids(len(rows))
    return [(pk, *row) for pk, row in sorted(zip(ids, rows, strict=True), key=itemgetter(0))]
