"""The ballot over HTTP: the same act as over the socket, the same codes, problem documents."""

import uuid
from typing import Any

import pytest
from django.test import Client

from core.actors import COMMAND_LINE
from tests.live import a_ballot, item_of, voters_of
from tests.voting.test_views import signed_in
from voting import tickets
from voting.live import limits
from voting.models import Ballot, Vote
from voting.operations import close_ballot

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def vote(client: Client, ballot: Ballot, choices: Any, key: str | None = None, **more: Any) -> Any:
    headers = {"Idempotency-Key": str(uuid.uuid4()) if key is None else key, **more.pop("headers", {})}
    body = {"choices": choices, **more}
    return client.post(f"/api/v1/ballots/{ballot.pk}/votes", body, content_type="application/json", headers=headers)


def test_a_vote_is_stored_and_the_same_key_gets_the_same_receipt() -> None:
    ballot, key = a_ballot(), str(uuid.uuid4())
    client = signed_in(ballot)

    first = vote(client, ballot, {item_of(ballot): "for"}, key)
    second = vote(client, ballot, {item_of(ballot): "for"}, key)

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert list(Vote.objects.values_list("voter_id", "choice", "channel")) == [(voters_of(ballot)[0].pk, "for", "web")]


@pytest.mark.parametrize("kind", ["named", "secret"])
@pytest.mark.parametrize("revisable", [False, True])
def test_the_same_key_with_another_vote_is_refused(kind: str, *, revisable: bool) -> None:
    ballot = a_ballot(kind=kind, revisable=revisable)
    client, item = signed_in(ballot), item_of(ballot)

    first = vote(client, ballot, {item: "for"}, "k1")
    other = vote(client, ballot, {item: "against"}, "k1")
    again = vote(client, ballot, {item: "for"}, "k1")

    assert (first.status_code, other.status_code, again.status_code) == (200, 409, 200)
    assert other.json()["code"] == "already_voted"
    assert other.json()["detail"] == "This request id was used for another choice; this vote was not counted."
    assert again.json() == first.json()
    counted = ballot.items.get().counts.exclude(votes=0).exclude(key="*")
    assert list(counted.values_list("key", "votes")) == [("for", 1)]


def test_a_key_of_a_replaced_vote_still_gets_its_receipt() -> None:
    ballot = a_ballot(revisable=True)
    client, item = signed_in(ballot), item_of(ballot)

    first = vote(client, ballot, {item: "for"}, "k1")
    vote(client, ballot, {item: "against"}, "k2")
    again = vote(client, ballot, {item: "for"}, "k1")

    assert again.json() == first.json()
    assert Vote.objects.get().choice == "against"


@pytest.mark.parametrize("key", ["1", "x" * 100, '"a:b/c=~!"', "0f0e3c9a-6f0b-4b7e-9a54-2f7a2c1d9e10"])
def test_any_visible_ascii_is_an_idempotency_key(key: str) -> None:
    ballot = a_ballot()
    client = signed_in(ballot)

    answers = [vote(client, ballot, {item_of(ballot): "for"}, key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("key", ["", "x" * 101, "a b", "好", "a\tb", '""'])
def test_other_idempotency_keys_are_refused(key: str) -> None:
    ballot = a_ballot()

    answer = vote(signed_in(ballot), ballot, {item_of(ballot): "for"}, key)

    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")
    assert not Vote.objects.exists()


@pytest.mark.parametrize("query", ["page=" + "9" * 30, "page=1000000&page_size=1000", "phase=%00", "phase=x", "page=0"])
def test_strange_pages_and_phases_are_no_errors_of_ours(query: str) -> None:
    assert Client().get(f"/api/v1/ballots?{query}").status_code in {200, 422}


@pytest.mark.parametrize("body", [r'{"choices": {"1": "\ud800"}}', r'{"choices": {"1": "\u0000"}}', "{", "[" * 100_000])
def test_a_body_that_is_no_text_is_a_problem_document(body: str) -> None:
    ballot = a_ballot()
    url = f"/api/v1/ballots/{ballot.pk}/votes"

    answer = signed_in(ballot).post(url, body, content_type="application/json", headers={"Idempotency-Key": "1"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_json")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_draft_says_how_many_heads_stand_on_its_roll() -> None:
    draft = a_ballot(is_open=False)

    state = Client().get(f"/api/v1/ballots/{draft.pk}").json()

    assert (state["phase"], state["turnout"]) == ("draft", {"cast": 0, "eligible": 3})


def test_refusals_carry_the_socket_s_codes_and_a_fitting_status() -> None:
    ballot, draft, closed = a_ballot(), a_ballot(is_open=False), a_ballot()
    close_ballot(closed, by=COMMAND_LINE)
    other = voters_of(ballot)[1]
    item = item_of(ballot)
    client = signed_in(ballot)
    vote(signed_in(ballot, 2), ballot, {item: "for"})

    answers = [
        vote(signed_in(draft), draft, {item_of(draft): "for"}),
        vote(signed_in(closed), closed, {item_of(closed): "for"}),
        vote(signed_in(ballot, 2), ballot, {item: "for"}),
        vote(client, ballot, {item: "maybe"}),
        vote(client, ballot, {item: 1.5}),
        vote(client, ballot, {}),
        vote(client, ballot, {item: "for"}, on_behalf_of=str(other.pk)),
        vote(client, ballot, {item: "for"}, extra=1),
        vote(client, ballot, {item: "for"}, ""),
        vote(client, ballot, {item: "for"}, "a b"),
        vote(Client(), ballot, {item: "for"}),
        vote(signed_in(draft), ballot, {item: "for"}),
        vote(client, ballot, {item: "for"}, headers={"Origin": "https://evil.example"}),
        vote(client, ballot, {item: "for"}, headers={"Sec-Fetch-Site": "cross-site"}),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "not_open"),
        (409, "closed"),
        (409, "already_voted"),
        (422, "invalid_choice"),
        (422, "invalid_choice"),
        (422, "invalid_choice"),
        (403, "proxy_not_allowed"),
        (422, "bad_input"),
        (422, "bad_input"),
        (422, "bad_input"),
        (401, "not_signed_in"),
        (403, "not_eligible"),
        (403, "cross_site"),
        (403, "cross_site"),
    ]
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert Vote.objects.count() == 1


def test_too_many_votes_are_throttled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "casts", limits.Allowance(burst=1, per_second=0.001))
    ballot = a_ballot()
    client = signed_in(ballot)

    statuses = [vote(client, ballot, {item_of(ballot): "for"}, "12345678").status_code for _vote in range(2)]

    assert statuses == [200, 429]


def test_a_ticket_is_bound_to_ballot_and_voter() -> None:
    ballot = a_ballot()

    answer = signed_in(ballot).post(f"/api/v1/ballots/{ballot.pk}/ticket")

    assert answer.status_code == 200
    assert tickets.read(answer.json()["ticket"]) == tickets.Ticket(ballot.pk, voters_of(ballot)[0].pk)
    assert Client().post(f"/api/v1/ballots/{ballot.pk}/ticket").status_code == 401


def test_a_ballot_reads_as_on_the_socket_with_rule_and_own_votes() -> None:
    ballot = a_ballot()
    item = item_of(ballot)
    client = signed_in(ballot)
    vote(client, ballot, {item: "against"})

    own = client.get(f"/api/v1/ballots/{ballot.pk}").json()
    public = Client().get(f"/api/v1/ballots/{ballot.pk}").json()

    assert own["mine"] == {"voter": str(voters_of(ballot)[0].pk), "choices": {item: "against"}}
    assert public["mine"] is None
    assert public["turnout"] == {"cast": 1, "eligible": 3}
    assert public["rule"]["key"] == "owners_278_special"
    assert public["result"] is None


def test_the_result_is_there_after_closing_and_the_recount_after_certification() -> None:
    ballot = a_ballot()
    before = Client().get(f"/api/v1/ballots/{ballot.pk}/result")
    close_ballot(ballot, by=COMMAND_LINE)
    after = Client().get(f"/api/v1/ballots/{ballot.pk}/result")
    recount = Client().get(f"/api/v1/ballots/{ballot.pk}/recount")

    assert (before.status_code, before.json()["code"]) == (409, "not_closed")
    assert after.json()["outcome"] == "not_quorate"
    assert (recount.status_code, recount.json()["code"]) == (409, "not_certified")


def test_the_list_is_paged_and_knows_no_drafts() -> None:
    ballots = [a_ballot() for _ballot in range(2)]
    a_ballot(is_open=False)

    listed = Client().get("/api/v1/ballots").json()
    none = Client().get("/api/v1/ballots?phase=closed").json()

    assert [line["id"] for line in listed["items"]] == [str(ballot.pk) for ballot in reversed(ballots)]
    assert listed["count"] == 2
    assert none == {"items": [], "count": 0}


@pytest.mark.parametrize("address", ["999999", "x", "9" * 40])
def test_an_unknown_ballot_is_a_problem_404(address: str) -> None:
    answer = Client().get(f"/api/v1/ballots/{address}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_ballots_costs_the_same_whatever_its_length(count: int, django_assert_num_queries: Any) -> None:
    ballots = [a_ballot(voters=1, title=f"第{number}件") for number in range(count)]
    a_ballot(voters=1, is_open=False)

    with django_assert_num_queries(2):
        found = Client().get("/api/v1/ballots").json()

    assert (found["count"], [one["id"] for one in found["items"]]) == (count, [str(one.pk) for one in ballots[::-1]])


@pytest.mark.parametrize("phase", ["nonsense", "\x00"])
def test_a_phase_that_is_none_is_refused(phase: str) -> None:
    answer = Client().get("/api/v1/ballots", {"phase": phase})

    assert (answer.status_code, answer.json()["field"]) == (422, "phase")
