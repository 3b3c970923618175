"""Records the live path's figures: every scenario three times on both profiles, medians into docs/benchmarks.md.

Started by `make bench-all`. It starts its own PostgreSQL, Redis and servers, a fresh server for every run, so that
memory is measured from the start. The floor and the naive variant are measured in the same run. A scenario that fails
is reported in its row; the others go on. `--quick` does each once, with a fifth of the sockets.
"""

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers import Postgres, Redis, free_port  # noqa: E402 - the root had to be found first

PAGE = ROOT / "docs" / "benchmarks.md"
MARKS = ("<!-- figures -->", "<!-- end of figures -->")
PYTHON = [sys.executable, "-W", "ignore"]
TIMES = 3
LONGEST = 150  # seconds one run may take
BUDGET = 660  # seconds for all; a scenario begun later is run once only
HEAD = (
    "| scenario | stored | votes/s | ack p50 | ack p99 | all final after last ack | server CPU |"
    " µs a delivery | floor µs | ratio | KB a socket | client CPU |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Scenario:
    """One row of the table."""

    title: str
    kind: str
    voters: int
    screens: int
    seconds: int = 1
    naive: bool = False
    patience: int = 30

    def words(self, share: float) -> list[str]:
        """Return the options of bench_live."""
        voters, screens = max(10, int(self.voters * share)), max(10, int(self.screens * share))
        return [
            f"--scenario={self.kind}",
            f"--voters={voters}",
            f"--screens={screens}",
            f"--seconds={self.seconds}",
            f"--patience={self.patience}",
        ]


BURST = Scenario("1,000 screens, 1,000 votes in 1 s", "burst", 1000, 1000)
GREAT = Scenario("10,000 screens, 5,000 votes in 1 s", "burst", 5000, 10_000)
ONE = Scenario("one vote at a time, 1,000 screens", "one", 10, 1000)
STORM = Scenario("reconnect storm, 5,000 sockets", "storm", 5000, 5000)
SLOW = Scenario("1,000 screens, a tenth reads nothing", "slow", 1000, 1000)
TRICKLE = Scenario("1,000 screens, 20 votes/s for 4 s", "trickle", 80, 1000, seconds=4)
BOUNCE = Scenario("the same, Redis gone for 1 s", "bounce", 80, 1000, seconds=4)
SMALL = Scenario("300 screens, 300 votes in 1 s", "burst", 300, 300)
NAIVE = Scenario("naive Channels: 300 screens, 300 votes in 1 s", "burst", 300, 300, naive=True, patience=20)


@dataclass(frozen=True)
class Aim:
    """What one figure of a scenario should be: at most `limit`, or at least."""

    sentence: str
    scenario: Scenario
    figure: str
    limit: float
    is_least: bool = False

    def cell(self, medians: dict[str, dict[str, Any]]) -> str:
        """Return the figure reached, bold where the aim was missed."""
        reached = medians.get(self.scenario.title, {}).get(self.figure)
        if reached is None:
            return "**not reached**" if self.scenario.title in medians else ""
        is_met = reached >= self.limit if self.is_least else reached <= self.limit
        return f"{reached:,g}" if is_met else f"**{reached:,g}**"


AIMS = [
    Aim("1,000 screens: votes/s as offered (950)", BURST, "votes_per_s", 950, is_least=True),
    Aim("ack p99 (50 ms)", BURST, "ack_p99_ms", 50),
    Aim("all screens final after the last ack (100 ms)", BURST, "all_final_ms", 100),
    Aim("10,000 screens: votes/s (4,500)", GREAT, "votes_per_s", 4500, is_least=True),
    Aim("ack p99 (150 ms)", GREAT, "ack_p99_ms", 150),
    Aim("all screens final after the last ack (500 ms)", GREAT, "all_final_ms", 500),
    Aim("CPU a delivery (20 µs)", GREAT, "us_per_delivery", 20),
    Aim("memory a socket (30 KB)", GREAT, "kb_per_socket", 30),
    Aim("one vote on all 1,000 screens (50 ms)", ONE, "all_screens_p50_ms", 50),
    Aim("reconnect storm of 5,000 (2 s)", STORM, "all_again_s", 2),
]


class Keeper:
    """A Redis that comes back one second after it ended, as under systemd."""

    def __init__(self) -> None:
        self.redis = Redis()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            process = self.redis._process  # noqa: SLF001 - its keeper
            if process is not None and process.poll() is not None:
                self._over.wait(1.0)
                self.redis.start()

    def stop(self) -> None:
        """End it for good."""
        self._over.set()
        self._thread.join()
        self.redis.stop()


@dataclass
class Place:
    """Where servers run: their environment and how many there are."""

    title: str
    environment: dict[str, str]
    log: IO[str]
    processes: int = 1

    @contextlib.contextmanager
    def servers(self, *, naive: bool) -> Iterator[tuple[list[str], list[int]]]:
        """Start the servers; yield their addresses and process ids."""
        started: list[subprocess.Popen[str]] = []
        urls = []
        try:
            for _number in range(self.processes):
                words = ["manage.py", "serve", "--port", "0", "--no-background"]
                if naive:
                    words = ["bench/naive.py", str(free_port())]
                process = subprocess.Popen(  # noqa: S603 - our own command
                    [*PYTHON, *words],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=subprocess.PIPE,
                    stderr=self.log,
                    text=True,
                )
                started.append(process)
                found = re.search(r"http://\S+", process.stdout.readline() if process.stdout else "")
                if found is None:
                    raise RuntimeError("the server did not start")
                urls.append(found[0])
            yield urls, [process.pid for process in started]
        finally:
            for process in started:
                process.kill()
                process.wait()

    def manage(self, *words: str) -> str:
        """Run a management command; return what it printed."""
        done = subprocess.run(  # noqa: S603 - our own command
            [*PYTHON, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no word of why"])[-1])
        return done.stdout

    def measured(self, scenario: Scenario, share: float) -> dict[str, Any]:
        """Run the scenario once against fresh servers."""
        with self.servers(naive=scenario.naive) as (urls, pids):
            words = [*scenario.words(share), f"--url={','.join(urls)}", f"--server-pid={','.join(map(str, pids))}"]
            if scenario.kind == "bounce":
                words.append(f"--redis-url={self.environment['REDIS_URL']}")
            figures: dict[str, Any] = json.loads(self.manage("bench_live", *words).splitlines()[-1])
        return figures


def median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median of each figure; None where a run has none."""
    keys = {key: None for run in runs for key in run}
    values = {key: [run.get(key) for run in runs] for key in keys}
    return {
        key: statistics.median(found) if all(type(v) in {int, float} for v in found) else found[0]  # type: ignore[type-var] # numbers
        for key, found in values.items()
    }


def row(scenario: Scenario, runs: list[dict[str, Any]], problem: str) -> str:
    """Return the table's row."""
    if not runs:
        return f"| {scenario.title} | **failed:** {problem} |" + " |" * 10
    figures = median(runs)
    final = figures.get("all_final_ms")
    if scenario.kind == "one":
        final = f"{figures['all_screens_p50_ms']} (max {max(run['all_screens_max_ms'] for run in runs)}), from sending"
    if scenario.kind == "storm":
        final = f"{round(figures['all_again_s'] * 1000)} until all show the state"
    bad = sum(run.get("went_back", 0) for run in runs)
    stored, acked = figures.get("stored"), figures.get("acked")
    cells = [
        f"{scenario.title}" + (f" **{problem}**" if problem else "") + (f" **{bad} went back**" if bad else ""),
        f"{stored:g} of {figures['offered']:g}" if acked is not None else None,
        figures.get("votes_per_s"),
        in_ms(figures.get("ack_p50_ms")),
        in_ms(figures.get("ack_p99_ms")),
        in_ms(final) if final is not None else f"never, {figures['not_final']:g} were not",
        f"{figures['server_cpu_s']:.2f} s" if "server_cpu_s" in figures else None,
        figures.get("us_per_delivery"),
        figures.get("floor_us"),
        figures.get("ratio_to_floor"),
        figures.get("kb_per_socket"),
        f"{figures['client_cpu_s']:.2f} s" if "client_cpu_s" in figures else None,
    ]
    if acked is not None and any(run["acked"] > run["stored"] for run in runs):
        cells[0] = f"{cells[0]} **acknowledged votes are missing**"
    return "| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |"


def in_ms(value: Any) -> str | None:
    """Return milliseconds for the table."""
    if value is None or isinstance(value, str):
        return value
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"  # noqa: PLR2004 - three digits are enough


def machine() -> str:
    """Return one paragraph: where and when this was measured."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores ({model[1] if model else platform.machine()}), "
        f"{int(memory[1]) // 1024**2 if memory else 0} GiB, Linux {platform.release()}, "
        f"Python {platform.python_version()}; load average before the first run {os.getloadavg()[0]:.1f}. "
        "Server, load client, PostgreSQL and Redis share these cores."
    )


def table(
    place: Place, scenarios: list[Scenario], times: int, share: float, ends: float
) -> tuple[str, dict[str, dict[str, Any]]]:
    """Run the scenarios in one place; return their table and their medians by title.

    After the monotonic moment `ends` each scenario is run once only.
    """
    place.manage("migrate", "--verbosity", "0")
    rows, medians = [], {}
    for scenario in scenarios:
        runs: list[dict[str, Any]] = []
        problem = ""
        for _time in range(times):
            if runs and time.monotonic() > ends:
                problem = f"{len(runs)} of {times} runs, for want of time"
                break
            try:
                runs.append(place.measured(scenario, share))
                print(json.dumps({"place": place.title, **runs[-1]}), flush=True)
            except Exception as error:  # noqa: BLE001 - whatever failed stands in the table, the others go on
                problem = f"{len(runs)} of {times} runs; {type(error).__name__}: {str(error)[:120]}".replace(
                    "|", "/"
                ).replace("\n", " ")
                print(f"{place.title}, {scenario.title}: {problem}", file=sys.stderr, flush=True)
                break
        rows.append(row(scenario, runs, problem))
        medians[scenario.title] = median(runs)
    return f"#### {place.title}\n\n{HEAD}\n" + "\n".join(rows) + "\n", medians


def aims(reached: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Return the table of aims; `reached` maps places to their medians by title."""
    head = "| aim | " + " | ".join(reached) + " |\n|---" + "|---" * len(reached) + "|\n"
    rows = [
        f"| {aim.sentence} | " + " | ".join(aim.cell(medians) for medians in reached.values()) + " |" for aim in AIMS
    ]
    return "#### Aims and what was reached (bold where missed)\n\n" + head + "\n".join(rows) + "\n"


def compared(medians: dict[str, dict[str, Any]]) -> str:
    """Return the sentence that sets the naive variant beside ours."""
    ours, naive = medians.get(SMALL.title), medians.get(NAIVE.title)
    if not ours or not naive or not ours.get("votes_per_s") or not naive.get("votes_per_s"):
        return ""
    cost = [run["server_cpu_s"] / max(run["acked"], 1) * 1e6 for run in (ours, naive)]
    rate = ours["votes_per_s"] / naive["votes_per_s"]
    return (
        f"Against the naive variant with the same 300 screens: {rate:.0f} times the votes a second, "
        f"{cost[1] / max(cost[0], 1e-9):.0f} times less CPU "
        "for each acknowledged vote.\n"
    )


def main() -> int:
    """Run all; write the page."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--quick", action="store_true", help="once each, a fifth of the sockets, the page is left alone")
    words.add_argument("--times", type=int, default=TIMES)
    words.add_argument("--print", action="store_true", help="print the tables, leave the page alone")
    options = words.parse_args()
    times, share = (1, 0.2) if options.quick else (options.times, 1.0)
    started, head, parts = time.monotonic(), machine(), []
    ends = started + BUDGET
    folder = tempfile.mkdtemp(prefix="wuyi-bench-")
    (Path(folder) / "static").symlink_to(ROOT / "var" / "static")  # or they warn of pages without style
    plain = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    plain |= {"WUYI_DATA_DIR": folder, "LOG_LEVEL": "ERROR", "PYTHONPATH": str(ROOT)}
    log = tempfile.TemporaryFile("w+", dir=folder)  # noqa: SIM115 - until the folder goes; what servers say of a lost Redis
    reached: dict[str, dict[str, dict[str, Any]]] = {}

    def measure(title: str, environment: dict[str, str], processes: int, scenarios: list[Scenario]) -> None:
        place = Place(title, environment, log, processes)
        text, reached[title] = table(place, scenarios, times, share, ends)
        parts.append(text)

    postgres = keeper = None
    try:
        measure("SQLite, one process", plain, 1, [BURST, GREAT, ONE, STORM, SLOW, TRICKLE, SMALL, NAIVE])
        parts.append(compared(reached["SQLite, one process"]))
        postgres, keeper = Postgres(is_durable=True), Keeper()
        scaled = {**plain, "DATABASE_URL": postgres.url, "REDIS_URL": keeper.redis.url}
        measure("PostgreSQL and Redis, one process", scaled, 1, [BURST, GREAT, ONE, STORM])
        measure("PostgreSQL and Redis, two processes", scaled, 2, [BURST, GREAT, ONE, STORM, TRICKLE, BOUNCE])
    except Exception as error:  # noqa: BLE001 - what was measured until here is kept
        parts.append(f"**Stopped early:** {type(error).__name__}: {error}\n")
    finally:
        if keeper is not None:
            keeper.stop()
        if postgres is not None:
            postgres.remove()
        shutil.rmtree(folder, ignore_errors=True)
    body = f"{head} Medians of {times}; the whole took {time.monotonic() - started:.0f} s.\n\n" + "\n".join(
        filter(None, [aims(reached) if share == 1 else "", *parts])
    )
    if options.quick or options.print:
        print(body)
        return 0
    page = PAGE.read_text(encoding="utf-8")
    before, _mark, rest = page.partition(MARKS[0])
    _old, _mark, after = rest.partition(MARKS[1])
    PAGE.write_text(f"{before}{MARKS[0]}\n{body}\n{MARKS[1]}{after}", encoding="utf-8")
    print(f"written to {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
