"""Typesetting on this machine: processor time, memory over many papers, cold start, papers a second with workers.

    python bench/typeset.py [--papers 2000] [--workers 2] [--seconds 20]

Prints one JSON line for each part. Nothing is stored; no database is needed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# A result of three pages; one of four that closer lines make three, so laid out twice; four; three; two; one.
THREE_PAGES = "vote_result of one item"
KINDS = (THREE_PAGES, "preliminary_result", "vote_result", "plan_for_comment", "evaluation_report", "acceptance_letter")


def prepare() -> tuple[Any, Any]:
    """Return (engine, kinds) with Django set up."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415 - the cold start counts it

    django.setup()
    from publish import kinds  # noqa: PLC0415 - the same
    from publish.typeset import engine  # noqa: PLC0415 - the same

    return engine, kinds


def document(kinds: Any, kind: str) -> dict[str, Any]:
    """Return the example paper of a kind, or the result notice of three pages."""
    found: dict[str, Any] = kinds.example_paper(kind.partition(" ")[0])
    if kind == THREE_PAGES:
        found["facts"]["items"] = found["facts"]["items"][:1]
    return found


def resident() -> float:
    """Return this process's resident memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def yardstick() -> float:
    """Return processor milliseconds of a fixed loop of Python: 7 where the figures of docs/benchmarks.md were taken.

    Other work on the machine stretches it like everything else, so figures divided by it can be compared.
    """
    start, seen = time.process_time(), {}
    for number in range(60_000):
        seen[number % 997] = f"{number}a"
    return (time.process_time() - start) * 1000


def floor(repeats: int = 15) -> None:
    """Print what cannot be avoided with this engine: an empty letter (one page, one face), and the yardstick."""
    engine, _kinds = prepare()
    empty = engine.read_paper(
        {"kind": "acceptance_letter", "issuer": {"name": "甲"}, "facts": {"title": "题", "matter": "题"}}
    )
    engine.typeset(empty)
    times, loops = [], []
    for _repeat in range(repeats):
        loops.append(yardstick())
        start = time.process_time()
        engine.typeset(empty)
        times.append((time.process_time() - start) * 1000)
    figures = {"least_ms": round(min(times), 1), "median_ms": round(sorted(times)[repeats // 2], 1)}
    print(json.dumps({"part": "floor", "paper": "empty letter", **figures, "yardstick_ms": round(min(loops), 1)}))


def warm(repeats: int = 15) -> None:
    """Print processor milliseconds (least, median) and bytes of each measured kind, in a warm process.

    `yardsticks` is the median of the paper's time over that of the loop run right before it.
    """
    engine, kinds = prepare()
    for kind in KINDS:
        paper = engine.read_paper(document(kinds, kind))
        data = engine.typeset(paper)
        times, ratios = [], []
        for _repeat in range(repeats):
            loop = yardstick()
            start = time.process_time()
            engine.typeset(paper)
            times.append((time.process_time() - start) * 1000)
            ratios.append(times[-1] / loop)
        times.sort()
        figures = {
            "least_ms": round(times[0]),
            "median_ms": round(times[repeats // 2]),
            "yardsticks": round(sorted(ratios)[repeats // 2], 1),
            "bytes": len(data),
        }
        print(json.dumps({"part": "warm", "kind": kind, **figures, "mib": resident()}))


def memory(papers: int) -> None:
    """Print resident memory while one warm process sets `papers` papers of all kinds, each with a text of its own."""
    engine, kinds = prepare()
    keys = kinds.keys()
    curve: dict[int, float] = {0: resident()}
    start = time.process_time()
    for number in range(1, papers + 1):
        document = kinds.example_paper(keys[number % len(keys)])
        document["facts"]["title"] = f"{document['facts']['title']}第{number}号"[:100]
        engine.typeset(engine.read_paper(document))
        if number in {1, 10, 100, 200, 500} or number % 500 == 0:
            curve[number] = resident()
    cpu = round((time.process_time() - start) / papers * 1000)
    print(json.dumps({"part": "memory", "papers": papers, "mib": curve, "cpu_ms_a_paper": cpu}))


def cold() -> None:
    """Print the seconds from the start of a process to its first paper."""
    code = (
        "import sys; sys.path.insert(0, 'bench'); import typeset; e, k = typeset.prepare();"
        "e.typeset(e.read_paper(k.example_paper('preliminary_result')))"
    )
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)  # noqa: S603 - our own words
    print(json.dumps({"part": "cold", "seconds": round(time.monotonic() - start, 2)}))


def count(seconds: float) -> None:
    """Set one result notice after another for `seconds`, and print how many."""
    engine, kinds = prepare()
    paper = engine.read_paper(document(kinds, THREE_PAGES))
    engine.typeset(paper)
    done, start = 0, time.monotonic()
    while time.monotonic() - start < seconds:
        engine.typeset(paper)
        done += 1
    print(done / (time.monotonic() - start))


def throughput(workers: int, seconds: float) -> None:
    """Print result notices a second of `workers` warm processes side by side."""
    command = [sys.executable, __file__, "--count", str(seconds)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words
        for _worker in range(workers)
    ]
    rates = [float(one.communicate()[0]) for one in running]
    print(json.dumps({"part": "throughput", "workers": workers, "papers_a_second": round(sum(rates), 1)}))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--count", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=["floor", "warm", "memory", "cold", "throughput"])
    given = parser.parse_args()
    if given.count:
        count(given.count)
        return
    parts: dict[str, Callable[[], None]] = {
        "floor": floor,
        "cold": cold,
        "warm": warm,
        "throughput": lambda: throughput(given.workers, given.seconds),
        "memory": lambda: memory(given.papers),
    }
    for name, part in parts.items():
        if given.only in {None, name}:
            part()


if __name__ == "__main__":
    main()
