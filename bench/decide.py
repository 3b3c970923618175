"""Measures `manage.py decide` over many lines against a floor: Python that only parses each line and prints it again.

`python -m bench.decide [LINES]` prints one JSON line. Both run as processes of their own, one after the other, three
times; the median processor time counts, so that other work on the machine hardly matters.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

FLOOR = "import json, sys\nfor line in sys.stdin: print(json.dumps(json.loads(line), ensure_ascii=False))"
RULES = ("owners_278_special", "owners_278_ordinary", "owner_reps_negative_consent")
TIMES = 3


def case(number: int, dice: random.Random) -> dict[str, object]:
    """Return one decision of 10 to 2,000 owners."""
    heads = dice.randrange(10, 2000)
    took_part = dice.randrange(heads + 1)
    agreed = dice.randrange(took_part + 1)

    def group(count: int) -> dict[str, int | str]:
        area = count * 8840 + dice.randrange(60) * (count > 0)
        return {"heads": count, "area": f"{area // 100}.{area % 100:02d}"}

    everybody, there, in_favour = group(heads), group(took_part), group(agreed)
    against: dict[str, int | str] = {"heads": took_part - agreed, "area": "0.00"}
    everybody["area"], there["area"] = f"{heads * 90}.00", f"{took_part * 89}.00"
    return {
        "id": f"c{number}", "rule": RULES[number % len(RULES)], "eligible": everybody, "participating": there,
        "for": in_favour, "against": against,
    }  # fmt: skip


def measured(command: list[str], path: Path) -> tuple[float, float]:
    """Run `command` with the file as its input; return seconds of processor time and MiB at the most."""
    with path.open("rb") as lines:
        process = subprocess.Popen(command, stdin=lines, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        _pid, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} ended with {status}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    dice = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(case(number, dice)) + "\n" for number in range(lines))
        few = Path(folder) / "one.jsonl"
        few.write_text(json.dumps(case(0, dice)) + "\n", encoding="utf-8")
        decide = [sys.executable, "manage.py", "decide", "-"]
        floor = [measured([sys.executable, "-c", FLOOR], path) for _time in range(TIMES)]
        start = [measured(decide, few) for _time in range(TIMES)]
        full = [measured(decide, path) for _time in range(TIMES)]
    cpu, least, one = (statistics.median(run[0] for run in runs) for runs in (full, floor, start))
    print(
        json.dumps(
            {
                "lines": lines,
                "cpu_seconds": round(cpu, 2),
                "of_them_to_start": round(one, 2),
                "floor_seconds": round(least, 2),
                "ratio_to_floor": round(cpu / least, 1),
                "us_a_line": round((cpu - one) / lines * 1e6, 1),
                "max_mib": round(max(run[1] for run in full)),
                "max_mib_for_one_line": round(max(run[1] for run in start)),
            }
        )
    )


if __name__ == "__main__":
    main()
