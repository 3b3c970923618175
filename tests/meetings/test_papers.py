"""Papers of the agenda: handed out three days ahead, bounded and harmless, read by who was invited."""

import datetime as dt
import io
import zlib
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape
from PIL import Image

from core import qr
from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry, Notification
from core.requirements import RequirementsNotMet
from meetings import intake
from meetings.models import AgendaPaper, Meeting
from meetings.operations import add_paper, close_meeting, next_agenda_item, open_meeting, withdraw_paper
from meetings.queries.live import message_of
from meetings.queries.minutes import record_of, text_of
from meetings.queries.situation import situation_of
from meetings.queries.steps import steps_in
from tests.meetings.makers import TODAY, Place, bring_in, convene

pytestmark = [pytest.mark.django_db]
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
DAY = dt.timedelta(days=1)


@pytest.fixture
def meeting(place: Place) -> Meeting:
    return convene(place)


def picture() -> io.BytesIO:
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010E] = "SECRET"
    Image.new("RGB", (40, 30), "red").save(out, "PNG", exif=exif)
    out.seek(0)
    return out


def hand_out(meeting: Meeting, place: Place, *, at: dt.datetime = TODAY, title: str = "预算") -> AgendaPaper:
    item = meeting.agenda.get(position=2)
    return add_paper(item=item, title=title, file=io.BytesIO(PDF), by=place.recorder, now=at)


def test_a_paper_is_kept_told_and_written_down(place: Place, meeting: Meeting) -> None:
    paper = hand_out(meeting, place)

    assert (paper.kind, paper.size, paper.item.position) == ("pdf", len(PDF), 2)
    assert LedgerEntry.objects.get(act="add_agenda_paper").document_hash == paper.digest
    told = Notification.objects.filter(text="会议材料：预算（3幢2单元加装电梯议事会）")
    assert told.count() == meeting.attendances.exclude(user=None).count()
    assert [line["papers"] for line in message_of("agenda", meeting, 1)["items"]] == [[], ["预算"]]


def test_a_picture_loses_what_is_not_picture(place: Place, meeting: Meeting, client: Client) -> None:
    paper = add_paper(item=meeting.agenda.get(position=1), title="现场", file=picture(), by=place.recorder, now=TODAY)
    client.force_login(place.members[0])

    answer = client.get(f"/meetings/{meeting.pk}/papers/{paper.pk}/file")

    assert (paper.kind, answer["Content-Type"], answer["X-Content-Type-Options"]) == ("photo", "image/jpeg", "nosniff")
    assert len(answer.content) == paper.size
    assert b"SECRET" not in answer.content


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"MZ\x90\x00", "这不是可用的照片"),
        (PDF.replace(b"%%EOF", b""), "这个 PDF 不完整"),
        (PDF.replace(b"/Root", b"/Encrypt 2 0 R /Root"), "加了密"),
        (PDF.replace(b"/Type", b"/OpenAction << /S /JavaScript /JS (x) >> /Type"), "带有脚本、动作或者附件"),
        (PDF.replace(b"/Type", b"/#4aavaScript 3 0 R /Type"), "带有脚本、动作或者附件"),
        (
            PDF.replace(
                b"trailer",
                b"2 0 obj << /Type /ObjStm >> stream\n" + zlib.compress(b"<< /S /Launch >>") + b"\nendstream\ntrailer",
            ),
            "带有脚本、动作或者附件",
        ),
        (
            PDF.replace(
                b"trailer",
                b"/ObjStm " * 3
                + b"stream\n"
                + zlib.compress(b"<< /S /Launch >>" + b" " * 2**21, 0)[:-9]
                + b"damaged\nendstream\n",
            ),
            "带有脚本、动作或者附件",
        ),
    ],
)
def test_what_is_not_taken(place: Place, meeting: Meeting, data: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        add_paper(item=meeting.agenda.get(position=1), title="材料", file=io.BytesIO(data), by=place.recorder)

    assert AgendaPaper.objects.count() == 0


def test_a_paper_made_to_be_searched_for_ever_is_searched_once() -> None:
    """A pattern would begin anew at each of 200,000 names: hours, in which nobody else is answered."""
    data = PDF.replace(b"trailer", b"/ObjStm stream\n" * 200_000 + b"trailer")

    assert list(intake._packed_streams(data)) == []
    assert intake._acts(data) is False
    ended = data.replace(b"trailer", b"endstream trailer")
    assert [len(packed) for packed in intake._packed_streams(ended)] == [15 * 199_999]


def test_the_bounds(place: Place, meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_out(meeting, place)
    with pytest.raises(BadInput, match="同名"):
        hand_out(meeting, place)
    with pytest.raises(BadInput, match="材料名称"):
        hand_out(meeting, place, title="长" * 101)
    monkeypatch.setattr(intake, "MAX_BYTES", len(PDF) - 1)
    with pytest.raises(BadInput, match="不能超过 20 MB"):
        hand_out(meeting, place, title="太大")


def test_a_refused_picture_leaves_no_file(place: Place, meeting: Meeting) -> None:
    def photos() -> set[str]:
        found = set()
        for year in default_storage.listdir("photos")[0]:
            for month in default_storage.listdir(f"photos/{year}")[0]:
                found |= set(default_storage.listdir(f"photos/{year}/{month}")[1])
        return found

    item = meeting.agenda.get(position=1)
    add_paper(item=item, title="现场", file=picture(), by=place.recorder, now=TODAY)
    before = photos()

    with pytest.raises(BadInput, match="同名"):
        add_paper(item=item, title="现场", file=picture(), by=place.recorder, now=TODAY)

    assert photos() == before


def test_who_hands_out_and_until_when(place: Place, meeting: Meeting) -> None:
    item = meeting.agenda.get(position=1)
    with pytest.raises(NotAllowed):
        add_paper(item=item, title="材料", file=io.BytesIO(PDF), by=place.members[0])
    bring_in(meeting, place, place.members)
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    close_meeting(meeting=meeting, by=place.facilitator, reason="时间已到", now=meeting.starts_at)

    with pytest.raises(WrongStage):
        add_paper(item=item, title="材料", file=io.BytesIO(PDF), by=place.recorder)


@pytest.mark.parametrize(("days", "is_late"), [(3, False), (2, True)])
def test_three_days_ahead_and_not_one_less(place: Place, meeting: Meeting, days: int, is_late: bool) -> None:  # noqa: FBT001 - a table
    hand_out(meeting, place, at=meeting.starts_at - days * DAY)
    bring_in(meeting, place, place.members)
    situation = situation_of(meeting)
    with time_machine.travel(meeting.starts_at, tick=False):
        (step,) = [step for step in steps_in(situation, may=True) if step.key == "open"]

    said = "第2项的材料《预算》会前2日才发出，须提前3日"
    assert (situation.late_sentence(), step.needs, step.is_ready) == (said if is_late else "", "late" * is_late, True)
    if is_late:
        with pytest.raises(RequirementsNotMet, match=said):
            open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    opened = open_meeting(meeting=meeting, reason="情况紧急" * is_late, by=place.facilitator, now=meeting.starts_at)

    assert opened.phase == "open"
    assert LedgerEntry.objects.get(act="open_meeting").reason == "情况紧急" * is_late
    text = text_of(record_of(opened))
    assert f"材料：《预算》（会前{days}日发出）" in text
    assert ("仍然开会的理由：情况紧急" in text) is is_late


def test_what_is_to_be_voted_on_without_papers_is_said(place: Place, meeting: Meeting, client: Client) -> None:
    assert situation_of(meeting).bare_sentence() == "第2项要表决，还没有材料；材料须在会前3日发出。"
    client.force_login(place.recorder)
    assert "这项要表决，还没有材料。" in client.get(f"/meetings/{meeting.pk}/papers/").content.decode()
    assert "第2项要表决，还没有材料" in client.get(f"/meetings/{meeting.pk}/chair/").content.decode()

    hand_out(meeting, place)

    assert situation_of(meeting).bare_sentence() == ""


def test_a_paper_taken_back_is_gone_from_the_pages_and_not_from_the_record(
    place: Place, meeting: Meeting, client: Client
) -> None:
    paper = hand_out(meeting, place)
    with pytest.raises(BadInput):
        withdraw_paper(paper=paper, reason=" ", by=place.recorder)

    withdraw_paper(paper=paper, reason="数字有误", by=place.recorder)

    client.force_login(place.recorder)
    assert client.get(f"/meetings/{meeting.pk}/papers/{paper.pk}/file").status_code == 404
    assert LedgerEntry.objects.get(act="withdraw_agenda_paper").reason == "数字有误"
    assert hand_out(meeting, place).pk != paper.pk


def test_the_pages(place: Place, meeting: Meeting, client: Client) -> None:
    home = f"/meetings/{meeting.pk}"
    item = meeting.agenda.get(position=2)
    client.force_login(place.recorder)
    upload = {"item": item.pk, "title": "预算", "file": SimpleUploadedFile("a.pdf", PDF, "application/pdf")}

    client.post(f"{home}/papers/add/", upload)
    wrong = client.post(f"{home}/papers/add/", {"item": item.pk, "title": "没有文件"}, follow=True)

    paper = AgendaPaper.objects.get()
    assert "文件（PDF 或者图片）：" in wrong.content.decode()
    client.force_login(place.members[0])
    assert f"/papers/{paper.pk}/file" in client.get(f"{home}/").content.decode()
    page = client.get(f"{home}/papers/").content.decode()
    assert ("预算" in page, "发出材料" in page) == (True, False)
    file = client.get(f"{home}/papers/{paper.pk}/file")
    assert (file.content, file["Content-Type"]) == (PDF, "application/pdf")
    client.logout()
    assert client.get(f"{home}/papers/{paper.pk}/file").status_code in {302, 403}
    assert f"/papers/{paper.pk}/file" not in client.get(f"{home}/").content.decode()


def test_the_hall_shows_the_code_of_the_papers_page_with_the_present_item_first(
    place: Place, meeting: Meeting, client: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://wuyi.example"
    hand_out(meeting, place)
    bring_in(meeting, place, place.members)
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    for _item in range(2):
        next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    client.force_login(place.facilitator)

    hall = client.get(f"/meetings/{meeting.pk}/screen/").content.decode()
    page = client.get(f"/meetings/{meeting.pk}/papers/").content.decode()

    assert escape(qr.data_url(f"https://wuyi.example/meetings/{meeting.pk}/papers/")) in hall
    assert page.index("第2项 加装电梯") < page.index("第1项 通报意向征集情况")
