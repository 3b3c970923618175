"""The desk of a ballot: a new one for any electorate, its roll, what is missing, opening, closing, the next round."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from community.models import Office, Term, Unit, User
from core import clock
from core.actors import COMMAND_LINE
from core.requirements import RequirementsNotMet
from tests.community.places import COMMUNITY, a_person, a_secretary, a_tree, import_roll, unit
from tests.voting.factories import cast, make_ballot, voters_of
from voting import electorates
from voting.models import Ballot, RollChange
from voting.operations import (
    certify_ballot,
    close_ballot,
    create_ballot,
    open_ballot,
    record_authorisation,
    sign_count,
)
from voting.operations.teller import name_tellers

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
LINES = ["E1-3-2,301,88.40,张三,1234,,业主,sold", "E1-3-2,401,90.00,李四,2345,,业主,sold"]


def _office() -> tuple[Unit, Client]:
    community = a_tree()
    import_roll(LINES)
    client = Client()
    client.force_login(a_secretary(community))
    return community, client


def _given(place: Unit, **more: Any) -> dict[str, Any]:
    return {
        "title": "加装电梯", "scope": "owners", "unit": place.pk, "rule": "owners_278_special", "kind": "named",
        "question": "是否同意加装电梯", "method": "for_against", "options": "", "seats": "", "opens_at": "",
        "closes_at": "", **more,
    }  # fmt: skip


def test_a_ballot_is_made_opened_closed_and_put_again() -> None:
    _community, client = _office()

    made = client.post("/ballots/new/", _given(unit("E1-3-2"))).content.decode()
    ballot = Ballot.objects.get()
    desk = f"/ballots/{ballot.pk}/desk/"
    shown = client.get(desk).content.decode()
    client.post(desk, {"act": "open"})
    client.post(desk, {"act": "close"})
    again = client.post(desk, {"act": "round"})
    ballot.refresh_from_db()

    assert made.count('class="figures"') == 2
    assert "名册 2 人" in shown
    assert (ballot.scope, ballot.drawn_from, ballot.roll_area) == ("owners", unit("E1-3-2"), 17_840)
    assert ballot.phase == "closed"
    assert again.status_code == 200
    assert Ballot.objects.get(previous=ballot).round == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"kind": "secret"}, "须记名并签名"),
        ({"rule": "residents_meeting"}, "居民会议决定”由十八周岁以上居民或者户代表进行，这次的表决人不同"),
        ({"method": "one_of"}, "“多选一”须填选项，一行一个。"),
        ({"method": "election", "options": "甲"}, "选举须填应选人数。"),
        ({"method": "budget", "options": "甲"}, "分配预算须填总点数。"),
        ({"scope": ""}, "这个字段是必填项"),
        ({"scope": "representatives"}, "的名册不能从单元产生"),
        ({"rule": "rc_election"}, "规定须用无记名投票"),
        ({"scope": "party_members", "unit": "community", "rule": "party_branch_decision"}, "名册须有 1 至"),
        ({"closes_at": "x"}, "有效的日期"),
    ],
)
def test_what_does_not_go_together_is_said_and_nothing_is_stored(more: dict[str, Any], said: str) -> None:
    community, client = _office()
    place = community if more.get("unit") == "community" else unit("E1-3-2")

    answer = client.post("/ballots/new/", {**_given(place), **more, "unit": place.pk})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Ballot.objects.exists()


def test_the_roll_is_changed_with_a_reason() -> None:
    community, client = _office()
    ballot = create_ballot(
        community=community, title="加装电梯", items=[{"title": "是否加装"}], rule="owners_278_special",
        voters=electorates.draw("owners", unit("E1-3-2")), scope="owners", drawn_from=unit("E1-3-2"), by=COMMAND_LINE,
    ).ballot  # fmt: skip
    desk = f"/ballots/{ballot.pk}/desk/"

    added = client.post(desk, {"act": "add", "name": "赵六", "place": "501", "area": "70.5", "reason": "漏登"})
    removed = client.post(desk, {"act": "remove", "mark": "张三", "reason": "已出售"}, follow=True).content.decode()
    wrong = client.post(desk, {"act": "remove", "mark": "1", "reason": ""})
    client.post(desk, {"act": "redraw", "reason": "按登记册核对"})

    assert "赵六" in added.content.decode()
    assert "去除 张* · 已出售" in removed
    assert wrong.status_code == 422
    assert sorted(v.name for v in voters_of(ballot)) == ["张三", "李四"]
    assert list(RollChange.objects.values_list("kind", "name")) == [
        ("added", "赵六"), ("removed", "张三"), ("removed", "赵六"), ("added", "张三"),
    ]  # fmt: skip


def _body(community: Unit) -> Ballot:
    for number in range(5):
        user = User.objects.create(username=f"r{number}", name=f"代表{number}")
        Term.objects.create(
            user=user, office=Office.RESIDENT_REPRESENTATIVE, unit=community, starts_on=dt.date(2026, 1, 1)
        )
    return create_ballot(
        community=community, title="充电棚", items=[{"title": "是否建充电棚"}], rule="resident_reps_meeting",
        voters=electorates.draw("representatives", community), scope="representatives", drawn_from=community,
        by=COMMAND_LINE,
    ).ballot  # fmt: skip


def test_the_button_is_grey_until_an_authorisation_covers_the_matter() -> None:
    community, client = _office()
    ballot = _body(community)
    desk = f"/ballots/{ballot.pk}/desk/"

    none = client.get(desk).content.decode()
    authorisation = record_authorisation(
        community=community, matter="绿化养护", given_on=dt.date(2026, 1, 1), until_on=dt.date(2099, 1, 1),
        document="居民会议决议", by=COMMAND_LINE,
    )  # fmt: skip
    other = client.get(desk).content.decode()
    refused = client.post(desk, {"act": "open"})
    client.post(desk, {"act": "authorise", "authorisation": authorisation.pk, "why": "决议附件列有充电设施"})
    client.post(desk, {"act": "open"})
    ballot.refresh_from_db()

    assert "没有在有效期内的居民会议授权（《城市居民委员会组织法》第二十八条、第二十九条）" in none
    assert "居民会议的授权没有写明本次表决的事项（《城市居民委员会组织法》第二十八条）" in other
    assert 'aria-describedby="open-why" disabled' in other
    assert refused.status_code == 409
    assert (ballot.phase, ballot.authorisation) == ("open", authorisation)


@pytest.mark.parametrize(
    ("matter", "general", "covered"),
    [
        ("充电棚", False, True), ("关于“充电棚”建设等事项", False, True), ("是否建充电棚", False, True),
        ("绿化养护", False, False), ("绿化养护", True, True),
    ],
)  # fmt: skip
def test_an_authorisation_covers_what_it_names(matter: str, *, general: bool, covered: bool) -> None:
    community, _client = _office()
    ballot = _body(community)
    record_authorisation(
        community=community, matter=matter, given_on=dt.date(2026, 1, 1), until_on=dt.date(2099, 1, 1),
        document="居民会议决议", is_general=general, by=COMMAND_LINE,
    )  # fmt: skip

    if covered:
        assert open_ballot(ballot, by=COMMAND_LINE).phase == "open"
    else:
        with pytest.raises(RequirementsNotMet, match="没有写明本次表决的事项"):
            open_ballot(ballot, by=COMMAND_LINE)


def test_what_a_proposal_conducts_is_not_opened_here() -> None:
    community, client = _office()
    ballot = make_ballot(2, community=community, subject=unit(COMMUNITY))

    answer = client.post(f"/ballots/{ballot.pk}/desk/", {"act": "open"})

    assert answer.status_code == 409
    assert "由提案或者会议主持" in answer.content.decode()
    assert "名册变更" not in answer.content.decode()
    assert Ballot.objects.get().phase == "draft"


def test_a_runoff_is_made_from_the_desk() -> None:
    community, client = _office()
    election = {"title": "委员", "method": "election", "options": ["甲", "乙"], "form": {"seats": 1}}
    ballot = make_ballot(2, community=community, items=[election], kind="secret", rule="rc_election")
    open_ballot(ballot, by=COMMAND_LINE)
    for voter, key in zip(voters_of(ballot), ["1", "2"], strict=True):
        cast(voter, [key])
    close_ballot(ballot, by=COMMAND_LINE)
    unsigned = client.get(f"/ballots/{ballot.pk}/desk/").content.decode()
    certify_ballot(ballot, by=["丙", "丁"])

    shown = client.get(f"/ballots/{ballot.pk}/desk/").content.decode()
    made = client.post(f"/ballots/{ballot.pk}/desk/", {"act": "round", "runoff": "1"}).content.decode()
    runoff = Ballot.objects.get(previous=ballot)
    followed = client.get(f"/ballots/{ballot.pk}/desk/").content.decode()

    to_the_runoff = f'href="/ballots/{runoff.pk}/desk/"'
    assert ["第 2 轮" in page and to_the_runoff in page for page in (made, followed)] == [True, True]
    assert "建立另行选举" not in followed
    assert "还不能：监票人、计票人签字确认以后，才能另行选举" in unsigned
    assert ("建立另行选举" in shown, "还不能" in shown) == (True, False)
    assert runoff.rule["key"] == "rc_runoff"


@pytest.mark.parametrize("office", [Office.GRID_WORKER, Office.RESIDENT])
def test_the_desk_is_the_leaders(office: str) -> None:
    community = a_tree()
    ballot = make_ballot(2, community=community)
    client = Client()
    client.force_login(a_person("路人", office=office, at=community))

    assert client.get(f"/ballots/{ballot.pk}/desk/").status_code == 403
    assert client.get("/ballots/new/", {"community": COMMUNITY}).status_code == 403


def test_the_form_names_places_in_full_and_each_rule_with_those_it_is_for() -> None:
    _community, client = _office()

    page = client.get("/ballots/new/").content.decode()

    assert f'<option value="{unit("E1-3-2").pk}" data-fits="owners households adults">' in page
    assert "幸福小区3幢2单元（单元）" in page
    assert '<option value="owners_278_ordinary" data-fits="owners residents_committee supervision_committee">' in page
    groups = re.findall(r'<optgroup label="([^"]*)">', page)
    assert groups[:4] == ["业主", "业主委员会委员", "户代表、十八周岁以上居民", "居民代表会议"]
    options = page.partition('for="id_options"')[2].partition("</textarea>")[0]
    assert "可不填" not in options


def test_the_desk_asks_why_a_vote_is_closed_before_its_planned_end() -> None:
    community, client = _office()
    ballot = open_ballot(
        make_ballot(1, community=community, closes_at=clock.now() + dt.timedelta(days=1)), by=COMMAND_LINE
    )
    desk = f"/ballots/{ballot.pk}/desk/"

    page = client.get(desk).content.decode()
    unsaid = client.post(desk, {"act": "close"})
    client.post(desk, {"act": "close", "early_reason": "都已投票。"})
    ballot.refresh_from_db()

    assert 'name="early_reason"' in page
    assert unsaid.status_code == 422
    assert "提前截止须写明理由" in unsaid.content.decode()
    assert ballot.result is not None
    assert ballot.result["closed_early"]["reason"] == "都已投票。"


def test_an_account_is_looked_up_in_the_ballot_s_community_only() -> None:
    community, client = _office()
    ballot = make_ballot(1, community=community)
    elsewhere = User.objects.create(username="elsewhere", name="外人", unit=unit("511302001002"))
    here = User.objects.create(username="here", name="本处", unit=unit("E1-3-2"))
    desk = f"/ballots/{ballot.pk}/desk/"
    given = {"act": "add", "name": "赵六", "place": "501", "area": "", "reason": "漏登"}

    refused = client.post(desk, {**given, "username": elsewhere.username})
    added = client.post(desk, {**given, "username": here.username})

    assert refused.status_code == 404
    assert "本社区没有叫elsewhere的账号。" in refused.content.decode()
    assert added.status_code == 200
    assert voters_of(ballot)[-1].user == here


def test_the_desk_warns_before_opening_of_what_would_give_votes_away() -> None:
    community, client = _office()
    ballot = make_ballot(2, community=community)
    said = "计数实时公开：多投一票，就看得出这一票投了什么。"

    before = client.get(f"/ballots/{ballot.pk}/desk/").content.decode()
    open_ballot(ballot, by=COMMAND_LINE)
    after = client.get(f"/ballots/{ballot.pk}/desk/").content.decode()

    assert [said in page for page in (before, after)] == [True, False]


def test_the_desk_shows_the_progress_and_of_a_named_ballot_who_has_voted() -> None:
    community, client = _office()
    pages = []
    for more in ({}, {"kind": "secret", "rule": "residents_meeting"}):
        ballot = open_ballot(make_ballot(2, community=community, **more), by=COMMAND_LINE)
        cast(voters_of(ballot)[0])
        pages.append(client.get(f"/ballots/{ballot.pk}/desk/").content.decode())

    assert ["已投 1 / 2" in page for page in pages] == [True, True]
    assert [page.count('<td data-label="投票">') for page in pages] == [2, 0]
    assert [page.count("还没有</td>") for page in pages] == [1, 0]


def test_a_counted_ballot_says_at_the_desk_who_still_signs_and_leads_to_the_result() -> None:
    community, client = _office()
    ballot = open_ballot(make_ballot(2, community=community), by=COMMAND_LINE)
    tellers = [a_person(name, office=Office.TELLER, at=community) for name in ("监", "计")]
    name_tellers(ballot, tellers=tellers, by=COMMAND_LINE)
    close_ballot(ballot, by=COMMAND_LINE)
    sign_count(ballot, by=tellers[0])

    page = client.get(f"/ballots/{ballot.pk}/desk/").content.decode()

    assert f'href="/ballots/{ballot.pk}/result/"' in page
    assert ("监 · 核对无误" in page, "计 · 还没有签字" in page) == (True, True)
