"""Fixtures of the meeting tests."""

import pytest

from tests.meetings.makers import Place, make_place


@pytest.fixture
def place() -> Place:
    return make_place()
