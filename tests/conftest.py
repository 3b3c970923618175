"""Fixtures every test may use."""

import pytest

from tests.servers import SCALE_OUT


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL and Redis run the tests marked `both_profiles` only."""
    if not SCALE_OUT:
        return
    kept = [item for item in items if item.get_closest_marker("both_profiles")]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Drop no database of a PostgreSQL that is thrown away whole: a server's pool may still hold a session."""
    return SCALE_OUT or bool(request.config.getvalue("reuse_db"))
