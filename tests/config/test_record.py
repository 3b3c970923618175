"""What `make bench-all` writes: medians, rows, missed aims; a scenario that failed says so."""

from typing import Any

from bench.record import AIMS, BURST, GREAT, STORM, aims, compared, median, row

RUN: dict[str, Any] = {
    "scenario": "burst", "offered": 1000, "acked": 1000, "stored": 1000, "votes_per_s": 980.5, "ack_p50_ms": 9.5,
    "ack_p99_ms": 49.6, "all_final_ms": 48.0, "not_final": 0, "went_back": 0, "server_cpu_s": 0.71, "client_cpu_s": 0.2,
    "us_per_delivery": 12.2, "floor_us": 7.9, "ratio_to_floor": 1.54, "kb_per_socket": 22.1,
}  # fmt: skip


def test_each_figure_is_its_own_median() -> None:
    runs: list[dict[str, Any]] = [{"a": 3, "b": 1, "c": None}, {"a": 1, "b": 2, "c": 5}, {"a": 2, "b": 9, "c": 6}]

    assert median(runs) == {"a": 2, "b": 2, "c": None}


def test_a_row_tells_what_was_stored_and_what_it_cost() -> None:
    assert row(BURST, [RUN, RUN, RUN], "") == (
        "| 1,000 screens, 1,000 votes in 1 s | 1000 of 1000 | 980.5 | 9.5 ms | 50 ms | 48 ms | 0.71 s | 12.2 | 7.9"
        " | 1.54 | 22.1 | 0.20 s |"
    )


def test_what_went_wrong_stands_in_the_row() -> None:
    lost = {**RUN, "stored": 999, "went_back": 1, "all_final_ms": None, "not_final": 3}

    told = row(BURST, [lost], "1 of 3 runs; RuntimeError: the server did not start")

    assert "**1 of 3 runs; RuntimeError: the server did not start** **1 went back**" in told
    assert "**acknowledged votes are missing**" in told
    assert "| never, 3 were not |" in told
    assert row(BURST, [], "0 of 3 runs; it") == f"| {BURST.title} | **failed:** 0 of 3 runs; it |" + " |" * 10


def test_aims_that_were_missed_are_bold_and_those_not_measured_empty() -> None:
    slow = {**RUN, "votes_per_s": 4044.0, "ack_p99_ms": 401.0, "all_final_ms": None}
    told = aims({"SQLite": {BURST.title: RUN, GREAT.title: slow, STORM.title: {"all_again_s": 1.8}}, "PostgreSQL": {}})

    lines = told.splitlines()
    assert lines[:4] == [
        "#### Aims and what was reached (bold where missed)", "", "| aim | SQLite | PostgreSQL |", "|---|---|---|",
    ]  # fmt: skip
    assert [line.split(" | ")[1] for line in lines[4:]] == [
        "980.5", "49.6", "48", "**4,044**", "**401**", "**not reached**", "12.2", "22.1", "", "1.8",
    ]  # fmt: skip
    assert len(AIMS) == 10


def test_the_naive_variant_stands_beside_ours() -> None:
    naive = {**RUN, "votes_per_s": 10.0, "acked": 100, "server_cpu_s": 7.1}
    told = compared({"300 screens, 300 votes in 1 s": RUN, "naive Channels: 300 screens, 300 votes in 1 s": naive})

    assert told == (
        "Against the naive variant with the same 300 screens: 98 times the votes a second, 100 times less CPU "
        "for each acknowledged vote.\n"
    )
