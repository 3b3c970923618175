"""The ballot paper without a script, the result, the tellers' page, the landing of printed codes."""

import uuid
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from community.models import Office, Term, User
from core.actors import COMMAND_LINE
from core.models import LedgerEntry
from publish.models import IssuerProfile
from tests.live import a_ballot, item_of, voters_of
from tests.voting.factories import cast, make_ballot
from voting.models import Ballot, Phase, Vote, Voter
from voting.operations import VoterDraft, certify_ballot, close_ballot, open_ballot
from voting.operations.proxy import lodge_proxy

pytestmark = pytest.mark.django_db


def signed_in(ballot: Ballot, place: int = 0) -> Client:
    client = Client()
    session = client.session
    session["voters"] = {str(ballot.pk): voters_of(ballot)[place].pk}
    session.save()
    return client


def paper(ballot: Ballot, choice: Any, **more: str) -> dict[str, Any]:
    return {"request": str(uuid.uuid4()), f"item-{item_of(ballot)}": choice, **more}


def test_a_visitor_may_watch_but_finds_no_button_to_vote() -> None:
    ballot = a_ballot()

    page = Client().get(f"/ballots/{ballot.pk}/")

    assert page.status_code == 200
    assert page.context["may_vote"] is False
    assert "data-cast" not in page.content.decode()


def test_only_who_is_not_signed_in_is_led_to_the_sign_in() -> None:
    ballot = a_ballot()

    page = Client().get(f"/ballots/{ballot.pk}/").content.decode()

    assert ("登录后投票" in page, "您不在这次表决的名册上" in page) == (True, False)


@pytest.mark.parametrize(
    ("is_open", "scope", "why", "whom"),
    [
        (
            True,
            "",
            "名册由组织表决的人逐一列出。",
            "名册在表决开始时已经冻结，这一次不再变动；有疑问请问平城街社区居委会，电话 2222。",
        ),
        (
            False,
            "owners",
            "名册上的是平城街社区的业主。",
            "名册在表决开始前可以更正：认为应当列入的，请找平城街社区居委会，电话 2222。",
        ),
    ],
)
def test_who_is_signed_in_and_not_on_the_roll_learns_why_and_whom_to_ask(
    *, is_open: bool, scope: str, why: str, whom: str
) -> None:
    ballot = a_ballot(is_open=is_open)
    Ballot.objects.filter(pk=ballot.pk).update(scope=scope)
    IssuerProfile.objects.create(
        unit=ballot.community, full_name="平城街社区居民委员会", code_word="平城",
        objection_office="平城街社区居委会", objection_phone="2222",
    )  # fmt: skip
    client = Client()
    client.force_login(User.objects.create(username="stranger", name="路人"))

    page = client.get(f"/ballots/{ballot.pk}/")

    assert (page.context["roll_words"], page.context["roll_help"]) == (why, whom)
    assert ("登录后投票" in page.content.decode(), "您不在这次表决的名册上" in page.content.decode()) == (False, True)


def test_after_the_vote_the_form_is_folded_and_no_link_leads_to_a_result_that_is_not_there() -> None:
    ballot = a_ballot(revisable=True)
    client = signed_in(ballot)

    before = client.get(f"/ballots/{ballot.pk}/").content.decode()
    client.post(f"/ballots/{ballot.pk}/", paper(ballot, "for"))
    after = client.get(f"/ballots/{ballot.pk}/").content.decode()
    close_ballot(ballot, by=COMMAND_LINE)
    counted = client.get(f"/ballots/{ballot.pk}/").content.decode()
    certify_ballot(ballot, by=["甲", "乙"])
    certified = client.get(f"/ballots/{ballot.pk}/").content.decode()

    assert ("data-fold open" in before, "您的选择已记入：同意。" in before) == (True, False)
    assert ("data-fold open" in after, "更改选择" in after, "您的选择已记入：同意。" in after) == (False, True, True)
    link = f'href="/ballots/{ballot.pk}/result/'
    assert [link in page for page in (before, after, counted, certified)] == [False, False, True, True]
    assert [link + "#receipt=" in page for page in (counted, certified)] == [False, True]


def test_a_vote_on_some_items_leaves_the_form_open_for_the_others() -> None:
    ballot = a_ballot(items=[{"title": "路"}, {"title": "灯"}])
    client = signed_in(ballot)

    client.post(f"/ballots/{ballot.pk}/", paper(ballot, "for"))
    page = client.get(f"/ballots/{ballot.pk}/").content.decode()

    assert ("data-fold open" in page, page.count(" data-voted>")) == (True, 1)


def test_what_the_turnout_is_out_of_is_said_of_the_roll_and_of_a_room() -> None:
    anywhere, room = a_ballot(), a_ballot(in_room=True)
    Voter.objects.filter(pk=voters_of(room)[0].pk).update(present=True)

    pages = [Client().get(f"/ballots/{ballot.pk}/").content.decode() for ballot in (anywhere, room)]

    assert (
        "3 人是名册上有表决权的人：一人有几处房屋的按一人算，面积相加；委托别人投票的也算在内，只算一次。" in pages[0]
    )
    assert "现在能投票的 1 人（" in pages[1]


def test_the_result_page_tells_who_is_signed_in_that_no_receipt_is_needed() -> None:
    named, secret = a_ballot(), a_ballot(kind="secret", rule="residents_meeting")
    clients = [signed_in(ballot) for ballot in (named, secret)]
    for client, ballot in zip(clients, (named, secret), strict=True):
        client.post(f"/ballots/{ballot.pk}/", paper(ballot, "for"))
        close_ballot(ballot, by=COMMAND_LINE)
        certify_ballot(ballot, by=["甲", "乙"])

    own, stranger = clients[0].get(f"/ballots/{named.pk}/result/"), Client().get(f"/ballots/{named.pk}/result/")
    of_secret = clients[1].get(f"/ballots/{secret.pk}/result/")

    pages = [page.content.decode() for page in (own, stranger, of_secret)]
    assert ["您登录着，自己的票已经列在上面，不用回执号。" in page for page in pages] == [True, False, False]
    assert ["登录以后，自己的票直接列在这一页，不用回执号。" in page for page in pages] == [False, True, False]
    assert ["只有拿着回执号的人能找到它。纸质票没有回执号。" in page for page in pages] == [False, False, True]
    assert f'data-ballot="{named.pk}" data-voter="{voters_of(named)[0].pk}"' in pages[0]
    assert "data-voter" not in pages[1]


def test_who_came_in_by_a_voting_code_can_sign_out() -> None:
    ballot = a_ballot()

    pages = [client.get(f"/ballots/{ballot.pk}/").content.decode() for client in (signed_in(ballot), Client())]

    assert ["data-signs-out" in page for page in pages] == [True, False]


def test_what_a_secret_vote_leaves_in_the_browser_is_said_and_holds_no_choice() -> None:
    ballot = a_ballot(kind="secret", rule="residents_meeting")
    client = signed_in(ballot)

    client.post(f"/ballots/{ballot.pk}/", paper(ballot, "for"))
    page = client.get(f"/ballots/{ballot.pk}/").content.decode()

    assert " data-secret" in page
    assert "这里不留您选了什么，平台也不记回执号是谁的" in page
    assert ("您的选择已记入。" in page, "您的选择已记入：" in page) == (True, False)


def test_a_posted_paper_is_cast_and_shows_its_receipt() -> None:
    ballot = a_ballot()
    client, posted = signed_in(ballot), paper(ballot, "for")

    first = client.post(f"/ballots/{ballot.pk}/", posted)
    second = client.post(f"/ballots/{ballot.pk}/", posted)

    assert first.status_code == second.status_code == 200
    assert first.context["outcome"].receipt == second.context["outcome"].receipt
    assert first.context["outcome_words"] == "同意"
    assert first.context["outcome"].receipt in first.content.decode()
    assert Vote.objects.count() == 1


def test_an_empty_paper_is_refused_with_its_sentence() -> None:
    ballot = a_ballot()

    page = signed_in(ballot).post(f"/ballots/{ballot.pk}/", {"request": str(uuid.uuid4())})

    assert page.status_code == 422
    assert page.context["outcome"].code == "invalid_choice"
    assert not Vote.objects.exists()


def test_every_method_can_be_posted() -> None:
    items = [
        {"title": "选一个", "method": "one_of", "options": ["甲", "乙"]},
        {"title": "可选几个", "method": "approval", "options": ["甲", "乙", "丙"]},
        {"title": "排个序", "method": "ranking", "options": ["甲", "乙"]},
        {"title": "打个分", "method": "score", "options": ["甲", "乙"]},
        {"title": "分一分", "method": "budget", "options": ["甲", "乙"], "form": {"points": 10}},
        {"title": "都不要", "method": "approval", "options": ["甲", "乙"]},
    ]
    ballot = a_ballot(items=items, rule="residents_meeting")
    one, several, ranked, scored, shared, refused = [str(item.pk) for item in ballot.items.order_by("position")]
    posted = {
        "request": str(uuid.uuid4()),
        f"item-{one}": "2",
        f"item-{several}": ["1", "3"],
        f"item-{ranked}-1": "2",
        f"item-{ranked}-2": "1",
        f"item-{scored}-1": "5",
        f"item-{shared}-2": "10",
        f"item-{refused}-plain": "against",
    }
    client = signed_in(ballot)

    page = client.post(f"/ballots/{ballot.pk}/", posted)

    assert page.context["outcome"].accepted
    assert dict(Vote.objects.values_list("item_id", "choice")) == {
        int(one): "2",
        int(several): '["1","3"]',
        int(ranked): '["2","1"]',
        int(scored): '{"1":5}',
        int(shared): '{"2":10}',
        int(refused): "against",
    }
    assert client.get(f"/ballots/{ballot.pk}/").context["may_vote"] is False


@pytest.mark.parametrize("address", ["999999", "x", "9" * 40])
def test_an_unknown_ballot_is_404(address: str) -> None:
    assert Client().get(f"/ballots/{address}/").status_code == 404


def test_the_result_explains_itself_and_waits_for_the_closing() -> None:
    ballot = a_ballot()
    signed_in(ballot).post(f"/ballots/{ballot.pk}/", paper(ballot, "for"))

    early = Client().get(f"/ballots/{ballot.pk}/result/")
    close_ballot(ballot, by=COMMAND_LINE)
    page = Client().get(f"/ballots/{ballot.pk}/result/")

    assert early.status_code == 302
    [item] = page.context["items"]
    assert (item["outcome_word"], item["tone"]) == ("初步结果：未达到法定参与数，待监票人签认", "slate")
    assert [(bar["met"], bar["sentence"]) for bar in item["rules"][0]["quorum_bars"]] == [
        (False, "需 2人，已 1人，还差 1人"),
        (False, "需 176.80平方米，已 88.40平方米，还差 88.40平方米"),
    ]
    assert item["sentence"] in page.content.decode()
    assert "style=" not in page.content.decode()


def test_two_tellers_sign_and_the_result_is_certified() -> None:
    ballot = a_ballot()
    close_ballot(ballot, by=COMMAND_LINE)
    address = f"/ballots/{ballot.pk}/certify/"
    stranger = Client()
    stranger.force_login(User.objects.create(username="guest", name="路人"))
    phases = []
    for name in ("监票甲", "计票乙"):
        teller = User.objects.create(username=name, name=name)
        Term.objects.create(user=teller, office=Office.TELLER, unit=ballot.community, starts_on="2026-01-01")
        client = Client()
        client.force_login(teller)
        assert client.get(address).status_code == 200
        client.post(address, {"agrees": "1"})
        phases.append(Ballot.objects.get(pk=ballot.pk).phase)

    assert phases == [Phase.CLOSED, Phase.CERTIFIED]
    assert LedgerEntry.objects.get(act="certify_ballot").actor_name == "计票乙"
    assert stranger.get(address).status_code == 403
    assert Client().get(f"/api/v1/ballots/{ballot.pk}/recount").status_code == 200


def test_a_printed_code_leads_to_the_door_with_the_code_filled_in() -> None:
    answer = Client().get("/ballots/code/ABCD2345EF/")

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?code=ABCD2345EF")


def test_who_holds_a_power_still_finds_a_paper_after_the_own_vote() -> None:
    drafted = make_ballot(3, rule="owners_278_ordinary")
    holder, principal, other = voters_of(drafted)
    lodge_proxy(drafted, principal=principal, holder=holder, by=COMMAND_LINE)
    ballot = open_ballot(drafted, by=COMMAND_LINE)
    address, clients = f"/ballots/{ballot.pk}/", (signed_in(ballot, 0), signed_in(ballot, 2))

    first = [client.post(address, paper(ballot, "for")) for client in clients]
    papers = [client.get(address).context["papers"][0] for client in clients]
    for_principal = clients[0].post(address, paper(ballot, "against", on_behalf_of=str(principal.pk)))

    assert [answer.status_code for answer in (*first, for_principal)] == [200, 200, 200]
    assert [(shown["is_voted"], shown["locked"]) for shown in papers] == [(True, False), (True, True)]
    assert dict(Vote.objects.values_list("voter", "choice")) == {
        holder.pk: "for",
        other.pk: "for",
        principal.pk: "against",
    }


@pytest.mark.parametrize(
    ("method", "form", "choice", "word"),
    [
        ("ranking", {}, ["1", "2"], "排第一的人数"),
        ("score", {"max": 5}, {"1": 5, "2": 1}, "得分"),
        ("budget", {"points": 10}, {"1": 6, "2": 4}, "分得"),
        ("election", {"seats": 1}, ["1"], "得票"),
    ],
)
def test_a_result_names_its_numbers_and_shows_no_majority_where_none_applies(
    method: str, form: dict[str, int], choice: Any, word: str
) -> None:
    item = {"title": "方案", "method": method, "options": ["甲", "乙"], "form": form}
    ballot = make_ballot(3, items=[item])
    open_ballot(ballot, by=COMMAND_LINE)
    for voter in voters_of(ballot):
        cast(voter, choice)
    close_ballot(ballot, by=COMMAND_LINE)

    page = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()

    assert f'<th scope="col" class="number">{word}</th>' in page
    assert "同意是否达到法定数" not in page


def test_a_holders_own_choice_is_not_ticked_on_the_papers_for_others() -> None:
    ballot = a_ballot(is_open=False, rule="owners_278_ordinary")
    holder, principal, _other = voters_of(ballot)
    lodge_proxy(ballot, principal=principal, holder=holder, by=COMMAND_LINE)
    open_ballot(ballot, by=COMMAND_LINE)
    cast(holder, "against")

    page = signed_in(ballot).get(f"/ballots/{ballot.pk}/").content.decode()

    assert 'value="against" checked' not in page
    assert "（已投：反对）" in page


def test_the_result_says_when_a_bare_list_voted_otherwise_than_the_rule_asks() -> None:
    drafts = [VoterDraft(f"业主{number}", area=10_000) for number in range(10)]
    secret = make_ballot(drafts, kind="secret", rule="owners_278_ordinary")
    named = make_ballot(drafts, rule="owners_278_ordinary")

    pages = []
    for ballot in (secret, named):
        close_ballot(open_ballot(ballot, by=COMMAND_LINE), by=COMMAND_LINE)
        pages.append(Client().get(f"/ballots/{ballot.pk}/result/").content.decode())

    said = "这次表决用的是无记名方式，与 民法典第二百七十八条第一款第一项至第五项、第九项和第二款 要求的不同"
    assert [said in page for page in pages] == [True, False]


RANKED = {"title": "先修哪里", "method": "ranking", "options": ["路", "灯", "树"]}
SHARED = {"title": "怎么分", "method": "budget", "options": ["路", "灯"], "form": {"points": 10}}
CHOSEN = {"title": "要哪些", "method": "approval", "options": ["路", "灯", "树"], "form": {"max": 2}}


@pytest.mark.parametrize(
    ("item", "marks"),
    [
        (RANKED, {"-1": "1", "-2": "1"}),
        (RANKED, {"-1": "0", "-2": "1"}),
        (RANKED, {"-1": "一"}),
        (SHARED, {"-1": "10", "-2": "半"}),
        (SHARED, {"-1": "10", "-plain": "abstain"}),
        (CHOSEN, {"": ["1", "2", "3"]}),
        (CHOSEN, {"": ["1"], "-plain": "against"}),
    ],
)
def test_marks_that_break_the_form_or_contradict_each_other_are_refused_and_shown_again(
    item: dict[str, Any], marks: dict[str, Any]
) -> None:
    ballot = a_ballot(items=[item], rule="residents_meeting")
    field = f"item-{item_of(ballot)}"

    page = signed_in(ballot).post(
        f"/ballots/{ballot.pk}/", {"request": str(uuid.uuid4()), **{field + key: mark for key, mark in marks.items()}}
    )

    assert (page.status_code, page.context["outcome"].code) == (422, "invalid_choice")
    shown = {one["key"]: one["chosen"] for one in page.context["papers"][0]["own"]}
    typed = {key[1:]: mark for key, mark in marks.items() if key[1:].isdigit()}
    assert {key: str(shown[key]) for key in typed} == typed
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("item", "marks", "said"),
    [
        (RANKED, {"-3": "1", "-1": "3"}, "1 树、2 路"),
        (SHARED, {"-1": "7", "-2": "3"}, "路 7、灯 3"),
        (CHOSEN, {"": ["1", "3"]}, "路、树"),
    ],
)
def test_a_voter_reads_the_places_and_points_they_gave(item: dict[str, Any], marks: dict[str, Any], said: str) -> None:
    ballot = a_ballot(items=[item], rule="residents_meeting")
    client, field = signed_in(ballot), f"item-{item_of(ballot)}"
    posted = {"request": str(uuid.uuid4()), **{field + key: mark for key, mark in marks.items()}}

    answer = client.post(f"/ballots/{ballot.pk}/", posted)
    again = client.get(f"/ballots/{ballot.pk}/")

    assert (answer.context["outcome_words"], again.context["own_words"]) == (said, said)


@pytest.mark.parametrize(
    ("item", "hint", "limits"),
    [
        (RANKED, "最想要的填 1，其次填 2、3……，数字不能重复", ' data-least="1" data-most="3" data-lowest="1"'),
        (SHARED, "合计不超过 10，用整数", ' data-highest="10" data-total="10"'),
        (CHOSEN, "可选多项，最多 2 项", ' data-least="1" data-most="2"'),
        ({**CHOSEN, "form": {"min": 2}}, "选 2 至 3 项", ' data-least="2" data-most="3"'),
    ],
)
def test_a_paper_says_how_it_is_filled_in_and_the_script_knows_the_same(
    item: dict[str, Any], hint: str, limits: str
) -> None:
    page = signed_in(ballot := a_ballot(items=[item], rule="residents_meeting")).get(f"/ballots/{ballot.pk}/")

    assert f'data-hint="{hint}"{limits}' in page.content.decode()


def test_the_result_hands_over_the_program_that_recounts_it() -> None:
    ballot = a_ballot()
    certify_ballot(close_ballot(ballot, by=COMMAND_LINE), by=["甲", "乙"])

    page = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()
    program = Client().get("/ballots/verify.py")

    assert 'href="/ballots/verify.py"' in page
    assert f"python3 verify.py ballot-{ballot.pk}.json" in page
    assert program.getvalue() == (settings.BASE_DIR / "verify.py").read_bytes()
    assert program["Content-Disposition"] == 'attachment; filename="verify.py"'
