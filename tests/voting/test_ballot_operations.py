"""Proxies, recusals, tellers, rolls, and what a result tells beside its outcome."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from community.models import (
    ExclusiveUnit,
    Household,
    Owner,
    Ownership,
    Unit,
    User,
)
from community.signin import SignedIn
from core import clock
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry
from publish import kinds
from tests.voting.factories import HALF, cast, intent, items_of, make_ballot, make_unit, open_a_ballot, voters_of
from voting import electorates, signals
from voting.codes import resolve_voting_code
from voting.models import Ballot, Channel, Voter
from voting.operations import (
    VoterDraft,
    cast_votes,
    certify_ballot,
    close_ballot,
    close_due_ballots,
    create_ballot,
    lodge_proxy,
    mark_present,
    open_ballot,
    recuse,
    revoke_proxy,
    sign_count,
)
from voting.operations.proxy import AlreadyVoted, ProxyNotAllowed
from voting.operations.teller import CountDisputed, TooFewTellers
from voting.result import make_result, result_facts, share
from voting.rules.page import page
from voting.tally import schulze
from voting.warnings import warnings_for

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def _proxy(ballot: Ballot, principal: Voter, holder: Voter) -> None:
    lodge_proxy(ballot, principal=principal, holder=holder, by=COMMAND_LINE)


def test_nobody_holds_more_than_three_proxies() -> None:
    ballot = make_ballot(5)
    holder, *principals = voters_of(ballot)
    for principal in principals[:3]:
        _proxy(ballot, principal, holder)

    with pytest.raises(ProxyNotAllowed):
        _proxy(ballot, principals[3], holder)


def test_proxies_do_not_chain_nor_double() -> None:
    ballot = make_ballot(4)
    one, two, three, _four = voters_of(ballot)
    _proxy(ballot, one, two)

    for principal, holder in ((two, three), (three, one), (one, three), (three, three)):
        with pytest.raises(ProxyNotAllowed):
            _proxy(ballot, principal, holder)


def test_a_rule_without_proxies_and_an_open_ballot_take_none() -> None:
    ballot = make_ballot(2, rule="resident_reps_meeting")
    one, two = voters_of(ballot)
    with pytest.raises(ProxyNotAllowed):
        _proxy(ballot, one, two)
    opened = open_a_ballot(2)
    one, two = voters_of(opened)

    with pytest.raises(WrongStage):
        _proxy(opened, one, two)


def test_a_revoked_proxy_gives_the_vote_back() -> None:
    ballot = make_ballot(2)
    one, two = voters_of(ballot)
    proxy = lodge_proxy(ballot, principal=one, holder=two, by=COMMAND_LINE)

    revoke_proxy(proxy, by=COMMAND_LINE)
    open_ballot(ballot, by=COMMAND_LINE)

    assert cast(two, on_behalf_of=str(one.pk)).code == "proxy_not_allowed"
    assert cast(one).accepted


def test_who_steps_aside_neither_votes_nor_is_present_and_the_total_stays() -> None:
    ballot = open_a_ballot(4, in_room=True, items=[{"title": "一"}, {"title": "二"}], rule="residents_meeting")
    one, two, three, _four = voters_of(ballot)
    first, second = items_of(ballot)
    mark_present(ballot, [v.pk for v in (one, two, three)], by=COMMAND_LINE)
    recuse(first, one, by=COMMAND_LINE, reason="施工方亲属")

    assert cast(one, choices={str(first.pk): "for"}).code == "recused"
    assert cast(one, choices={str(second.pk): "for"}).accepted
    cast_votes([intent(two, choices={str(first.pk): "for", str(second.pk): "for"})])
    close_ballot(ballot, by=COMMAND_LINE)

    assert ballot.result is not None
    aside, other = ballot.result["items"]
    assert (aside["present"]["heads"], other["present"]["heads"]) == (2, 3)
    assert aside["decision"]["quorum"][0]["base"] == 4
    assert (aside["outcome"], other["outcome"]) == ("not_quorate", "passed")


def test_nobody_steps_aside_after_voting() -> None:
    ballot = open_a_ballot(1)
    [voter] = voters_of(ballot)
    cast(voter)

    with pytest.raises(AlreadyVoted):
        recuse(items_of(ballot)[0], voter, by=COMMAND_LINE)


def test_a_teller_who_disagrees_blocks_until_they_agree() -> None:
    ballot = open_a_ballot(1)
    with pytest.raises(WrongStage):
        sign_count(ballot, by="甲")
    close_ballot(ballot, by=COMMAND_LINE)
    with pytest.raises(BadInput):
        sign_count(ballot, by="甲", agrees=False)
    sign_count(ballot, by="甲", agrees=False, reason="少一票")

    with pytest.raises(CountDisputed):
        certify_ballot(ballot, by=["乙", "丙"])
    ballot.refresh_from_db()
    assert ballot.phase == "closed"
    sign_count(ballot, by="甲")
    certify_ballot(ballot, by=["乙"])

    assert ballot.phase == "certified"
    signed = LedgerEntry.objects.filter(act="sign_count").order_by("sequence")
    assert [(s.after["teller"], s.after["agrees"]) for s in signed] == [("甲", False), ("甲", True), ("乙", True)]


def test_two_different_tellers_none_of_them_recused() -> None:
    user = User.objects.create(username="u", name="甲")
    ballot = open_a_ballot([VoterDraft("甲", user=user), VoterDraft("乙")])
    recuse(items_of(ballot)[0], voters_of(ballot)[0], by=COMMAND_LINE)

    with pytest.raises(TooFewTellers):
        certify_ballot(ballot, by=["丙", "丙 "])
    with pytest.raises(NotAllowed):
        certify_ballot(ballot, by=[user, "丙"])


@pytest.mark.parametrize(
    ("invalid", "outcome", "other"), [("out", "passed", "rejected"), ("in_base", "rejected", "passed")]
)
def test_invalid_ballots_are_computed_both_ways(invalid: str, outcome: str, other: str) -> None:
    ballot = open_a_ballot(4, rule={**HALF, "invalid": invalid})
    votes = zip(voters_of(ballot), ["for", "for", "against", "invalid"], strict=True)
    cast_votes([intent(voter, choice, channel=Channel.PAPER) for voter, choice in votes])

    close_ballot(ballot, by=COMMAND_LINE)

    assert ballot.result is not None
    [item] = ballot.result["items"]
    assert item["outcome"] == outcome
    assert [d["outcome"] for d in item["differs_if"]] == [other]
    assert item["counts"]["invalid"]["votes"] == 1


def test_silence_that_follows_the_majority_is_flagged_when_it_turns_the_outcome() -> None:
    rule: dict[str, Any] = {
        "quorum": [{"measure": "heads", "of": "eligible", "fraction": "2/3", "inclusive": True}],
        "pass": HALF["pass"],
        "silence": "follows_majority",
    }
    ballot = open_a_ballot(6, rule=rule)
    one, two, *_silent = voters_of(ballot)
    cast_votes([intent(one), intent(two)])

    close_ballot(ballot, by=COMMAND_LINE)

    assert ballot.result is not None
    [item] = ballot.result["items"]
    assert item["outcome"] == "passed"
    assert item["differs_if"] == [{"convention": "silence_excluded", "outcome": "not_quorate", "winners": []}]
    assert item["counts"]["for"]["votes"] == 2


def test_a_due_ballot_is_closed() -> None:
    end = clock.now() + dt.timedelta(hours=1)
    ballot = open_a_ballot(1, closes_at=end)

    assert close_due_ballots(by=COMMAND_LINE, now=end - dt.timedelta(seconds=1)) == 0
    assert close_due_ballots(by=COMMAND_LINE, now=end) == 1
    ballot.refresh_from_db()
    assert ballot.phase == "closed"


def test_a_due_ballot_that_cannot_be_closed_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    end = clock.now() + dt.timedelta(hours=1)
    broken, sound = open_a_ballot(1, closes_at=end), open_a_ballot(1, closes_at=end)
    Ballot.objects.filter(pk=broken.pk).update(rule={})

    assert close_due_ballots(by=COMMAND_LINE, now=end) == 1

    assert dict(Ballot.objects.values_list("pk", "phase")) == {broken.pk: "open", sound.pk: "closed"}
    assert [record.args for record in caplog.records] == [(broken.pk,)]


def test_before_its_planned_end_a_ballot_closes_only_with_a_reason_that_everybody_can_read() -> None:
    end = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
    ballot = open_a_ballot(1, closes_at=end)
    early = end - dt.timedelta(days=1)
    for reason in ("", "  ", "x" * 301, "两\n行"):
        with pytest.raises(BadInput) as refused:
            close_ballot(ballot, by=COMMAND_LINE, reason=reason, now=early)
        assert refused.value.field == "reason"
    assert Ballot.objects.get().phase == "open"

    close_ballot(ballot, by=COMMAND_LINE, reason=" 名册上的人都已投票。", now=early)
    recounted = make_result(ballot, closed_at=early, early=(ballot.result or {})["closed_early"])

    kept = {"planned": "2026-12-01T12:00:00+00:00", "reason": "名册上的人都已投票。"}
    assert ballot.result is not None
    assert (ballot.result["closed_early"], recounted) == (kept, ballot.result)
    entry = LedgerEntry.objects.get(act="close_ballot")
    assert (entry.reason, entry.after["early"]) == ("名册上的人都已投票。", kept)
    page = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()
    assert "公告的截止时间是2026年12月1日 20:00。理由：名册上的人都已投票。" in page
    facts = result_facts(ballot)
    assert (facts["planned_end"], facts["early_reason"]) == ("2026-12-01T20:00", "名册上的人都已投票。")
    kinds.validate("vote_result", {**facts, "title": "关于加装电梯表决结果的公示", "matter": "加装电梯"})


def test_in_time_no_reason_is_asked_nor_kept() -> None:
    end = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
    ballot = close_ballot(open_a_ballot(1, closes_at=end), by=COMMAND_LINE, reason="没有必要", now=end)

    assert "closed_early" not in (ballot.result or {})
    assert "early_reason" not in result_facts(ballot)
    assert LedgerEntry.objects.get(act="close_ballot").reason == ""


@pytest.mark.django_db(transaction=True)
def test_news_of_each_phase_goes_out_after_commit() -> None:
    heard: list[str] = []

    def hear(ballot: Ballot, **_more: Any) -> None:
        heard.append(str(ballot.phase))

    for signal in (signals.ballot_opened, signals.ballot_closed, signals.ballot_certified):
        signal.connect(hear)
    try:
        ballot = open_a_ballot(1)
        close_ballot(ballot, by=COMMAND_LINE)
        close_ballot(ballot, by=COMMAND_LINE)
        certify_ballot(ballot, by=["甲", "乙"])
    finally:
        for signal in (signals.ballot_opened, signals.ballot_closed, signals.ballot_certified):
            signal.disconnect(hear)

    assert heard == ["open", "closed", "certified"]


def test_the_facts_of_the_notice_fit_its_schema() -> None:
    drafts = [VoterDraft(f"业主{n}", area=8_840) for n in range(4)]
    ballot = open_a_ballot(drafts, rule="owners_278_special")
    cast_votes([intent(voter) for voter in voters_of(ballot)[:3]])
    certify_ballot(ballot, by=["甲", "乙"])

    facts = result_facts(ballot)

    kinds.validate("vote_result", {**facts, "title": "关于加装电梯表决结果的公示", "matter": "加装电梯"})
    assert facts["eligible"] == {"heads": 4, "area": "353.60"}
    assert facts["items"][0]["options"][0] == {
        "label": "同意", "heads": 3, "area": "265.20", "share_heads": "100.0%", "share_area": "100.0%",
    }  # fmt: skip
    assert facts["tellers"] == ["*(甲)", "*(乙)"]
    assert facts["items"][0]["sentence"].endswith("表决通过。")


@pytest.mark.parametrize(("part", "base", "text"), [(2, 3, "66.7%"), (1, 3, "33.3%"), (0, 0, "—"), (1, 2000, "0.1%")])
def test_shares_are_rounded_half_up_for_reading(part: int, base: int, text: str) -> None:
    assert share(part, base) == text


def test_warnings_before_opening() -> None:
    weighed = make_ballot([VoterDraft("甲", area=1), VoterDraft("乙", area=2)], kind="secret")
    alike = make_ballot([VoterDraft(f"居民{n}") for n in range(10)], kind="secret")
    named = make_ballot([VoterDraft("甲", area=1)], kind="secret", rule="owners_278_special")

    assert len(warnings_for(weighed)) == 2
    assert warnings_for(alike) == []
    assert len(warnings_for(named)) == 2


def test_counts_that_run_are_warned_about_before_a_named_ballot_opens() -> None:
    alike = [VoterDraft(f"居民{n}") for n in range(2)]
    weighed = [VoterDraft("甲", area=1), VoterDraft("乙", area=2)]
    said = "计数实时公开：多投一票，就看得出这一票投了什么。"
    whose = "各人票权（人数、面积）不同，从实时计数还看得出这一票是谁投的。"

    told = [
        warnings_for(make_ballot(alike)),
        warnings_for(make_ballot(weighed)),
        warnings_for(make_ballot(weighed, disclosure="at_closing")),
    ]

    assert told == [[said], [said, whose], []]


def test_a_printed_code_opens_its_ballot_without_an_account() -> None:
    created = create_ballot(
        community=make_unit(),
        title="选址",
        items=[{"title": "一"}],
        rule=HALF,
        voters=[VoterDraft("甲")],
        by=COMMAND_LINE,
    )
    [(voter, code)] = created.codes.items()

    found = resolve_voting_code(None, code)  # type: ignore[arg-type] # the request is not looked at

    assert found == SignedIn(
        name="甲", session={"voters": {str(created.ballot.pk): voter}}, next=f"/ballots/{created.ballot.pk}/"
    )
    assert resolve_voting_code(None, "AAAAAAAAAA") is None  # type: ignore[arg-type] # the same


def test_owners_stand_on_the_roll_by_the_counting_rules() -> None:
    community = make_unit()
    owner = Owner.objects.create(community=community, name="张三")
    other = Owner.objects.create(community=community, name="李四")
    for number, (kind, area, who) in enumerate(
        [("sold", 8840, owner), ("sold", 5000, owner), ("parking", 1200, owner), ("sold", 9000, other)]
    ):
        values = {"code": f"h{number}", "name": f"{number}室", "kind": "household"}
        unit = Unit.objects.add_child(Unit.objects.get(pk=community.pk), create_kwargs=values)
        household = Household.objects.create(unit=unit, label=f"{number}室")
        part = ExclusiveUnit.objects.create(household=household, label="1", kind=kind, area=area)
        Ownership.objects.create(exclusive_unit=part, owner=who)

    drafts = electorates.owners_of(Unit.objects.get(pk=community.pk))

    assert [(d.name, d.heads, d.area, d.place) for d in drafts] == [
        ("张三", 1, 13840, "0室、1室"),
        ("李四", 1, 9000, "3室"),
    ]
    assert [d.name for d in electorates.households_of(Unit.objects.get(pk=community.pk))] == [
        f"{number}室" for number in range(4)
    ]


def test_schulze_finds_the_winner_of_the_classic_example() -> None:
    rankings = [
        (list("ACBED"), 5), (list("ADECB"), 5), (list("BEDAC"), 8), (list("CABED"), 3),
        (list("CAEBD"), 7), (list("CBADE"), 2), (list("DCEBA"), 7), (list("EBADC"), 8),
    ]  # fmt: skip

    assert schulze("ABCDE", rankings) == [["E"], ["A"], ["C"], ["B"], ["D"]]


def test_the_page_of_rules_is_fresh() -> None:
    assert (settings.BASE_DIR / "docs" / "rules.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize(
    ("more", "disclosure"),
    [
        ({}, "running"),  # a bare list, as for a show of hands
        ({"scope": "households"}, "at_closing"),
        ({"subject": "unit"}, "at_closing"),
        ({"scope": "households", "disclosure": "running"}, "running"),
        ({"kind": "secret"}, "at_closing"),
    ],
)
def test_counts_of_an_electorate_or_a_matter_run_only_where_somebody_chose_it(
    more: dict[str, str], disclosure: str
) -> None:
    given: dict[str, Any] = dict(more)
    if "subject" in given:
        given["subject"] = make_unit()

    assert make_ballot(3, **given).disclosure == disclosure
