"""The API: public reads, moves with their missing things as problem documents, figures."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core.clock import local_date
from deliberation.models import Proposal
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]


def _as(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _post(client: Client, url: str, body: Any = None) -> Any:
    return client.post(url, body if body is not None else {}, content_type="application/json")


def test_a_proposal_says_what_each_next_move_is_missing(client: Client, world: World) -> None:
    world.walk_to(Status.ACCEPTED)

    answer = client.get(f"/api/v1/proposals/{world.p.pk}").json()

    assert (answer["status"], answer["stage"], answer["proposer"]) == ("accepted", "propose", "赵*")
    move = answer["next_moves"][0]
    assert (move["key"], move["may"], move["target"]) == ("start_deliberation", False, "deliberating")
    assert [missing["key"] for missing in move["missing"]] == ["topic_posted", "stakeholders_listed"]


def test_a_missing_artefact_is_a_problem_document_with_sentence_and_article(world: World) -> None:
    world.walk_to(Status.PLAN_PUBLICISED)
    world.wait(11)

    answer = _post(_as(world.secretary), f"/api/v1/proposals/{world.p.pk}/moves/complete_party_review")

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    body = answer.json()
    assert (body["code"], body["article"]) == (
        "requirements_not_met",
        "Organic Law of Urban Residents' Committees, art. 30",
    )
    assert [missing["key"] for missing in body["missing"]] == ["party_studied"]


@pytest.mark.parametrize(
    ("who", "move", "body", "status", "code"),
    [
        (None, "accept", {}, 401, "not_signed_in"),
        ("proposer", "accept", {}, 403, "not_allowed"),
        ("secretary", "archive", {}, 403, "not_allowed"),
        ("supervisor", "archive", {}, 409, "wrong_stage"),
        ("secretary", "accept", {}, 409, "requirements_not_met"),
        ("secretary", "reject", {}, 422, "bad_input"),
        ("secretary", "reject", {"reason_code": "because"}, 422, "bad_input"),
        ("secretary", "request_supplement", {"reason": ""}, 422, "bad_input"),
        ("secretary", "accept", {"colour": "red"}, 422, "bad_input"),
        ("secretary", "accept", {"expected_version": 1}, 409, "stale"),
        ("secretary", "nonsense", {}, 404, "not_found"),
    ],
)
def test_refusals(world: World, who: str | None, move: str, body: Any, status: int, code: str) -> None:
    world.walk_to(Status.SUBMITTED)
    client = _as(getattr(world, who)) if who else Client()

    answer = _post(client, f"/api/v1/proposals/{world.p.pk}/moves/{move}", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Proposal.objects.get().status == Status.SUBMITTED


def test_the_head_of_the_path_by_json(world: World) -> None:
    made = _post(
        _as(world.proposer),
        "/api/v1/proposals",
        {"title": "加装电梯", "body": "上下楼难", "category": "elevator", "unit": "E1-3-2"},
    )
    pk = made.json()["id"]
    url = f"/api/v1/proposals/{pk}"
    answers = dict.fromkeys(("identity_verified", "in_scope", "not_duplicate", "legality_prechecked"), True)

    assert made.status_code == 201
    assert _post(_as(world.member), f"{url}/acts/acknowledge_proposal").status_code == 200
    assert _post(_as(world.member), f"{url}/acts/record_screening", answers).status_code == 200
    assert _post(_as(world.secretary), f"{url}/moves/accept").json()["status"] == "accepted"
    with_topic = world.after_commit(lambda: _post(_as(world.director), f"{url}/acts/publish_topic"))
    seen = [notice["purpose"] for notice in with_topic.json()["notices"]]
    assert seen == ["registration", "letter", "topic"]
    assert [n["purpose"] for n in Client().get(url).json()["notices"]] == ["topic"]
    parties = {"stakeholders": [{"name": "孙三", "interest": "住户"}, {"name": "电梯公司", "interest": "施工"}]}
    assert _post(_as(world.member), f"{url}/acts/list_stakeholder", parties).status_code == 200
    assert [s.user for s in Proposal.objects.get(pk=pk).stakeholders.all()] == [world.residents[2], None]
    session = {
        "starts_at": f"{local_date() + dt.timedelta(days=60)}T09:00:00+08:00",
        "place": "议事厅",
        "chair": world.facilitator.pk,
        "kind": "deliberation_council",
    }
    moved = world.after_commit(lambda: _post(_as(world.director), f"{url}/moves/start_deliberation", session))
    assert (moved.status_code, moved.json()["status"]) == (200, "deliberating")


def test_ids_that_are_none_are_not_found(client: Client, world: World) -> None:
    for pk in ("0", "abc", "٣", "9" * 30, "-1"):
        assert client.get(f"/api/v1/proposals/{pk}").status_code == 404


def test_figures_are_counted_from_rows(world: World, client: Client) -> None:
    world.walk_to(Status.ARCHIVED)
    world.proposal = None
    world.walk_to(Status.SUBMITTED)

    answer = client.get("/api/v1/figures").json()

    assert (answer["received"], answer["accepted"], answer["closed"]) == (2, 1, 1)
    assert answer["answer"] == {"k": 1, "n": 2, "percent": "50.0%"}
    assert answer["on_time_closure"] == {"k": 1, "n": 1, "percent": "100.0%"}
    assert answer["satisfaction"] == {"k": 10, "n": 12, "percent": "83.3%"}
    assert answer["open"]["propose"] == 1
    assert client.get("/api/v1/figures?unit=511302001002").json()["satisfaction"]["percent"] == "—"


def test_pages_are_bounded(world: World, client: Client) -> None:
    for number in range(3):
        world.register(title=f"提案{number}")

    answer = client.get("/api/v1/proposals?size=2&page=2").json()

    assert ([line["title"] for line in answer["items"]], answer["count"], answer["pages"]) == (["提案0"], 3, 2)
    assert client.get("/api/v1/proposals?size=1000").status_code == 422
