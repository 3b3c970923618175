"""Votes of a special kind: posting with silence as consent, requisition, recall after a petition, further rounds."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core.actors import COMMAND_LINE
from core.errors import BadInput, WrongStage
from core.requirements import RequirementsNotMet
from tests.voting.factories import cast, intent, items_of, make_ballot, make_unit, voters_of
from voting.export import laid_out, recount_document
from voting.models import Ballot
from voting.operations import (
    VoterDraft,
    cast_votes,
    certify_ballot,
    close_ballot,
    open_ballot,
    refuse_unfit,
    repeat_ballot,
    set_rule,
    start_runoff,
)
from voting.requirements import missing_to_open
from voting.result import public_result

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
ZONE = dt.timezone(dt.timedelta(hours=8))
# Posted on Tuesday 10 November 2026: ten days run to Friday the 20th.
POSTED = dt.datetime(2026, 11, 10, 9, tzinfo=ZONE)
LAST = dt.datetime(2026, 11, 20, 23, 59, tzinfo=ZONE)
OVER = dt.datetime(2026, 11, 21, 0, 5, tzinfo=ZONE)
LATER = dt.datetime(2099, 1, 1, tzinfo=ZONE)
TWELVE = [VoterDraft(f"业主{n}", area=10_000) for n in range(12)]


def _adopt() -> None:
    set_rule(
        unit=make_unit(), key="owner_reps_negative_consent", article="幸福小区业主大会议事规则第十二条",
        silence="consents", by=COMMAND_LINE,
    )  # fmt: skip


def _posting(**more: Any) -> Ballot:
    given: dict[str, Any] = {"rule": "owner_reps_negative_consent", "scope": "owners", "closes_at": OVER, **more}
    return make_ballot(TWELVE, **given)


@pytest.mark.parametrize(("objectors", "outcome"), [(0, "passed"), (3, "passed"), (4, "rejected"), (12, "rejected")])
def test_silence_is_consent_and_a_third_of_objections_breaks_it(objectors: int, outcome: str, tmp_path: Path) -> None:
    _adopt()
    ballot = open_ballot(_posting(), by=COMMAND_LINE, now=POSTED)
    voters = voters_of(ballot)
    batch = [intent(voter, "against") for voter in voters[:objectors]]
    if batch:
        cast_votes(batch, now=POSTED)

    close_ballot(ballot, by=COMMAND_LINE, now=OVER)
    certify_ballot(ballot, by=["甲", "乙"], now=OVER)

    [item] = public_result(ballot)["items"]
    assert (item["outcome"], item["counts"]["against"]["heads"]) == (outcome, objectors)
    assert item["decision"]["pass"][0]["reached"] in {objectors, f"{objectors * 100}.00"}
    file = tmp_path / "recount.json"
    file.write_text(laid_out(recount_document(ballot)), encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8"))["result"]["items"][0]["outcome"] == outcome
    assert _verified(file) == 0


def _verified(file: Path) -> int:
    done = subprocess.run([sys.executable, "verify.py", str(file)], capture_output=True, text=True, check=False)
    return done.returncode


def test_the_posting_runs_its_days_before_it_is_closed() -> None:
    _adopt()
    ballot = open_ballot(_posting(), by=COMMAND_LINE, now=POSTED)

    with pytest.raises(WrongStage, match="公示期到2026年11月20日结束"):
        close_ballot(ballot, by=COMMAND_LINE, now=LAST)

    assert close_ballot(ballot, by=COMMAND_LINE, now=OVER).phase == "closed"


def test_silence_is_no_consent_where_nobody_agreed_on_it() -> None:
    ballot = _posting(closes_at=LAST)

    missing = missing_to_open(ballot, today=POSTED.date())
    with pytest.raises(RequirementsNotMet, match="不能把没有书面反对当作同意"):
        open_ballot(ballot, by=COMMAND_LINE, now=POSTED)

    assert [one.key for one in missing] == ["silence_is_agreed", "posted_long_enough"]
    assert missing[1].sentence == "公示须满10日：今天公示，最早可在2026年11月21日截止"


# --- requisition and recall ------------------------------------------------------


@pytest.mark.parametrize(("signed", "outcome"), [(2, "rejected"), (3, "passed")])
def test_owners_requisition_needs_a_fifth_of_heads_and_area(signed: int, outcome: str) -> None:
    made = make_ballot(TWELVE, rule="owners_requisition", scope="owners", closes_at=LATER)
    ballot = open_ballot(made, by=COMMAND_LINE)
    for voter in voters_of(ballot)[:signed]:
        cast(voter, "for")

    close_ballot(ballot, by=COMMAND_LINE, reason="签名已满。")
    page = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()

    assert ballot.result is not None
    assert ballot.result["outcome"] == outcome
    assert ("应当组织召开业主大会临时会议" in page) is (outcome == "passed")


def _petition(signed: int, **more: Any) -> Ballot:
    given: dict[str, Any] = {"rule": "requisition_residents", "scope": "adults", "closes_at": LATER, **more}
    petition = open_ballot(make_ballot(10, **given), by=COMMAND_LINE)
    for voter in voters_of(petition)[:signed]:
        cast(voter, "for")
    close_ballot(petition, by=COMMAND_LINE, reason="签名已满。")
    return certify_ballot(petition, by=["甲", "乙"])


def _recall(petition: Ballot | None, **more: Any) -> Ballot:
    given = {"rule": "rc_recall", "scope": "adults", **more}
    return make_ballot(10, kind="secret", petition=petition, **given)


def test_a_recall_opens_on_a_petition_that_passed() -> None:
    assert open_ballot(_recall(_petition(1)), by=COMMAND_LINE).phase == "open"


@pytest.mark.parametrize(("voted", "outcome"), [(6, "not_quorate"), (7, "passed")])
def test_a_recall_takes_part_like_the_election_by_the_representatives(voted: int, outcome: str) -> None:
    petition = _petition(1)
    recall = _recall(petition, rule="rc_recall_by_reps", scope="elected_representatives")
    open_ballot(recall, by=COMMAND_LINE)
    for voter in voters_of(recall)[:voted]:
        cast(voter, "for")

    close_ballot(recall, by=COMMAND_LINE)

    assert recall.result is not None
    assert recall.result["outcome"] == outcome
    with pytest.raises(BadInput, match="这次的表决人不同"):
        refuse_unfit("rc_recall", "elected_representatives", "rule")


@pytest.mark.parametrize("case", ["none", "too few", "another rule", "not certified"])
def test_a_recall_without_a_petition_does_not_open(case: str) -> None:
    made: dict[str, Callable[[], Ballot | None]] = {
        "none": lambda: None,
        "too few": lambda: _petition(0),
        "another rule": lambda: _petition(5, rule="requisition_reps_meeting", scope="elected_representatives"),
        "not certified": lambda: make_ballot(10, rule="requisition_residents", scope="adults"),
    }
    petition = made[case]()

    with pytest.raises(RequirementsNotMet, match="还没有达到法定人数、经监票人确认的书面罢免要求") as refused:
        open_ballot(_recall(petition), by=COMMAND_LINE)

    assert "第二十条" in str(refused.value.article)


# --- rounds ----------------------------------------------------------------------


def _election(votes: dict[int, list[str]]) -> Ballot:
    ballot = make_ballot(
        [VoterDraft(f"居民{n}") for n in range(len(votes))],
        kind="secret",
        rule="rc_election",
        items=[{"title": "委员", "method": "election", "options": ["甲", "乙", "丙"], "form": {"seats": 1}}],
    )
    open_ballot(ballot, by=COMMAND_LINE)
    for voter, keys in zip(voters_of(ballot), votes.values(), strict=True):
        cast(voter, keys)
    return close_ballot(ballot, by=COMMAND_LINE)


def test_a_runoff_is_a_round_among_those_who_go_on() -> None:
    first = _election({0: ["1"], 1: ["1"], 2: ["2"], 3: ["2"], 4: ["3"]})
    with pytest.raises(WrongStage, match="签字确认以后，才能另行选举"):
        start_runoff(first, by=COMMAND_LINE)
    certify_ballot(first, by=["监", "计"])

    runoff = start_runoff(first, by=COMMAND_LINE).ballot
    open_ballot(runoff, by=COMMAND_LINE)
    for voter, key in zip(voters_of(runoff), ["1", "1", "1", "2", "2"], strict=True):
        cast(voter, [key])
    close_ballot(runoff, by=COMMAND_LINE)
    page = Client().get(f"/ballots/{runoff.pk}/result/").content.decode()

    assert (runoff.previous_id, runoff.round, runoff.rule["key"]) == (first.pk, 2, "rc_runoff")
    [item] = items_of(runoff)
    assert [o.label for o in item.options.order_by("position")] == ["甲", "乙", "反对", "弃权"]
    assert runoff.result is not None
    assert runoff.result["items"][0]["winners"] == ["1"]
    assert "<h2>加装电梯 · 第 1 轮</h2>" in page
    assert "<h1>加装电梯 · 第 2 轮</h1>" in page
    assert "第 2 轮（本轮）" in page


def test_a_round_is_followed_by_one_other() -> None:
    first = _election({0: ["1"], 1: ["2"]})
    second = repeat_ballot(first, by=COMMAND_LINE).ballot

    with pytest.raises(WrongStage, match="下一轮表决已经建立"):
        repeat_ballot(first, by=COMMAND_LINE)
    with pytest.raises(WrongStage, match="尚未截止"):
        start_runoff(second, by=COMMAND_LINE)

    assert second.round == 2


def test_an_election_that_filled_its_seats_has_no_runoff() -> None:
    done = certify_ballot(_election({0: ["1"], 1: ["1"], 2: ["2"]}), by=["监", "计"])

    with pytest.raises(WrongStage, match="没有需要另行选举的席位"):
        start_runoff(done, by=COMMAND_LINE)
