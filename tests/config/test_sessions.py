"""Session cookies nobody could have been given are nobody's; what is made with a session is not kept."""

import pytest
from django.test import Client

from community.models import User
from voting.live.access import NOBODY, person_of_session

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


@pytest.mark.parametrize("value", [r'"\000abcdefghijk"', "short", "a" * 33, "A" * 32, r'"\377' + "a" * 31 + '"'])
def test_a_cookie_that_was_never_given_is_nobodys_and_breaks_nothing(value: str) -> None:
    client = Client(headers={"Cookie": f"sessionid={value}"})

    assert client.get("/api/v1/session").status_code == 401
    assert client.get("/account/").status_code == 302


def test_a_socket_with_such_a_cookie_is_a_viewers() -> None:
    assert person_of_session("\0abcdefghijk", 1) == NOBODY


def test_what_a_signed_in_reader_sees_is_not_kept() -> None:
    client = Client()
    client.force_login(User.objects.create(username="reader"), backend="django.contrib.auth.backends.ModelBackend")

    answers = [client.get(address)["Cache-Control"] for address in ("/work/", "/proposals/", "/api/v1/session")]
    feed = client.get("/notices/feed.atom")["Cache-Control"]
    public = Client().get("/proposals/")

    assert answers == ["private, no-store"] * 3
    assert feed == "public, max-age=300"
    assert "Cache-Control" not in public
