"""Fixtures every test may use."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from tests import clearing
from tests.servers import SCALE_OUT
from voting.live import limits

DEMONSTRATION = ("tests/browser/test_every_", "tests/browser/test_five_")


def scope_of(nodeid: str) -> str:
    """Return what a test shares a worker with."""
    file = nodeid.partition("::")[0]
    return "demonstration" if file.startswith(DEMONSTRATION) else file


class ByFile(LoadScopeScheduling):
    """Keeps what stands in one file on one worker, so that its servers, browsers and papers start once.

    The three files that look at the demonstration count as one: building it takes as long as hundreds of tests.
    xdist's own `loadgroup` groups nothing under pytest 9, and says nothing.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Hand out the tests by file."""
    return ByFile(config, log)


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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Say of a database that was made from the models (TEST MIGRATE) that it is up to date.

    tests/architecture/test_schema.py proves that the migrations make the very same one.
    """
    with django_db_blocker.unblock():
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        known = recorder.applied_migrations()
        new = [key for key in MigrationLoader(None).disk_migrations if key not in known]
        recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in new)
        clearing.empty_database()
    TransactionTestCase._fixture_teardown = clearing.teardown  # type: ignore[attr-defined] # not in its stubs


@pytest.fixture(autouse=True)
def _no_casts_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test its own allowance of casts: voters of another test had the same ids."""
    monkeypatch.setattr(limits, "casts", limits.Allowance())


@pytest.fixture(autouse=True)
def _no_content_types_of_another_test() -> None:
    """Forget which content types a test before made: its transaction took the rows back, not the cache."""
    ContentType.objects.clear_cache()
