"""Pages: who sees what, what is missing beside the greyed button, refusals as sentences, bounded queries."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.clock import local_date
from deliberation import operations
from deliberation.models import CoSignature, Opinion, Proposal
from deliberation.queries import work_of
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]


def _as(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _text(response: Any) -> str:
    body = response.content.decode()
    main = body[body.index('<main class="page__main"') :]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", main))


def test_the_home_page_of_an_empty_community_helps(client: Client, world: World) -> None:
    response = client.get("/")

    assert response.status_code == 200
    assert "还没有提案。您家门口有什么想改的？" in _text(response)


def test_a_visitor_sees_where_a_proposal_is_and_what_is_missing(client: Client, world: World) -> None:
    world.walk_to(Status.ACCEPTED)

    text = _text(client.get(world.p.get_absolute_url()))

    assert "下一步：召集协商会" in text
    assert "还缺：议题清单还没有公示五议工作法议事规则" in text
    assert "还缺：利益相关方名单还没有确定五议工作法议事规则" in text
    assert "责任人：书记、主任" in text


def test_the_proposer_is_masked(client: Client, world: World) -> None:
    world.walk_to(Status.ACCEPTED)

    for url in (world.p.get_absolute_url(), "/proposals/", "/", "/api/v1/proposals", f"/api/v1/proposals/{world.p.pk}"):
        assert "赵一" not in client.get(url).content.decode()
        assert "贾记明" not in client.get(url).content.decode()


def test_a_draft_is_not_there_for_others(client: Client, world: World) -> None:
    world.walk_to(Status.DRAFT)

    assert client.get(world.p.get_absolute_url()).status_code == 404
    assert _as(world.residents[3]).get(world.p.get_absolute_url()).status_code == 404
    assert _as(world.proposer).get(world.p.get_absolute_url()).status_code == 200
    assert client.get("/api/v1/proposals").json()["count"] == 0


def test_a_resident_proposes_from_a_phone(world: World) -> None:
    response = _as(world.proposer).post(
        reverse("deliberation:propose"),
        {"title": "修充电棚", "body": "电动车没处充电", "category": "charging", "unit": world.entrance.pk},
    )

    proposal = Proposal.objects.get()
    assert response.status_code == 302
    assert (proposal.status, proposal.title, proposal.unit) == (Status.SUBMITTED, "修充电棚", world.entrance)


def test_what_was_typed_stays_when_something_is_wrong(world: World) -> None:
    response = _as(world.proposer).post(
        reverse("deliberation:propose"), {"title": "", "body": "电动车没处充电", "category": "charging"}
    )

    assert response.status_code == 422
    assert "电动车没处充电" in response.content.decode()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(("field", "code"), [("title", 0x202E), ("body", 0x85)])
def test_characters_nobody_can_read_are_refused_by_name(world: World, field: str, code: int) -> None:
    words = {"title": "修充电棚", "body": "电动车没处充电", "category": "charging", "unit": world.community.pk}
    response = _as(world.proposer).post(reverse("deliberation:propose"), words | {field: f"电梯{chr(code)}井"})

    assert response.status_code == 422
    assert f"含有不可见的控制字符U+{code:04X}" in _text(response)
    assert not Proposal.objects.exists()


def test_the_front_page_shows_what_is_taken_up_before_what_nobody_has_read(client: Client, world: World) -> None:
    world.walk_to(Status.ACCEPTED)
    taken_up = world.p.title
    for number in range(9):
        world.register(title=f"还没有人看过的第{number}件")

    page = _text(client.get("/"))

    assert page.index(taken_up) < page.index("还没有人看过的第8件") < page.index("还没有人看过的第2件")
    assert "还没有人看过的第1件" not in page


def test_a_visitor_is_sent_to_sign_in_before_proposing(client: Client, world: World) -> None:
    response = client.get(reverse("deliberation:propose"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("community:sign_in"))


def test_residents_sign_speak_and_rate(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    neighbour = _as(world.residents[1])

    neighbour.post(reverse("deliberation:co_sign", args=[world.p.pk]))
    neighbour.post(reverse("deliberation:opinion", args=[world.p.pk]), {"stance": "against", "text": "担心采光"})
    neighbour.post(reverse("deliberation:opinion", args=[world.p.pk]), {"stance": "for", "text": "可以"})

    assert CoSignature.objects.count() == 1
    assert list(Opinion.objects.values_list("stance", "text")) == [("for", "可以")]


def test_an_opinion_without_a_stance_comes_back_with_its_error(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    response = _as(world.residents[1]).post(reverse("deliberation:opinion", args=[world.p.pk]), {"text": "担心采光"})

    assert response.status_code == 422
    assert "担心采光" in response.content.decode()


def test_markup_in_an_opinion_is_text(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    world.do(operations.give_opinion, world.p, by=world.residents[1], stance="for", text="<script>alert(1)</script>")

    body = Client().get(world.p.get_absolute_url()).content.decode()

    assert "<script>alert" not in body
    assert "&lt;script&gt;alert" in body


def test_the_page_of_a_move_greys_its_button_with_the_sentence(world: World) -> None:
    world.walk_to(Status.ACCEPTED)

    response = _as(world.director).get(reverse("deliberation:move", args=[world.p.pk, "start_deliberation"]))

    assert "还不能：议题清单还没有公示（五议工作法议事规则）；利益相关方名单还没有确定" in _text(response)
    assert 'aria-disabled="true"' in response.content.decode()


def test_a_move_by_the_wrong_person_is_403_with_the_sentence(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    response = _as(world.proposer).post(reverse("deliberation:move", args=[world.p.pk, "accept"]))

    assert response.status_code == 403
    assert "“受理”由书记、主任办理。" in response.content.decode()


def test_a_broken_form_of_a_move_shows_nothing_of_the_inside_to_others(world: World) -> None:
    world.walk_to(Status.ACCEPTED)
    broken = {"expected_version": "x"}

    answers = [
        _as(user).post(f"/proposals/{world.p.pk}/moves/suspend/", broken)
        for user in (world.residents[3], world.proposer, world.secretary)
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 422]
    assert all(b'<form class="form"' not in answer.content for answer in answers[:2])


def test_a_move_in_the_wrong_stage_is_409(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    response = _as(world.supervisor).post(reverse("deliberation:move", args=[world.p.pk, "archive"]), {})

    assert response.status_code == 409
    assert "现在是“待审核”" in response.content.decode()


def test_a_refused_form_keeps_what_was_typed(world: World) -> None:
    world.walk_to(Status.ACCEPTED)
    typed = {"starts_at": "2027-01-10T19:00", "place": "三楼议事厅", "chair": world.secretary.pk, "kind": "hearing"}

    response = _as(world.director).post(f"/proposals/{world.p.pk}/moves/start_deliberation/", typed)

    assert response.status_code == 409
    assert "利益相关方名单还没有确定（五议工作法议事规则）" in _text(response)
    assert 'value="三楼议事厅"' in response.content.decode()


def test_the_subdistrict_is_asked_only_when_rectifying_was_in_vain(world: World) -> None:
    world.walk_to(Status.EVALUATING)

    assert [row.verb for row in work_of(world.supervisor, now=world.now)] == []


def test_a_stale_form_is_told_what_changed(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    page = _as(world.secretary)
    url = reverse("deliberation:move", args=[world.p.pk, "reject"])
    version = re.search(r'name="expected_version" value="(\d+)"', page.get(url).content.decode())
    assert version is not None
    world.accept()

    response = page.post(url, {"reason_code": "unlawful", "expected_version": version[1]})

    assert response.status_code == 409
    assert "书记罗**已于" in response.content.decode()
    assert world.p.status == Status.ACCEPTED


def test_why_a_matter_was_refused_stands_at_its_top(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    assert "理由：" not in _text(Client().get(world.p.get_absolute_url()))
    move = reverse("deliberation:move", args=[world.p.pk, "reject"])

    refused = _as(world.secretary).post(move, {"reason_code": "private_matter", "reason": "两户之间的合同纠纷。"})

    assert refused.status_code == 302
    assert "属于私人纠纷" in _text(Client().get(world.p.get_absolute_url())).partition("理由：")[2][:40]


def test_staff_screen_and_accept_by_pages(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    answers = dict.fromkeys(("identity_verified", "in_scope", "not_duplicate", "legality_prechecked"), "yes")

    first = _as(world.member).post(reverse("deliberation:act", args=[world.p.pk, "record_screening"]), answers)
    second = _as(world.secretary).post(reverse("deliberation:move", args=[world.p.pk, "accept"]), {})

    assert (first.status_code, second.status_code) == (302, 302)
    assert Proposal.objects.get().status == Status.ACCEPTED


def test_calling_a_vote_shows_the_codes_once(world: World) -> None:
    world.walk_to(Status.READY_TO_VOTE)
    opens_on = max(local_date(world.now), local_date()) + dt.timedelta(days=30)

    response = _as(world.director).post(
        reverse("deliberation:move", args=[world.p.pk, "call_vote"]),
        {"opens_at": f"{opens_on}T09:00", "closes_at": f"{opens_on + dt.timedelta(days=2)}T18:00"},
    )

    assert response.status_code == 200
    assert len(set(re.findall(r'class="figures">([A-Z0-9 -]{10,})<', response.content.decode()))) == 12


def test_a_plan_is_shown_against_the_one_before(world: World) -> None:
    world.walk_to(Status.DRAFTING_PLAN)
    world.draft_plan("加装电梯一部。")
    world.draft_plan("加装电梯两部。")

    body = Client().get(reverse("deliberation:plan", args=[world.p.pk, 2])).content.decode()

    assert "<del>一</del><ins>两</ins>" in body


@pytest.mark.parametrize("query", ["?stage=nothing", "?status=%00", "?page=999999", "?words=%25_%27", "?category=x"])
def test_strange_filters_find_nothing_or_something_but_never_fail(client: Client, world: World, query: str) -> None:
    world.walk_to(Status.SUBMITTED)

    assert client.get(f"/proposals/{query}").status_code == 200


WORK: dict[Status, dict[str, str | None]] = {
    Status.SUBMITTED: {"secretary": "签收", "member": "签收", "supervisor": None},
    Status.ACCEPTED: {"director": "公示议题", "member": "列入利益相关方"},
    Status.DRAFTING_PLAN: {"member": "拟定方案", "supervisor": None},
    Status.PARTY_REVIEWED: {"secretary": "确定提交表决", "member": None},
    Status.EFFECTIVE: {"director": "列入责任清单"},
    Status.EXECUTING: {"director": None},
    Status.AWAITING_ACCEPTANCE: {"supervisor": "验收并公示实施情况", "director": None},
}


@pytest.mark.parametrize("status", list(WORK))
def test_the_work_list_names_one_verb_for_each_office(world: World, status: Status) -> None:
    world.walk_to(status)

    for who, verb in WORK[status].items():
        body = _text(_as(getattr(world, who)).get(reverse("deliberation:work")))
        assert (f"{verb}：{world.p.title}" in body) is (verb is not None), (who, body)


@pytest.mark.parametrize(
    ("url", "who"),
    [("/", None), ("/proposals/", None), ("/api/v1/proposals", None), (reverse("deliberation:work"), "director")],
)
def test_lists_cost_the_same_for_one_and_three(
    world: World, url: str, who: str | None, django_assert_max_num_queries: Any
) -> None:
    client = _as(getattr(world, who)) if who else Client()
    world.walk_to(Status.PLAN_PUBLICISED)
    client.get(url)
    with django_assert_max_num_queries(60) as one:
        client.get(url)
    for _more in range(2):
        world.proposal = None
        world.walk_to(Status.PLAN_PUBLICISED)

    with django_assert_max_num_queries(60) as three:
        client.get(url)

    assert len(three.captured_queries) == len(one.captured_queries)


def test_the_page_of_a_proposal_has_a_budget(world: World, django_assert_max_num_queries: Any) -> None:
    world.walk_to(Status.EVALUATING)
    world.rate()
    client = _as(world.director)

    with django_assert_max_num_queries(41):
        client.get(world.p.get_absolute_url())


def test_a_task_is_worked_on_by_its_owner_and_chased(world: World) -> None:
    world.walk_to(Status.EXECUTING)
    task = world.p.tasks.get(owner=world.member)
    url = reverse("deliberation:task", args=[task.pk])

    assert _as(world.residents[2]).get(url).status_code == 403
    _as(world.supervisor).post(url, {"act": "chase", "text": "请说明进度"})
    _as(world.member).post(url, {"act": "answer", "text": "合同本周签"})
    _as(world.member).post(url, {"act": "progress", "text": "合同已起草"})
    _as(world.member).post(url, {"act": "finish", "text": "合同已签"})

    task.refresh_from_db()
    assert (task.progress, task.evidence, task.done_by) == ("合同已起草", "合同已签", world.member)
    assert task.follow_ups.get().answer == "合同本周签"


def test_what_was_typed_stays_when_a_voice_or_its_answer_is_refused(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    said = _as(world.residents[1]).post(
        reverse("deliberation:opinion", args=[world.p.pk]), {"stance": "for", "text": "支持加装\u202e。"}
    )
    assert (said.status_code, "支持加装\u202e。</textarea>" in said.content.decode()) == (422, True)
    opinion = world.do(operations.give_opinion, world.p, by=world.residents[1], stance="for", text="支持。")

    url = reverse("deliberation:answer_opinion", args=[world.p.pk, opinion.pk])
    answered = _as(world.secretary).post(url, {"answer": "下周开会\u202e商量。"})

    assert (answered.status_code, "下周开会\u202e商量。</textarea>" in answered.content.decode()) == (422, True)
    assert "含有不可见的控制字符" in _text(answered)
