"""The faults. Each is given the field and a crowd that has begun to vote, and returns with everything up again."""

import resource
import signal
import threading
import time
from collections.abc import Callable

from django.db import connection, connections

from core.actors import COMMAND_LINE
from tests.faults.crowd import Crowd, Sent
from tests.faults.field import Field
from tests.faults.mangler import Mangler
from tests.servers import SCALE_OUT
from voting.models import Ballot
from voting.operations import close_ballot

Fault = Callable[[Field, Crowd], None]


def _pause(crowd: Crowd, most: float) -> None:
    """Let a seeded moment pass, so that the fault strikes somewhere else each time."""
    time.sleep(crowd.dice.uniform(0, most))


def _server(field: Field, crowd: Crowd) -> int:
    return crowd.dice.randrange(len(field.servers))


def kill_9_of_a_server(field: Field, crowd: Crowd) -> None:
    """A server process is killed in the middle of a burst and started again."""
    server = field.servers[_server(field, crowd)]
    crowd.until(lambda: crowd.acked() >= crowd.dice.randrange(1, 20), 10)
    server.kill()
    _pause(crowd, 0.2)
    server.start()


def postgres_crash(field: Field, crowd: Crowd) -> None:
    """PostgreSQL is stopped at once, as a power cut does, and started again."""
    _pause(crowd, 0.3)
    connections.close_all()
    field.postgres.stop("immediate")
    _pause(crowd, 0.5)
    field.postgres.start()


def redis_restart(field: Field, crowd: Crowd) -> None:
    """Redis is killed, is away for a while, and comes back empty."""
    _pause(crowd, 0.3)
    field.redis.stop()
    _pause(crowd, 1.0)
    field.redis.start()


def redis_flush(field: Field, crowd: Crowd) -> None:
    """Redis forgets everything, several times."""
    for _time in range(5):
        _pause(crowd, 0.1)
        field.redis.flush()


def disk_full(field: Field, crowd: Crowd) -> None:
    """Nothing more can be written, for a moment that the retries outlast or, now and then, for longer."""
    _pause(crowd, 0.3)
    patience = 9.0 if field.seed % 10 == 9 else 2.0  # the tries of one batch take 7.3 s in all
    if SCALE_OUT:
        field.fill_disk()
        _pause(crowd, patience)
        field.free_disk()
        return
    limit = resource.prlimit(field.servers[0].process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(field.servers[0].process.pid, resource.RLIMIT_FSIZE, (4096, limit[1]))
    _pause(crowd, patience)
    resource.prlimit(field.servers[0].process.pid, resource.RLIMIT_FSIZE, limit)


def clock_jump(field: Field, crowd: Crowd) -> None:
    """The clock of one server jumps an hour back and forward again."""
    server = field.servers[_server(field, crowd)]
    for number in (signal.SIGUSR2, signal.SIGUSR1):
        _pause(crowd, 0.3)
        server.process.send_signal(number)


def client_vanishes(_field: Field, crowd: Crowd) -> None:
    """Every phone loses its line between sending and hearing, up to three times."""
    for phone in crowd.phones:
        phone.vanishes = crowd.dice.randrange(4)


def twice_reordered_delayed(field: Field, crowd: Crowd) -> None:
    """Every message of the phones arrives twice, out of order and late; each phone changes its mind twice."""
    manglers = [Mangler(server.host, crowd.dice) for server in field.servers]

    async def reroute() -> None:
        for mangler in manglers:
            await mangler.start()
        for phone in crowd.phones:
            phone.hosts = [mangler.host for mangler in manglers]
            phone.cut()
            if phone.votes:
                phone.votes += [Sent(crowd.dice.choice(["for", "against", "abstain"])) for _more in range(2)]

    field.after.append(lambda: [crowd.ask(mangler.stop()) for mangler in manglers])
    crowd.ask(reroute())


def two_close_at_once(field: Field, crowd: Crowd) -> None:
    """Two processes close the ballot at once, in the middle of the burst."""
    _pause(crowd, 0.4)
    _close_in_threads(field, crowd, threads=2, others=1)


def vote_in_the_instant_of_the_close(field: Field, crowd: Crowd) -> None:
    """Everybody votes in the very moment at which the ballot is closed."""
    crowd.cast(0.02)
    some = crowd.dice.randrange(30)
    crowd.until(lambda: crowd.acked() >= some, 2)
    _close_in_threads(field, crowd, threads=1, others=0)


def _close_in_threads(field: Field, crowd: Crowd, *, threads: int, others: int) -> None:
    agreed = []

    def close() -> None:
        try:
            agreed.append((close_ballot(Ballot.objects.get(pk=crowd.ballot.pk), by=COMMAND_LINE).result or {})["hash"])
        finally:
            connection.close()

    running = [threading.Thread(target=close) for _thread in range(threads)]
    if others:
        field.closer.begin(crowd.ballot.pk)
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    agreed += [field.closer.end() for _other in range(others)]
    assert len(agreed) == threads + others
    assert len(set(agreed)) == 1


def restart_with_everybody_coming_back(field: Field, crowd: Crowd) -> None:
    """Every server goes down in order and all screens come back at once."""
    _pause(crowd, 0.3)
    for server in field.servers:
        server.process.terminate()
    for server in field.servers:
        assert server.process.wait(30) == 0
    starting = [threading.Thread(target=server.start) for server in field.servers]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    connection.close()


ON_BOTH: tuple[Fault, ...] = (
    kill_9_of_a_server,
    disk_full,
    clock_jump,
    client_vanishes,
    twice_reordered_delayed,
    two_close_at_once,
    vote_in_the_instant_of_the_close,
    restart_with_everybody_coming_back,
)
FAULTS = (*ON_BOTH, postgres_crash, redis_restart, redis_flush) if SCALE_OUT else ON_BOTH
# Where the fault itself says when the ballot ends.
CLOSING = {two_close_at_once, vote_in_the_instant_of_the_close}
