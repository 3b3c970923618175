"""The live benchmark with tiny numbers: every scenario ends in one line of figures that add up."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.live import server_here
from tests.servers import SCALE_OUT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]


@pytest.fixture(scope="module")
def host(django_db_setup: None) -> Iterator[str]:
    with server_here() as host:
        yield host


def measured(capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    call_command("bench_live", seconds=1, patience=20, **options)
    figures: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return figures


@pytest.mark.parametrize(
    ("scenario", "kind", "watching"), [("burst", "secret", 20), ("slow", "named", 18), ("trickle", "named", 20)]
)
def test_every_vote_is_acknowledged_stored_and_seen(
    host: str, capsys: pytest.CaptureFixture[str], scenario: str, kind: str, watching: int
) -> None:
    figures = measured(capsys, url=f"http://{host}", scenario=scenario, kind=kind, voters=10, screens=20)

    assert (figures["offered"], figures["acked"], figures["stored"], figures["refused"]) == (10, 10, 10, 0)
    assert (figures["not_final"], figures["went_back"], figures["sockets_lost"]) == (0, 0, 0)
    assert figures["deliveries"] >= watching
    assert (figures["processes"], figures["scenario"], figures["kind"]) == (1, scenario, kind)
    assert figures["ratio_to_floor"] == round(figures["us_per_delivery"] / figures["floor_us"], 2)


def test_one_vote_at_a_time_reaches_every_screen(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    figures = measured(capsys, url=f"http://{host}", scenario="one", voters=2, screens=4)

    assert figures["stored"] == 2
    assert 0 < figures["all_screens_p50_ms"] <= figures["all_screens_max_ms"]


def test_a_storm_brings_every_screen_back_on_two_addresses(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    figures = measured(capsys, url=f"http://{host},http://{host}", scenario="storm", voters=2, screens=20)

    assert (figures["sockets"], figures["processes"], figures["stored"]) == (20, 2, 0)


@pytest.mark.skipif(SCALE_OUT, reason="the server of its own stands on SQLite")
def test_without_an_address_it_measures_a_server_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    call_command("bench_live", voters=3, screens=5)

    figures = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (figures["acked"], figures["stored"], figures["database"]) == (3, 3, "sqlite")
    assert figures["rss_kb_open"] > 0
    assert figures["server_cpu_s"] >= 0  # three votes may cost less than the hundredth of a second the system counts in


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scenario": "bounce"}, "--scenario bounce needs --redis-url: a Redis that may be shut down"),
        ({"url": "http://127.0.0.1:9", "server_pid": "1,x"}, "--server-pid takes process numbers with commas between"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("bench_live", **options)

    assert str(refused.value) == sentence
    assert refused.value.returncode == 2
