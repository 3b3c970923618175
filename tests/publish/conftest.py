"""A small community with its offices, and a small engine for tests that are not about typesetting."""

import datetime as dt
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from pypdf import PdfWriter

from community.models import Office, Term, Unit, UnitKind, User
from core.canonical import canonical_json
from publish import kinds
from publish.models import Notice
from publish.operations import issue_notice


def small_engine(paper: dict[str, Any], *, variant: str = "document", seal: Any = None) -> bytes:
    """Set a paper the fast way: one empty page with the paper's text attached. Same paper, same bytes."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_attachment(
        "paper.json", canonical_json({"variant": variant, "sealed": seal is not None, **paper}).encode()
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _in_november_2026() -> Iterator[None]:
    """Let every test run in the year that its numbers name, whatever the year is outside."""
    with time_machine.travel(dt.datetime(2026, 11, 23, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))):
        yield


@pytest.fixture(autouse=True)
def _small_engine(request: pytest.FixtureRequest, settings: Any) -> None:
    if request.node.get_closest_marker("typeset") is None:
        settings.PAPER_ENGINE = f"{__name__}.small_engine"


def add_unit(parent: Unit | None, code: str, name: str, kind: str) -> Unit:
    values = {"code": code, "name": name, "kind": kind}
    if parent is None:
        root: Unit = Unit.objects.add_root(create_kwargs=values)
        return root
    parent.refresh_from_db()
    child: Unit = Unit.objects.add_child(parent, create_kwargs=values)
    return child


@pytest.fixture
def subdistrict(db: None) -> Unit:
    county = add_unit(None, "511302000000", "顺庆区", UnitKind.COUNTY)
    return add_unit(county, "511302001000", "平城街道", UnitKind.SUBDISTRICT)


@pytest.fixture
def community(subdistrict: Unit) -> Unit:
    return add_unit(subdistrict, "511302001001", "平城社区", UnitKind.COMMUNITY)


@pytest.fixture
def neighbours(subdistrict: Unit, community: Unit) -> Unit:
    """Another community of the same subdistrict."""
    return add_unit(subdistrict, "511302001002", "延安社区", UnitKind.COMMUNITY)


Hire = Callable[..., User]


@pytest.fixture
def hire(db: None) -> Hire:
    """Return a function that makes a user with an office at a unit."""

    def make(office: str, unit: Unit, name: str = "", *, since: dt.date = dt.date(2026, 1, 1)) -> User:
        number = User.objects.count() + 1
        user = User.objects.create(username=f"user{number}", name=name or f"张{number}", phone=f"138000000{number:02}")
        if office:
            Term.objects.create(user=user, office=office, unit=unit, starts_on=since)
        return user

    return make


@pytest.fixture
def seen(client: Client) -> Callable[[User | None], Client]:
    """Return a function that signs somebody in (or nobody) and returns the client."""

    def sign_in(user: User | None) -> Client:
        client.logout()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def secretary(hire: Hire, community: Unit) -> User:
    return hire(Office.SECRETARY, community, "王书记")


@pytest.fixture
def director(hire: Hire, community: Unit) -> User:
    return hire(Office.DIRECTOR, community, "李主任")


@pytest.fixture
def resident(hire: Hire, community: Unit) -> User:
    return hire(Office.RESIDENT, community, "欧阳修")


Issue = Callable[..., Notice]


@pytest.fixture
def issue(community: Unit, secretary: User, django_capture_on_commit_callbacks: Any) -> Issue:
    """Return a function that issues a notice of the community and runs what follows the commit."""

    def make(kind: str = "topic_list", **more: Any) -> Notice:
        with django_capture_on_commit_callbacks(execute=True):
            notice = issue_notice(
                kind=kind,
                facts=more.pop("facts", None) or kinds.example(kind),
                issuer=more.pop("issuer", community),
                by=more.pop("by", secretary),
                **more,
            )
        return Notice.objects.select_related("issuer").get(pk=notice.pk)

    return make
