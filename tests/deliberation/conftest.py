"""Fixtures of the tests of deliberation and of the journeys."""

from typing import Any

import pytest
from django.conf import settings as django_settings

from tests.deliberation.world import World


@pytest.fixture(autouse=True)
def _small_engine(request: pytest.FixtureRequest, settings: Any) -> None:
    """Papers are set by the small engine: these tests are about the machine."""
    settings.MEDIA_ROOT = django_settings.DATA_DIR / "test-files"
    if request.node.get_closest_marker("typeset") is None:
        settings.PAPER_ENGINE = "tests.publish.conftest.small_engine"


@pytest.fixture
def world(db: None) -> World:
    return World()
