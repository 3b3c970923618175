"""Proxies: who never holds one, what the paper says, published masked; the base counts each principal once."""

import datetime as dt

import pytest
from django.test import Client

from community.models import Office, Term, Unit, UnitKind, User
from core import clock
from core.actors import COMMAND_LINE
from core.errors import BadInput
from tests.voting.factories import cast, make_ballot, make_unit, open_a_ballot, voters_of
from voting.models import Ballot, Proxy
from voting.operations import VoterDraft, close_ballot, lodge_proxy, open_ballot
from voting.operations.proxy import ProxyNotAllowed
from voting.result import result_facts

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
ELECTION = {"title": "选举委员", "method": "election", "options": ["张三（现任委员）", "李四"], "form": {"seats": 1}}


def person(username: str, name: str = "", *, office: str = "", at: Unit | None = None) -> User:
    user = User.objects.create(username=username, name=name or username)
    if office:
        Term.objects.create(user=user, office=office, unit=at or make_unit(), starts_on="2026-01-01")
    return user


def desk() -> Client:
    client = Client()
    client.force_login(person("secretary", "王书记", office=Office.SECRETARY))
    return client


def url(ballot: Ballot) -> str:
    return f"/ballots/{ballot.pk}/people/"


def form(**more: str) -> dict[str, str]:
    return {"act": "lodge", "principal": "1", "holder": "2", "powers": "代为表决全部事项", **more}


def test_a_candidate_holds_no_proxy_by_account_nor_by_name() -> None:
    candidate = person("z3", "张三")
    ballot = make_ballot([VoterDraft("甲"), VoterDraft("张三"), VoterDraft("张叔", user=candidate)], items=[ELECTION])
    one, by_name, by_account = voters_of(ballot)

    for holder in ({"holder": by_name}, {"holder": by_account}, {"holder_user": candidate}):
        with pytest.raises(ProxyNotAllowed) as refused:
            lodge_proxy(ballot, principal=one, by=COMMAND_LINE, **holder)
        assert "候选人" in str(refused.value)
    page = desk().post(url(ballot), form())

    assert page.status_code == 409
    assert "候选人不能接受委托" in page.content.decode()
    assert not Proxy.objects.exists()


def test_property_staff_hold_no_proxy_wherever_in_the_community_they_serve() -> None:
    estate = Unit.objects.add_child(
        make_unit(), create_kwargs={"code": "E1", "name": "幸福小区", "kind": UnitKind.ESTATE}
    )
    guard = person("guard", "保安员", office=Office.PROPERTY_STAFF, at=estate)
    left = person("left", "已离职", office=Office.PROPERTY_STAFF, at=estate)
    Term.objects.filter(user=left).update(ends_on="2026-02-01")
    ballot = make_ballot(
        [VoterDraft("甲"), VoterDraft("保安员"), VoterDraft("乙", user=guard), VoterDraft("丙", user=left)]
    )
    one, by_name, by_account, former = voters_of(ballot)

    for holder in ({"holder": by_name}, {"holder": by_account}, {"holder_user": guard}):
        with pytest.raises(ProxyNotAllowed) as refused:
            lodge_proxy(ballot, principal=one, by=COMMAND_LINE, **holder)
        assert "物业服务人员" in str(refused.value)
    page = desk().post(url(ballot), form(holder="guard"))
    lodge_proxy(ballot, principal=one, holder=former, by=COMMAND_LINE)

    assert "物业服务人员不能接受委托" in page.content.decode()
    assert Proxy.objects.get().holder == former


def test_cap_and_chain_are_refused_on_the_page_too() -> None:
    ballot = make_ballot(6)
    client = desk()
    for principal in ("2", "3", "4"):
        assert client.post(url(ballot), form(principal=principal, holder="1")).status_code == 302

    fourth = client.post(url(ballot), form(principal="5", holder="1"))
    onward = client.post(url(ballot), form(principal="1", holder="5"))
    given = client.post(url(ballot), form(principal="6", holder="2"))

    assert "每人最多接受 3 份委托" in fourth.content.decode()
    assert "不能转委托" in onward.content.decode()
    assert "不能转委托" in given.content.decode()
    assert Proxy.objects.count() == 3


def test_the_paper_names_matter_powers_and_term_and_keeps_the_instructions() -> None:
    ballot = make_ballot()
    tomorrow = clock.local_date() + dt.timedelta(days=1)
    client = desk()

    past = client.post(url(ballot), form(valid_until="2020-01-01"))
    client.post(url(ballot), form(valid_until=tomorrow.isoformat(), instructions="第一项投反对", powers="只表决第一项"))

    assert "委托的期限已过" in past.content.decode()
    proxy = Proxy.objects.get()
    assert (proxy.matter, proxy.powers, proxy.instructions) == ("加装电梯", "只表决第一项", "第一项投反对")
    assert proxy.valid_until == tomorrow
    with pytest.raises(BadInput):
        lodge_proxy(
            ballot,
            principal=voters_of(ballot)[2],
            holder=voters_of(ballot)[1],
            instructions="长" * 2001,
            by=COMMAND_LINE,
        )


def test_names_are_published_masked_instructions_are_not() -> None:
    ballot = make_ballot([VoterDraft("张三"), VoterDraft("张四"), VoterDraft("李五六")])
    one, two, holder = voters_of(ballot)
    for principal in (one, two):
        lodge_proxy(ballot, principal=principal, holder=holder, instructions="投反对", by=COMMAND_LINE)

    public = Client().get(url(ballot)).content.decode()
    office = desk().get(url(ballot)).content.decode()

    assert "张*(甲)" in public
    assert "张*(乙)" in public
    assert "李**" in public
    assert all(word not in public for word in ("张三", "张四", "李五六", "投反对", '<form class="form"'))
    assert "张三" in office
    assert "投反对" in office
    assert url(ballot) in Client().get(f"/ballots/{ballot.pk}/").content.decode()
    assert Client().post(url(ballot), form()).status_code == 403


def test_the_page_takes_names_says_what_is_ambiguous_and_revokes() -> None:
    ballot = make_ballot([VoterDraft("张三"), VoterDraft("李四"), VoterDraft("李四")])
    client = desk()

    twice = client.post(url(ballot), form(principal="张三", holder="李四"))
    nobody = client.post(url(ballot), form(principal="张三", holder="没有此人"))
    empty = client.post(url(ballot), {"act": "lodge"})
    client.post(url(ballot), form(principal="张三", holder="3"))
    again = client.post(url(ballot), form(principal="张三", holder="2"))
    proxy = Proxy.objects.get()
    client.post(url(ballot), {"act": "revoke", "proxy": str(proxy.pk)})

    assert "名册上有几位李四" in twice.content.decode()
    assert (nobody.status_code, empty.status_code, again.status_code) == (404, 422, 409)
    proxy.refresh_from_db()
    assert proxy.revoked_at is not None
    assert client.post(url(ballot), {"act": "revoke", "proxy": "x"}).status_code == 404


@pytest.mark.parametrize(
    "rule", ["resident_reps_meeting", "owners_committee", "rc_election_by_reps", "party_branch_decision"]
)
def test_representatives_committees_and_the_party_take_none(rule: str) -> None:
    kind = "secret" if rule == "rc_election_by_reps" else "named"
    ballot = make_ballot(3, rule=rule, kind=kind)
    one, two, _three = voters_of(ballot)

    with pytest.raises(ProxyNotAllowed):
        lodge_proxy(ballot, principal=one, holder=two, by=COMMAND_LINE)
    page = desk().post(url(ballot), form())

    assert page.status_code == 409
    assert "不允许委托" in page.content.decode()


def test_after_opening_nothing_is_lodged() -> None:
    ballot = open_a_ballot()

    page = desk().post(url(ballot), form())

    assert "须在表决开始前提交" in page.content.decode()
    assert not Proxy.objects.exists()


def test_the_base_counts_each_principal_once() -> None:
    ballot = make_ballot(4, rule="owners_278_ordinary")
    holder, one, two, alone = voters_of(ballot)
    for principal in (one, two):
        lodge_proxy(ballot, principal=principal, holder=holder, by=COMMAND_LINE)
    open_ballot(ballot, by=COMMAND_LINE)

    answers = [cast(holder), *(cast(holder, on_behalf_of=str(p.pk)) for p in (one, two, one)), cast(one), cast(alone)]
    close_ballot(ballot, by=COMMAND_LINE)

    assert [a.code for a in answers] == ["", "", "", "already_voted", "proxy_not_allowed", ""]
    assert ballot.result is not None
    assert ballot.result["roll"]["heads"] == 4
    assert ballot.result["items"][0]["participating"]["heads"] == 4
    assert ballot.result["items"][0]["counts"]["for"]["area"] == "400.06"


def test_the_notice_of_the_result_names_them_masked() -> None:
    ballot = make_ballot([VoterDraft("张三丰"), VoterDraft("李四"), VoterDraft("李五"), VoterDraft("欧阳修")])
    zhang, li, other, _ouyang = voters_of(ballot)
    lodge_proxy(ballot, principal=zhang, holder=li, by=COMMAND_LINE)
    lodge_proxy(ballot, principal=other, holder_user=person("x", "欧阳修"), by=COMMAND_LINE)
    open_ballot(ballot, by=COMMAND_LINE)
    close_ballot(ballot, by=COMMAND_LINE)
    ballot.refresh_from_db()

    assert result_facts(ballot)["proxies"] == ["张** → 李*(甲)", "李*(乙) → 欧阳*"]
