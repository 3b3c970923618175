"""Fixtures of the tests of deliberation and of the journeys."""

from typing import Any

import pytest

from tests.deliberation.world import World


@pytest.fixture(autouse=True)
def _small_engine(request: pytest.FixtureRequest, settings: Any) -> None:
    """Papers are set by the small engine: these tests are about the machine."""
    if request.node.get_closest_marker("typeset") is None:
        settings.PAPER_ENGINE = "tests.publish.conftest.small_engine"


@pytest.fixture
def world(db: None) -> World:
    return World()
