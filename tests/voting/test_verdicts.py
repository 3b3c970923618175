"""What a count came to in the words of its method: on the result page, in its table, in lists."""

from typing import Any

import pytest
from django.test import Client

from core.actors import COMMAND_LINE
from tests.voting.factories import cast, make_ballot, voters_of
from voting.models import Ballot
from voting.operations import VoterDraft, certify_ballot, close_ballot, open_ballot
from voting.verdicts import verdict_of

pytestmark = pytest.mark.django_db
ABC = ["甲", "乙", "丙"]


def _counted(method: str, form: dict[str, int], choices: list[Any], **more: Any) -> Ballot:
    item = {"title": "选一选", "method": method, "options": ABC, "form": form}
    ballot = make_ballot([VoterDraft(f"居民{n}") for n in range(len(choices))], items=[item], **more)
    open_ballot(ballot, by=COMMAND_LINE)
    for voter, choice in zip(voters_of(ballot), choices, strict=True):
        assert cast(voter, choice).accepted
    return certify_ballot(close_ballot(ballot, by=COMMAND_LINE), by=["监", "计"])


PARTLY = [["1", "2"], ["1", "3"], ["1"]]
ELECTION: dict[str, Any] = {"kind": "secret", "rule": "rc_election"}


@pytest.mark.parametrize(
    ("method", "form", "choices", "more", "word", "marks"),
    [
        ("election", {"seats": 1}, [["1"], ["1"], ["2"]], ELECTION, "已选出", ["当选", "", ""]),
        ("election", {"seats": 2}, PARTLY, ELECTION, "只选出一部分", ["当选", "另行选举", "另行选举"]),
        ("election", {"seats": 1}, [["1"], ["2"], ["3"]], ELECTION, "没有选出", ["另行选举"] * 3),
        ("one_of", {}, ["1", "1", "2"], {}, "通过", ["通过", "", ""]),
        ("one_of", {}, ["1", "2", "abstain"], {}, "未通过：得票相同", ["", "", ""]),
        ("approval", {"max": 2}, [["1", "2"], ["1", "2"], ["3"]], {}, "通过", ["通过", "通过", ""]),
        ("ranking", {}, [["2", "1"], ["2"], ["1"]], {}, "已选出", ["", "排在最前", ""]),
        ("ranking", {}, [["2"], ["1"], "abstain"], {}, "并列，没有选出", ["", "", ""]),
        ("score", {}, [{"3": 5}, {"2": 4}, {"2": 4}], {}, "已选出", ["", "得分最高", ""]),
        ("budget", {"points": 9}, ["abstain", "against", "abstain"], {}, "没有人选择", ["", "", ""]),
    ],
)  # fmt: skip
def test_the_word_and_the_marks_are_those_of_the_method(
    method: str, form: dict[str, int], choices: list[Any], more: dict[str, Any], word: str, marks: list[str]
) -> None:
    ballot = _counted(method, form, choices, **more)

    [item] = Client().get(f"/ballots/{ballot.pk}/result/").context["items"]

    assert (item["outcome_word"], verdict_of(ballot)["outcome_word"]) == (word, word)
    assert [line["mark"] for line in item["lines"][:3]] == marks


def test_points_stand_beside_their_average_or_share() -> None:
    scored = _counted("score", {"max": 5}, [{"1": 5, "2": 1}, {"1": 4}, "abstain"])
    shared = _counted("budget", {"points": 9}, [{"1": 6, "2": 3}, {"1": 9}, "abstain"])

    pages = [Client().get(f"/ballots/{ballot.pk}/result/").context["items"][0] for ballot in (scored, shared)]

    assert [page["more_word"] for page in pages] == ["平均分", "占全部"]
    assert [[line["more"] for line in page["lines"]] for page in pages] == [
        ["4.5", "0.5", "0.0", "", ""],
        ["83.3%", "16.7%", "0.0%", "", ""],
    ]


def test_a_majority_among_several_options_says_whose_it_is() -> None:
    passed = _counted("approval", {"max": 2}, [["1", "2"], ["1", "2"], ["3"]])
    tied = _counted("one_of", {}, ["1", "2", "abstain"])

    titles = [
        Client().get(f"/ballots/{ballot.pk}/result/").context["items"][0]["rules"][0]["pass_title"]
        for ballot in (passed, tied)
    ]

    assert titles == ["“甲”是否达到法定数", "“甲”、“乙”是否达到法定数"]


def test_an_election_tells_what_it_takes_to_be_elected() -> None:
    ballot = _counted("election", {"seats": 2}, PARTLY, **ELECTION)

    page = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()

    assert "<dt>当选</dt><dd><strong>甲</strong></dd>" in page
    assert '<dt>当选需达</dt><dd class="figures">超过投票 3人的 1/2，即 2人</dd>' in page
