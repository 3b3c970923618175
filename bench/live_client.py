"""A load client for the live socket: raw asyncio, its own few lines of websocket framing, one process of its own.

Reads one JSON object from standard input, runs the scenario, prints one JSON line. Scenarios:

- burst: every voter votes once, spread evenly over `seconds`; all screens watch
- trickle: the same with few votes over a longer time: what a quiet meeting feels
- one: one vote at a time, ten times; how long until every screen shows it
- storm: all screens are cut and connect again at once; how long until all show the state again
- slow: as burst, with a tenth of the screens reading nothing
- bounce: as trickle, with Redis shut down after a third of the votes (whoever supervises it starts it again)

With several addresses the sockets are dealt out to them in turn. CPU and memory are those of all server processes.
"""

import asyncio
import base64
import gc
import json
import os
import resource
import struct
import sys
import time
import uuid
from socket import create_connection
from typing import Any
from urllib.parse import urlsplit

import uvloop

MASK = b"\x00\x00\x00\x00"  # a mask of zeros is valid and leaves the payload as it is


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """Return one masked client frame."""
    size = len(payload)
    head = bytes([0x80 | opcode])
    if size < 126:  # noqa: PLR2004 - RFC 6455
        return head + bytes([0x80 | size]) + MASK + payload
    return head + bytes([0xFE]) + struct.pack("!H", size) + MASK + payload


class Socket(asyncio.Protocol):
    """One screen, and the voter behind it when it has a vote to cast."""

    def __init__(self, run: "Run", path: str, vote: bytes | None) -> None:
        self.run = run
        self.path = path
        self.vote = vote
        self.buffer = b""
        self.open = False
        self.version = -1
        self.cast = 0
        self.sent_at = 0.0
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Shake hands."""
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: {self.run.hosts[0]}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:  # noqa: C901 - a frame parser in one piece is the fast one
        """Take frames apart."""
        self.buffer = data = self.buffer + data if self.buffer else data
        if not self.open:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self.run.failed.append(data[:80].decode("latin-1"))
                self.transport.abort()
                return
            self.open = True
            data = data[end + 4 :]
        place, total = 0, len(data)
        while total - place >= 2:  # noqa: PLR2004 - RFC 6455
            size, head = data[place + 1], 2
            if size == 126:  # noqa: PLR2004 - RFC 6455
                if total - place < 4:  # noqa: PLR2004 - RFC 6455
                    break
                size, head = struct.unpack_from("!H", data, place + 2)[0], 4
            elif size == 127:  # noqa: PLR2004 - RFC 6455
                if total - place < 10:  # noqa: PLR2004 - RFC 6455
                    break
                size, head = struct.unpack_from("!Q", data, place + 2)[0], 10
            if total - place < head + size:
                break
            opcode = data[place] & 15
            payload = data[place + head : place + head + size]
            place += head + size
            if opcode == 1:
                self.message(payload)
            elif opcode == 9:  # noqa: PLR2004 - a ping
                self.transport.write(frame(payload, 10))
            elif opcode == 8:  # noqa: PLR2004 - a close
                self.transport.close()
        self.buffer = data[place:]

    def message(self, payload: bytes) -> None:
        """Count one message. Tallies are read by a scan: parsing them would cost more than the server spends."""
        run = self.run
        now = time.perf_counter()
        if payload.startswith((b'{"type":"ballot.tally"', b'{"type":"ballot.state"')):
            run.deliveries += 1
            at = payload.find(b'"version":') + 10
            version = int(payload[at : payload.find(b",", at)])
            at = payload.find(b'"cast":') + 7
            cast = int(payload[at : payload.find(b",", at)])
            if version < self.version:
                run.went_back += 1
            self.version, self.cast = version, cast
            run.shown(self, cast, now)
        elif payload.startswith(b'{"type":"vote.accepted"'):
            run.acks.append(now - self.sent_at)
            run.last_ack = now
            run.answered()
        elif payload.startswith((b'{"type":"vote.refused"', b'{"type":"error"')):
            run.refused.append(payload[:200].decode())
            run.answered()

    def cast_vote(self) -> None:
        """Send the vote."""
        self.sent_at = time.perf_counter()
        self.transport.write(frame(self.vote or b""))

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell the run."""
        self.run.lost += 1


class Run:
    """One scenario."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.addresses = [urlsplit(url) for url in task["urls"]]
        self.hosts = [address.netloc for address in self.addresses]
        self.pids: list[int] = task["server_pids"]
        self.patience: float = task["patience"]
        self.path = f"/ws/ballots/{task['ballot']}/"
        self.sockets: list[Socket] = []
        self.failed: list[str] = []
        self.refused: list[str] = []
        self.acks: list[float] = []
        self.deliveries = self.went_back = self.lost = self.offered = 0
        self.last_ack = self.all_final = 0.0
        self.target = -1
        self.behind: set[Socket] = set()
        self.final = asyncio.Event()
        self.done = asyncio.Event()
        self.outstanding = 0

    async def connect(self, paths: list[tuple[str, bytes | None]], *, at_once: int = 200) -> None:
        """Open sockets, some at a time, and wait until each shows a state."""
        loop = asyncio.get_running_loop()
        gate = asyncio.Semaphore(at_once)
        self.target = 0
        self.final.clear()

        async def one(number: int, path: str, vote: bytes | None) -> None:
            address = self.addresses[number % len(self.addresses)]
            async with gate:
                _transport, made = await loop.create_connection(
                    lambda: Socket(self, path, vote), address.hostname, address.port
                )
                self.sockets.append(made)
                if made.version < 0:
                    self.behind.add(made)

        await asyncio.gather(*(one(number, *path) for number, path in enumerate(paths)))
        if self.behind:
            self.final.clear()  # it was set whenever nobody was behind for a moment
            await asyncio.wait_for(self.final.wait(), self.patience)

    def shown(self, socket: Socket, cast: int, now: float) -> None:
        """Note that a screen shows `cast` votes."""
        if cast >= self.target and socket in self.behind:
            self.behind.discard(socket)
            if not self.behind:
                self.all_final = now
                self.final.set()

    def answered(self) -> None:
        """Note an answer to a vote."""
        self.outstanding -= 1
        if self.outstanding <= 0:
            self.done.set()

    def expect(self, cast: int, screens: list[Socket]) -> None:
        """From now on wait until every screen shows `cast` votes."""
        self.target = cast
        self.behind = {socket for socket in screens if socket.cast < cast}
        self.final.clear()

    def votes(self) -> list[tuple[str, bytes]]:
        """Return socket path and frame for each voter."""
        made = []
        for voter in self.task["voters"]:
            message = {"type": "vote.cast", "request": str(uuid.uuid4()), "choices": self.task["choices"]}
            made.append((f"{self.path}?ticket={voter['ticket']}", json.dumps(message).encode()))
        return made

    def paths(self) -> list[tuple[str, bytes | None]]:
        """Return every socket to open: voters first, mere screens after."""
        votes = self.votes()
        screens = max(self.task["screens"], len(votes))
        return [*votes, *((self.path, None) for _screen in range(screens - len(votes)))]

    async def burst(self) -> dict[str, Any]:
        """Offer all votes evenly within the time."""
        idle = server_rss(self.pids)
        started = time.perf_counter()
        await self.connect(self.paths())
        connected = time.perf_counter() - started
        await asyncio.sleep(1.0)
        opened = server_rss(self.pids)
        kb_per_socket = (opened - idle) / max(len(self.sockets), 1)
        slow = self.sockets[-len(self.sockets) // 10 :] if self.task["scenario"] == "slow" else []
        for socket in slow:
            socket.transport.pause_reading()
        watching = self.sockets[: len(self.sockets) - len(slow)]
        voters = [socket for socket in watching if socket.vote]
        self.outstanding = len(voters)
        self.expect(len(voters), watching)
        before = self.deliveries
        server_before = server_seconds(self.pids)
        own_before = own_seconds()
        gc.disable()
        started = time.perf_counter()
        pace = self.task["seconds"] / max(len(voters), 1)
        for number, socket in enumerate(voters):
            ahead = started + number * pace - time.perf_counter()
            if ahead > 0.001:  # noqa: PLR2004 - a timer's grain
                await asyncio.sleep(ahead)
            elif number % 50 == 0:
                await asyncio.sleep(0)
            if self.task["scenario"] == "bounce" and number == len(voters) // 3:
                shut_down(self.task["redis_url"])
            socket.cast_vote()
            self.offered += 1
        offered_for = time.perf_counter() - started
        try:
            async with asyncio.timeout(self.patience):
                await self.done.wait()
                await self.final.wait()
        except TimeoutError:
            pass  # told by `acked` and `not_final`
        span = max(self.last_ack - started, 1e-9)
        await asyncio.sleep(0.3)
        deliveries = self.deliveries - before
        server = server_seconds(self.pids) - server_before
        return {
            "connect_s": round(connected, 2),
            "offered": self.offered,
            "offered_in_s": round(offered_for, 3),
            "acked": len(self.acks),
            "refused": len(self.refused),
            "votes_per_s": round(len(self.acks) / span, 1),
            **quantiles(self.acks),
            "all_final_ms": round((self.all_final - self.last_ack) * 1000, 1) if not self.behind else None,
            "not_final": len(self.behind),
            "went_back": self.went_back,
            "server_cpu_s": round(server, 3),
            "client_cpu_s": round(own_seconds() - own_before, 3),
            "deliveries": deliveries,
            "kb_per_socket": round(kb_per_socket, 1),
            "rss_kb_open": opened,
            "rss_kb_end": server_rss(self.pids),
            "sockets_lost": self.lost,
        }

    async def one(self) -> dict[str, Any]:
        """Cast one vote at a time and wait for every screen."""
        await self.connect(self.paths())
        server_before, own_before = server_seconds(self.pids), own_seconds()
        times = []
        for number, socket in enumerate([s for s in self.sockets if s.vote][:10], start=1):
            await asyncio.sleep(1.2)
            self.outstanding = 1
            self.expect(number, self.sockets)
            started = time.perf_counter()
            socket.cast_vote()
            await asyncio.wait_for(self.final.wait(), 30)
            times.append(self.all_final - started)
        times.sort()
        return {
            **quantiles(self.acks),
            "all_screens_p50_ms": ms(times[len(times) // 2]),
            "all_screens_max_ms": ms(times[-1]),
            "server_cpu_s": round(server_seconds(self.pids) - server_before, 3),
            "client_cpu_s": round(own_seconds() - own_before, 3),
        }

    async def storm(self) -> dict[str, Any]:
        """Cut every socket and connect all again at once."""
        idle = server_rss(self.pids)
        await self.connect(self.paths())
        kb_per_socket = (server_rss(self.pids) - idle) / max(len(self.sockets), 1)
        for socket in self.sockets:
            socket.transport.abort()
        await asyncio.sleep(1.0)
        self.sockets.clear()
        self.behind.clear()
        before, own_before = server_seconds(self.pids), own_seconds()
        started = time.perf_counter()
        await self.connect(self.paths(), at_once=1000)
        return {
            "sockets": len(self.sockets),
            "all_again_s": round(time.perf_counter() - started, 3),
            "server_cpu_s": round(server_seconds(self.pids) - before, 3),
            "client_cpu_s": round(own_seconds() - own_before, 3),
            "kb_per_socket": round(kb_per_socket, 1),
        }


def ms(seconds: float) -> float:
    """Return milliseconds with one decimal."""
    return round(seconds * 1000, 1)


def quantiles(times: list[float]) -> dict[str, float | None]:
    """Return median and 99th percentile in milliseconds."""
    if not times:
        return {"ack_p50_ms": None, "ack_p99_ms": None}
    ordered = sorted(times)
    return {
        "ack_p50_ms": ms(ordered[len(ordered) // 2]),
        "ack_p99_ms": ms(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]),
    }


def server_seconds(pids: list[int]) -> float:
    """Return the CPU seconds of the server's processes so far, 0 when they are not on this machine."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - a kernel file
            fields = file.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def server_rss(pids: list[int]) -> int:
    """Return the resident KiB of the server's processes, 0 when they are not on this machine."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123 - a kernel file
            total += int(file.read().split()[1]) * 4
    return total


def shut_down(redis_url: str) -> None:
    """Tell Redis to end at once."""
    address = urlsplit(redis_url)
    with create_connection((address.hostname or "127.0.0.1", address.port or 6379), timeout=5) as link:
        link.sendall(b"SHUTDOWN NOSAVE\r\n")


def own_seconds() -> float:
    """Return this process's CPU seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main() -> None:
    """Run what standard input asks for."""
    task = json.load(sys.stdin)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard) if soft != hard else (soft, hard))
    run = Run(task)
    scenario = {"one": run.one, "storm": run.storm}.get(task["scenario"], run.burst)
    figures = await scenario()
    if run.failed:
        figures["failed"] = [len(run.failed), run.failed[0]]
    if run.refused:
        figures["first_refusal"] = run.refused[0]
    print(json.dumps(figures))
    sys.stdout.flush()
    os._exit(0)  # ten thousand sockets need no farewell


if __name__ == "__main__":
    uvloop.run(main())
