"""manage.py bench_live: many screens, many votes, one JSON line of what the live path did."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from community.models import Unit
from core.actors import COMMAND_LINE
from core.commands import JsonCommand, positive_int
from voting import tickets
from voting.operations import VoterDraft, create_ballot, open_ballot
from voting.queries import ballot_state

SCENARIOS = ["burst", "trickle", "one", "storm", "slow", "bounce"]
PATIENCE = 60  # seconds until a run that does not come to its end is reported as it stands
BENCH = settings.BASE_DIR / "bench"
UNIT_CODE = "bench"


class Command(JsonCommand):
    """Measure the live path."""

    help = (
        "Measure the live path and print one JSON line. Without --url in a scratch database, against a server started "
        "for it; with --url against a running server that shares this command's DATABASE_URL and SECRET_KEY."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--voters", type=positive_int(50_000), default=1000)
        parser.add_argument("--screens", type=positive_int(50_000), default=1000, help="all sockets, voters' included")
        parser.add_argument("--seconds", type=positive_int(3600), default=1, help="time over which votes are offered")
        parser.add_argument("--scenario", choices=SCENARIOS, default="burst")
        parser.add_argument("--kind", choices=["named", "secret"], default="named")
        parser.add_argument("--url", default="", help="http://HOST:PORT of a running server; several with commas")
        parser.add_argument("--server-pid", default="", help="its processes, with commas, for CPU and memory figures")
        parser.add_argument("--patience", type=positive_int(600), default=PATIENCE, help="seconds until it gives up")
        parser.add_argument("--naive", action="store_true", help="against bench/naive.py, for comparison")
        parser.add_argument("--database-url", default="", help="scratch PostgreSQL instead of scratch SQLite")
        parser.add_argument("--redis-url", default="", help="Redis as the bus of the scratch server")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run against the server named, or against one of our own."""
        if options["scenario"] == "bounce" and not options["redis_url"]:
            raise CommandError("--scenario bounce needs --redis-url: a Redis that may be shut down", returncode=2)
        pids = options["server_pid"]
        if pids and not all(pid.isdecimal() for pid in pids.split(",")):
            raise CommandError("--server-pid takes process numbers with commas between", returncode=2)
        if options["url"]:
            self.emit(self._measure(options))
        else:
            self._with_own_server(options)

    def _with_own_server(self, options: dict[str, Any]) -> None:
        folder = tempfile.mkdtemp(prefix="wuyi-bench-")
        (Path(folder) / "static").symlink_to(settings.STATIC_ROOT)  # or it warns of pages without style
        environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
        environment |= {"WUYI_DATA_DIR": folder, "LOG_LEVEL": "ERROR"}
        for name in ("database_url", "redis_url"):
            if options[name]:
                environment[name.upper()] = options[name]
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        server = None
        try:
            subprocess.run([*manage, "migrate", "--verbosity", "0"], env=environment, check=True)  # noqa: S603 - our own command
            serve = [*manage, "serve", "--port", "0", "--no-background"]
            if options["naive"]:
                environment["PYTHONPATH"] = str(settings.BASE_DIR)
                serve = [sys.executable, str(BENCH / "naive.py"), str(_free_port())]
            server = subprocess.Popen(serve, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
            assert server.stdout is not None  # noqa: S101 - a pipe was asked for
            with server.stdout as said:
                found = re.search(r"http://\S+", said.readline())
            if found is None:
                raise CommandError("the server did not start", returncode=2)
            same = [
                f"--{key.replace('_', '-')}={options[key]}"
                for key in ("voters", "screens", "seconds", "scenario", "kind", "patience", "redis_url")
            ]
            subprocess.run(  # noqa: S603 - our own command
                [*manage, "bench_live", *same, "--url", found[0], "--server-pid", str(server.pid)],
                env=environment,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            raise CommandError(f"{error.cmd[2]} failed", returncode=2) from error
        finally:
            if server is not None:
                server.kill()
                server.wait()
            shutil.rmtree(folder, ignore_errors=True)

    def _measure(self, options: dict[str, Any]) -> dict[str, Any]:
        urls = options["url"].split(",")
        for url in urls:
            _wait_for(url)
        unit = Unit.objects.filter(code=UNIT_CODE).first()
        unit = unit or Unit.objects.add_root(create_kwargs={"code": UNIT_CODE, "name": "压力测试", "kind": "community"})
        made = create_ballot(
            community=unit,
            title="压力测试：3幢2单元加装电梯",
            kind=options["kind"],
            items=[{"title": "同意加装电梯方案"}],
            rule="owners_278_special",
            voters=[VoterDraft(name=f"测{n}", area=8840) for n in range(options["voters"])],
            by=COMMAND_LINE,
            issue_codes=False,
        )
        open_ballot(made.ballot, by=COMMAND_LINE)
        item = str(made.ballot.items.get().pk)
        task = {
            "urls": urls,
            "ballot": str(made.ballot.pk),
            "choices": {item: "for"},
            "voters": [
                {"ticket": tickets.mint(made.ballot.pk, voter)[0]}
                for voter in made.ballot.voters.order_by("pk").values_list("pk", flat=True)
            ],
            "screens": options["screens"],
            "seconds": options["seconds"],
            "scenario": options["scenario"],
            "server_pids": [int(pid) for pid in options["server_pid"].split(",") if pid],
            "patience": options["patience"],
            "redis_url": options["redis_url"],
        }
        before = _fan_out(urls)
        client = _run(BENCH / "live_client.py", stdin=json.dumps(task), longest=options["seconds"] + 600)
        after = _fan_out(urls)
        floor = _run(BENCH / "floor.py", str(min(options["screens"], 10_000)))
        shown = ballot_state(made.ballot.pk)
        sent = after[0] - before[0]
        delivery = round((after[1] - before[1]) / sent * 1e6, 1) if sent else None
        database = "sqlite" if settings.EMBEDDED else "postgresql"
        asked = {key: options[key] for key in ("scenario", "voters", "screens", "seconds", "kind")}
        return {
            **asked,
            "database": database,
            "processes": len(urls),
            **client,
            "stored": shown["turnout"]["cast"],
            "us_per_delivery": delivery,
            **floor,
            "ratio_to_floor": round(delivery / floor["floor_us"], 2) if delivery else None,
        }


def _run(script: Path, *words: str, stdin: str = "", longest: int = 600) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(script), *words], input=stdin, capture_output=True, text=True, check=False, timeout=longest
    )
    if done.returncode:
        raise CommandError(f"{script.name}: {done.stderr.strip().splitlines()[-1:]}", returncode=2)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    """Wait until the server answers; a server started a moment ago may still be importing."""
    for _attempt in range(200):
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=10).close()  # noqa: S310 - the address the caller named
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise CommandError(f"{url} does not answer", returncode=2)


def _fan_out(urls: list[str]) -> tuple[float, float]:
    """Return (deliveries, seconds spent on them) of the servers so far, from their /metrics."""
    deliveries = seconds = 0.0
    for url in urls:
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:  # noqa: S310 - the address the caller named
            text = answer.read().decode()
        values = dict(re.findall(r"^wuyi_(deliveries|fan_out_seconds) (\S+)$", text, re.MULTILINE))
        deliveries += float(values["deliveries"])
        seconds += float(values["fan_out_seconds"])
    return deliveries, seconds
