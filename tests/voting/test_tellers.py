"""Tellers: named ahead, unbiased, each by their own account; three with a box; disagreement blocks until a recount."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from community.models import Household, Office, Residency, Term, Unit, UnitKind, User
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, WrongStage
from core.ledger import record
from core.models import LedgerEntry
from tests.voting.factories import make_ballot, make_unit, open_a_ballot, voters_of
from voting.models import Ballot, Certification, Teller
from voting.operations import VoterDraft, certify_ballot, close_ballot, open_ballot, recuse, sign_count
from voting.operations.box import send_box
from voting.operations.teller import (
    CountDisputed,
    TooFewTellers,
    name_tellers,
    people_named,
    recount_ballot,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
ELECTION = {"title": "选举委员", "method": "election", "options": ["张三（现任委员）", "李四"], "form": {"seats": 1}}


def officer(username: str, office: str = Office.TELLER, *, name: str = "") -> User:
    user = User.objects.create(username=username, name=name or username)
    Term.objects.create(user=user, office=office, unit=make_unit(), starts_on="2026-01-01")
    return user


def page_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def closed(**more: object) -> Ballot:
    return close_ballot(open_a_ballot(3, **more), by=COMMAND_LINE)


def test_two_tellers_of_one_name_both_sign() -> None:
    ballot = closed()
    one, two = officer("wang1", name="王芳"), officer("wang2", name="王芳")

    for user in (one, one, two):
        page_of(user).post(f"/ballots/{ballot.pk}/certify/", {"agrees": "1"})

    ballot.refresh_from_db()
    assert ballot.phase == "certified"
    assert list(Certification.objects.order_by("pk").values_list("teller__username", "teller_name")) == [
        ("wang1", "王芳"),
        ("wang2", "王芳"),
    ]


def test_one_account_is_one_signature() -> None:
    ballot = closed()
    one = officer("wang1", name="王芳")

    with pytest.raises(TooFewTellers):
        certify_ballot(ballot, by=[one, one])

    assert ballot.phase == "closed"


def test_the_command_takes_usernames_or_names_and_refuses_a_name_borne_twice() -> None:
    ballot = closed()
    officer("wang1", name="王芳")
    officer("wang2", name="王芳")
    zhao = officer("zhao", name="赵六")

    assert people_named(["wang1", "赵六", "纸上签字的人"])[1:] == [zhao, "纸上签字的人"]
    with pytest.raises(CommandError) as refused:
        call_command("certify_ballot", str(ballot.pk), "--by=王芳", "--by=赵六")
    assert "wang1、wang2" in str(refused.value)
    out = io.StringIO()
    call_command("certify_ballot", str(ballot.pk), "--by=wang2", "--by=赵六", stdout=out)

    assert json.loads(out.getvalue())["certified_by"] == ["王芳", "赵六"]
    assert set(Certification.objects.values_list("teller__username", flat=True)) == {"wang2", "zhao"}


def test_the_page_finds_tellers_among_the_people_of_the_community_alone() -> None:
    ballot = make_ballot()
    here = officer("wang1", name="王芳")
    User.objects.create(username="wang2", name="王芳")
    User.objects.create(username="elsewhere", name="赵六")

    assert people_named(["王芳", "赵六", "elsewhere"], at=ballot.community) == [here, "赵六", "elsewhere"]


def test_where_tellers_are_named_nobody_else_signs() -> None:
    ballot = make_ballot()
    secretary = officer("secretary", Office.SECRETARY)
    one, two, other = officer("甲"), officer("乙"), officer("丙")

    name_tellers(ballot, tellers=[one, two], by=secretary)
    name_tellers(ballot, tellers=[two, one], by=secretary)
    close_ballot(open_ballot(ballot, by=COMMAND_LINE), by=COMMAND_LINE)

    assert LedgerEntry.objects.filter(act="name_tellers").count() == 1
    for stranger in (other, "丁"):
        with pytest.raises(NotAllowed):
            sign_count(ballot, by=stranger)
    assert page_of(other).get(f"/ballots/{ballot.pk}/certify/").status_code == 403
    assert page_of(one).get(f"/ballots/{ballot.pk}/certify/").status_code == 200
    with pytest.raises(WrongStage):
        name_tellers(ballot, tellers=[one, other], by=secretary)
    certify_ballot(ballot, by=[one, two])
    assert ballot.phase == "certified"


def test_naming_is_the_offices_and_takes_two() -> None:
    ballot = make_ballot()
    secretary, one, two = officer("secretary", Office.SECRETARY), officer("甲"), officer("乙")

    with pytest.raises(BadInput):
        name_tellers(ballot, tellers=[one, one], by=secretary)
    with pytest.raises(NotAllowed):
        name_tellers(ballot, tellers=[one, two], by=one)

    assert not Teller.objects.exists()


def test_candidates_their_household_and_who_stepped_aside_do_not_count() -> None:
    door = Unit.objects.add_child(
        make_unit(), create_kwargs={"code": "511302001001-1", "name": "1-101", "kind": UnitKind.HOUSEHOLD}
    )
    home = Household.objects.create(unit=door, label="1-101")
    secretary = officer("secretary", Office.SECRETARY)
    standing, wife, aside, fair = officer("z3", name="张三"), officer("wife"), officer("aside"), officer("fair")
    for user in (standing, wife):
        Residency.objects.create(user=user, household=home)
    ballot = make_ballot([VoterDraft("居民", user=aside), VoterDraft("居民二")], items=[ELECTION])
    recuse(ballot.items.get(), voters_of(ballot)[0], by=COMMAND_LINE)

    for biased, said in ((standing, "候选人不能"), (wife, "候选人张三的家人"), (aside, "已回避")):
        with pytest.raises(NotAllowed) as refused:
            name_tellers(ballot, tellers=[biased, fair], by=secretary)
        assert said in str(refused.value)
    close_ballot(open_ballot(ballot, by=COMMAND_LINE), by=COMMAND_LINE)
    for signer in (standing, wife, aside, "李四"):
        with pytest.raises(NotAllowed):
            sign_count(ballot, by=signer)

    assert not Certification.objects.exists()


def test_with_a_mobile_box_three_sign() -> None:
    ballot = open_a_ballot()
    one, two, three = officer("甲"), officer("乙"), officer("丙")
    send_box(ballot, box="一号", place="3幢", carriers=["甲", "乙", "丙"], seal="F-1", by=one)

    with pytest.raises(TooFewTellers):
        certify_ballot(ballot, by=[one, two])
    certify_ballot(ballot, by=[one, two, three])

    assert ballot.phase == "certified"


def test_a_disagreement_blocks_is_kept_and_a_recount_lets_all_sign_again() -> None:
    ballot = closed()
    one, two = officer("甲"), officer("乙")
    url = f"/ballots/{ballot.pk}/certify/"
    page_of(one).post(url, {"agrees": "1"})
    page_of(two).post(url, {"agrees": "0", "reason": "少了一张"})

    with pytest.raises(CountDisputed):
        certify_ballot(ballot, by=[one, officer("丙")])
    assert "重新计票" in page_of(one).get(url).content.decode()
    page_of(one).post(url, {"recount": "1"})
    assert not Certification.objects.exists()
    page_of(one).post(url, {"agrees": "1"})
    page_of(two).post(url, {"agrees": "1"})

    ballot.refresh_from_db()
    assert ballot.phase == "certified"
    kept = LedgerEntry.objects.get(act="sign_count", reason="少了一张")
    assert kept.after == {"teller": "乙", "agrees": False}
    assert LedgerEntry.objects.get(act="recount_ballot").after["signatures_fallen"] == 2
    with pytest.raises(WrongStage):
        recount_ballot(ballot, by=one)


def test_a_disagreement_stays_in_sight_after_signing_anew_and_after_a_recount() -> None:
    ballot = closed()
    one, two = officer("li", name="李国庆"), officer("wang", name="王桂英")
    url = f"/ballots/{ballot.pk}/certify/"

    page_of(one).post(url, {"agrees": "0", "reason": "少了一张纸质票"})
    page_of(two).post(url, {"agrees": "1"})
    page_of(one).post(url, {"recount": "1"})
    preliminary = page_of(one).get(f"/ballots/{ballot.pk}/result/").content.decode()
    page_of(one).post(url, {"agrees": "1"})
    page_of(two).post(url, {"agrees": "1"})

    desk, public = page_of(one).get(url), Client().get(f"/ballots/{ballot.pk}/result/")
    for page, first, second in ((desk, "李国庆", "王桂英"), (public, "李**", "王**")):
        told = [(one["name"], one["agrees"], one["reason"], one["stands"]) for one in page.context["history"]]
        assert told == [
            (second, True, "", True),
            (first, True, "", True),
            (first, None, "", False),
            (second, True, "", False),
            (first, False, "少了一张纸质票", False),
        ]
        assert f"{first} 不同意：少了一张纸质票" in page.content.decode()
    assert ("初步结果，待监票人签认" in preliminary, "已由" in preliminary) == (True, False)
    assert ("初步结果" in public.content.decode(), public.context["items"][0]["outcome_word"]) == (False, "未通过")


@pytest.mark.parametrize("variants", [("王芳", "王 芳"), ("Li Na", "Ｌi　Ｎa"), ("王芳", " 王芳")])
def test_spaces_and_full_width_letters_do_not_make_a_second_teller(variants: tuple[str, str]) -> None:
    ballot = closed()

    with pytest.raises(TooFewTellers):
        certify_ballot(ballot, by=variants)

    assert Certification.objects.count() == 0


def test_a_name_with_an_invisible_character_is_refused() -> None:
    with pytest.raises(BadInput):
        certify_ballot(closed(), by=["王芳", "王\u200b芳"])


def test_who_stepped_aside_does_not_sign_by_name_on_paper_either() -> None:
    ballot = make_ballot(voters=[VoterDraft("王芳"), VoterDraft("李娜")])
    recuse(ballot.items.get(), ballot.voters.get(name="王芳"), by=COMMAND_LINE, reason="本人的事")
    open_ballot(ballot, by=COMMAND_LINE)
    close_ballot(ballot, by=COMMAND_LINE)

    with pytest.raises(NotAllowed, match="已回避"):
        certify_ballot(ballot, by=["王芳", "张三"])


def test_an_account_that_is_switched_off_signs_nothing() -> None:
    User.objects.create(username="gone", name="王芳", is_active=False)

    with pytest.raises(BadInput, match="已停用"):
        people_named(["gone"])


def test_a_sign_in_code_printed_by_the_staff_during_the_vote_signs_no_count() -> None:
    ballot = open_a_ballot(3)
    teller, clerk = User.objects.create(username="t", name="监票"), User.objects.create(username="c", name="主任")
    Term.objects.create(user=teller, unit=ballot.community, office=Office.TELLER, starts_on="2026-01-01")
    close_ballot(ballot, by=COMMAND_LINE)

    def printed(office: str) -> None:
        record(by=clerk, act="issue_sign_in_code", subject=teller, office=office)

    printed(Office.DIRECTOR)
    with pytest.raises(NotAllowed, match="登录码") as refused:
        sign_count(ballot, by=teller)
    printed(Office.SUBDISTRICT_OFFICER)

    assert refused.value.reason_code == "handed_key"
    assert sign_count(ballot, by=teller).agrees
