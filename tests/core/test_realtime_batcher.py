"""The batcher: one batch in work, the next collects; everybody is answered in order; a lost database is tried again."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.db import OperationalError

from core.realtime import batcher as batcher_module
from core.realtime.batcher import Batcher, Full, is_anybody_waiting


class Work:
    """Doubles numbers; waits at a gate so that tests decide when a batch ends."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.begun = threading.Event()
        if is_open:
            self.gate.set()

    def __call__(self, batch: Sequence[int]) -> list[int]:
        self.batches.append(list(batch))
        self.begun.set()
        assert self.gate.wait(10)
        return [2 * number for number in batch]


def failed(_number: int) -> int:
    return -1


def test_while_one_batch_works_the_next_collects() -> None:
    work = Work(is_open=False)
    batcher = Batcher("test", work, failed=failed)

    first = batcher.ask_from_thread(1)
    assert work.begun.wait(10)
    rest = [batcher.ask_from_thread(number) for number in range(2, 50)]
    work.gate.set()

    assert first.result(10) == 2
    assert [future.result(10) for future in rest] == [2 * number for number in range(2, 50)]
    assert work.batches == [[1], list(range(2, 50))]
    batcher.stop()


def test_it_says_whether_somebody_waits() -> None:
    work = Work(is_open=False)
    batcher = Batcher("test", work, failed=failed)
    before = batcher.is_busy

    first = batcher.ask_from_thread(1)
    assert work.begun.wait(10)
    during = batcher.is_busy, is_anybody_waiting()
    work.gate.set()
    first.result(10)
    batcher.stop()

    assert (before, during, batcher.is_busy) == (False, (True, True), False)


def test_others_may_be_made_and_forgotten_while_it_is_asked_who_waits() -> None:
    work = Work()

    class Making(Batcher[int, int]):
        @property
        def is_busy(self) -> bool:
            Batcher("test", work, failed=failed)
            return False

    making = Making("test", work, failed=failed)
    assert is_anybody_waiting() is False
    kept = Batcher("test", work, failed=failed)

    known = [known() for known in batcher_module._all]
    assert known[-2:] == [making, kept]
    assert None not in known  # those nobody uses any more are forgotten


def test_a_pace_gathers_what_comes_right_after_a_batch() -> None:
    work = Work()
    batcher = Batcher("test", work, failed=failed, pace=0.5)

    first = batcher.ask_from_thread(1)
    assert first.result(10) == 2
    rest = [batcher.ask_from_thread(number) for number in (2, 3)]

    assert [future.result(10) for future in rest] == [4, 6]
    assert work.batches == [[1], [2, 3]]
    batcher.stop()


def test_a_batch_has_a_limit() -> None:
    work = Work(is_open=False)
    batcher = Batcher("test", work, failed=failed, limit=10)

    batcher.ask_from_thread(0)
    assert work.begun.wait(10)
    rest = [batcher.ask_from_thread(number) for number in range(25)]
    work.gate.set()
    rest[-1].result(10)

    assert [len(batch) for batch in work.batches] == [1, 10, 10, 5]
    batcher.stop()


def test_a_full_queue_refuses() -> None:
    work = Work(is_open=False)
    batcher = Batcher("test", work, failed=failed, room=2)
    batcher.ask_from_thread(0)
    assert work.begun.wait(10)
    batcher.ask_from_thread(1)
    batcher.ask_from_thread(2)

    with pytest.raises(Full):
        batcher.ask_from_thread(3)

    work.gate.set()
    batcher.stop()


async def test_many_askers_of_one_loop_are_answered() -> None:
    batcher = Batcher("test", Work(), failed=failed)

    answers = await asyncio.gather(*(batcher.ask(number) for number in range(500)))

    assert answers == [2 * number for number in range(500)]
    batcher.stop()


def test_a_lost_connection_is_tried_again_with_the_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batcher_module, "TRIES", (0.0, 0.0, 0.0))
    tries: list[list[int]] = []

    def work(batch: Sequence[int]) -> list[int]:
        tries.append(list(batch))
        if len(tries) < 3:
            raise OperationalError
        return list(batch)

    batcher = Batcher("test", work, failed=failed)

    assert batcher.ask_from_thread(7).result(10) == 7
    assert tries == [[7], [7], [7]]
    batcher.stop()


def test_what_cannot_be_done_is_refused_after_the_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batcher_module, "TRIES", (0.0, 0.0))

    def work(_batch: Sequence[int]) -> list[int]:
        raise OperationalError

    batcher = Batcher("test", work, failed=failed)

    assert batcher.ask_from_thread(7).result(10) == -1
    batcher.stop()


def test_one_request_that_breaks_the_work_does_not_take_the_others_along() -> None:
    gate, begun = threading.Event(), threading.Event()

    def work(batch: Sequence[int]) -> list[int]:
        begun.set()
        assert gate.wait(10)
        if 13 in batch:
            raise ZeroDivisionError
        return list(batch)

    batcher = Batcher("test", work, failed=failed)
    batcher.ask_from_thread(0)
    assert begun.wait(10)
    futures = [batcher.ask_from_thread(number) for number in (12, 13, 14)]
    gate.set()

    assert [future.result(10) for future in futures] == [12, -1, 14]
    batcher.stop()


def test_stopping_does_what_is_queued() -> None:
    work = Work(is_open=False)
    batcher = Batcher("test", work, failed=failed)
    futures = [batcher.ask_from_thread(number) for number in range(5)]

    work.gate.set()
    batcher.stop()

    assert [future.result(0) for future in futures] == [0, 2, 4, 6, 8]
    assert not batcher.is_running


def test_who_asks_after_the_end_is_refused_until_it_is_started_again() -> None:
    batcher = Batcher("test", Work(), failed=failed)
    batcher.start()
    batcher.stop()

    with pytest.raises(Full):
        batcher.ask_from_thread(1)
    batcher.start()
    assert batcher.ask_from_thread(2).result(10) == 4
    batcher.stop()


def test_who_went_away_does_not_keep_the_answers_from_the_others() -> None:
    work = Work(is_open=False)
    batcher = Batcher("test", work, failed=failed)
    first = batcher.ask_from_thread(1)
    assert work.begun.wait(10)
    gone, left = batcher.ask_from_thread(2), batcher.ask_from_thread(3)

    gone.cancel()
    work.gate.set()

    assert (first.result(10), left.result(10)) == (2, 6)
    batcher.stop()


def test_work_that_answers_too_few_leaves_nobody_waiting() -> None:
    batcher = Batcher("test", lambda batch: [number for number in batch if number], failed=failed)

    assert batcher.ask_from_thread(0).result(10) == -1
    assert batcher.ask_from_thread(5).result(10) == 5
    batcher.stop()


@pytest.mark.parametrize("breaks", [False, True])
def test_it_is_warm_before_anybody_asks_and_serves_when_it_could_not_be(*, breaks: bool) -> None:
    done = threading.Event()

    def warm() -> None:
        done.set()
        if breaks:
            raise OperationalError

    batcher = Batcher("test", Work(), failed=failed, warm=warm)
    batcher.start()

    assert done.wait(10)
    assert batcher.ask_from_thread(2).result(10) == 4
    batcher.stop()
