"""Group work in one thread: while one batch is in the database, the next collects. No linger timer.

One transaction for two thousand votes costs little more than one for a single vote, so the busier it gets, the
cheaper each becomes; a lone request never waits for company.
"""

import asyncio
import concurrent.futures
import logging
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar
from weakref import ref

from django.db import InterfaceError, OperationalError, connections

log = logging.getLogger(__name__)
Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
# Waits before the tries of one batch, in seconds: a database that restarts is back within them.
TRIES = (0.0, 0.05, 0.25, 1.0, 2.0, 4.0)
IDLE = 30.0  # seconds without work after which the database connection is given back


# Replaced whole whenever a batcher is made, so that it can be read from any thread at any time without a lock.
_all: "tuple[ref[Batcher[Any, Any]], ...]" = ()
_making = threading.Lock()


class Full(Exception):
    """Too much is waiting already, or the batcher has stopped."""


def is_anybody_waiting() -> bool:
    """Return whether any batcher of this process owes an answer."""
    return any(batcher.is_busy for known in _all if (batcher := known()) is not None)


def _remember(made: "Batcher[Any, Any]") -> None:
    global _all  # noqa: PLW0603 - see above
    with _making:
        _all = (*(known for known in _all if known() is not None), ref(made))


class Batcher(Generic[Asked, Answered]):
    """Does `work(batch)` for everything that is asked, in order, answering only when the batch is done.

    `work` gets up to `limit` requests, runs in this batcher's own thread with its own database connection, and must be
    idempotent: after a lost connection the whole batch is tried again. What cannot be done is answered by `failed`.
    `pace` is the least time in seconds between the starts of two batches: where one request costs next to nothing,
    a storm would otherwise be thousands of batches of one. `warm` is done when the thread starts, before anybody asks:
    the first work on a new connection takes several times as long.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Sequence[Asked]], Sequence[Answered]],
        *,
        failed: Callable[[Asked], Answered],
        limit: int = 2000,
        room: int = 20_000,
        pace: float = 0.0,
        warm: Callable[[], object] | None = None,
    ) -> None:
        self.name = name
        self.batches = 0
        self.done = 0
        self._work = work
        self._failed = failed
        self._limit = limit
        self._room = room
        self._pace = pace
        self._warm = warm
        self._queue: SimpleQueue[
            tuple[Asked, concurrent.futures.Future[Answered] | asyncio.Future[Answered]] | None
        ] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._turn = threading.Lock()
        self._is_stopping = False
        self._is_working = False
        _remember(self)

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for an answer."""
        return self._is_working or not self._queue.empty()

    @property
    def is_running(self) -> bool:
        """Whether the thread is up."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._queue.qsize()

    def start(self) -> None:
        """Start the thread unless it runs; take requests again after a stop."""
        with self._turn:
            self._is_stopping = False
            self._start()

    def _start(self) -> None:
        if not self.is_running:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Do what is queued, then end the thread. Until it is started again whoever asks is refused: Full."""
        with self._turn:
            self._is_stopping = True
            thread = self._thread
            if thread is not None and thread.is_alive():
                self._queue.put(None)
        if thread is not None:
            thread.join()

    def ask(self, asked: Asked) -> asyncio.Future[Answered]:
        """Queue one request from a loop and return its future. Raises Full."""
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._put(asked, future)
        return future

    def ask_from_thread(self, asked: Asked) -> concurrent.futures.Future[Answered]:
        """Queue one request from any thread and return its future. Raises Full."""
        future: concurrent.futures.Future[Answered] = concurrent.futures.Future()
        self._put(asked, future)
        return future

    def _put(self, asked: Asked, future: concurrent.futures.Future[Answered] | asyncio.Future[Answered]) -> None:
        with self._turn:  # nothing may be queued behind the word that ends the thread: nobody would answer it
            if self._is_stopping or self._queue.qsize() >= self._room:
                raise Full
            self._queue.put((asked, future))
            self._start()

    def _run(self) -> None:
        try:
            if self._warm is not None and self._queue.empty():
                try:
                    self._warm()
                except Exception as error:  # noqa: BLE001 - nobody waits for it; who asks will hear what is wrong
                    log.warning("%s: not warm: %s", self.name, str(error).strip())
                    connections.close_all()
            is_last = False
            while not is_last:
                batch, is_last = self._collect()
                if batch:
                    self._is_working = True
                    started = time.monotonic()
                    answers = self._do([asked for asked, _future in batch])
                    self.batches += 1
                    self.done += len(batch)
                    _resolve([future for _asked, future in batch], answers)
                    self._is_working = False
                    if (wait := started + self._pace - time.monotonic()) > 0:
                        time.sleep(wait)
        finally:
            self._is_working = False
            connections.close_all()

    def _collect(
        self,
    ) -> tuple[list[tuple[Asked, concurrent.futures.Future[Answered] | asyncio.Future[Answered]]], bool]:
        try:
            first = self._queue.get(timeout=IDLE)
        except Empty:
            connections.close_all()
            first = self._queue.get()
        batch = []
        while first is not None:
            batch.append(first)
            if len(batch) == self._limit:
                return batch, False
            try:
                first = self._queue.get_nowait()
            except Empty:
                return batch, False
        return batch, True

    def _do(self, asked: Sequence[Asked]) -> Sequence[Answered]:
        for wait in TRIES:
            if wait:  # even a sleep of nothing would hand the interpreter to the loop for a while
                time.sleep(wait)
            try:
                answers = self._work(asked)
                if len(answers) != len(asked):
                    raise ValueError(f"{len(answers)} answers to {len(asked)} requests")  # noqa: TRY301 - as any error of `work`
                return answers  # noqa: TRY300 - no `else`: what is checked belongs to the work
            except (OperationalError, InterfaceError) as error:
                log.warning("%s: %s; trying the batch of %d again", self.name, str(error).strip(), len(asked))
                connections.close_all()
            except Exception:
                log.exception("%s failed on a batch of %d", self.name, len(asked))
                connections.close_all()
                if len(asked) > 1:  # one of them is at fault: the others are done one by one
                    return [answer for one in asked for answer in self._do([one])]
                break
        return [self._failed(one) for one in asked]


def _resolve(
    futures: Sequence[concurrent.futures.Future[Answered] | asyncio.Future[Answered]], answers: Sequence[Answered]
) -> None:
    """Answer everybody: one wake-up for each loop, not one for each request."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answered], Answered]]] = {}
    for future, answer in zip(futures, answers, strict=True):
        if isinstance(future, concurrent.futures.Future):
            if future.set_running_or_notify_cancel():  # else who asked has gone: nobody's answer is lost but theirs
                future.set_result(answer)
        else:
            loops.setdefault(future.get_loop(), []).append((future, answer))
    for loop, pairs in loops.items():
        try:
            loop.call_soon_threadsafe(_set_results, pairs)
        except RuntimeError:  # the loop closed: its askers are gone; what is committed stays committed
            log.warning("a loop closed with %d answers on their way", len(pairs))


def _set_results(pairs: Sequence[tuple[asyncio.Future[Answered], Answered]]) -> None:
    for future, answer in pairs:
        if not future.done():
            future.set_result(answer)
