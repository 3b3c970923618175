"""Fixtures of the tests of deliberation and of the journeys."""

from inspect import signature
from typing import Any

import pytest
from django.db import connection

from tests.deliberation import replay
from tests.deliberation.world import World


@pytest.fixture(autouse=True)
def _small_engine(request: pytest.FixtureRequest, settings: Any) -> None:
    """Papers are set by the small engine: these tests are about the machine."""
    if request.node.get_closest_marker("typeset") is None:
        settings.PAPER_ENGINE = "tests.publish.conftest.small_engine"


@pytest.fixture(autouse=True)
def _walks_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a walk be repeated (`replay`) in a test that patches nothing on its way."""
    patches = {"monkeypatch", "caplog", "django_assert_num_queries"} & signature(request.function).parameters.keys()
    monkeypatch.setattr(replay, "allowed", connection.vendor == "sqlite" and not patches)


@pytest.fixture
def world(db: None) -> World:
    return World()
