"""How many requests are worked on at once. Under ASGI Django gives each a thread of its own, however many come.

Some hundred at once would take gigabytes, share the processor until none ends in time, and wait for each other's locks
longer than the database lets them. So a few are worked on and the others wait their turn, in order; a waiting request
costs next to nothing. Its body has come before: who sends slowly holds nobody up.
"""

import asyncio
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

AT_ONCE = 12  # below the 16 connections of PostgreSQL's pool: the live path has its own
WAITING = 3000
RETRY_SECONDS = "5"

Answer = Callable[[HttpRequest], Awaitable[HttpResponse]]


@sync_and_async_middleware
def in_turn(get_response: Answer) -> Answer:
    """Let `AT_ONCE` requests through at once; whoever comes when `WAITING` wait already is sent away with 503."""
    if not iscoroutinefunction(get_response):
        return get_response  # a test's client: its own thread is all there is
    turns, waiting = asyncio.Semaphore(AT_ONCE), 0

    async def answered(request: HttpRequest) -> HttpResponse:
        nonlocal waiting
        if waiting >= WAITING:
            return HttpResponse(status=503, headers={"Retry-After": RETRY_SECONDS})
        waiting += 1
        try:
            await turns.acquire()
        finally:
            waiting -= 1
        # Whoever hangs up ends the wait, not the work: a thread cannot be stopped, and its turn lasts as long as it.
        work = asyncio.ensure_future(get_response(request))
        work.add_done_callback(lambda _work: turns.release())
        return await asyncio.shield(work)

    return answered
