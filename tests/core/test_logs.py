"""The log: a refused request is one line."""

import logging
from typing import Any

import pytest
from django.test import Client

from core.logs import LONGEST, Short


@pytest.fixture
def lines() -> Any:
    kept: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(self.format(record))

    handler = Kept()
    handler.addFilter(Short())
    logging.getLogger().addHandler(handler)
    yield kept
    logging.getLogger().removeHandler(handler)


def test_a_foreign_host_is_one_line(lines: list[str]) -> None:
    Client(raise_request_exception=False).get("/", headers={"host": "evil.example"})

    assert [line.count("\n") for line in lines] == [0] * len(lines)
    assert any("evil.example" in line for line in lines)


@pytest.mark.django_db
def test_a_long_address_is_cut(lines: list[str]) -> None:
    Client().get("/" + "x" * 60_000)

    assert lines
    assert max(map(len, lines)) <= LONGEST + 2


def test_an_error_of_our_own_keeps_its_traceback(lines: list[str]) -> None:
    try:
        int("no number")
    except ValueError:
        logging.getLogger("wuyi").exception("broken")

    assert "Traceback" in lines[0]
