"""The journeys live in the same world as the tests of deliberation."""

from tests.deliberation.conftest import _small_engine, world

__all__ = ["_small_engine", "world"]
