"""The address that links and codes on paper carry: the one given, else the one served."""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings

from config.address import public_address
from config.management.commands.serve import follow_address
from publish.papers import verification_url


@pytest.fixture
def _as_it_was() -> Iterator[None]:
    before = settings.PUBLIC_URL, settings.CSRF_TRUSTED_ORIGINS, settings.ALLOWED_HOSTS, dict(os.environ)
    os.environ.pop("PUBLIC_URL", None)
    yield
    settings.PUBLIC_URL, settings.CSRF_TRUSTED_ORIGINS, settings.ALLOWED_HOSTS, environment = before
    os.environ.clear()
    os.environ.update(environment)


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"PORT": "8201"}, "http://127.0.0.1:8201"),
        ({"HOST": "192.168.1.20", "PORT": "8080"}, "http://192.168.1.20:8080"),
        ({"HOST": "0.0.0.0", "PORT": "8201"}, "http://127.0.0.1:8201"),  # noqa: S104 - listens nowhere
        ({"HOST": "::", "PORT": "8201"}, "http://127.0.0.1:8201"),
        ({"HOST": "::1", "PORT": ""}, "http://[::1]:8000"),
        ({"PUBLIC_URL": "https://wuyi.example/", "PORT": "8201"}, "https://wuyi.example"),
        ({"PUBLIC_URL": " ", "PORT": "8201"}, "http://127.0.0.1:8201"),
    ],
)
def test_the_public_address_is_the_one_given_else_the_one_served(environment: dict[str, str], address: str) -> None:
    assert public_address(environment) == address


@pytest.mark.usefixtures("_as_it_was")
def test_a_server_told_its_port_prints_it_on_papers_and_tells_its_background_process() -> None:
    advice = follow_address("127.0.0.1", 8201)

    assert advice == ""
    assert verification_url("ab" * 32) == f"http://127.0.0.1:8201/notices/verify/{'ab' * 32}/"
    assert settings.CSRF_TRUSTED_ORIGINS == ["http://127.0.0.1:8201"]
    assert public_address(os.environ) == "http://127.0.0.1:8201"


@pytest.mark.usefixtures("_as_it_was")
def test_the_host_served_may_be_asked_for() -> None:
    follow_address("192.168.1.20", 8201)

    assert settings.PUBLIC_URL == "http://192.168.1.20:8201"
    assert settings.ALLOWED_HOSTS[-1] == "192.168.1.20"


@pytest.mark.usefixtures("_as_it_was")
def test_a_server_that_listens_everywhere_is_told_that_phones_cannot_open_its_codes() -> None:
    advice = follow_address("0.0.0.0", 8201)  # noqa: S104 - listens nowhere

    assert settings.PUBLIC_URL == "http://127.0.0.1:8201"
    assert advice.startswith("纸上的二维码会指向 http://127.0.0.1:8201，别的设备打不开；")


@pytest.mark.usefixtures("_as_it_was")
def test_a_public_address_that_is_given_stays() -> None:
    os.environ["PUBLIC_URL"] = "https://wuyi.example"
    before = settings.PUBLIC_URL

    assert follow_address("0.0.0.0", 8201) == ""  # noqa: S104 - listens nowhere
    assert before == settings.PUBLIC_URL
