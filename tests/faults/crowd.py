"""A crowd of phones that do not give up: they reconnect, send unanswered votes again, and remember what they were told.

The phones live in a thread with a loop of its own; the test strikes from the main thread meanwhile.
"""

import asyncio
import json
import random
import threading
import time
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from bench.live_client import Socket, frame
from voting import tickets
from voting.models import Ballot, Voter

PATIENCE = 120  # seconds; a busy machine may be slow, only what never comes is a fault
AGAIN = (0.03, 0.3)  # seconds until a phone connects again
CHOICES = ("for", "against", "abstain")


@dataclass
class Sent:
    """One vote of one phone: what it asked for and what it was told."""

    choice: str
    request: str = field(default_factory=lambda: str(uuid.uuid4()))
    first_sent_at: float = 0.0
    receipt: str = ""
    code: str = ""
    answers: list[str] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """Whether it may stop asking."""
        return bool(self.receipt or self.code)


class _Link(Socket):
    """One connection of a phone."""

    def __init__(self, phone: "Phone", path: str) -> None:
        super().__init__(phone, path, None)  # type: ignore[arg-type] # a phone has what a run has: host and failed
        self.phone = phone

    def message(self, payload: bytes) -> None:
        """Hand one message on."""
        self.phone.told(self, json.loads(payload))

    def connection_lost(self, _error: Exception | None) -> None:
        """Come back."""
        self.phone.lost(self)


class Phone:
    """One screen, with votes to cast when `voter` is given."""

    def __init__(self, crowd: "Crowd", voter: Voter | None, hosts: Sequence[str]) -> None:
        self.crowd = crowd
        self.voter = voter
        self.hosts = hosts
        self.host = hosts[0]
        self.failed: list[str] = []  # handshakes that were refused
        self.votes: list[Sent] = []
        self.may_send = False
        self.vanishes = 0  # how often it cuts its line right after sending
        self.version = -1
        self.state: dict[str, Any] = {}
        self.went_back = 0
        self.connections = 0
        self._link: _Link | None = None

    @property
    def is_connected(self) -> bool:
        """Whether a line is open and showed the state."""
        return self._link is not None

    async def connect(self) -> None:
        """Open a line to one of the servers; on failure try again a little later."""
        self.host = self.crowd.dice.choice(self.hosts)
        address, _colon, port = self.host.partition(":")
        path = f"/ws/ballots/{self.crowd.ballot.pk}/"
        if self.voter is not None:
            path += f"?ticket={tickets.mint(self.crowd.ballot.pk, self.voter.pk)[0]}"
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _Link(self, path), address, int(port))
        except OSError:
            self._later()

    def lost(self, link: _Link) -> None:
        """Connect again, unless the crowd goes home. A phone has one line at a time, whatever it was told on it."""
        assert self._link in {link, None}
        self._link = None
        self._later()

    def _later(self) -> None:
        if not self.crowd.is_over:
            loop = asyncio.get_running_loop()
            loop.call_later(self.crowd.dice.uniform(*AGAIN), lambda: self.crowd.spawn(self.connect()))

    def told(self, link: _Link, message: dict[str, Any]) -> None:
        """Note one message."""
        kind = message["type"]
        if kind == "ballot.state":
            self._link = link
            self.connections += 1
        if "version" in message:
            self.went_back += message["version"] < self.version
            self.version = max(self.version, message["version"])
            self.state.update({k: message[k] for k in ("turnout", "tally", "phase") if k in message})
        if kind in {"vote.accepted", "vote.refused"}:
            self._answered(message)
        elif kind == "error":
            self.crowd.errors.append(message)
        if kind == "ballot.state" and self.may_send:
            self.send()
        self.crowd.look()

    def _answered(self, message: dict[str, Any]) -> None:
        for sent in self.votes:
            if sent.request != message["request"]:
                continue
            if message.get("code") == "throttled":
                asyncio.get_running_loop().call_later(0.3, self.send)
                return
            sent.receipt = message.get("receipt", sent.receipt)
            sent.code = message.get("code", sent.code)
            sent.answers.append(message.get("receipt") or message["code"])

    def send(self) -> None:
        """Send every vote that has no answer yet."""
        self.may_send = True
        if self._link is None:
            return  # it is sent once the line is back
        for sent in self.votes:
            if not sent.is_answered:
                sent.first_sent_at = sent.first_sent_at or time.monotonic()
                message = {"type": "vote.cast", "request": sent.request, "choices": {self.crowd.item: sent.choice}}
                self._link.transport.write(frame(json.dumps(message).encode()))
        if self.vanishes:
            self.vanishes -= 1
            self.crowd.spawn(self._vanish(self._link))

    async def _vanish(self, link: _Link) -> None:
        """Cut the line when the vote has left, before or while the answer comes."""
        await asyncio.sleep(self.crowd.dice.uniform(0, 0.004))
        link.transport.abort()

    def cut(self) -> None:
        """Lose the line now."""
        if self._link is not None:
            self._link.transport.abort()


class Crowd:
    """All phones of one ballot."""

    def __init__(
        self,
        ballot: Ballot,
        item: str,
        hosts: Sequence[str],
        dice: random.Random,
        voters: Sequence[Voter],
        screens: int,
    ) -> None:
        self.ballot, self.item, self.dice = ballot, item, dice
        self.is_over = False
        self.errors: list[dict[str, Any]] = []
        self.phones = [Phone(self, voter, hosts) for voter in voters]
        self.phones += [Phone(self, None, hosts) for _screen in range(screens)]
        for phone in self.phones[: len(voters)]:
            phone.votes.append(Sent(dice.choice(CHOICES)))
        # Not uvloop: its close() waits for ever when a line is just being opened.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="crowd")
        self._changed = threading.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self.ask(self._enter())
        assert self.until(lambda: all(phone.version >= 0 for phone in self.phones), PATIENCE), "not everybody got in"
        return self

    def __exit__(self, *_error: object) -> None:
        self.is_over = True
        self.ask(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    async def _enter(self) -> None:
        for phone in self.phones:
            self.spawn(phone.connect())

    async def _leave(self) -> None:
        for phone in self.phones:
            phone.cut()
        going = list(self._tasks)
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)
        await asyncio.sleep(0.01)

    def ask(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine in the crowd's loop and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a coroutine, from the crowd's loop; nothing more once the crowd goes home."""
        if self.is_over:
            work.close()
            return
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def look(self) -> None:
        """Wake whoever waits in `until`."""
        with self._changed:
            self._changed.notify_all()

    def until(self, holds: Any, seconds: float) -> bool:
        """Wait until `holds()` or the time is over; return whether it holds."""
        with self._changed:
            return bool(self._changed.wait_for(holds, seconds))

    def cast(self, seconds: float) -> None:
        """Let every voter vote within `seconds`; returns at once."""

        def arm() -> None:
            for phone in self.phones:
                if phone.votes:
                    self._loop.call_later(self.dice.uniform(0, seconds), phone.send)

        self._loop.call_soon_threadsafe(arm)

    def sent(self) -> list[tuple[Voter, Sent]]:
        """Return every vote with its voter."""
        return [(phone.voter, sent) for phone in self.phones if phone.voter is not None for sent in phone.votes]

    def acked(self) -> int:
        """Return how many votes were accepted so far."""
        return sum(bool(sent.receipt) for _voter, sent in self.sent())

    def all_connected(self) -> bool:
        """Return whether every phone has a line."""
        return all(phone.is_connected for phone in self.phones)

    def all_answered(self) -> bool:
        """Return whether nobody waits for an answer."""
        return all(sent.is_answered for _voter, sent in self.sent())
