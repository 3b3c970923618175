"""What the database says of a batch of votes: its ballots under their lock, its voters, and what they did before.

Plain SQL, the same few statements however many votes: the ORM would double the cost of a single one.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from core import clock
from voting import bulk, methods, receipts
from voting.models import BallotKind, Channel, Disclosure

_MAX_ID = 2**63 - 1
_SECRET, _RUNNING, _PAPER = BallotKind.SECRET.value, Disclosure.RUNNING.value, Channel.PAPER.value


@dataclass(slots=True)
class Item:
    """An item while a batch is judged."""

    pk: int
    method: str
    check: methods.Check


@dataclass(slots=True)
class OpenBallot:
    """A ballot while a batch is judged. `taken` maps (item, voter) to the choice there is ("" where it is secret).

    `receipts` maps (item, voter) to the receipt of a named vote.
    """

    pk: int
    phase: str
    secret: bool
    revisable: bool
    running: bool
    over: bool
    in_room: bool
    version: int
    cast: int
    eligible: int
    has_proxies: bool
    has_recusals: bool
    has_handouts: bool
    paper_wins: bool
    items: dict[str, Item] = field(default_factory=dict)
    taken: dict[tuple[int, int], str] = field(default_factory=dict)
    receipts: dict[tuple[int, int], str] = field(default_factory=dict)
    on_paper: set[tuple[int, int]] = field(default_factory=set)
    turned_out: set[int] = field(default_factory=set)
    pending: dict[tuple[int, int], tuple[str, int | None, str, str]] = field(default_factory=dict)
    fresh: list[tuple[int, int, str]] = field(default_factory=list)
    revised: set[tuple[int, int]] = field(default_factory=set)
    changed: bool = False


# Voter rows as read: ballot, heads, area, user, present, guardian.
VoterRow = tuple[int, int, int, int | None, bool, int | None]


def as_id(value: Any) -> int | None:
    """Return a positive id from an int or its text, else None."""
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 20:  # noqa: PLR2004 - 63 bits
        value = int(value)
    return value if type(value) is int and 0 < value <= _MAX_ID else None


class Facts:
    """The facts of one batch. True until the transaction ends: the ballots' rows are locked first."""

    def __init__(self, ballots: Iterable[int], voters: Iterable[int], now: dt.datetime) -> None:
        self.now = now
        self.ballots = self._lock(set(ballots))
        self.voters = self._read_voters(sorted(voters))
        # By principal: the holder on the roll, the holder's account, whether a holder outside the roll is in the room.
        self.proxies: dict[int, tuple[int | None, int | None, bool]] = {}
        self.recused: set[tuple[int, int]] = set()
        self.handed: set[int] = set()
        self.known: set[tuple[int, str]] = set()
        if self.voters:
            self._read_items()
            self._read_past(sorted(self.voters))

    def _lock(self, ids: set[int]) -> dict[int, OpenBallot]:
        """Lock the ballots, lowest id first. Plain SQL: the ORM would double the cost of a single vote."""
        such, parameter = bulk.among(sorted(ids))
        lock = "" if bulk.is_sqlite() else " FOR NO KEY UPDATE OF b"  # SQLite locked the database at BEGIN IMMEDIATE
        rows = bulk.rows(
            "SELECT b.id, b.phase, b.kind, b.revisable, b.disclosure,"  # noqa: S608 - our own words
            " b.closes_at IS NOT NULL AND b.closes_at <= %s,"
            ' b.in_room, b.version, b."cast", b.roll_heads, b.paper_wins'
            f" FROM voting_ballot b WHERE b.id {such} ORDER BY b.id{lock}",
            connection.ops.adapt_datetimefield_value(self.now),
            parameter,
        )
        # Asked after the lock is held: a subquery of the statement that waited would see the time before the wait.
        flags = {
            pk: (bool(proxies), bool(recusals), bool(handouts))
            for pk, proxies, recusals, handouts in bulk.rows(
                "SELECT b.id,"  # noqa: S608 - our own words
                " EXISTS (SELECT 1 FROM voting_proxy p WHERE p.ballot_id = b.id AND p.revoked_at IS NULL),"
                " EXISTS (SELECT 1 FROM voting_recusal r JOIN voting_item i ON i.id = r.item_id"
                " WHERE i.ballot_id = b.id),"
                " b.kind = 'secret' AND EXISTS (SELECT 1 FROM voting_paperbatch p WHERE p.ballot_id = b.id)"
                f" FROM voting_ballot b WHERE b.id {such}",
                parameter,
            )
        }
        return {
            pk: OpenBallot(
                pk, phase, kind == _SECRET, bool(revisable), disclosure == _RUNNING, bool(over), bool(in_room),
                version, cast, eligible, *flags[pk], bool(paper_wins),
            )
            for pk, phase, kind, revisable, disclosure, over, in_room, version, cast, eligible, paper_wins in rows
        }  # fmt: skip

    def _read_voters(self, ids: list[int]) -> dict[int, VoterRow]:
        such, parameter = bulk.among(ids)
        sql = f"SELECT id, ballot_id, heads, area, user_id, present, guardian_id FROM voting_voter WHERE id {such}"  # noqa: S608 - our own words
        return {row[0]: row[1:] for row in bulk.rows(sql, parameter)} if ids else {}

    def _read_door(self, users: set[int], sessions: set[str]) -> tuple[set[int], set[str]]:
        """Return the accounts that were switched off and the sessions that still run. One statement for both.

        A ticket or a socket may be about that was opened before.
        """
        if not users and not sessions:
            return set(), set()
        such, accounts = bulk.among(sorted(users))
        these, keys = bulk.among(sorted(sessions), "text")
        rows = bulk.rows(
            f"SELECT id, '' FROM community_user WHERE NOT is_active AND id {such} UNION ALL"  # noqa: S608 - our own words
            f" SELECT 0, session_key FROM django_session WHERE session_key {these} AND expire_date > %s",
            accounts,
            keys,
            connection.ops.adapt_datetimefield_value(self.now),
        )
        return {pk for pk, key in rows if not key}, {key for _pk, key in rows if key}

    def _read_items(self) -> None:
        such, parameter = bulk.among(self.ballots)
        keys: dict[tuple[int, int, str, str], list[str]] = {}
        for ballot, item, method, form, key in bulk.rows(
            "SELECT i.ballot_id, i.id, i.method, i.form, o.key FROM voting_item i JOIN voting_option o"  # noqa: S608 - our own words
            f" ON o.item_id = i.id WHERE i.ballot_id {such} ORDER BY i.id, o.position",
            parameter,
        ):
            keys.setdefault((ballot, item, method, form), []).append(key)
        for (ballot, item, method, form), options in keys.items():
            settings = methods.stored_settings(form)
            check = methods.check_for(method, settings, options)
            self.ballots[ballot].items[str(item)] = Item(item, method, check)

    def _read_past(self, voters: list[int]) -> None:
        such, parameter = bulk.among(voters)
        if any(b.has_proxies for b in self.ballots.values()):
            today = clock.local_date(self.now).isoformat()
            sql = (
                "SELECT principal_id, holder_id, holder_user_id, holder_present FROM voting_proxy"  # noqa: S608 - our own words
                f" WHERE principal_id {such}"
                " AND revoked_at IS NULL AND (valid_until IS NULL OR valid_until >= %s)"
            )
            self.proxies = {p: (holder, user, bool(here)) for p, holder, user, here in bulk.rows(sql, parameter, today)}
        if any(b.has_recusals for b in self.ballots.values()):
            sql = f"SELECT item_id, voter_id FROM voting_recusal WHERE voter_id {such}"  # noqa: S608 - our own words
            self.recused = set(bulk.rows(sql, parameter))
        if any(b.has_handouts for b in self.ballots.values()):
            sql = f"SELECT voter_id FROM voting_paperhandout WHERE voter_id {such}"  # noqa: S608 - our own words
            self.handed = {voter for (voter,) in bulk.rows(sql, parameter)}
        sql = f"SELECT voter_id, request_hash FROM voting_castrequest WHERE voter_id {such}"  # noqa: S608 - our own words
        self.known = set(bulk.rows(sql, parameter))
        for secret, table, choice, under in (
            (False, "voting_vote", "choice", "receipt"),
            (True, "voting_participation", "''", "''"),
        ):
            of_kind = [b for b in self.ballots.values() if b.secret is secret and b.items]
            if not of_kind:
                continue
            owner = {item.pk: ballot for ballot in of_kind for item in ballot.items.values()}
            these, items = bulk.among(owner)
            sql = (
                f"SELECT item_id, voter_id, {choice}, channel, {under} FROM {table}"  # noqa: S608 - our own words
                f" WHERE item_id {these} AND voter_id {such}"
            )
            for item, voter, chosen, channel, receipt in bulk.rows(sql, items, parameter):
                owner[item].taken[item, voter] = chosen
                owner[item].receipts[item, voter] = receipt
                owner[item].turned_out.add(voter)
                if channel == _PAPER:
                    owner[item].on_paper.add((item, voter))
        self._read_slots()

    def _read_slots(self) -> None:
        """Find the choices of revisable secret ballots that could be replaced."""
        slots = {
            receipts.slot(item, voter): (ballot, item, voter)
            for ballot in self.ballots.values()
            if ballot.secret and ballot.revisable
            for item, voter in ballot.taken
        }
        if not slots:
            return
        marks = ", ".join(["%s"] * len(slots))
        for slot, choice in bulk.rows(
            f"SELECT slot, choice FROM voting_secretvote WHERE slot IN ({marks})",  # noqa: S608 - our own words
            *slots,
        ):
            ballot, item, voter = slots[slot]
            ballot.taken[item, voter] = choice
