"""The board, the permanent page, files and verification, as their readers meet them."""

import datetime as dt
import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from community.models import Unit, User
from core import clock
from publish import kinds
from publish.models import Notice, Rendering
from publish.operations import (
    file_objection,
    issue_notice,
    withdraw_notice,
)
from tests.publish.conftest import Hire, Issue, small_engine
from tests.publish.test_periods import at

pytestmark = pytest.mark.django_db
Seen = Callable[[User | None], Client]


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_asks_the_same_queries_for_one_and_three(
    issue: Issue, client: Client, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        issue("topic_list")

    # Name of the community, count, issuers, notices.
    with django_assert_num_queries(4):
        page = client.get("/notices/")

    assert page.status_code == 200
    assert text(page).count('class="slip"') == count


def test_the_board_is_filtered_by_unit_kind_and_state(
    issue: Issue, client: Client, neighbours: Unit, subdistrict: Unit, secretary: User, hire: Hire
) -> None:
    issue("topic_list")
    issue("roll")
    issue("topic_list", issuer=neighbours, by=hire("director", neighbours))
    withdraw_notice(issue("roll"), reason="有误", by=secretary)
    issue("minutes")

    def shown(query: str) -> list[str]:
        return re.findall(r'slip__number">([^<]+)<', text(client.get(f"/notices/?{query}")))

    assert shown("") == ["延安社区〔2026〕1号", "平城社区〔2026〕2号", "平城社区〔2026〕1号"]
    assert shown("state=ended") == ["平城社区〔2026〕3号"]
    assert len(shown("state=all")) == 4
    assert shown("kind=roll") == ["平城社区〔2026〕2号"]
    assert shown("kind=<script>&state=bad&page=bad") == shown("state=all")
    assert shown(f"unit={neighbours.code}") == ["延安社区〔2026〕1号"]
    assert len(shown(f"unit={subdistrict.code}")) == 3
    assert client.get("/notices/?unit=999").status_code == 404
    assert client.get("/notices/?unit=%00").status_code == 404


def test_minutes_are_no_running_notice_and_are_found_by_their_kind(issue: Issue, client: Client) -> None:
    Notice.objects.filter(pk=issue("minutes").pk).update(is_public=True)

    shown = [
        text(client.get(f"/notices/?{query}")).count('class="slip"') for query in ("", "state=all", "kind=minutes")
    ]

    assert shown == [0, 1, 1]
    assert '<option value="minutes"' in text(client.get("/notices/"))


def test_the_permanent_page_looks_like_the_paper(issue: Issue, client: Client) -> None:
    notice = issue("vote_result")

    page = text(client.get(f"/notices/{notice.pk}/"))

    assert notice.number in page
    assert "关于3幢2单元加装电梯表决结果的公示" in page
    assert "计票结果" in page
    assert "884.00" in page
    assert reverse("publish:verify", args=[notice.content_hash]) in page
    assert "提出异议" in page
    essence = page.partition('class="essence"')[2].partition('class="sheet__body')[0]
    assert re.sub(r"\s+|<[^>]+>", "", essence).startswith(">同意按第3版方案加装电梯通过推选业主代表三名通过公示到")
    assert reverse("publish:pdf", args=[notice.pk]) in essence
    assert " style=" not in page
    assert "<script>" not in page


@pytest.mark.parametrize("kind", [key for key, kind in kinds.KINDS.items() if kind.form == "notice"])
def test_every_posted_kind_has_its_page(issue: Issue, client: Client, kind: str) -> None:
    notice = issue(kind)

    page = client.get(f"/notices/{notice.pk}/")

    assert page.status_code == 200
    assert " style=" not in text(page)


@pytest.mark.parametrize("count", [1, 3])
def test_the_permanent_page_has_a_query_budget(
    issue: Issue,
    client: Client,
    resident: User,
    hire: Hire,
    community: Unit,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    notice = issue("roll", now=clock.now())
    for number in range(count):
        file_objection(notice, text="面积不对。", by=hire("resident", community, f"张{number}号"))

    # Name of the community, notice, variants, objections.
    with django_assert_num_queries(4):
        client.get(f"/notices/{notice.pk}/")


def test_html_in_facts_appears_as_text(issue: Issue, client: Client) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7|add:7 }}"
    facts = {**kinds.example("topic_list"), "title": hostile, "paragraphs": [hostile], "addressee": hostile}

    notice = issue("topic_list", facts=facts)

    for address in (f"/notices/{notice.pk}/", "/notices/", "/notices/kiosk/", "/notices/feed.atom"):
        page = text(client.get(address))
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script" in page
        assert "{{ 7|add:7 }}" in page


def test_a_number_leads_to_its_page(issue: Issue, client: Client) -> None:
    notice = issue()

    assert client.get("/notices/平城社区〔2026〕1号/").headers["Location"] == f"/notices/{notice.pk}/"
    assert client.get("/notices/平城社区〔2026〕2号/").status_code == 404


def test_foreign_and_absurd_ids_are_not_found(issue: Issue, seen: Seen, secretary: User) -> None:
    issue()
    client = seen(secretary)

    for pk in ("0", "999999", "9" * 30):
        for tail in ("", "pdf", "object/", "objections/", "postings/", "withdraw/", "variants/poster/"):
            assert client.get(f"/notices/{pk}/{tail}").status_code == 404, (pk, tail)
        for address in ("objections/{}/acknowledge/", "objections/{}/rule/", "postings/{}/photo/", "{}/retry/"):
            assert client.post(f"/notices/{address.format(pk)}").status_code in {302, 404}, (pk, address)
        assert client.get(f"/notices/evidence/{pk}/").status_code == 404


def test_the_pdf_is_the_frozen_file(issue: Issue, client: Client) -> None:
    notice = issue()

    response = client.get(f"/notices/{notice.pk}/pdf")

    assert hashlib.sha256(response.content).hexdigest() == notice.file_hash
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''")
    again = client.get(f"/notices/{notice.pk}/pdf", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"/notices/{notice.pk}/pdf?download").headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"/notices/{notice.pk}/pdf?variant=poster").status_code == 404
    assert client.get(f"/notices/{notice.pk}/pdf?variant=../../etc").status_code == 404


def test_a_file_that_storage_has_lost_is_said_not_thrown(issue: Issue, client: Client) -> None:
    notice = issue()
    notice.file.storage.delete(str(notice.file))

    assert client.get(f"/notices/{notice.pk}/pdf").status_code == 404


def test_a_poster_is_made_when_somebody_asks(
    issue: Issue, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    notice = issue()

    assert client.get(f"/notices/{notice.pk}/variants/poster/").status_code == 404
    client.post(f"/notices/{notice.pk}/variants/poster/ask/")
    waiting = client.get(f"/notices/{notice.pk}/variants/poster/")
    assert (waiting.status_code, waiting.headers["Refresh"]) == (200, "2")
    with django_capture_on_commit_callbacks(execute=True):
        Rendering.objects.all().delete()
        client.post(f"/notices/{notice.pk}/variants/poster/ask/")
        client.post(f"/notices/{notice.pk}/variants/poster/ask/")
    assert client.get(f"/notices/{notice.pk}/variants/poster/").status_code == 302

    poster = client.get(f"/notices/{notice.pk}/pdf?variant=poster")
    assert poster.content == small_engine(notice.paper or {}, variant="poster")
    digest = hashlib.sha256(poster.content).hexdigest()
    assert client.get(f"/api/v1/verify/{digest}").json()["number"] == notice.number
    assert client.post(f"/notices/{notice.pk}/variants/cinema/ask/").status_code == 302
    assert Rendering.objects.count() == 1


def test_papers_in_preparation_and_letters_are_not_shown_to_strangers(
    issue: Issue, seen: Seen, community: Unit, resident: User, secretary: User, hire: Hire
) -> None:
    letter = issue("minutes", recipient=resident)
    preparing = issue_notice(kind="roll", facts=kinds.example("roll"), issuer=community, by=secretary)

    assert seen(secretary).get(f"/notices/{preparing.pk}/").headers["Refresh"] == "2"

    for notice, allowed in ((preparing, [secretary]), (letter, [secretary, resident])):
        for person in (None, resident, hire("resident", community), secretary):
            status = seen(person).get(f"/notices/{notice.pk}/").status_code
            assert status == 200 if person in allowed else status in {302, 403, 404}, (notice, person)
            pdf = seen(person).get(f"/notices/{notice.pk}/pdf").status_code
            expected = 200 if notice == letter and person in allowed else None
            assert pdf == expected if expected else pdf in {302, 403, 404}, (notice, person)


def test_the_page_behind_the_code_says_valid_superseded_withdrawn_or_unknown(
    issue: Issue, client: Client, secretary: User
) -> None:
    first = issue("roll")
    second = issue("roll", supersedes=first)
    third = withdraw_notice(issue("roll"), reason="面积有误", by=secretary)

    def said(digest: str) -> tuple[int, str]:
        page = client.get(f"/notices/verify/{digest}/")
        return page.status_code, re.sub(r"<[^>]+>|\s", "", re.search(r"<h1>(.*?)</h1>", text(page), re.DOTALL)[1])  # type: ignore[index] # there is a heading

    assert said(second.content_hash) == (200, "有效")
    assert said(second.content_hash.upper()) == (200, "有效")
    assert said(f" {second.content_hash[:32]} {second.content_hash[32:]}") == (200, "有效")
    assert said(second.file_hash) == (200, "有效")
    assert said(first.content_hash) == (200, "已被替代")
    assert second.number in text(client.get(f"/notices/verify/{first.content_hash}/"))
    assert said(third.content_hash) == (200, "已撤回")
    assert said("0" * 64) == (404, "查无此件")
    assert said("nonsense") == (404, "查无此件")


def test_a_letter_is_verified_without_telling_what_it_says(issue: Issue, client: Client, resident: User) -> None:
    letter = issue("minutes", recipient=resident)

    page = text(client.get(f"/notices/verify/{letter.content_hash}/"))

    assert letter.number in page
    assert letter.title not in page
    told = client.get(f"/api/v1/verify/{letter.content_hash}").json()
    assert (told["state"], told["title"], told["url"]) == ("valid", None, None)


def test_the_printed_address_is_the_page(issue: Issue, settings: Any) -> None:
    notice = issue()

    assert notice.paper is not None
    assert notice.paper["verify_url"] == settings.PUBLIC_URL + reverse("publish:verify", args=[notice.content_hash])


def test_a_pdf_can_be_uploaded_where_the_browser_cannot_compare(issue: Issue, client: Client) -> None:
    notice = issue()
    with notice.file.open() as file:
        data = file.read()

    def upload(content: bytes) -> str:
        answer = client.post("/notices/verify/", {"file": SimpleUploadedFile("a.pdf", content)})
        return answer.headers["Location"]

    assert upload(data) == f"/notices/verify/{notice.file_hash}/"
    changed = bytes([data[0] ^ 1]) + data[1:]
    assert client.get(upload(changed)).status_code == 404
    assert client.post("/notices/verify/").status_code == 422


def test_the_feed_is_atom_with_files(issue: Issue, client: Client, secretary: User) -> None:
    notice = issue()
    issue("minutes")

    feed = ET.fromstring(client.get("/notices/feed.atom").content)  # noqa: S314 - our own words

    names = {"a": "http://www.w3.org/2005/Atom"}
    entries = feed.findall("a:entry", names)
    assert [entry.findtext("a:id", None, names) for entry in entries] == [f"urn:wuyi:notice:{notice.content_hash}"]
    links = {link.get("rel"): link.get("href") for link in entries[0].findall("a:link", names)}
    assert links["enclosure"] == f"http://127.0.0.1:8000/notices/{notice.pk}/pdf"


def test_the_calendar_has_last_days_and_meetings_in_folded_lines(issue: Issue, client: Client) -> None:
    notice = issue(
        "meeting_notice", now=clock.now(), facts={**kinds.example("meeting_notice"), "place": "厅;一,二" * 20}
    )

    answer = client.get("/notices/calendar.ics")

    lines = answer.content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    whole = answer.content.decode().replace("\r\n ", "")
    assert notice.ends_on is not None
    assert f"DTSTART;VALUE=DATE:{notice.ends_on:%Y%m%d}" in whole
    assert f"UID:{notice.content_hash}-meeting@wuyi" in whole
    assert "LOCATION:厅\\;一\\,二" in whole
    assert whole.count("BEGIN:VEVENT") == whole.count("END:VEVENT") == 2


def test_the_sitemap_lists_public_pages(issue: Issue, client: Client) -> None:
    notice = issue()
    issue("minutes")

    assert text(client.get("/notices/sitemap.xml")).count("<url>") == 1
    assert f"/notices/{notice.pk}/</loc>" in text(client.get("/notices/sitemap.xml"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_kiosk_shows_running_notices(
    issue: Issue, client: Client, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        issue("vote_result")

    with django_assert_num_queries(1):
        page = text(client.get("/notices/kiosk/"))
    slides = client.get("/notices/kiosk/slides/")

    assert page.count("data-kiosk-slide") == count
    assert text(slides).count("data-kiosk-slide") == count
    assert slides.headers["Cache-Control"] == "no-store"
    assert " style=" not in page


def test_every_page_of_the_board_says_when_it_is_over(issue: Issue, client: Client) -> None:
    issue("topic_list", now=at(2026, 11, 20))

    assert dt.date(2026, 11, 27) == Notice.objects.get().ends_on
    assert "11月27日" in text(client.get("/notices/"))


def test_a_wide_table_carries_its_headings_in_its_cells_for_phones(issue: Issue, client: Client) -> None:
    page = text(client.get(f"/notices/{issue('vote_result').pk}/"))

    tables = re.findall(r"<table data-wide.*?</table>", page, re.DOTALL)
    assert [re.findall(r'data-label="([^"]*)"', table)[:6] for table in tables[:2]] == [
        ["选项", "人数", "人数占比", "面积（平方米）", "面积占比", "选项"],
        ["条件", "计算基数", "标准", "应达到", "实际", "结论"],
    ]


@pytest.mark.parametrize("address", ["/", "/notices/", "/notices/{pk}/", "/notices/{pk}/object/", "/notices/kiosk/"])
def test_a_period_in_working_days_says_how_many_of_those_are_left(issue: Issue, client: Client, address: str) -> None:
    notice = issue("rectification_notice")

    page = text(client.get(address.format(pk=notice.pk)))

    assert (notice.mode, notice.ends_on) == ("working", dt.date(2026, 11, 30))
    assert "（剩5个工作日）" in page
    assert "（剩7天）" not in page
