"""What changes on a roll between its publication and the opening: each change with its reason, until it freezes."""

import datetime as dt

import pytest

from community.models import Household, Office, Owner, Ownership, Residency, Term, Unit, UnitKind, User
from community.operations import choose_co_owner_voter, name_guardian
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry
from core.requirements import RequirementsNotMet
from publish.models import Notice, Objection
from publish.operations import issue_notice
from tests.community.places import COMMUNITY, a_person, a_secretary, a_tree, import_roll, unit
from tests.voting.factories import make_ballot, make_unit, voters_of
from voting import electorates
from voting.models import Ballot, Proxy, RollChange, Voter
from voting.operations import (
    VoterDraft,
    add_voter,
    create_ballot,
    lodge_proxy,
    open_ballot,
    redraw_roll,
    remove_voter,
    revoke_proxy,
)
from voting.requirements import missing_to_open

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
LINES = [
    "E1-3-2,301,88.40,张三,1234,,业主,sold",
    "E1-3-2,401,90.00,李四,2345,,业主,sold",
    "E1-3-2,401,90.00,王五,3456,,共有人,sold",
]


def _drawn() -> Ballot:
    a_tree()
    import_roll(LINES)
    place = unit("E1-3-2")
    return create_ballot(
        community=unit(COMMUNITY), title="加装电梯", items=[{"title": "是否加装"}], rule="owners_278_special",
        voters=electorates.draw("owners", place), scope="owners", drawn_from=place, by=COMMAND_LINE,
    ).ballot  # fmt: skip


def _roll(ballot: Ballot) -> list[tuple[str, int, str]]:
    return [(v.name, v.area, v.guardian_name) for v in voters_of(ballot)]


def _changes(ballot: Ballot) -> list[tuple[str, str, str]]:
    return [(one.kind, one.name, one.reason) for one in RollChange.objects.filter(ballot=ballot)]


def test_the_register_brings_another_voter_of_co_owners_and_a_guardian() -> None:
    ballot = _drawn()
    zhang, _li, wang = Owner.objects.order_by("pk")
    flat = Ownership.objects.filter(owner=wang).get().exclusive_unit
    kept = voters_of(ballot)[0]

    choose_co_owner_voter(flat, owner=wang, by=COMMAND_LINE, reason="推选书")
    name_guardian(zhang, name="张父", ground="incapable", basis="判决书", by=COMMAND_LINE)
    done = redraw_roll(ballot, by=COMMAND_LINE, reason="按登记册核对")
    again = redraw_roll(ballot, by=COMMAND_LINE, reason="按登记册核对")

    assert _roll(ballot) == [("张三", 8840, "张父"), ("王五", 9000, "")]
    assert (done.added, done.removed, done.corrected, len(done.codes)) == (1, 1, 1, 1)
    assert (again.added, again.removed, again.corrected) == (0, 0, 0)
    assert voters_of(ballot)[0].code_hash == kept.code_hash
    assert _changes(ballot) == [
        ("removed", "李四", "按登记册核对"),
        ("corrected", "张三", "按登记册核对"),
        ("added", "王五", "按登记册核对"),
    ]
    entry = LedgerEntry.objects.get(act="redraw_roll")
    assert (entry.after, entry.reason) == ({"added": 1, "removed": 1, "corrected": 1}, "按登记册核对")


def test_somebody_is_put_on_and_taken_off_with_the_powers() -> None:
    ballot = make_ballot(2, rule="owners_278_ordinary")
    first, second = voters_of(ballot)
    lodge_proxy(ballot, principal=first, holder=second, by=COMMAND_LINE)

    added, code = add_voter(ballot, VoterDraft("赵六", 1, 7500), by=COMMAND_LINE, reason="漏登")
    remove_voter(first, by=COMMAND_LINE, reason="已出售")
    opened = open_ballot(ballot, by=COMMAND_LINE)

    assert len(code) == 10
    assert [v.pk for v in voters_of(ballot)] == [second.pk, added.pk]
    assert (opened.roll_heads, opened.roll_area) == (2, 7500 + 10_001)
    assert Proxy.objects.count() == 0
    assert LedgerEntry.objects.get(act="roll_removed").after["powers_ended"] == 1
    assert _changes(ballot) == [("added", "赵六", "漏登"), ("removed", "居民0", "已出售")]


def test_an_open_roll_is_frozen() -> None:
    ballot = open_ballot(make_ballot(2), by=COMMAND_LINE)

    for act in (
        lambda: add_voter(ballot, VoterDraft("赵六"), by=COMMAND_LINE, reason="漏登"),
        lambda: remove_voter(voters_of(ballot)[0], by=COMMAND_LINE, reason="已出售"),
        lambda: redraw_roll(ballot, by=COMMAND_LINE, reason="核对"),
    ):
        with pytest.raises(WrongStage, match="名册已经冻结"):
            act()

    assert (Voter.objects.count(), RollChange.objects.count()) == (2, 0)


def test_a_change_says_why_and_is_the_offices() -> None:
    ballot = make_ballot(2)

    with pytest.raises(BadInput) as refused:
        add_voter(ballot, VoterDraft("赵六"), by=COMMAND_LINE, reason=" ")
    with pytest.raises(NotAllowed):
        add_voter(ballot, VoterDraft("赵六"), by=a_person("路人"), reason="漏登")
    with pytest.raises(BadInput, match="不是从登记册产生的"):
        redraw_roll(ballot, by=COMMAND_LINE, reason="核对")

    assert refused.value.field == "reason"
    assert Voter.objects.count() == 2


@pytest.mark.parametrize(("status", "allowed"), [("acknowledged", False), ("upheld", True)])
def test_an_objection_changes_the_roll_once_it_is_upheld(status: str, *, allowed: bool) -> None:
    ballot = make_ballot(2)
    moment = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)
    by = a_secretary(ballot.community)
    facts = {"title": "名册公示", "matter": "加装电梯", "total_heads": 2, "entries": [{"place": "", "name": "居*"}]}
    notice = issue_notice(kind="roll", issuer=ballot.community, facts=facts, by=by, now=moment)
    ruled = {"ruled_at": moment, "ruling": "应列入名册"} if status == "upheld" else {}
    objection = Objection.objects.create(
        notice=notice, name="赵六", phone="13800000000", text="漏登", status=status, received_at=moment,
        acknowledged_at=moment, acknowledge_due_on=moment.date(), rule_due_on=moment.date(), **ruled,
    )  # fmt: skip

    if allowed:
        add_voter(ballot, VoterDraft("赵六"), by=COMMAND_LINE, reason="异议成立", objection=objection)
    else:
        with pytest.raises(WrongStage, match="还没有裁定成立"):
            add_voter(ballot, VoterDraft("赵六"), by=COMMAND_LINE, reason="异议成立", objection=objection)

    assert [one.objection for one in RollChange.objects.all()] == ([objection] if allowed else [])


# --- proxies when the ballot opens -----------------------------------------------


def test_a_holder_who_became_company_staff_keeps_the_ballot_from_opening() -> None:
    holder = User.objects.create(username="h", name="李明")
    ballot = make_ballot(
        [VoterDraft("张三", area=10), VoterDraft("李明", area=10, user=holder)], rule="owners_278_ordinary"
    )
    proxy = lodge_proxy(ballot, principal=voters_of(ballot)[0], holder=voters_of(ballot)[1], by=COMMAND_LINE)
    Term.objects.create(user=holder, office=Office.PROPERTY_STAFF, unit=make_unit(), starts_on=dt.date(2026, 1, 1))

    with pytest.raises(RequirementsNotMet, match=r"受托人李\*已是候选人或者物业服务人员"):
        open_ballot(ballot, by=COMMAND_LINE)
    said = missing_to_open(ballot, today=dt.date(2026, 11, 20))
    revoke_proxy(proxy, by=COMMAND_LINE)

    assert [(one.key, one.article) for one in said] == [("proxy_lawful", ballot.rule["article"])]
    assert open_ballot(ballot, by=COMMAND_LINE).phase == "open"


# --- scopes --------------------------------------------------------------------


def test_adults_are_drawn_on_their_birthday_and_unknown_ages_are_left_out() -> None:
    community = make_unit()
    place = Unit.objects.add_child(community, create_kwargs={"code": "H1", "name": "101", "kind": UnitKind.HOUSEHOLD})
    home = Household.objects.create(unit=place, label="101")
    for name, born in (("成年", dt.date(2008, 11, 20)), ("未成年", dt.date(2008, 11, 21)), ("不详", None)):
        user = User.objects.create(username=name, name=name, born_on=born)
        Residency.objects.create(user=user, household=home)
    fresh = Unit.objects.get(pk=community.pk)

    drafts = electorates.adults_of(fresh, today=dt.date(2026, 11, 20))

    assert [(d.name, d.place, d.heads, d.area) for d in drafts] == [("成年", "101", 1, 0)]
    assert electorates.residents_of_unknown_age(fresh) == 1


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("residents_committee", ["主任", "委员"]),
        ("supervision_committee", ["监督"]),
        ("owners_committee", ["业委"]),
        ("party_members", ["党员"]),
        ("elected_representatives", ["代表"]),
        ("representatives", ["代表", "主任", "委员"]),
    ],
)
def test_a_body_is_drawn_from_its_offices(scope: str, names: list[str]) -> None:
    community = make_unit()
    for name, office in (
        ("主任", Office.DIRECTOR), ("委员", Office.COMMITTEE_MEMBER), ("监督", Office.SUPERVISION_COMMITTEE),
        ("业委", Office.OWNERS_COMMITTEE_MEMBER), ("党员", Office.PARTY_MEMBER),
        ("代表", Office.RESIDENT_REPRESENTATIVE),
    ):  # fmt: skip
        user = User.objects.create(username=name, name=name)
        Term.objects.create(user=user, office=office, unit=community, starts_on=dt.date(2026, 1, 1))

    assert [draft.name for draft in electorates.draw(scope, community)] == names


def test_a_scope_is_drawn_where_it_makes_sense() -> None:
    a_tree()

    with pytest.raises(BadInput, match="“居民代表会议”的名册不能从楼栋产生") as refused:
        electorates.draw("representatives", unit("E1-3"))
    with pytest.raises(BadInput, match="名册来源须为 owners、households") as unknown:
        electorates.draw("everybody", unit(COMMUNITY))

    assert (refused.value.field, unknown.value.field) == ("unit", "scope")


def test_a_roll_of_owners_is_not_voted_on_in_secret() -> None:
    ballot = _drawn()
    assert ballot.drawn_from is not None

    with pytest.raises(BadInput, match="须记名并签名") as refused:
        create_ballot(
            community=ballot.community, title="加装电梯", items=[{"title": "是否加装"}], rule="owners_278_special",
            voters=electorates.draw("owners", ballot.drawn_from), scope="owners", kind="secret", by=COMMAND_LINE,
        )  # fmt: skip

    assert refused.value.field == "kind"
    assert Ballot.objects.count() == 1


def _upheld(ballot: Ballot) -> Objection:
    moment = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)
    facts = {"title": "名册公示", "matter": "加装电梯", "total_heads": 2, "entries": [{"place": "", "name": "居*"}]}
    by = a_secretary(ballot.community)
    notice = issue_notice(kind="roll", issuer=ballot.community, facts=facts, by=by, now=moment)
    return Objection.objects.create(
        notice=notice, name="赵六", phone="13800000000", text="漏登", status="upheld", received_at=moment,
        ruling="成立", ruled_at=moment, acknowledged_at=moment, acknowledge_due_on=moment.date(),
        rule_due_on=moment.date(),
    )  # fmt: skip


def test_a_ruling_on_another_matter_changes_nothing_here() -> None:
    ballot = make_ballot(2)
    objection = _upheld(ballot)
    Ballot.objects.filter(pk=ballot.pk).update(subject_type="deliberation.proposal", subject_id="1")
    Notice.objects.filter(pk=objection.notice_id).update(subject_type="deliberation.proposal", subject_id="2")

    with pytest.raises(BadInput) as refused:
        remove_voter(voters_of(ballot)[0], by=COMMAND_LINE, reason="异议成立", objection=objection)

    assert refused.value.field == "objection"
    assert not RollChange.objects.exists()


def test_who_is_off_the_roll_is_taken_off_no_second_time() -> None:
    ballot = make_ballot(2)
    gone = voters_of(ballot)[0]

    for _again in range(2):
        remove_voter(gone, by=COMMAND_LINE, reason="已搬走")

    assert RollChange.objects.count() == 1


def test_what_a_ruling_changed_stays_changed_when_the_roll_is_drawn_again() -> None:
    ballot = _drawn()
    objection = _upheld(ballot)
    add_voter(ballot, VoterDraft("赵六", 1, 7500), by=COMMAND_LINE, reason="异议成立", objection=objection)
    remove_voter(voters_of(ballot)[0], by=COMMAND_LINE, reason="异议成立", objection=objection)

    done = redraw_roll(ballot, by=COMMAND_LINE, reason="按登记册核对")

    assert (done.added, done.removed, done.corrected) == (0, 0, 0)
    assert [name for name, _area, _guardian in _roll(ballot)] == ["李四", "赵六"]


def test_one_account_for_two_owners_is_told_not_thrown() -> None:
    ballot = _drawn()
    person = a_person("张三")
    Owner.objects.filter(name="张三").update(user=person)
    redraw_roll(ballot, by=COMMAND_LINE, reason="按登记册核对")
    import_roll([*LINES, "E1-3-2,302,88.40,张三,9999,,业主,sold"])
    Owner.objects.filter(id_suffix="9999").update(user=person)

    with pytest.raises(BadInput, match="同一个账户对应了两位业主"):
        redraw_roll(ballot, by=COMMAND_LINE, reason="按登记册核对")
    assert len(voters_of(ballot)) == 2


def test_a_secret_ranking_stays_countable() -> None:
    ranking = {"title": "排序", "method": "ranking", "options": ["甲", "乙", "丙"]}
    ballot = make_ballot([VoterDraft("甲"), VoterDraft("乙")], kind="secret", items=[ranking])

    with pytest.raises(BadInput, match="票权不同的无记名表决不能用排序"):
        add_voter(ballot, VoterDraft("赵六", 2), by=COMMAND_LINE, reason="漏登")
    assert Voter.objects.count() == 2
