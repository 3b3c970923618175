"""The door: both ways in by page and API, what is refused, throttled, and never fixed beforehand."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest
from django.test import AsyncClient, Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from community import codes, operations, signin
from community.models import Office, SignInFailure, User
from community.signin import SignedIn
from core.actors import COMMAND_LINE
from core.notify import tell, unread_of
from tests.community.places import a_person, a_tree

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]

API = "/api/v1/session"


def _post(client: Client, body: dict[str, Any], **more: Any) -> Any:
    return client.post(API, body, content_type="application/json", **more)


def _secretary() -> User:
    return a_person("王书记", office=Office.SECRETARY, at=a_tree(), password="five-steps-2026")


def _code(user: User, **more: Any) -> str:
    return operations.issue_sign_in_code(user, by=COMMAND_LINE, **more)


@pytest.fixture
def _voting_codes() -> Iterator[None]:
    """A room above that teaches the door its own code."""

    def resolve(_request: HttpRequest, code: str) -> SignedIn | None:
        if code not in {"VVVVVVVVVV", "WWWWWWWWWW"}:
            return None
        ballot = "7" if code.startswith("V") else "8"
        return SignedIn(name="李四", session={"voters": {ballot: "70"}}, next=f"/ballots/{ballot}/")

    signin.register_resolver(resolve)
    signin.register_resolver(resolve)
    yield
    signin._resolvers.remove(resolve)


# --- API ------------------------------------------------------------------


def test_password_then_who_am_i_then_out(client: Client) -> None:
    user = _secretary()

    came = _post(client, {"username": user.username, "password": "five-steps-2026"})
    assert (came.status_code, came.json()) == (
        200,
        {
            "name": "王书记",
            "user": str(user.pk),
            "username": user.username,
            "offices": [{"office": "secretary", "unit": "511302001001", "unit_name": "平城街社区居民委员会"}],
            "voters": {},
        },
    )
    assert client.get(API).json() == came.json()

    assert client.delete(API).status_code == 204
    gone = client.get(API)
    assert (gone.status_code, gone.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("write", [str, str.lower, codes.grouped, lambda c: f"  {c[:3]}-{c[3:]} "])
def test_a_printed_code_however_typed(client: Client, write: Any) -> None:
    user = _secretary()

    came = _post(client, {"code": write(_code(user))})

    assert (came.status_code, came.json()["user"]) == (200, str(user.pk))


def test_a_nul_is_refused_before_it_reaches_the_database(client: Client) -> None:
    answer = _post(client, {"username": "u\u0000", "password": "x"})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert "sessionid" not in answer.cookies


@pytest.mark.parametrize(
    "body",
    [
        {"code": "AAAAAAAAAA"},
        {"code": "0OIL"},
        {"code": ""},
        {"code": "字" * 10},
        {"username": "nobody", "password": "x"},
        {"username": "", "password": ""},
    ],
)
def test_what_opens_nothing_is_bad_credentials(client: Client, body: dict[str, str]) -> None:
    _secretary()

    answer = _post(client, body)

    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["code"] == "bad_credentials"
    assert "sessionid" not in answer.cookies


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "u"},
        {"code": "AAAAAAAAAA", "username": "u", "password": "p"},
        {"code": ["a"]},
        {"code": "A" * 65},
        {"username": "u" * 151, "password": "p"},
    ],
)
def test_a_body_out_of_form_is_bad_input(client: Client, body: dict[str, Any]) -> None:
    answer = _post(client, body)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")


def test_expired_revoked_and_closed(client: Client) -> None:
    user = _secretary()
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    expired = _code(user, valid_days=1, now=past)
    assert _post(client, {"code": expired}).status_code == 401

    first = _code(user)
    second = _code(user)
    assert _post(client, {"code": first}).status_code == 401

    user.is_active = False
    user.save()
    assert _post(client, {"code": second}).status_code == 401
    assert _post(client, {"username": user.username, "password": "five-steps-2026"}).status_code == 401


def test_the_session_id_changes_at_the_door(client: Client, _voting_codes: None) -> None:  # noqa: PT019 - its effect
    user = _secretary()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = planted = str(session.session_key)

    _post(client, {"code": _code(user)})
    after_user = client.cookies["sessionid"].value
    _post(client, {"code": "VVVVVVVVVV"})
    after_voter = client.cookies["sessionid"].value

    assert len({planted, after_user, after_voter}) == 3
    assert Client(headers={"cookie": f"sessionid={planted}"}).get(API).status_code == 401


def test_a_code_of_another_room_opens_its_thing_only(client: Client, _voting_codes: None) -> None:  # noqa: PT019 - its effect
    came = _post(client, {"code": "vvvvv vvvvv"})
    second = _post(client, {"code": "WWWWWWWWWW"})

    assert came.json() == {"name": "李四", "user": None, "username": None, "offices": [], "voters": {"7": "70"}}
    assert second.json()["voters"] == {"7": "70", "8": "70"}
    assert client.get(API).json() == second.json()
    assert client.get("/account/").status_code == 302
    client.delete(API)
    assert client.get(API).status_code == 401


def test_whoever_signs_in_next_does_not_hold_the_last_voters_ballots(client: Client, _voting_codes: None) -> None:  # noqa: PT019 - its effect
    user = _secretary()
    _post(client, {"code": "VVVVVVVVVV"})

    assert _post(client, {"username": user.username, "password": "five-steps-2026"}).json()["voters"] == {}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_a_foreign_page_cannot_sign_anybody_in_or_out(headers: dict[str, str], status: int) -> None:
    user = _secretary()
    strict = Client(enforce_csrf_checks=True)

    answer = _post(strict, {"code": _code(user)}, headers=headers)

    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "cross_site"
        _post(strict, {"code": _code(user)})
        assert strict.delete(API, headers=headers).status_code == 403
        assert strict.get(API).status_code == 200


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
def test_only_json_is_read(client: Client, kind: str) -> None:
    user = _secretary()

    answer = client.post(API, f'{{"code": "{_code(user)}"}}', content_type=kind)

    assert answer.status_code == 422
    assert client.get(API).status_code == 401


def test_thirty_wrong_codes_a_minute_from_one_address(client: Client) -> None:
    user = _secretary()
    good = _code(user)
    now = dt.datetime(2026, 11, 22, 12, 0, 30, tzinfo=dt.UTC)
    minute = now.replace(second=0)

    for _time in range(30):
        signin._count_failure(signin._address_hash(_from("10.0.0.1")), minute)

    with pytest.raises(signin.Throttled):
        signin.sign_in_with_code(_from("10.0.0.1"), code=good, now=now)
    assert signin.sign_in_with_code(_from("10.0.0.2"), code=good, now=now).user == user
    assert signin.sign_in_with_code(_from("10.0.0.1"), code=good, now=now + dt.timedelta(minutes=1)).user == user


def test_good_codes_are_never_counted_and_throttling_is_a_problem_document(client: Client, settings: Any) -> None:
    user = _secretary()
    for _time in range(35):
        assert _post(client, {"code": _code(user)}).status_code == 200
    assert SignInFailure.objects.count() == 0

    # Twice as many and one: even when the minute turns between them, one of the two minutes is over its limit.
    answers = [_post(client, {"code": "AAAAAAAAAA"}) for _time in range(signin.FAILURES_A_MINUTE * 2 + 1)]

    said = {(answer.status_code, answer.json()["code"]) for answer in answers}
    assert said == {(401, "bad_credentials"), (429, "throttled")}


def test_old_failures_are_forgotten() -> None:
    minute = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    signin._count_failure("a" * 64, minute - dt.timedelta(hours=2))

    signin._count_failure("a" * 64, minute)
    signin._count_failure("a" * 64, minute)

    assert list(SignInFailure.objects.values_list("minute", "count")) == [(minute, 2)]


def test_a_locked_account_is_answered_under_asgi_too(settings: Any) -> None:
    settings.AXES_ENABLED = True
    said = {"username": _secretary().username, "password": "wrong"}

    async def knock() -> list[int]:
        browser = AsyncClient()
        answers = [await browser.post("/api/v1/session", said, content_type="application/json") for _time in range(9)]
        return [answer.status_code for answer in answers]

    assert async_to_sync(knock)() == [401] * 7 + [429] * 2


def test_wrong_passwords_lock_one_account_from_one_address(client: Client, settings: Any) -> None:
    settings.AXES_ENABLED = True
    user = _secretary()
    other = a_person("李主任", password="five-steps-2026")

    answers = [_post(client, {"username": user.username, "password": "wrong"}) for _time in range(9)]
    locked = _post(client, {"username": user.username, "password": "five-steps-2026"})
    page = client.post("/sign-in/", {"username": user.username, "password": "five-steps-2026"})

    assert answers[0].status_code == 401
    assert (locked.status_code, locked.json()["code"]) == (429, "throttled")
    assert (page.status_code, "15 分钟" in page.content.decode()) == (429, True)
    assert _post(client, {"username": other.username, "password": "five-steps-2026"}).status_code == 200
    assert _post(client, {"code": _code(user)}).status_code == 200


def test_thirty_wrong_passwords_a_minute_from_one_address_for_whatever_accounts() -> None:
    user = _secretary()
    now = dt.datetime(2026, 11, 22, 12, 0, 30, tzinfo=dt.UTC)
    good: dict[str, Any] = {"username": user.username, "password": "five-steps-2026"}

    for number in range(30):
        with pytest.raises(signin.BadCredentials):
            signin.sign_in_with_password(_from("10.0.0.1"), username=f"nobody{number}", password="wrong", now=now)
    with pytest.raises(signin.Throttled, match="一分钟"):
        signin.sign_in_with_password(_from("10.0.0.1"), **good, now=now)

    assert signin.sign_in_with_code(_from("10.0.0.1"), code=_code(user), now=now).user == user
    assert signin.sign_in_with_password(_from("10.0.0.2"), **good, now=now).user == user
    assert signin.sign_in_with_password(_from("10.0.0.1"), **good, now=now + dt.timedelta(minutes=1)).user == user


def test_passwords_are_checked_two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 100 MB: hundreds at once would take the memory of the machine."""
    free = []

    def check(*_args: Any, **_said: Any) -> None:
        while signin._checking.acquire(blocking=False):
            free.append(1)
        for _place in free:
            signin._checking.release()

    monkeypatch.setattr(signin, "authenticate", check)
    with pytest.raises(signin.BadCredentials):
        signin.sign_in_with_password(_from("10.0.0.1"), username="a", password="b")

    assert len(free) == 1


def test_the_back_office_has_no_door_of_its_own(client: Client) -> None:
    answer = client.get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0] == "/sign-in/?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("10.0.0.1", "1.2.3.4", False, "10.0.0.1"),
        ("127.0.0.1", "6.6.6.6, 1.2.3.4", True, "1.2.3.4"),
        ("10.0.0.1", "1.2.3.4", True, "10.0.0.1"),  # came past the proxy
        ("2001:db8::1", "", False, "2001:db8::"),
        ("", "", False, "unknown"),
        ("127.0.0.1", "nonsense", True, "unknown"),
    ],
)
def test_whose_address_counts(settings: Any, peer: str, forwarded: str, address: str, *, trusted: bool) -> None:
    settings.TRUST_PROXY = trusted

    assert signin.client_address(_from(peer, forwarded)) == address


def _from(address: str, forwarded: str = "") -> HttpRequest:
    client = Client()
    request = RequestFactory().post(API, REMOTE_ADDR=address, headers={"X-Forwarded-For": forwarded})
    request.session = client.session
    return request


# --- pages ----------------------------------------------------------------


def test_the_page_shows_both_ways_and_a_scanned_code_waits_for_one_tap(client: Client) -> None:
    page = client.get("/sign-in/?code=ABCDEFGHJK&next=/proposals/").content.decode()

    assert 'value="ABCDEFGHJK"' in page
    assert 'name="next" value="/proposals/"' in page
    assert 'autocomplete="current-password"' in page
    assert client.get(API).status_code == 401


@pytest.mark.parametrize(("wanted", "goes"), [("/account/", "/account/"), ("https://evil.example/", "/"), ("", "/")])
def test_the_page_signs_in_and_goes_on(client: Client, wanted: str, goes: str) -> None:
    user = _secretary()

    answer = client.post("/sign-in/", {"code": _code(user), "next": wanted})

    assert (answer.status_code, answer["Location"]) == (302, goes)
    assert client.get(API).json()["user"] == str(user.pk)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"code": "AAAAAAAAAA"}, 401),
        ({"code": ""}, 422),
        ({"username": "u", "password": "x"}, 401),
        ({"username": "u"}, 422),
        ({}, 422),
    ],
)
def test_the_page_says_what_is_wrong(client: Client, form: dict[str, str], status: int) -> None:
    assert client.post("/sign-in/", form).status_code == status


def test_the_page_needs_its_csrf_token() -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/sign-in/", {"code": "AAAAAAAAAA"}).status_code == 403
    assert strict.post("/sign-out/").status_code == 403


def test_the_account_page(client: Client, django_assert_max_num_queries: object) -> None:
    user = _secretary()
    client.force_login(user)

    with django_assert_max_num_queries(8):  # type: ignore[operator] # a fixture without types
        page = client.get("/account/").content.decode()

    assert "王书记" in page
    assert "平城街社区居民委员会" in page
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/account/").status_code == 302


def test_the_account_page_tells_the_news_until_it_is_read(client: Client) -> None:
    user = _secretary()
    tell([user], "“加装电梯”：公示方案。", "/proposals/1/")
    client.force_login(user)
    assert "“加装电梯”：公示方案。" in client.get("/account/").content.decode()
    shown = str(unread_of(user).get().pk)

    answer = client.post("/account/news/", {"news": [shown, "x", "9" * 30]})

    assert answer.status_code == 302
    assert unread_of(user).count() == 0
    assert "“加装电梯”" not in client.get("/account/").content.decode()


def test_large_type_is_kept_on_device_and_account(client: Client) -> None:
    user = _secretary()
    client.force_login(user)

    answer = client.post("/large-type/", {"large_type": "1", "next": "/account/"})

    assert (answer["Location"], answer.cookies["large_type"].value) == ("/account/", "1")
    user.refresh_from_db()
    assert user.large_type
    assert "data-large" in client.get("/account/").content.decode().split("<head>")[0]
    assert client.get("/large-type/").status_code == 405


# --- codes ----------------------------------------------------------------


def test_codes_have_no_look_alikes() -> None:
    made = {codes.new_code() for _time in range(200)}

    assert len(made) == 200
    assert all(codes.is_code(code) for code in made)
    assert not set("0O1IL").intersection("".join(made))


@given(st.text(codes.ALPHABET, min_size=10, max_size=10))
def test_a_code_is_the_same_however_it_is_written(code: str) -> None:
    assert codes.hash_code(codes.grouped(code)) == codes.hash_code(f" {code.lower()} ") == codes.hash_code(code)
    assert code not in codes.hash_code(code)


# --- back office ------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        "community/unit",
        "community/user",
        "community/user/add",
        "community/term",
        "community/term/add",
        "community/household",
        "community/exclusiveunit",
        "community/owner",
        "community/residency",
        "community/signincode",
        "core/ledgerentry",
        "core/calendarday",
        "core/calendaryear",
    ],
)
def test_the_back_office_opens(client: Client, page: str) -> None:
    user = _secretary()
    user.is_staff = user.is_superuser = True
    user.save()
    client.force_login(user)

    assert client.get(f"/admin/{page}/").status_code == 200


def test_an_appointment_in_the_back_office_is_an_operation(client: Client) -> None:
    user = _secretary()
    user.is_staff = user.is_superuser = True
    user.save()
    client.force_login(user)
    person = a_person("陈委员")
    form = {"user": person.pk, "office": "committee_member", "unit": user.unit_id, "starts_on": "2026-11-22"}

    assert client.post("/admin/community/term/add/", form).status_code == 302
    term = person.terms.get()
    assert client.post(f"/admin/community/term/{term.pk}/change/", {"ends_on": "2026-11-30"}).status_code == 302

    term.refresh_from_db()
    assert str(term.ends_on) == "2026-11-30"
    wrong = form | {"ends_on": "2026-11-01", "office": "teller"}
    assert client.post("/admin/community/term/add/", wrong, follow=True).status_code == 200
    assert person.terms.count() == 1


def test_an_account_in_the_back_office(client: Client) -> None:
    user = _secretary()
    user.is_staff = user.is_superuser = True
    user.save()
    client.force_login(user)
    form = {
        "username": "new",
        "name": "新人",
        "usable_password": "true",
        "password1": "five-steps-2026",
        "password2": "five-steps-2026",
    }

    assert client.post("/admin/community/user/add/", form).status_code == 302
    assert User.objects.get(username="new").check_password("five-steps-2026")
