"""The floor of fan-out on this machine: a bare server that writes one ready frame to every socket, and nothing else.

Prints one JSON line: microseconds of CPU a write, and milliseconds until the last of N readers had it.
"""

import asyncio
import json
import multiprocessing
import os
import resource
import sys
import time
from typing import Any

import uvloop

PAYLOAD = 230  # bytes: a tally of one item
FRAME = bytes([0x81, 126]) + PAYLOAD.to_bytes(2, "big") + b"x" * PAYLOAD
ROUNDS = 5


class Sink(asyncio.Protocol):
    """Reads and forgets; says when a whole round arrived everywhere."""

    total = 0
    due = 0
    arrived: asyncio.Event

    def data_received(self, data: bytes) -> None:
        """Count."""
        Sink.total += len(data)
        if Sink.total >= Sink.due:
            Sink.arrived.set()


async def read(port: int, sockets: int, rounds: int, pipe: Any) -> None:
    """Open the sockets; after each round say that all of it arrived."""
    loop = asyncio.get_running_loop()
    Sink.arrived = asyncio.Event()
    for _socket in range(sockets):
        await loop.create_connection(Sink, "127.0.0.1", port)
    for number in range(1, rounds + 1):
        Sink.due = number * sockets * len(FRAME)
        Sink.arrived.clear()
        pipe.send("ready")
        if Sink.total < Sink.due:
            await Sink.arrived.wait()
        pipe.send(time.perf_counter())


class Source(asyncio.Protocol):
    """One accepted socket."""

    transports: list[Any] = []

    def connection_made(self, transport: Any) -> None:
        """Keep it."""
        Source.transports.append(transport)


def _reader(port: int, sockets: int, pipe: Any) -> None:
    run(read(port, sockets, ROUNDS, pipe))
    os._exit(0)


def run(main: Any) -> Any:
    """Run on uvloop, as the product does."""
    return uvloop.run(main)


async def serve(sockets: int) -> dict[str, float]:
    """Write the rounds; return the median figures."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Source, "127.0.0.1", 0, backlog=8192)
    here, there = multiprocessing.Pipe()
    port = server.sockets[0].getsockname()[1]
    child = multiprocessing.get_context("spawn").Process(target=_reader, args=(port, sockets, there))
    child.start()
    costs, times = [], []
    for _round in range(ROUNDS):
        await asyncio.to_thread(here.recv)
        while len(Source.transports) < sockets:  # noqa: ASYNC110 - accepted sockets come one by one
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
        before, started = cpu(), time.perf_counter()
        for transport in Source.transports:
            transport.write(FRAME)
        costs.append((cpu() - before) / sockets)
        times.append(await asyncio.to_thread(here.recv) - started)
    child.join()
    return {
        "floor_us": round(sorted(costs)[ROUNDS // 2] * 1e6, 2),
        "floor_all_ms": round(sorted(times)[ROUNDS // 2] * 1e3, 1),
    }


def cpu() -> float:
    """Return this process's CPU seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    print(json.dumps(run(serve(int(sys.argv[1])))))
