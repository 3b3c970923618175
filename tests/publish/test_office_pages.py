"""The office's pages and the resident's objection, as they meet them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from community.models import Unit, User
from core.actors import SYSTEM
from publish import kinds
from publish.models import EvidencePhoto, Notice, NoticeStatus, Objection
from publish.operations import (
    acknowledge_objection,
    file_objection,
    issue_notice,
    publish_notice,
    rule_on_objection,
)
from tests.publish.conftest import Hire, Issue
from tests.publish.test_postings import picture

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
Seen = Callable[[User | None], Client]
UPHELD = ["更正名册，重新公示", "结果不生效，报街道处理", "退回重办"]


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_failed_paper_shows_why_and_can_be_tried_again(
    seen: Seen, community: Unit, secretary: User, django_capture_on_commit_callbacks: Any
) -> None:
    def engine(_paper: dict[str, Any]) -> bytes:
        raise ZeroDivisionError

    notice = issue_notice(kind="roll", facts=kinds.example("roll"), issuer=community, by=secretary)
    publish_notice(notice.pk, engine=engine)
    client = seen(secretary)

    assert "排版程序出错" in text(client.get(f"/notices/{notice.pk}/"))
    assert "排版程序出错" in text(client.get("/notices/desk/"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/notices/{notice.pk}/retry/")
    assert Notice.objects.get(pk=notice.pk).status == NoticeStatus.POSTED


def test_a_resident_objects_on_the_page(issue: Issue, seen: Seen, resident: User) -> None:
    notice = issue("roll")
    client = seen(resident)

    assert 'name="phone"' not in text(client.get(f"/notices/{notice.pk}/object/"))
    assert client.post(f"/notices/{notice.pk}/object/", {"text": "漏了我家"}).status_code == 422
    answer = client.post(f"/notices/{notice.pk}/object/", {"text": "漏了我家", "is_mine": "on"})

    assert answer.headers["Location"] == f"/notices/{notice.pk}/"
    assert Objection.objects.get().user == resident
    twice = client.post(f"/notices/{notice.pk}/object/", {"text": "再说", "is_mine": "on"})
    assert twice.status_code == 422
    assert "已经收到" in text(twice)


def test_a_visitor_objects_with_name_and_phone_and_not_endlessly(issue: Issue, client: Client) -> None:
    notice = issue("roll")
    form = {"text": "面积不对", "is_mine": "on"}

    assert client.post(f"/notices/{notice.pk}/object/", form).status_code == 422
    for number in range(20):
        sent = {**form, "name": f"张{number}", "phone": f"138000000{number:02}"}
        assert client.post(f"/notices/{notice.pk}/object/", sent, REMOTE_ADDR="10.9.8.7").status_code == 302
    over = client.post(
        f"/notices/{notice.pk}/object/", {**form, "name": "张", "phone": "13900000000"}, REMOTE_ADDR="10.9.8.7"
    )
    assert over.status_code in {409, 429}
    assert Objection.objects.count() == 20


@pytest.mark.parametrize("count", [1, 3])
def test_the_office_works_through_objections(
    issue: Issue, seen: Seen, secretary: User, hire: Hire, community: Unit, count: int, django_assert_num_queries: Any
) -> None:
    notice = issue("roll")
    for number in range(count):
        file_objection(notice, text="<b>漏了</b>", by=hire("resident", community, f"李{number}"))
    client = seen(secretary)

    with django_assert_num_queries(10):
        page = text(client.get(f"/notices/{notice.pk}/objections/"))
    assert "&lt;b&gt;漏了&lt;/b&gt;" in page
    objection = Objection.objects.order_by("id")[0]
    client.post(f"/notices/objections/{objection.pk}/acknowledge/")
    client.post(f"/notices/objections/{objection.pk}/rule/", {"upheld": "no", "ruling": "名册无误"})
    objection.refresh_from_db()
    assert (objection.status, objection.ruling) == ("dismissed", "名册无误")


def test_strangers_neither_see_nor_decide_objections(
    issue: Issue, seen: Seen, resident: User, hire: Hire, neighbours: Unit
) -> None:
    notice = issue("roll")
    objection = file_objection(notice, text="漏了我家，电话在此", by=resident)

    for person in (None, resident, hire("secretary", neighbours)):
        client = seen(person)
        assert client.get(f"/notices/{notice.pk}/objections/").status_code in {302, 403}
        assert client.get(f"/notices/{notice.pk}/postings/").status_code in {302, 403}
        assert client.get(f"/notices/{notice.pk}/withdraw/").status_code in {302, 403}
        assert client.post(f"/notices/objections/{objection.pk}/acknowledge/").status_code == 403
        assert (
            client.post(f"/notices/objections/{objection.pk}/rule/", {"upheld": "yes", "ruling": "行"}).status_code
            == 403
        )
        client.post(f"/notices/{notice.pk}/withdraw/", {"reason": "坏"})
        page = text(client.get(f"/notices/{notice.pk}/"))
        assert "漏了我家" not in page
        assert resident.phone not in page
    assert Objection.objects.get().status == "received"
    assert Notice.objects.get().status == NoticeStatus.POSTED


def test_the_office_uploads_proof_of_posting(issue: Issue, seen: Seen, secretary: User, resident: User) -> None:
    notice = issue("topic_list")
    posting = notice.postings.all()[0]
    client = seen(secretary)
    photo = SimpleUploadedFile("p.jpg", picture().read(), content_type="image/jpeg")

    client.post(f"/notices/postings/{posting.pk}/photo/", {"moment": "start", "view": "wide", "photo": photo})
    client.post(f"/notices/postings/{posting.pk}/damage/", {"damage": "撕毁"})
    client.post(f"/notices/postings/{posting.pk}/repost/", {})
    client.post(f"/notices/{notice.pk}/postings/add/", {"place": "3幢门厅"})
    client.post(f"/notices/postings/{posting.pk}/photo/", {"moment": "start"})

    evidence = EvidencePhoto.objects.get()
    page = text(client.get(f"/notices/{notice.pk}/postings/"))
    assert f"/notices/evidence/{evidence.pk}/" in page
    assert "累计缺失1天" in page
    assert "3幢门厅" in page
    assert "请选择时点、景别和照片。" in page
    assert client.get(f"/notices/evidence/{evidence.pk}/").headers["Content-Type"] == "image/jpeg"
    assert seen(resident).get(f"/notices/evidence/{evidence.pk}/").status_code == 403
    assert client.post(f"/notices/postings/{posting.pk}/damage/", {"damage": "撕毁"}).status_code == 302
    posting.refresh_from_db()
    assert posting.damaged_on is None


def test_withdrawing_on_the_page_asks_for_the_reason(issue: Issue, seen: Seen, secretary: User) -> None:
    notice = issue()
    client = seen(secretary)

    assert client.post(f"/notices/{notice.pk}/withdraw/", {"reason": ""}).status_code == 422
    client.post(f"/notices/{notice.pk}/withdraw/", {"reason": "面积有误"})

    assert "理由：面积有误" in text(client.get(f"/notices/{notice.pk}/"))
    assert client.get(f"/notices/{notice.pk}/pdf").status_code == 200


def test_the_desk_shows_what_waits_by_unit(
    issue: Issue, seen: Seen, resident: User, secretary: User, hire: Hire, neighbours: Unit
) -> None:
    file_objection(issue("roll"), text="漏了", by=resident)

    assert "受理" in text(seen(secretary).get("/notices/desk/"))
    assert "没有待办的异议" in text(seen(hire("director", neighbours)).get("/notices/desk/"))
    assert seen(resident).get("/notices/desk/").status_code == 403
    assert seen(None).get("/notices/desk/").status_code == 302


def test_an_upheld_objection_is_counted_in_public_without_names(
    issue: Issue, client: Client, resident: User, secretary: User
) -> None:
    notice = issue("roll")
    objection = file_objection(notice, text="漏了我家", by=resident)
    acknowledge_objection(objection, by=secretary)
    rule_on_objection(objection, upheld=True, ruling="属实", by=secretary)

    page = text(client.get(f"/notices/{notice.pk}/"))

    assert "收到1件：成立1件，不成立0件" in page
    assert "欧阳修" not in page


def test_what_follows_an_upheld_objection_is_said_in_the_words_of_the_paper(
    issue: Issue, seen: Seen, secretary: User
) -> None:
    client = seen(secretary)
    said = []
    for kind in ("roll", "vote_result", "implementation_result"):
        notice = issue(kind)
        objection = file_objection(notice, text="不对。", by=SYSTEM, name="张三", phone="13800001234")
        acknowledge_objection(objection, by=secretary)
        form = text(client.get(f"/notices/{notice.pk}/objections/"))
        asked = text(Client().get(f"/notices/{notice.pk}/object/"))
        said += [next(word for word in UPHELD if f"异议成立，{word}" in form and f"异议成立的，{word}。" in asked)]

    assert said == UPHELD
