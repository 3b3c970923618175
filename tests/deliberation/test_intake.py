"""The intake: who may take a proposal back, what it may be merged into, until when it is signed for, how many a day."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from community.models import User
from core import ledger, photos
from core.errors import BadInput, NotAllowed
from core.requirements import RequirementsNotMet
from deliberation import operations, queries
from deliberation.models import Proposal
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


@pytest.fixture
def world() -> World:
    return World()


def _as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _text(response: Any) -> str:
    return str(response.content.decode())


def test_the_desk_takes_back_only_for_somebody_without_an_account_at_their_recorded_request(world: World) -> None:
    world.register(by=world.grid_worker, source="desk", proposer_name="何奶奶", proposer_phone="13800001234")
    url = reverse("deliberation:move", args=[world.p.pk, "withdraw"])
    client = _as(world.secretary)

    for request in ("", " ", "说" * 201):
        with pytest.raises(BadInput) as refused:
            world.do(operations.withdraw_proposal, world.p, by=world.secretary, reason="不办了", request=request)
        assert refused.value.field == "request"
    asked = _text(client.get(url))
    unasked = client.post(url, {"reason": "不办了"})
    still = Proposal.objects.get().status
    done = client.post(url, {"reason": "已自行解决", "request": "3月2日本人到窗口当面提出"})

    assert 'name="request"' in asked
    assert (unasked.status_code, still) == (422, Status.SUBMITTED)
    assert (done.status_code, Proposal.objects.get().status) == (302, Status.WITHDRAWN)
    entry = ledger.entries_about(world.p).get(act="withdraw")
    assert (entry.reason, entry.after["request"]) == ("已自行解决", "3月2日本人到窗口当面提出")


def test_taking_back_is_not_offered_to_staff_where_the_proposer_can(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    url = reverse("deliberation:move", args=[world.p.pk, "withdraw"])
    staff, proposer = _as(world.secretary), _as(world.proposer)

    shown = [url in _text(client.get(world.p.get_absolute_url())) for client in (staff, proposer)]
    refused = staff.post(url, {"reason": "不办了", "request": "当面提出"}).status_code

    assert (shown, refused, Proposal.objects.get().status) == ([False, True], 403, Status.SUBMITTED)


def test_the_proposer_takes_it_back_without_being_asked(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    client = _as(world.proposer)
    url = reverse("deliberation:move", args=[world.p.pk, "withdraw"])

    page = _text(client.get(url))
    client.post(url, {"reason": "不办了"})

    assert 'name="request"' not in page
    assert Proposal.objects.get().status == Status.WITHDRAWN


@pytest.mark.parametrize(("status", "merges"), [(Status.READY_TO_VOTE, True), (Status.NOTICE_PERIOD, False)])
def test_nothing_is_merged_into_a_matter_that_is_being_decided(world: World, status: Status, *, merges: bool) -> None:
    world.walk_to(status)
    target = world.p
    other = operations.register_proposal(
        community=world.community, title="3幢装电梯", body="也要电梯", by=world.residents[4], now=world.now
    )

    def merge() -> Proposal:
        return operations.merge_proposals(other, into=target, by=world.secretary, reason="同一件事", now=world.now)

    if merges:
        assert merge().merged_into == target
    else:
        with pytest.raises(RequirementsNotMet, match="要并入的提案已经进入决议"):
            merge()


def test_receipt_is_due_the_next_working_day_and_screening_later(world: World) -> None:
    world.walk_to(Status.SUBMITTED)  # Monday 2 March 2026
    first = queries.work_of(world.secretary, now=world.now)

    world.do(operations.acknowledge_proposal, world.p, by=world.secretary)
    then = queries.work_of(world.secretary, now=world.now)

    assert [(row.verb, row.ends) for row in first] == [("签收", dt.date(2026, 3, 3))]
    assert [row.ends for row in then] == [dt.date(2026, 3, 9)]


def test_a_resident_writes_down_so_many_proposals_a_day(world: World, settings: Any) -> None:
    settings.PROPOSALS_A_DAY = 2
    words = {"body": "电动车没处充电", "category": "charging", "unit": world.entrance.pk}
    client, url = _as(world.proposer), reverse("deliberation:propose")

    answers = [client.post(url, {"title": f"第{number}件", **words}) for number in range(3)]
    other = _as(world.residents[5]).post(url, {"title": "别人的", **words})
    staff = [_as(world.grid_worker).post(url, {"title": f"窗口{n}", **words}).status_code for n in range(3)]

    assert [answer.status_code for answer in answers] == [302, 302, 422]
    assert "一个人一天最多提交2件提案" in _text(answers[2])
    assert (other.status_code, staff) == (302, [302, 302, 302])


def test_the_button_pressed_twice_hands_in_one_proposal(world: World) -> None:
    client, url = _as(world.proposer), reverse("deliberation:propose")
    words = {"title": "修充电棚", "body": "电动车没处充电", "category": "charging", "unit": world.entrance.pk}

    once, again = (client.post(url, words) for _time in range(2))
    other = _as(world.residents[5]).post(url, words)
    draft = client.post(url, {**words, "draft": "1"})

    assert once.headers["Location"] == again.headers["Location"]
    assert len({answer.headers["Location"] for answer in (once, other, draft)}) == 3
    assert Proposal.objects.count() == 3


def test_the_place_is_asked_and_none_is_chosen_beforehand(world: World) -> None:
    client, url = _as(world.proposer), reverse("deliberation:propose")
    words = {"title": "修充电棚", "body": "电动车没处充电", "category": "charging"}

    page = _text(client.get(url))
    missing = client.post(url, words)
    whole = client.post(url, {**words, "unit": world.community.pk})

    assert '<option value="" selected>请选择</option>' in page
    assert f'<option value="{world.community.pk}">整个社区</option>' in page
    assert (missing.status_code, whole.status_code) == (422, 302)
    assert Proposal.objects.get().unit == world.community


def test_a_draft_takes_no_opinions(world: World) -> None:
    world.walk_to(Status.DRAFT)

    assert reverse("deliberation:opinion", args=[world.p.pk]) not in _text(
        _as(world.proposer).get(world.p.get_absolute_url())
    )


def test_the_desk_writes_down_whoever_is_there_with_a_way_to_reach_them(world: World) -> None:
    client, url = _as(world.grid_worker), reverse("deliberation:propose")
    words = {"title": "修充电棚", "body": "电动车没处充电", "category": "charging", "unit": world.community.pk}

    nameless = client.post(url, {**words, "source": "desk", "proposer_phone": "13800001234"})
    unreachable = client.post(url, {**words, "source": "desk", "proposer_name": "何奶奶"})
    stored = Proposal.objects.count()
    client.post(url, {**words, "source": "desk", "proposer_name": "何奶奶", "proposer_phone": "13800001234"})
    client.post(url, {**words, "title": "自己的事", "source": "desk"})

    assert (nameless.status_code, unreachable.status_code, stored) == (422, 422, 0)
    assert "请写能找到提案人的电话。" in _text(unreachable)
    assert "电动车没处充电" in _text(unreachable)
    assert list(Proposal.objects.order_by("pk").values_list("proposer_name", "source", "proposer")) == [
        ("何奶奶", "desk", None),
        ("", "resident", world.grid_worker.pk),
    ]


def test_a_draft_is_not_said_to_be_handed_in(world: World) -> None:
    words = {"title": "修充电棚", "body": "电动车没处充电", "category": "charging", "unit": world.community.pk}

    page = _as(world.proposer).post(reverse("deliberation:propose"), {**words, "draft": "1"}, follow=True)

    assert "已存为草稿，只有您看得到。" in _text(page)
    assert "已提交" not in _text(page)


def _photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(out, "PNG")
    out.seek(0)
    return out


@pytest.mark.django_db(transaction=True)
def test_photos_are_unfolded_before_anything_is_locked_and_none_stays_behind(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.PROPOSALS_A_DAY = tmp_path, 1
    locked, unfold = [], photos._reencoded

    def watched(data: bytes, field: str) -> bytes:
        locked.append(connection.in_atomic_block)
        return unfold(data, field)

    monkeypatch.setattr(photos, "_reencoded", watched)

    with pytest.raises(BadInput) as many:
        world.register(photos=[_photo() for _n in range(10)])
    first = world.register(submit=False, photos=[_photo(), _photo()])
    again = world.register(submit=False, photos=[_photo(), _photo()])
    with pytest.raises(operations.TooManyProposals):
        world.register(title="又一件", photos=[_photo()])
    words = {"by": world.p.proposer, "title": "改过的题目", "body": "改过的内容"}
    world.do(operations.edit_proposal, world.p, photos=[_photo()], **words)
    with pytest.raises(BadInput):
        world.do(operations.edit_proposal, world.p, photos=[_photo() for _n in range(7)], **words)
    with pytest.raises(NotAllowed):
        world.do(operations.edit_proposal, world.p, photos=[_photo()], **words | {"by": world.residents[5]})

    assert (many.value.field, again.pk, locked) == ("photos", first.pk, [False] * 4)
    assert len(list(tmp_path.rglob("*.jpg"))) == world.p.photos.count() == 3


def test_the_photo_of_a_draft_is_kept_by_no_cache(world: World, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    world.register(submit=False, photos=[_photo()])
    url = reverse("deliberation:photo", args=[world.p.pk, 0])
    client = _as(world.proposer)

    draft = client.get(url)
    world.do(operations.submit_proposal, world.p, by=world.proposer)
    public = client.get(url)

    assert (draft.status_code, draft["Cache-Control"]) == (200, "private, no-store")
    assert public["Cache-Control"].startswith("public")
