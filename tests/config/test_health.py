"""Figures are for this machine and its token, not for whoever a proxy on it speaks for."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from config import health


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {"Host": "[::1]:8000"}, 200),
        ("10.0.0.1", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.1"}, 404),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 404),
        ("127.0.0.1", {"X-Real-IP": "10.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=10.0.0.1"}, 404),
        ("127.0.0.1", {"Via": "1.1 caddy"}, 404),
        ("127.0.0.1", {"Host": "wuyi.example"}, 404),
        ("10.0.0.1", {"Authorization": "Bearer right"}, 200),
        ("10.0.0.1", {"Authorization": "Bearer wrong"}, 404),
    ],
)
def test_metrics_are_for_this_machine_and_its_token(
    settings: Any, monkeypatch: pytest.MonkeyPatch, peer: str, headers: dict[str, str], status: int
) -> None:
    settings.ALLOWED_HOSTS = ["wuyi.example", "localhost", "[::1]"]
    monkeypatch.setattr(health, "METRICS_TOKEN", "right")

    answer = Client(headers={"Host": "localhost", **headers}).get("/metrics", REMOTE_ADDR=peer)

    assert answer.status_code == status


@pytest.mark.django_db
def test_sqlite_overwrites_what_is_deleted() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)
