"""A real server for tests of the live path, and a few words to talk to it."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from django.conf import settings
from django.db import connection
from websockets.sync.client import ClientConnection, connect

from community.models import Unit
from config.server import configured
from core.actors import COMMAND_LINE
from tests.servers import free_port
from voting import tickets
from voting.models import Ballot, Voter
from voting.operations import VoterDraft, create_ballot, open_ballot


@contextmanager
def server_here() -> Iterator[str]:
    """Serve from a thread of this process; yield HOST:PORT."""
    server = uvicorn.Server(configured("127.0.0.1", free_port()))
    up = threading.Event()
    startup = server.startup

    async def started(sockets: Any = None) -> None:
        await startup(sockets)
        up.set()

    server.startup = started  # type: ignore[method-assign] # to learn when it listens
    thread = threading.Thread(target=server.run, name="test-server")
    thread.start()
    assert up.wait(20)
    yield f"127.0.0.1:{server.config.port}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def environment() -> dict[str, str]:
    """Return the environment of another process on the test database."""
    name = connection.settings_dict["NAME"]
    known = {**os.environ, "SECRET_KEY": settings.SECRET_KEY, "LOG_LEVEL": "ERROR"}
    is_sqlite = connection.vendor == "sqlite"
    known["DATABASE_URL"] = f"sqlite:///{name}" if is_sqlite else re.sub(r"/[^/]*$", f"/{name}", known["DATABASE_URL"])
    return known


class ServerApart:
    """A server process of its own on the test database. It can be killed and started again on the same port."""

    def __init__(self, *program: str) -> None:
        self._program = program or ("manage.py",)
        self.host = f"127.0.0.1:{free_port()}"
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the server lives
        self.process: subprocess.Popen[str]
        self.start()

    def start(self) -> None:
        """Start it and wait until it listens."""
        port = self.host.rpartition(":")[2]
        command = [sys.executable, "-W", "ignore", *self._program, "serve", "--port", port, "--no-background"]
        self.process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment(), stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        assert self.process.stdout is not None
        with self.process.stdout as said:
            line = said.readline()
        found = re.search(r"http://(\S+)", line)
        assert found is not None, line + self._written()
        self.host = found[1]

    def kill(self) -> None:
        """End it as kill -9 does."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it for good."""
        self.kill()
        self.log.close()

    def logged(self) -> str:
        """Return what it wrote to standard error so far, except that nobody gathered static files for the tests."""
        said = self._written().splitlines(keepends=True)
        return "".join(line for line in said if "not gathered" not in line)

    def _written(self) -> str:
        self.log.seek(0)
        return self.log.read()


@contextmanager
def server_apart() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve the test database from a process of its own; yield HOST:PORT and the process."""
    server = ServerApart()
    try:
        yield server.host, server.process
    finally:
        server.close()


def a_ballot(voters: int = 3, *, is_open: bool = True, **more: Any) -> Ballot:
    """Return a ballot of one item and its voters, through the operations."""
    unit = Unit.objects.filter(code="511302001001").first()
    unit = unit or Unit.objects.add_root(
        create_kwargs={"code": "511302001001", "name": "平城街社区", "kind": "community"}
    )
    facts: dict[str, Any] = {
        "title": "3幢2单元加装电梯",
        "items": [{"title": "同意加装电梯方案"}],
        "rule": "owners_278_special",
        **more,
    }
    drafts = [VoterDraft(name=f"业主{number}", area=8840) for number in range(voters)]
    ballot = create_ballot(community=unit, voters=drafts, by=COMMAND_LINE, issue_codes=False, **facts).ballot
    return open_ballot(ballot, by=COMMAND_LINE) if is_open else ballot


def voters_of(ballot: Ballot) -> list[Voter]:
    """Return the roll in order."""
    return list(Voter.objects.filter(ballot=ballot).order_by("pk"))


def item_of(ballot: Ballot) -> str:
    """Return the id of the first item as the protocol writes it."""
    return str(ballot.items.order_by("position")[0].pk)


class Phone:
    """One open socket."""

    def __init__(self, link: ClientConnection) -> None:
        self.link = link

    def next(self, kind: str = "") -> dict[str, Any]:
        """Return the next message, or the next of one type."""
        while True:
            message: dict[str, Any] = json.loads(self.link.recv(timeout=10))
            if not kind or message["type"] == kind:
                return message

    def send(self, message: Any) -> None:
        """Send one message; a string goes as it is."""
        self.link.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def cast(self, choices: dict[str, Any], request: str = "", **more: Any) -> dict[str, Any]:
        """Vote and return the answer."""
        self.send({"type": "vote.cast", "request": request or str(uuid.uuid4()), "choices": choices, **more})
        while (answer := self.next())["type"] not in {"vote.accepted", "vote.refused", "error"}:
            pass
        return answer


@contextmanager
def phone(host: str, ballot: Any, voter: Voter | None = None, **more: Any) -> Iterator[Phone]:
    """Open a socket, with a ticket of `voter` when given."""
    query = f"?ticket={tickets.mint(voter.ballot_id, voter.pk)[0]}" if voter is not None else ""
    with connect(f"ws://{host}/ws/ballots/{getattr(ballot, 'pk', ballot)}/{query}", **more) as link:
        yield Phone(link)
