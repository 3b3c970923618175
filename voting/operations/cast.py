"""The one way votes get in: socket, HTTP, paper and hand votes all end in `cast_votes`.

One transaction takes a whole batch: about a dozen statements however many votes. The lock on the ballots' rows orders
it against other batches and against closing, so what is read here stays true until the commit.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import clock
from voting import bulk, methods, queries, receipts
from voting.models import Channel, Phase
from voting.operations.cast_facts import Facts, Item, OpenBallot, as_id
from voting.stirring import scattered, taken_out

MAX_REQUEST = 100
# Members of enumerations cost 0.3 us each time they are looked up; these are looked up for every vote.
_OPEN, _DRAFT, _LIVE, _PAPER = Phase.OPEN.value, Phase.DRAFT.value, Channel.LIVE.value, Channel.PAPER.value
_CHANNELS = frozenset(Channel.values)


@dataclass(frozen=True, slots=True)
class CastIntent:
    """One request to vote. `voter_id` is who is signed in; the vote is for `on_behalf_of` (a voter id) when given.

    A proxy holder who stands on no roll has `voter_id` None and is known by `user_id`. `choices` maps item ids to
    choices (voting/methods.py); `request` is the client's own id of this request. `session_key` is given by
    what outlives a request, an open socket: the vote is refused once that session has ended.
    """

    ballot_id: int
    voter_id: int | None
    request: str
    choices: Mapping[str, Any]
    on_behalf_of: str | None = None
    channel: str = Channel.LIVE
    user_id: int | None = None
    session_key: str = ""


@dataclass(frozen=True, slots=True)
class CastOutcome:
    """The answer to one intent: accepted with a receipt, or refused with a stable code and a sentence."""

    accepted: bool
    receipt: str = ""
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class BallotState:
    """What screens show of a ballot after the batch; `tally` is None while the ballot's policy hides counts."""

    version: int
    cast: int
    eligible: int
    tally: queries.Tally | None


class CastOutcomes(list[CastOutcome]):
    """The outcomes in the order of the intents; `states` holds the new state of every ballot that changed."""

    def __init__(self, outcomes: Sequence[CastOutcome], states: dict[int, BallotState]) -> None:
        super().__init__(outcomes)
        self.states = states


class _Refusal(Exception):
    def __init__(self, code: str, sentence: str = "") -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


def cast_votes(batch: Sequence[CastIntent], *, now: dt.datetime | None = None) -> CastOutcomes:
    """Judge and store a batch of votes in one transaction; return the outcomes in order.

    Each intent is accepted or refused as a whole: `not_open`, `closed`, `not_eligible`, `proxy_not_allowed`, `recused`,
    `invalid_choice`, `already_voted`. The same request of the same voter again gets its receipt again and changes
    nothing, within the batch too. Call it outside a transaction where the answer means "on disk".
    """
    moment = now or clock.now()
    with transaction.atomic():
        work = _Batch(batch, moment)
        outcomes = [work.judge(intent) for intent in batch]
        states = work.store()
    return CastOutcomes(outcomes, states)


def refusal(code: str, sentence: str = "") -> CastOutcome:
    """Return the refusal of a cast with the sentence for people: that of the code where none is given."""
    return CastOutcome(accepted=False, code=code, message=sentence or _sentence(code))


def _sentence(code: str) -> str:
    return {
        "not_open": _("表决尚未开始。"),
        "closed": _("表决已截止。"),
        "not_eligible": _("您不在本次表决的名册中。"),
        "already_voted": _("已经投过票，不能重复表决。"),
        "invalid_choice": _("选项不符合表决票的要求，未计票。"),
        "proxy_not_allowed": _("没有有效的委托，不能这样投票。"),
        "recused": _("您对该事项已回避，不参加表决。"),
        "throttled": _("操作太频繁，请稍候再试。"),
    }[code]


def _reused() -> str:
    return _("这个请求编号已经用过，投的是另一种选择；这一次没有计票。")


def _is_text(request: str) -> bool:
    """Return whether an id can be hashed: one with half a surrogate pair cannot."""
    try:
        request.encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_here() -> str:
    return _("这次表决限到会的人参加，请先在会场签到。")


class _Batch(Facts):
    """One batch: what it decides and what it writes, on the facts it read."""

    def __init__(self, batch: Sequence[CastIntent], now: dt.datetime) -> None:
        voters = {as_id(i.voter_id) for i in batch} | {as_id(i.on_behalf_of) for i in batch}
        super().__init__({i.ballot_id for i in batch if as_id(i.ballot_id)}, {v for v in voters if v}, now)
        self.switched_off, self.signed_in = self._read_door(
            {i.user_id for i in batch if i.user_id is not None}, {i.session_key for i in batch if i.session_key}
        )
        self.new_requests: list[tuple[int, str]] = []
        self.counts: dict[tuple[int, str], list[int]] = {}
        self.secretly: dict[tuple[int, str], str] = self._read_repeated(batch) if self.known else {}

    # --- judging ----------------------------------------------------------

    def judge(self, intent: CastIntent) -> CastOutcome:
        """Return the outcome of one intent and note what it changes."""
        if intent.user_id in self.switched_off:
            return refusal("not_eligible", _("这个账号已停用。"))
        if intent.session_key and intent.session_key not in self.signed_in:
            return refusal("not_eligible", _("这一页的登录已经结束，请刷新页面后再投票。"))
        try:
            return CastOutcome(accepted=True, receipt=self._accept(intent))
        except _Refusal as refused:
            return refusal(refused.code, refused.sentence)
        except (TypeError, ValueError, AttributeError, KeyError, RecursionError):
            return refusal("invalid_choice")

    def _accept(self, intent: CastIntent) -> str:
        ballot = self.ballots.get(intent.ballot_id)
        if ballot is None:
            raise _Refusal("not_open")
        voter = self._represented(intent, ballot)
        request = intent.request
        if type(request) is not str or not 0 < len(request) <= MAX_REQUEST:
            raise _Refusal("invalid_choice")
        remembered = receipts.request_hash(voter, request)
        receipt = receipts.cast_receipt(voter, request)
        if (voter, remembered) in self.known:
            self._require_same(intent, ballot, voter, receipt)
            return receipt
        sender = as_id(intent.voter_id)
        if sender and sender != voter and (sender, receipts.request_hash(sender, request)) in self.known:
            raise _Refusal("already_voted", _reused())
        if ballot.phase != _OPEN:
            raise _Refusal("not_open" if ballot.phase == _DRAFT else "closed")
        if ballot.over:
            raise _Refusal("closed")
        if voter in self.handed:
            raise _Refusal("already_voted", _("您已领取纸质票；交回未用的票后才能在线投票。"))
        chosen = self._checked(intent, ballot, voter)
        holder = as_id(intent.voter_id)
        cast_by = holder if holder != voter else None
        channel = intent.channel if intent.channel in _CHANNELS else _LIVE
        for item, choice in chosen:
            self._note(ballot, item, voter, (choice, cast_by, channel, receipts.item_receipt(receipt, item.pk)))
        if voter not in ballot.turned_out:
            ballot.turned_out.add(voter)
            ballot.cast += self.voters[voter][1]
        ballot.changed = True
        self.known.add((voter, remembered))
        self.new_requests.append((voter, remembered))
        return receipt

    def _require_same(self, intent: CastIntent, ballot: OpenBallot, voter: int, receipt: str) -> None:
        """Refuse a request id that comes again with other choices: it must not be answered as if these were stored.

        Nothing but the votes themselves is asked. A revisable ballot no longer knows what a replaced vote said: there
        only what still stands is compared.
        """
        if not isinstance(intent.choices, Mapping):
            raise _Refusal("invalid_choice")
        for item in ballot.items.values():
            mine = receipts.item_receipt(receipt, item.pk)
            stored = self._stored_under(ballot, item.pk, voter, mine)
            if str(item.pk) not in intent.choices:
                if stored is not None:
                    raise _Refusal("already_voted", _reused())
                continue
            choice = intent.choices[str(item.pk)]
            if stored is None:
                if not ballot.revisable and not ballot.paper_wins:
                    raise _Refusal("already_voted", _reused())
            elif stored != (choice if choice == methods.INVALID else item.check(choice)):
                raise _Refusal("already_voted", _reused())

    def _stored_under(self, ballot: OpenBallot, item: int, voter: int, receipt: str) -> str | None:
        """Return the choice that stands under a receipt, None where there is none."""
        if (pending := ballot.pending.get((item, voter))) is not None:
            return pending[0] if pending[3] == receipt else None
        if ballot.secret:
            return self.secretly.get((item, receipt))
        return ballot.taken[item, voter] if ballot.receipts.get((item, voter)) == receipt else None

    def _read_repeated(self, batch: Sequence[CastIntent]) -> dict[tuple[int, str], str]:
        """Return what secret votes of requests that come again said, by item and receipt. One query for each item."""
        wanted: dict[int, list[str]] = {}
        for intent in batch:
            ballot, request = self.ballots.get(as_id(intent.ballot_id) or 0), intent.request
            if ballot is None or not ballot.secret or type(request) is not str or not _is_text(request):
                continue
            for voter in {as_id(intent.voter_id), as_id(intent.on_behalf_of)} - {None}:
                if voter and (voter, receipts.request_hash(voter, request)) in self.known:
                    receipt = receipts.cast_receipt(voter, request)
                    for item in ballot.items.values():
                        wanted.setdefault(item.pk, []).append(receipts.item_receipt(receipt, item.pk))
        found = {}
        for pk, under in wanted.items():
            such, parameter = bulk.among(under, "text")
            sql = f"SELECT receipt, choice FROM voting_secretvote WHERE item_id = %s AND receipt {such}"  # noqa: S608 - our own words
            found.update({(pk, receipt): choice for receipt, choice in bulk.rows(sql, pk, parameter)})
        return found

    def _represented(self, intent: CastIntent, ballot: OpenBallot) -> int:
        """Return the voter the intent votes for, once the sender may do so."""
        sender = as_id(intent.voter_id)
        row = self.voters.get(sender) if sender else None
        if row is not None and row[0] != ballot.pk:
            row = None
        if intent.on_behalf_of is None or (row is not None and as_id(intent.on_behalf_of) == sender):
            if row is None or sender is None:
                raise _Refusal("not_eligible")
            if ballot.in_room and not row[4]:
                raise _Refusal("not_eligible", _not_here())
            if sender in self.proxies:
                raise _Refusal("proxy_not_allowed")
            return sender
        principal = as_id(intent.on_behalf_of)
        if principal is None or principal not in self.voters or self.voters[principal][0] != ballot.pk:
            raise _Refusal("proxy_not_allowed" if row is not None else "not_eligible")
        power = self.proxies.get(principal)
        users = {user for user in (intent.user_id, row[3] if row is not None else None) if user is not None}
        if power is None:  # the ward's entry is marked present when the guardian comes
            may, is_here = self.voters[principal][5] in users, self.voters[principal][4]
        else:
            may = (row is not None and power[0] == sender) or power[1] in users
            is_here = power[2] or (row is not None and row[4])
        if not may:
            raise _Refusal("proxy_not_allowed" if row is not None or users else "not_eligible")
        if ballot.in_room and not is_here:
            raise _Refusal("not_eligible", _not_here())
        return principal

    def _checked(self, intent: CastIntent, ballot: OpenBallot, voter: int) -> list[tuple[Item, str]]:
        choices = intent.choices
        if not isinstance(choices, Mapping) or not 0 < len(choices) <= len(ballot.items):
            raise _Refusal("invalid_choice")
        chosen = []
        for key, choice in choices.items():
            item = ballot.items.get(key)
            if item is None:
                raise _Refusal("invalid_choice")
            if (item.pk, voter) in self.recused:
                raise _Refusal("recused")
            if choice == methods.INVALID and intent.channel == _PAPER:
                chosen.append((item, methods.INVALID))
            else:
                chosen.append((item, item.check(choice)))
        places = [(item.pk, voter) for item, _choice in chosen]
        if intent.channel == _PAPER and ballot.paper_wins and not ballot.secret:
            return chosen
        if not ballot.revisable and any(place in ballot.taken for place in places):
            raise _Refusal("already_voted")
        if ballot.paper_wins and any(place in ballot.on_paper for place in places):
            raise _Refusal("already_voted")
        return chosen

    def _note(self, ballot: OpenBallot, item: Item, voter: int, vote: tuple[str, int | None, str, str]) -> None:
        place = (item.pk, voter)
        _ballot, heads, area, _user, _present, _guardian = self.voters[voter]
        earlier = ballot.taken.get(place)
        if earlier is None:
            self._add(item.pk, methods.EVERYBODY, 1, heads, area)
            ballot.fresh.append((item.pk, voter, vote[2]))
        else:
            for key, amount in methods.marks_of(item.method, earlier):
                self._add(item.pk, key, -amount, heads, area)
            ballot.revised.add(place)
        for key, amount in methods.marks_of(item.method, vote[0]):
            self._add(item.pk, key, amount, heads, area)
        ballot.taken[place] = vote[0]
        ballot.pending[place] = vote

    def _add(self, item: int, key: str, amount: int, heads: int, area: int) -> None:
        sums = self.counts.setdefault((item, key), [0, 0, 0])
        sums[0] += amount
        sums[1] += amount * heads
        sums[2] += amount * area

    # --- writing ----------------------------------------------------------

    def store(self) -> dict[int, BallotState]:
        """Write what the batch changed; return the new state of the ballots that changed."""
        changed = [ballot for ballot in self.ballots.values() if ballot.changed]
        if not changed:
            return {}
        for ballot in changed:
            if ballot.secret:
                self._store_secret(ballot)
            else:
                self._store_named(ballot)
            ballot.version += 1
            bulk.run(
                'UPDATE voting_ballot SET version = %s, "cast" = %s WHERE id = %s',
                ballot.version,
                ballot.cast,
                ballot.pk,
            )
        columns = ("id", "voter_id", "request_hash")
        if any(ballot.secret for ballot in changed):
            bulk.insert("voting_castrequest", columns, scattered(self.new_requests))
        else:
            bulk.insert("voting_castrequest", columns[1:], self.new_requests)
        bulk.add_to_counts([(item, key, *sums) for (item, key), sums in sorted(self.counts.items()) if any(sums)])  # type: ignore[misc] # three sums
        shown = queries.tallies([ballot.pk for ballot in changed if ballot.running])
        return {
            b.pk: BallotState(b.version, b.cast, b.eligible, shown.get(b.pk) if b.running else None) for b in changed
        }

    def _store_named(self, ballot: OpenBallot) -> None:
        at = connection.ops.adapt_datetimefield_value(self.now)
        bulk.insert(
            "voting_vote",
            ("item_id", "voter_id", "choice", "cast_by_id", "channel", "receipt", "at"),
            [
                (item, voter, choice, cast_by, channel, receipt, at)
                for (item, voter), (choice, cast_by, channel, receipt) in ballot.pending.items()
            ],
            conflict="ON CONFLICT (item_id, voter_id) DO UPDATE SET choice = excluded.choice,"
            " cast_by_id = excluded.cast_by_id, channel = excluded.channel, receipt = excluded.receipt,"
            " at = excluded.at"
            if ballot.revised
            else "",
        )

    def _store_secret(self, ballot: OpenBallot) -> None:
        """Write the choices shuffled among themselves and among older ones, and apart from them who took part."""
        bulk.insert("voting_participation", ("id", "item_id", "voter_id", "channel"), scattered(ballot.fresh))
        gone = [receipts.slot(item, voter) for item, voter in ballot.revised]
        if gone:
            marks = ", ".join(["%s"] * len(gone))
            bulk.run(f"DELETE FROM voting_secretvote WHERE slot IN ({marks})", *gone)  # noqa: S608 - our own words
        rows: list[tuple[Any, ...]] = [
            (item, choice, receipt, receipts.slot(item, voter) if ballot.revisable else None)
            for (item, voter), (choice, _cast_by, _channel, receipt) in ballot.pending.items()
        ]
        for item in {item for item, _voter in ballot.pending}:
            rows += taken_out(item)
        bulk.insert("voting_secretvote", ("id", "item_id", "choice", "receipt", "slot"), scattered(rows))
