"""A jurisdiction's own rules, several rules at once, motions of several ballots, what representatives may decide."""

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from community.models import Office, Term, Unit, UnitKind, User
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry
from core.requirements import RequirementsNotMet
from tests.voting.factories import HALF, cast, intent, make_ballot, make_unit, open_a_ballot, voters_of
from voting.counting import CountedItem
from voting.deciding import decide_item
from voting.electorates import representatives_of
from voting.export import laid_out, recount_document
from voting.mandates import motion_state, rule_at, rules_at
from voting.models import Ballot, Phase, RuleOverride
from voting.operations import (
    VoterDraft,
    cast_votes,
    certify_ballot,
    close_ballot,
    drop_rule,
    join_ballots,
    mark_present,
    open_ballot,
    record_authorisation,
    revoke_authorisation,
    set_rule,
)
from voting.requirements import missing_to_open
from voting.result import result_facts
from voting.rules import rule_of
from voting.tally import Counts
from voting.warnings import warnings_for

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]

ROOT = Path(__file__).parents[2]
THREE_QUARTERS = [{"measure": "heads", "of": "participating", "fraction": "3/4", "inclusive": True}]
HALF_OF_ALL = {"quorum": [], "pass": [{"measure": "heads", "of": "eligible", "fraction": "1/2", "inclusive": True}]}
STRICTER = [
    {"measure": measure, "of": "participating", "fraction": "2/3", "inclusive": True} for measure in ("heads", "area")
]


def _closed(choices: list[str], **more: Any) -> Ballot:
    """Return a closed ballot of equal voters, some of them silent (\"\")."""
    ballot = open_a_ballot([VoterDraft(f"居民{n}", area=10_000) for n in range(len(choices))], **more)
    cast_votes([intent(v, choice) for v, choice in zip(voters_of(ballot), choices, strict=True) if choice])
    return close_ballot(ballot, by=COMMAND_LINE)


def _items(ballot: Ballot) -> list[dict[str, Any]]:
    stored = Ballot.objects.get(pk=ballot.pk).result
    assert stored is not None
    items: list[dict[str, Any]] = stored["items"]
    return items


def _verify(*ballots: Ballot, folder: Path) -> subprocess.CompletedProcess[str]:
    files = []
    for ballot in ballots:
        file = folder / f"{ballot.pk}.json"
        file.write_text(laid_out(recount_document(Ballot.objects.get(pk=ballot.pk))))
        files.append(str(file))
    return subprocess.run(
        [sys.executable, str(ROOT / "verify.py"), *files], capture_output=True, text=True, check=False
    )


# --- several rules over one item ---------------------------------------------


@pytest.mark.parametrize(
    ("choices", "own", "outcome"),
    [
        (["for", "for", "for", "", ""], ["passed", "passed"], "passed"),
        (["for", "for", "", "", ""], ["passed", "rejected"], "rejected"),
        (["for", "against", "", "", ""], ["rejected", "rejected"], "rejected"),
    ],
)
def test_an_item_passes_only_by_all_rules(choices: list[str], own: list[str], outcome: str, tmp_path: Path) -> None:
    ballot = _closed(choices, more_rules=[HALF_OF_ALL])

    [item] = _items(ballot)

    assert [item["decision"]["outcome"], *(one["outcome"] for one in item["also"])] == own
    assert item["outcome"] == outcome
    said = {"passed": "表决通过", "rejected": "表决未通过"}[outcome]
    assert item["sentence"].startswith("须同时符合2项规则：（1）应参加5人")
    assert item["sentence"].endswith(f"总的结论：{said}。")
    done = _verify(ballot, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert item["sentence"] in done.stdout


def test_a_rule_without_quorum_makes_the_whole_not_quorate(tmp_path: Path) -> None:
    ballot = _closed(["for", "for", "", "", ""], more_rules=["owners_278_ordinary"])

    [item] = _items(ballot)

    assert (item["decision"]["outcome"], item["outcome"]) == ("passed", "not_quorate")
    assert _verify(ballot, folder=tmp_path).returncode == 0


def test_the_winners_are_those_of_every_rule(tmp_path: Path) -> None:
    items = [{"title": "选址", "method": "approval", "options": ["东门", "西门"], "form": {"max": 2}}]
    ballot = open_a_ballot(4, items=items, more_rules=[{"quorum": [], "pass": THREE_QUARTERS}])
    marks = [["1", "2"], ["1", "2"], ["1"], ["2"]]
    cast_votes([intent(v, m) for v, m in zip(voters_of(ballot), marks, strict=True)])
    close_ballot(ballot, by=COMMAND_LINE)

    [item] = _items(ballot)

    assert item["counts"]["1"]["heads"] == item["counts"]["2"]["heads"] == 3
    assert item["winners"] == ["1", "2"]
    assert _verify(ballot, folder=tmp_path).returncode == 0


def test_a_flip_counts_only_when_the_whole_flips() -> None:
    # Two of three valid agree; with the one invalid ballot it is two of four: no longer more than half.

    counts = Counts({"for": (2, 2, 0), "against": (1, 1, 0), "abstain": (0, 0, 0)}, (3, 3, 0), (1, 1, 0))
    item = CountedItem(1, "停车", "for_against", {}, (), counts, (), (0, 0), None)

    alone = decide_item(item, [rule_of(HALF)], (4, 0))
    both = decide_item(item, [rule_of(HALF), rule_of({"quorum": [], "pass": THREE_QUARTERS})], (4, 0))

    assert alone["differs_if"] == [{"convention": "invalid_in_base", "outcome": "rejected", "winners": []}]
    assert (both["outcome"], both["differs_if"]) == ("rejected", [])


def test_silence_and_invalid_votes_are_each_counted_both_ways() -> None:

    # 3 of 10 agree, 2 do not, 1 is invalid, 4 are silent: with the silent 7 of 9, without them 3 of 5.
    counts = Counts({"for": (3, 3, 0), "against": (2, 2, 0), "abstain": (0, 0, 0)}, (5, 5, 0), (1, 1, 0))
    item = CountedItem(1, "停车", "for_against", {}, (), counts, (), (0, 0), None)
    rule = rule_of({"quorum": [], "pass": THREE_QUARTERS, "silence": "follows_majority"})

    decided = decide_item(item, [rule], (10, 0))

    assert decided["outcome"] == "passed"
    assert decided["differs_if"] == [
        {"convention": "invalid_in_base", "outcome": "rejected", "winners": []},
        {"convention": "silence_excluded", "outcome": "rejected", "winners": []},
    ]


def test_rules_that_cannot_stand_together_are_refused() -> None:
    with pytest.raises(BadInput, match="同一条规则出现两次") as twice:
        make_ballot(more_rules=[HALF])
    with pytest.raises(BadInput, match="选举只按一条规则决定") as elected:
        make_ballot(items=[{"title": "主任", "method": "election", "options": ["甲", "乙"]}], more_rules=[HALF_OF_ALL])

    assert (twice.value.field, elected.value.field) == ("more_rules[0]", "more_rules")
    assert not Ballot.objects.exists()


# --- motions of several ballots ----------------------------------------------


def test_a_motion_passes_when_all_its_ballots_do(tmp_path: Path) -> None:
    owners, body = make_ballot(3), make_ballot(2, title="居民代表会议")
    motion = join_ballots([owners, body], title="加装电梯", by=COMMAND_LINE)
    for ballot, choices in ((owners, ["for", "for", "against"]), (body, ["for", "for"])):
        open_ballot(ballot, by=COMMAND_LINE)
        cast_votes([intent(v, c) for v, c in zip(voters_of(ballot), choices, strict=True)])
    close_ballot(owners, by=COMMAND_LINE)
    before = motion_state(motion)
    close_ballot(body, by=COMMAND_LINE)

    after = motion_state(motion)

    assert (before.outcome, before.sentence) == ("", "")
    assert after.outcome == "passed"
    assert after.sentence.startswith("2项表决须全部通过：（1）加装电梯：应参加3人")
    done = _verify(owners, body, folder=tmp_path)
    assert "加装电梯：2项表决须全部通过。总的结论：表决通过。" in done.stdout.split("\n")
    assert "give all their files" in _verify(owners, folder=tmp_path).stdout


def test_a_motion_is_lost_with_one_ballot() -> None:
    ballots = [make_ballot(1), make_ballot(1)]
    motion = join_ballots(ballots, title="加装电梯", by=COMMAND_LINE)
    for ballot, choice in zip(ballots, ["for", "against"], strict=True):
        open_ballot(ballot, by=COMMAND_LINE)
        cast_votes([intent(voters_of(ballot)[0], choice)])
        close_ballot(ballot, by=COMMAND_LINE)
        certify_ballot(ballot, by=["监票人甲", "计票人乙"])

    state = motion_state(motion)

    assert state.outcome == "rejected"
    assert LedgerEntry.objects.get(act="join_ballots").after == {
        "title": "加装电梯", "ballots": [ballot.pk for ballot in ballots],
    }  # fmt: skip


def test_only_drafts_are_joined_and_only_once() -> None:
    one, two, three = make_ballot(1), make_ballot(1), open_a_ballot(1)
    join_ballots([one, two], title="加装电梯", by=COMMAND_LINE)

    with pytest.raises(BadInput, match="已经属于别的共同事项"):
        join_ballots([two, make_ballot(1)], title="停车", by=COMMAND_LINE)
    with pytest.raises(WrongStage, match="表决开始后"):
        join_ballots([make_ballot(1), three], title="停车", by=COMMAND_LINE)
    with pytest.raises(BadInput, match="至少有两项"):
        join_ballots([make_ballot(1)], title="停车", by=COMMAND_LINE)


# --- a jurisdiction's own rules ----------------------------------------------


@pytest.fixture
def county() -> Unit:
    unit: Unit = Unit.objects.add_root(create_kwargs={"code": "511302", "name": "顺庆区", "kind": UnitKind.COUNTY})
    below = {"code": "511302001001", "name": "平城街社区", "kind": UnitKind.COMMUNITY}
    Unit.objects.add_child(unit, create_kwargs=below)
    return unit


def test_the_nearest_form_of_a_rule_holds_and_is_cited(county: Unit) -> None:
    community = make_unit()
    set_rule(
        unit=county, key="owners_278_ordinary", passing=STRICTER, article="本区物业管理办法第九条", by=COMMAND_LINE
    )

    ballot = _closed(["for"] * 3, rule="owners_278_ordinary")

    assert ballot.rule["pass"] == STRICTER
    assert ballot.rule["quorum"] == rule_at("owners_278_special", community).entry["quorum"]
    cited = "本区物业管理办法第九条和民法典第二百七十八条第一款第一项至第五项、第九项和第二款"
    assert _items(ballot)[0]["decision"]["basis"] == cited
    assert f"依据{cited}，表决通过。" in _items(ballot)[0]["sentence"]
    assert LedgerEntry.objects.get(act="set_rule").after["cites"] == cited
    assert rules_at(community)[0]["article"] == cited


def test_a_nearer_unit_goes_before_and_dropping_restores(county: Unit) -> None:
    community = make_unit()
    key = "owners_committee"
    for unit, share, article in ((county, "2/3", "区规定"), (community, "3/4", "议事规则")):
        set_rule(
            unit=unit, key=key, article=article, by=COMMAND_LINE,
            passing=[{"measure": "heads", "of": "eligible", "fraction": share, "inclusive": True}],
        )  # fmt: skip
    nearest = rule_at(key, community).entry
    drop_rule(unit=community, key=key, by=COMMAND_LINE)

    assert (nearest["article"], nearest["pass"][0]["fraction"]) == ("议事规则", "3/4")
    assert rule_at(key, community).entry["article"] == "区规定"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"passing": [{**t, "fraction": "2/5"} for t in STRICTER]}, "pass"),
        ({"passing": STRICTER[:1]}, "pass"),
        ({"passing": [{**t, "fraction": "1/2"} for t in STRICTER]}, "pass"),  # 以上 instead of 过半数
        ({"passing": [{**t, "of": "for_and_against"} for t in STRICTER]}, "pass"),
        ({"quorum": []}, "quorum"),
    ],
)
def test_less_than_the_statute_is_refused(county: Unit, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput, match=r"低于民法典第二百七十八条.*不能采用") as refused:
        set_rule(unit=county, key="owners_278_ordinary", article="区规定", by=COMMAND_LINE, **changes)

    assert refused.value.field == field
    assert not RuleOverride.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_a_local_rule_may_ask_for_less_or_more(county: Unit) -> None:
    passing = [{"measure": "heads", "of": "eligible", "fraction": "1/2", "inclusive": True}]

    set_rule(unit=county, key="owners_pre2021", passing=passing, article="区规定", by=COMMAND_LINE)

    assert rule_at("owners_pre2021", county).entry["article"] == "区规定"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "no_such_rule", "passing": STRICTER}, "rule"),
        ({"article": " ", "passing": STRICTER}, "article"),
        ({}, "pass"),
        ({"passing": []}, "pass"),
        ({"passing": [{"measure": "heads", "of": "all", "fraction": "1/2", "inclusive": True}]}, "pass[0].of"),
        ({"silence": "always"}, "silence"),
    ],
)
def test_bad_forms_are_refused_by_field(county: Unit, changes: dict[str, Any], field: str) -> None:
    given = {"key": "owners_278_ordinary", "article": "区规定", **changes}

    with pytest.raises(BadInput) as refused:
        set_rule(unit=county, by=COMMAND_LINE, **given)

    assert refused.value.field == field


def test_only_the_subdistrict_or_an_administrator_sets_rules(county: Unit) -> None:
    nobody = User.objects.create(username="nobody", name="张三")
    root = User.objects.create(username="root", name="管理员", is_superuser=True)
    given: dict[str, Any] = {"unit": county, "key": "owners_committee", "article": "区规定", "invalid": "in_base"}

    with pytest.raises(NotAllowed):
        set_rule(**given, by=nobody)
    set_rule(**given, by=root)

    assert rule_at("owners_committee", county).entry["invalid"] == "in_base"


@pytest.mark.parametrize("wrong", [{"article": ""}, {"invalid": "x"}, {"silence": "x"}, {"invalid": ""}])
def test_the_database_refuses_what_the_operation_would(county: Unit, wrong: dict[str, str]) -> None:
    given: dict[str, Any] = {"unit": county, "key": "owners_committee", "article": "区规定", "invalid": "out", **wrong}

    with pytest.raises(IntegrityError), transaction.atomic():
        RuleOverride.objects.create(**given)


# --- the representatives' meeting --------------------------------------------

COMPOSED = "representatives_composed"
TODAY = dt.date(2026, 9, 1)
NOW = dt.datetime(2026, 9, 1, 10, tzinfo=dt.UTC)


def _body(representatives: int, committee: int) -> Unit:
    community = make_unit()
    for number in range(representatives + committee):
        user = User.objects.create(username=f"u{number}", name=f"代表{number}", unit=community)
        office = Office.RESIDENT_REPRESENTATIVE if number < representatives else Office.COMMITTEE_MEMBER
        Term.objects.create(user=user, office=office, unit=community, starts_on=dt.date(2026, 1, 1))
    return community


def _authorise(community: Unit, **more: Any) -> Any:
    given: dict[str, Any] = {
        "community": community, "matter": "加装电梯等公共设施", "given_on": dt.date(2026, 3, 1),
        "until_on": dt.date(2026, 12, 31), "document": "居民会议决议〔2026〕1号",
    }  # fmt: skip
    return record_authorisation(**{**given, **more}, by=COMMAND_LINE, now=NOW)


def _reps_ballot(community: Unit) -> Ballot:
    return make_ballot(
        representatives_of(community), rule="resident_reps_meeting", scope="representatives", in_room=True
    )


def test_the_representatives_need_an_authorisation_in_force() -> None:
    community = _body(8, 2)
    ballot = _reps_ballot(community)
    expired = _authorise(community, until_on=dt.date(2026, 8, 31))

    with pytest.raises(RequirementsNotMet) as refused:
        open_ballot(ballot, by=COMMAND_LINE, now=NOW)
    _authorise(community)
    opened = open_ballot(ballot, by=COMMAND_LINE, now=NOW)

    assert [m.key for m in refused.value.missing] == ["representatives_authorised"]
    assert str(refused.value.article) == "《城市居民委员会组织法》第二十八条、第二十九条"
    assert opened.phase == Phase.OPEN
    assert opened.authorisation != expired
    assert opened.authorisation is not None
    assert opened.authorisation.document == "居民会议决议〔2026〕1号"


def test_a_quorum_of_those_present_is_called_that_on_paper_and_page() -> None:
    community = _body(8, 2)
    ballot = _reps_ballot(community)
    _authorise(community)
    voters = voters_of(ballot)
    mark_present(ballot, [voter.pk for voter in voters[:9]], by=COMMAND_LINE, now=NOW)
    open_ballot(ballot, by=COMMAND_LINE, now=NOW)
    cast(voters[0])
    close_ballot(ballot, by=COMMAND_LINE, now=NOW)

    [item] = result_facts(ballot)["items"]
    page = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()

    assert [(line["counts"], line["reached"]) for line in item["quorum"]] == [("present", 9)]
    assert item["participating"]["heads"] == 1
    assert ("到会是否达到法定数" in page, "参与是否达到法定数" in page) == (True, False)


@pytest.mark.parametrize(("representatives", "committee", "missing"), [(8, 2, []), (7, 2, [COMPOSED])])
def test_four_fifths_are_representatives(representatives: int, committee: int, missing: list[str]) -> None:

    community = _body(representatives, committee)
    _authorise(community)

    found = missing_to_open(_reps_ballot(community), today=TODAY)

    assert [m.key for m in found] == missing


def test_a_revoked_authorisation_holds_no_longer() -> None:
    community = _body(8, 2)
    revoke_authorisation(_authorise(community), by=COMMAND_LINE, reason="居民会议收回", now=NOW)

    with pytest.raises(RequirementsNotMet, match="没有在有效期内的居民会议授权"):
        open_ballot(_reps_ballot(community), by=COMMAND_LINE, now=NOW)


def test_a_roll_given_as_a_list_is_warned_about() -> None:

    ballot = make_ballot(3, rule="resident_reps_meeting")

    assert any("居民会议的授权须另行核对" in warning for warning in warnings_for(ballot))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until_on": dt.date(2026, 2, 1)}, "until_on"),
        ({"given_on": dt.date(2026, 9, 2)}, "given_on"),
        ({"matter": " "}, "matter"),
        ({"document": ""}, "document"),
    ],
)
def test_an_authorisation_says_what_and_until_when(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        _authorise(make_unit(), **changes)

    assert refused.value.field == field
