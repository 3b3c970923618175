"""Casting: the one way in, whole or not at all, the same answer to the same request, exact counters."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.models import User
from core import clock
from core.actors import COMMAND_LINE
from tests.voting.factories import cast, intent, items_of, make_ballot, open_a_ballot, voters_of
from voting.live.reader import own_votes
from voting.models import CastRequest, OptionCount, Participation, SecretVote, Vote
from voting.operations import CastIntent, VoterDraft, cast_votes, close_ballot, open_ballot
from voting.queries import ballot_state, items_voted_on

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
KINDS = pytest.mark.parametrize("kind", ["named", "secret"])


def _rows(kind: str) -> int:
    return SecretVote.objects.count() if kind == "secret" else Vote.objects.count()


def _counts(key: str) -> tuple[int, int, int]:
    row = OptionCount.objects.get(key=key)
    return row.votes, row.heads, row.area


@KINDS
def test_an_accepted_vote_is_stored_and_counted(kind: str) -> None:
    ballot = open_a_ballot(3, kind=kind)
    one, two, _three = voters_of(ballot)

    batch = cast_votes([intent(one, "for"), intent(two, "against")])

    assert [o.accepted for o in batch] == [True, True]
    assert _rows(kind) == 2
    assert _counts("for") == (1, 1, 10_000)
    assert _counts("against") == (1, 1, 10_001)
    assert _counts("*") == (2, 2, 20_001)
    ballot.refresh_from_db()
    assert (ballot.cast, ballot.version) == (2, 2)
    assert batch.states[ballot.pk].version == 2
    assert (batch.states[ballot.pk].tally is None) == (kind == "secret")


@KINDS
def test_the_same_request_gets_the_same_answer_and_changes_nothing(kind: str) -> None:
    ballot = open_a_ballot(1, kind=kind)
    [voter] = voters_of(ballot)
    one = intent(voter, "for")

    first, inside = cast_votes([one, one])
    again = cast_votes([one])

    assert first.accepted
    assert first == inside == again[0]
    assert again.states == {}
    assert _rows(kind) == 1
    close_ballot(ballot, by=COMMAND_LINE)
    assert cast_votes([one])[0] == first


@KINDS
def test_many_requests_again_cost_as_many_queries_as_one(kind: str) -> None:
    items = [{"title": "一"}, {"title": "二"}, {"title": "三"}]
    ballot = open_a_ballot(20, kind=kind, items=items)
    choices = {str(item.pk): "for" for item in items_of(ballot)}
    batch = [intent(voter, choices=choices) for voter in voters_of(ballot)]
    first = cast_votes(batch)
    with CaptureQueriesContext(connection) as one:
        cast_votes(batch[:1])

    unreadable = intent(voters_of(ballot)[0], request="\ud800", choices=choices)
    with CaptureQueriesContext(connection) as all_of_them:
        again = cast_votes([*batch, unreadable])

    assert len(all_of_them) == len(one)
    assert list(again[:20]) == list(first)
    assert (again[20].accepted, again[20].code) == (False, "invalid_choice")
    assert _rows(kind) == 60


@KINDS
def test_a_second_vote_is_refused(kind: str) -> None:
    ballot = open_a_ballot(1, kind=kind)
    [voter] = voters_of(ballot)
    cast(voter, "against")

    second = cast(voter, "abstain")

    assert (second.accepted, second.code) == (False, "already_voted")
    assert _counts("against")[0] == 1
    assert _counts("abstain")[0] == 0


@KINDS
def test_a_revised_vote_replaces_the_earlier_one_exactly(kind: str) -> None:
    ballot = open_a_ballot(2, kind=kind, revisable=True)
    one, two = voters_of(ballot)
    cast(one, "for")
    cast(two, "for")

    cast_votes([intent(one, "against"), intent(one, "abstain"), intent(two, "against")])

    assert _rows(kind) == 2
    assert _counts("for") == (0, 0, 0)
    assert _counts("abstain") == (1, 1, 10_000)
    assert _counts("against") == (1, 1, 10_001)
    assert _counts("*") == (2, 2, 20_001)
    ballot.refresh_from_db()
    assert ballot.cast == 2


@KINDS
def test_items_are_voted_apart(kind: str) -> None:
    ballot = open_a_ballot(1, kind=kind, items=[{"title": "一"}, {"title": "二"}])
    [voter] = voters_of(ballot)
    first, second = (str(item.pk) for item in items_of(ballot))

    answers = [
        cast(voter, choices={second: "for"}),
        cast(voter, choices={first: "against", second: "for"}),
        cast(voter, choices={first: "against"}),
    ]

    assert [a.code for a in answers] == ["", "already_voted", ""]
    ballot.refresh_from_db()
    assert ballot.cast == 1
    assert ballot.version == 3
    expected: Any = (
        {"cast": True} if kind == "secret" else {"voter": str(voter.pk), "choices": {first: "against", second: "for"}}
    )
    assert own_votes([voter.pk]) == {(ballot.pk, voter.pk): expected}


def test_before_opening_and_after_closing() -> None:
    ballot = make_ballot(2)
    one, two = voters_of(ballot)

    assert cast(one).code == "not_open"
    open_ballot(ballot, by=COMMAND_LINE)
    assert cast(one).accepted
    close_ballot(ballot, by=COMMAND_LINE)
    open_ballot(ballot, by=COMMAND_LINE)

    assert cast(two).code == "closed"
    assert ballot.phase == "closed"


def test_a_stranger_is_not_eligible() -> None:
    ballot, other = open_a_ballot(1), open_a_ballot(1)
    [voter], [stranger] = voters_of(ballot), voters_of(other)
    own = str(items_of(ballot)[0].pk)

    assert cast(stranger, ballot_id=ballot.pk, choices={own: "for"}).code == "not_eligible"
    assert cast(voter, voter_id=0, choices={own: "for"}).code == "not_eligible"
    assert cast(voter, ballot_id=10**9, choices={own: "for"}).code == "not_open"
    assert cast(voter, choices={str(items_of(other)[0].pk): "for"}).code == "invalid_choice"
    assert Vote.objects.count() == 0


@pytest.mark.parametrize(
    "broken",
    [None, [], {}, "for", {"x": "for"}, {1: "for"}, {"ITEM": None}, {"ITEM": "maybe"}, {"ITEM": 1}, {"ITEM": ["for"]},
     {"ITEM": {}}, {"ITEM": "for", "0": "for"}, {"ITEM": "invalid"}, {"ITEM": "*"}, {"ITEM": "\x00"}],
)  # fmt: skip
def test_a_broken_ballot_is_refused_whole_and_the_others_go_through(broken: Any) -> None:
    ballot = open_a_ballot(2)
    one, two = voters_of(ballot)
    item = str(items_of(ballot)[0].pk)
    choices = {(item if k == "ITEM" else k): v for k, v in broken.items()} if isinstance(broken, dict) else broken

    bad, good = cast_votes([intent(one, choices=choices), intent(two)])

    assert (bad.code, good.accepted) == ("invalid_choice", True)
    assert items_voted_on(one) == set()
    assert Vote.objects.count() == 1
    assert CastRequest.objects.count() == 1


def test_one_bad_item_refuses_the_whole_cast() -> None:
    ballot = open_a_ballot(1, items=[{"title": "一"}, {"title": "二"}])
    [voter] = voters_of(ballot)
    first, second = (str(item.pk) for item in items_of(ballot))

    answer = cast(voter, choices={first: "for", second: "perhaps"})

    assert answer.code == "invalid_choice"
    assert Vote.objects.count() == 0


def test_wild_intents_fail_alone() -> None:
    ballot = open_a_ballot(1)
    [voter] = voters_of(ballot)
    own = {str(items_of(ballot)[0].pk): "for"}
    wild: list[Any] = [
        CastIntent(ballot.pk, voter.pk, None, own),  # type: ignore[arg-type] # hostile on purpose
        CastIntent(ballot.pk, voter.pk, "", own),
        CastIntent(ballot.pk, voter.pk, "x" * 101, own),
        CastIntent(ballot.pk, 2**80, "r", own),
        CastIntent(-1, voter.pk, "r", own),
        CastIntent("x", voter.pk, "r", own),  # type: ignore[arg-type] # hostile on purpose
        CastIntent(ballot.pk, None, "r", own, on_behalf_of="💥"),
        CastIntent(ballot.pk, voter.pk, "r", own, on_behalf_of=str(10**30)),
    ]

    answers = cast_votes([*wild, intent(voter)])

    assert [a.accepted for a in answers] == [False] * 8 + [True]


def test_the_planned_end_is_kept_before_anybody_closes() -> None:
    end = clock.now() + dt.timedelta(hours=1)
    ballot = open_a_ballot(1, closes_at=end)
    [voter] = voters_of(ballot)

    assert cast_votes([intent(voter)], now=end)[0].code == "closed"
    assert cast_votes([intent(voter)], now=end - dt.timedelta(seconds=1))[0].accepted


def test_the_state_is_the_protocols() -> None:
    ballot = open_a_ballot(2)
    [item] = items_of(ballot)
    cast(voters_of(ballot)[0], "for")

    state = ballot_state(ballot.pk)

    assert state["ballot"] == str(ballot.pk)
    assert state["turnout"] == {"cast": 1, "eligible": 2}
    assert state["tally"] == {
        str(item.pk): {
            "for": {"heads": 1, "area": "100.00", "votes": 1},
            "against": {"heads": 0, "area": "0.00", "votes": 0},
            "abstain": {"heads": 0, "area": "0.00", "votes": 0},
        }
    }
    assert state["items"][0]["options"][0] == {"id": "for", "label": "同意"}


@KINDS
def test_closing_counts_the_rows(kind: str) -> None:
    ballot = open_a_ballot(4, kind=kind)
    one, two, three, _four = voters_of(ballot)
    cast_votes([intent(one, "for"), intent(two, "for"), intent(three, "abstain")])

    close_ballot(ballot, by=COMMAND_LINE)

    assert ballot.result is not None
    [item] = ballot.result["items"]
    assert item["outcome"] == "passed"
    assert item["counts"]["for"] == {"heads": 2, "area": "200.01", "votes": 2}
    assert item["participating"] == {"heads": 3, "area": "300.03", "votes": 3}
    assert ballot.result["counters_matched"] is True
    assert ballot.result["turnout"]["cast"] == 3
    assert Participation.objects.count() == (3 if kind == "secret" else 0)
    version = ballot.version
    close_ballot(ballot, by=COMMAND_LINE)
    assert ballot.version == version


def test_an_account_that_is_switched_off_votes_no_more_by_its_ticket() -> None:
    on, off = (User.objects.create(username=name, is_active=name == "on") for name in ("on", "off"))
    ballot = open_a_ballot([VoterDraft("甲", user=on), VoterDraft("乙", user=off)])
    one, two = voters_of(ballot)

    answers = [cast(one, user_id=on.pk), cast(two, user_id=off.pk)]

    assert [(answer.accepted, answer.code) for answer in answers] == [(True, ""), (False, "not_eligible")]
    assert answers[1].message == "这个账号已停用。"
    assert list(Vote.objects.values_list("voter_id", flat=True)) == [one.pk]
