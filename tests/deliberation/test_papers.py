"""Letters, forms and records that the moves write: what stands in them, and who may see them."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Notification
from core.requirements import RequirementsNotMet
from deliberation import operations
from deliberation.models import Proposal
from deliberation.stages import Status
from publish import press
from publish.models import Notice
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]


def _as(user: Any) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def _paper(world: World, purpose: str) -> Notice:
    return world.p.notice_links.filter(purpose=purpose).latest("id").notice


def _asked(client: Client, letter: Notice) -> bool:
    """Return whether asking for a poster of the letter gets one made."""
    client.post(reverse("publish:ask_for_variant", args=[letter.pk, "poster"]))
    return letter.renderings.exists()


def test_the_registration_form_is_written_when_the_desk_signs_for_it(world: World) -> None:
    world.register()

    world.do(operations.acknowledge_proposal, world.p, by=world.grid_worker)

    form = _paper(world, "registration")
    assert (form.kind, form.status, form.is_public, form.recipient) == (
        "registration_form", "posted", False, world.proposer,
    )  # fmt: skip
    assert form.facts == {
        "title": "居民提议登记表",
        "matter": "3幢2单元加装电梯",
        "proposer": "赵一",
        "phone": form.facts["phone"],
        "place": form.facts["place"],
        "category": "加装电梯",
        "source": form.facts["source"],
        "content": "六层楼，老人上下楼困难，希望加装一部电梯。",
        "cosigners": 0,
        "submitted_at": "2026-03-02T09:00",
        "receiver": "丁格",
    }


def test_an_acceptance_is_a_letter_to_the_proposer(world: World) -> None:
    world.walk_to(Status.ACCEPTED)

    letter = _paper(world, "letter")

    assert (letter.kind, letter.recipient, letter.is_public) == ("acceptance_letter", world.proposer, False)
    assert letter.number.endswith("函〔2026〕1号")
    assert (letter.facts["addressee"], letter.facts["received_on"], letter.facts["due_on"]) == (
        "赵一", "2026-03-02", world.p.due_on.isoformat() if world.p.due_on else "",
    )  # fmt: skip
    told = Notification.objects.filter(user=world.proposer, url=f"/notices/{letter.pk}/")
    assert [one.text for one in told] == ["您有一份受理通知书：关于3幢2单元加装电梯提议的受理通知书。"]


def test_a_return_says_what_is_missing_and_until_when(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    world.do(operations.request_supplement, world.p, by=world.secretary, reason="请补充现场照片。\n请写明位置。")

    letter = _paper(world, "letter")
    assert letter.kind == "return_letter"
    assert (letter.facts["reasons"], letter.facts["due_on"]) == (["请补充现场照片。", "请写明位置。"], "2026-03-16")


def test_a_rejection_gives_the_reason_and_the_way_to_appeal(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    world.do(
        operations.reject_proposal,
        world.p,
        by=world.secretary,
        reason_code="private_matter",
        reason="请向调解委员会申请。",
    )

    letter = _paper(world, "letter")
    assert letter.kind == "rejection_letter"
    assert letter.facts["reasons"] == ["属于私人纠纷", "请向调解委员会申请。"]
    assert letter.facts["appeal_until"] == "2026-03-16"


def test_nobody_but_the_proposer_and_the_staff_sees_a_letter(world: World) -> None:
    world.walk_to(Status.ACCEPTED)
    letter = _paper(world, "letter")
    title = "提议的受理通知书"
    readers = {"proposer": world.proposer, "staff": world.member, "officer": world.officer}
    strangers = {"neighbour": world.residents[3], "outsider": world.outsider, "visitor": None}

    def answers(user: Any) -> tuple[Any, ...]:
        client = _as(user)
        full = client.get(f"/api/v1/proposals/{world.p.pk}").json()
        return (
            title in client.get(world.p.get_absolute_url()).content.decode(),
            [notice["purpose"] for notice in full["notices"]],
            client.get(f"/notices/{letter.pk}/").status_code,
            client.get(reverse("publish:pdf", args=[letter.pk])).status_code,
            client.get(f"/api/v1/notices/{letter.pk}").status_code,
            client.get(f"/api/v1/notices/{letter.number}").status_code,
            client.get(f"/api/v1/notices/{letter.pk}/pdf").status_code,
            _asked(client, letter),
        )

    for name, user in strangers.items():
        shown, purposes, page, pdf, *api, variant = answers(user)
        assert (name, shown, purposes, variant, api) == (name, False, [], False, [404, 404, 404])
        assert {page, pdf} <= {302, 403, 404}, name
    assert {name: answers(user) for name, user in readers.items()} == dict.fromkeys(
        readers, (True, ["letter"], 200, 200, 200, 200, 200, True)
    )


def test_a_letter_is_on_no_list_and_its_hash_tells_nothing_of_what_it_says(world: World) -> None:
    world.walk_to(Status.ACCEPTED)
    letter = _paper(world, "letter")
    visitor = Client()

    lists = [
        visitor.get(address).content.decode()
        for address in (
            "/notices/?state=all",
            "/notices/feed.atom",
            "/notices/sitemap.xml",
            "/notices/kiosk/?unit=" + world.community.code,
            "/api/v1/notices",
        )
    ]
    verdict = visitor.get(f"/api/v1/verify/{letter.content_hash}").json()

    assert [page for page in lists if "受理通知书" in page or f"/notices/{letter.pk}/" in page] == []
    assert (verdict["state"], verdict["number"], verdict["title"], verdict["url"]) == (
        "valid", letter.number, None, None,
    )  # fmt: skip
    assert "受理通知书" in visitor.get(f"/notices/verify/{letter.content_hash}/").content.decode()
    assert "3幢2单元" not in visitor.get(f"/notices/verify/{letter.content_hash}/").content.decode()


def test_a_letter_to_somebody_without_an_account_is_for_the_staff_to_hand_over(world: World) -> None:
    world.register(proposer_name="李秀英", proposer_phone="13900001234", by=world.grid_worker)
    world.accept()

    letter = _paper(world, "letter")

    assert (letter.facts["addressee"], letter.recipient) == ("李秀英", None)
    assert _as(world.residents[3]).get(f"/notices/{letter.pk}/").status_code == 403
    page = _as(world.secretary).get(f"/notices/{letter.pk}/")
    assert (page.status_code, "已印发" in page.content.decode(), "公示中" in page.content.decode()) == (
        200,
        True,
        False,
    )


def test_a_character_without_glyph_does_not_keep_the_office_from_answering(world: World) -> None:
    world.register(title="装电梯😀", body="盼望😀")

    world.do(operations.acknowledge_proposal, world.p, by=world.member)
    world.do(operations.reject_proposal, world.p, by=world.secretary, reason_code="out_of_scope")

    assert _paper(world, "registration").facts["content"] == "盼望〓"
    assert _paper(world, "letter").facts["matter"] == "装电梯〓"
    assert press.with_drawable({"a": ["好😀", 1], "b": {"c": "题"}}) == {"a": ["好〓", 1], "b": {"c": "题"}}


def test_what_is_refused_writes_no_letter(world: World) -> None:
    world.register()

    with pytest.raises(RequirementsNotMet):
        world.do(operations.accept_proposal, world.p, by=world.secretary)

    assert Notice.objects.count() == 0


def test_the_archive_index_lists_every_document_once_the_report_has_its_number(world: World) -> None:
    world.walk_to(Status.ARCHIVED)

    index = _paper(world, "archive")
    listed = index.facts["documents"]

    assert (index.kind, index.recipient, index.is_public) == ("archive_index", world.proposer, False)
    numbers = [line["number"] for line in listed]
    assert all(numbers)
    assert len(set(numbers)) == len(numbers)
    others = Notice.objects.exclude(pk=index.pk)
    assert set(numbers) == set(others.values_list("number", flat=True))
    assert {line["hash"] for line in listed} == set(others.values_list("content_hash", flat=True))
    again = operations.file_archive_index(Proposal.objects.get(pk=world.p.pk))
    assert again == index


def test_there_is_no_index_before_the_archive(world: World) -> None:
    world.walk_to(Status.ACCEPTED)

    assert operations.file_archive_index(world.p) is None


def test_the_papers_of_settling_and_carrying_out(world: World) -> None:
    world.walk_to(Status.EXECUTING)
    task = world.p.tasks.get(owner=world.member)
    world.do(operations.order_follow_up, task, by=world.supervisor, text="三日内答复。")

    opinion, study = _paper(world, "legality"), _paper(world, "party_study")
    resolution, tasks, order = _paper(world, "resolution"), _paper(world, "responsibility"), _paper(world, "follow_up")

    assert (opinion.is_public, opinion.facts["conclusion"], opinion.facts["points"]) == (
        False, "lawful", ["符合民法典第二百七十八条。"],
    )  # fmt: skip
    assert (study.is_public, study.facts["due"], study.facts["attended"]) == (False, 9, 8)
    assert (resolution.is_public, resolution.facts["content"][0]) == (True, "在3幢2单元北侧加装一部电梯。")
    assert [(line["task"], line["owner"]) for line in tasks.facts["tasks"]] == [
        ("签订施工合同", "贾**"), ("验收", "物业公司"),
    ]  # fmt: skip
    assert tasks.facts["resolution"] == resolution.number
    assert (order.recipient, order.facts["requirements"], order.facts["round"]) == (world.member, ["三日内答复。"], 1)
    assert "贾记明" not in json.dumps(tasks.facts, ensure_ascii=False)
