"""The migrations make the database that the models describe, on which all other tests run."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.live import environment
from tests.servers import postgres_bin

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def statements(url: str) -> dict[str, list[str]]:
    """Return the parts of every statement that makes the schema; columns and constraints may come in any order."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            made = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        return {name: parts(re.split(r", (?=\"|CONSTRAINT)", sql)) for name, sql in made}
    command = [str(postgres_bin() / "pg_dump"), "--schema-only", "--no-owner", url]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    dumped = re.sub(
        r"^(--|\\.*|-- Postgre.*)?\n", "", dumped, flags=re.MULTILINE
    )  # empty lines, and what ends the dump
    made = [block.partition("\n") for block in re.split(r"^-- Name: ", dumped, flags=re.MULTILINE)[1:]]
    # Django's own migrations give this one table a wider key than its models do.
    odd = "auth_group_permissions"
    return {name: parts(block.splitlines()) for name, _line, block in made if not name.startswith(odd)}


def parts(pieces: list[str]) -> list[str]:
    """Return pieces of one statement in alphabetical order, without what depends on which comes last."""
    return sorted(
        piece.partition(" (")[2] if piece.startswith("CREATE TABLE") else piece for piece in map(bare, pieces)
    )


def bare(piece: str) -> str:
    return piece.strip().rstrip(",)")


def test_the_migrations_make_what_the_models_describe(tmp_path: Path) -> None:
    here = environment()["DATABASE_URL"]
    fresh = f"sqlite:///{tmp_path}/fresh.sqlite3"
    if not here.startswith("sqlite"):
        fresh = re.sub(r"/[^/]*$", f"/fresh_{os.getpid()}", here)
        with closing(psycopg.connect(here, autocommit=True)) as link:
            link.execute(f"CREATE DATABASE fresh_{os.getpid()}")
    command = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env={**environment(), "DATABASE_URL": fresh}, check=True)

    assert statements(fresh) == statements(here)
