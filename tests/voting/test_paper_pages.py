"""The papers' page: found by code or number, entered, settled, reconciled; for the office only."""

from typing import Any

import pytest
from django.test import Client

from community.models import Office, Term, User
from core.actors import COMMAND_LINE
from tests.voting.factories import HALF, cast, items_of, make_unit, open_a_ballot, voters_of
from voting.models import AssistedVote, Ballot, BoxTrip, PaperBallot, PaperBatch, PaperEntry, Vote
from voting.operations import VoterDraft, certify_ballot, close_ballot, create_ballot, open_ballot
from voting.operations.paper import enter_paper, issue_papers
from voting.operations.teller import VoteIsVoid

pytestmark = pytest.mark.django_db


def officer(name: str, ballot: Ballot, office: str = Office.TELLER) -> tuple[User, Client]:
    user = User.objects.create(username=name, name=name)
    Term.objects.create(user=user, office=office, unit=ballot.community, starts_on="2026-01-01")
    client = Client()
    client.force_login(user)
    return user, client


def with_papers(voters: int = 3, **more: Any) -> tuple[Ballot, tuple[User, Client], tuple[User, Client]]:
    ballot = open_a_ballot(voters, **more)
    first, second = officer("甲", ballot), officer("乙", ballot)
    issue_papers(ballot, issued=voters, by=first[0])
    return ballot, first, second


def url(ballot: Ballot) -> str:
    return f"/ballots/{ballot.pk}/paper/"


def posted(ballot: Ballot, place: int, choice: Any, act: str = "enter", **more: Any) -> dict[str, Any]:
    [item, *_] = items_of(ballot)
    return {"act": act, "voter": str(voters_of(ballot)[place].pk), f"item-{item.pk}": choice, **more}


def test_a_scanned_code_opens_its_paper_and_a_number_too() -> None:
    created = create_ballot(
        community=make_unit(), title="加装电梯", items=[{"title": "是否加装"}], rule=HALF, by=COMMAND_LINE,
        voters=[VoterDraft("张三", place="1-101"), VoterDraft("李四", place="1-102")],
    )  # fmt: skip
    ballot = open_ballot(created.ballot, by=COMMAND_LINE)
    _user, client = officer("甲", ballot)
    [_one, two] = voters_of(ballot)

    scanned = client.get(url(ballot), {"code": created.codes[two.pk].lower()})
    numbered = client.get(url(ballot), {"code": "2"})
    unknown = [client.get(url(ballot), {"code": code}) for code in ("3", "0", "ABCDEFGHJK", "x" * 200, "９")]

    assert scanned.context["entry"]["voter"] == numbered.context["entry"]["voter"] == two
    assert "1-102 李四" in scanned.content.decode()
    assert scanned["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert [page.context["entry"] for page in unknown] == [None] * 5
    assert all("名册上没有找到" in page.content.decode() for page in unknown)


def test_two_people_enter_and_the_paper_counts() -> None:
    ballot, (_first, one), (_second, two) = with_papers()

    answers = [client.post(url(ballot), posted(ballot, 0, "for"), follow=True) for client in (one, one, two)]

    said = [str(next(iter(answer.context["messages"]))) for answer in answers]
    assert [word.split("：")[1] for word in said] == [
        "第一遍已记下，请另一人再录一遍。",
        "第一遍已记下，请另一人再录一遍。",
        "已经核对一致，计入结果。",
    ]
    assert [(line["state"], line["by"]) for line in answers[-1].context["lines"]] == [("已计票", ["甲", "乙"])]
    assert (PaperEntry.objects.count(), Vote.objects.count()) == (2, 1)
    page = answers[-1].content.decode()
    assert "style=" not in page
    assert "onclick" not in page


def test_the_second_does_not_see_what_the_first_read_and_the_third_does() -> None:
    ballot, (first, one), (second, two) = with_papers()
    _third, three = officer("丙", ballot)
    voter = voters_of(ballot)[0]
    item = str(items_of(ballot)[0].pk)
    enter_paper(voter, choices={item: "against"}, by=first)

    blind = two.get(url(ballot), {"code": "1"})
    assert blind.context["entry"]["differences"] == []
    assert " checked" not in blind.content.decode()
    assert blind.context["entry"]["may_enter"] is True
    enter_paper(voter, choices={item: "invalid"}, by=second)
    seen = [client.get(url(ballot), {"code": "1"}).context["entry"] for client in (one, two, three)]

    assert [(entry["may_enter"], entry["differences"]) for entry in seen] == [
        (False, []),
        (False, []),
        (True, [{"title": "是否加装", "read": ["反对", "填写有误（该项无效）"]}]),
    ]
    three.post(url(ballot), posted(ballot, 0, "invalid"))
    assert Vote.objects.get().choice == "invalid"
    assert PaperBallot.objects.get().is_void is True


def test_every_method_can_be_entered_and_differences_are_told_in_words() -> None:
    items = [
        {"title": "选一个", "method": "one_of", "options": ["甲", "乙"]},
        {"title": "选几个", "method": "approval", "options": ["甲", "乙", "丙"]},
        {"title": "排序", "method": "ranking", "options": ["甲", "乙"]},
        {"title": "打分", "method": "score", "options": ["甲", "乙"]},
        {"title": "分", "method": "budget", "options": ["甲", "乙"], "form": {"points": 10}},
        {"title": "空白", "method": "approval", "options": ["甲", "乙"]},
    ]
    ballot, (_first, one), (_second, two) = with_papers(items=items)
    _third, three = officer("丙", ballot)
    single, several, ranked, scored, shared, _empty = [f"item-{item.pk}" for item in items_of(ballot)]
    read = {
        "act": "enter", "voter": str(voters_of(ballot)[0].pk), single: "2", several: ["1", "3"], f"{ranked}-1": "2",
        f"{ranked}-2": "1", f"{scored}-1": "5", f"{shared}-2": "10",
    }  # fmt: skip

    one.post(url(ballot), read)
    two.post(url(ballot), {**read, several: [], f"{several}-plain": "invalid", f"{scored}-1": "4"})
    told = three.get(url(ballot), {"code": "1"}).context["entry"]["differences"]
    three.post(url(ballot), read)

    assert told == [
        {"title": "选几个", "read": ["甲、丙", "填写有误（该项无效）"]},
        {"title": "打分", "read": ["甲 5", "甲 4"]},
    ]
    assert sorted(Vote.objects.values_list("choice", flat=True)) == sorted(
        ["2", '["1","3"]', '["2","1"]', '{"1":5}', '{"2":10}']
    )


def test_a_refused_entry_keeps_what_was_typed() -> None:
    items = [{"title": "分", "method": "budget", "options": ["甲", "乙"], "form": {"points": 10}}]
    ballot, (_first, one), _second = with_papers(items=items)
    name = f"item-{items_of(ballot)[0].pk}"

    page = one.post(url(ballot), {"act": "enter", "voter": str(voters_of(ballot)[0].pk), f"{name}-1": "11"})

    assert page.status_code == 422
    assert 'value="11"' in page.content.decode()
    assert not PaperEntry.objects.exists()


def test_a_conflict_is_shown() -> None:
    ballot, (_first, one), (_second, two) = with_papers()
    cast(voters_of(ballot)[0], "against")

    for client in (one, two):
        page = client.post(url(ballot), posted(ballot, 0, "for"), follow=True)

    assert [(line["state"], line["tone"]) for line in page.context["lines"]] == [("已经以其他方式投票", "crimson")]
    assert one.get(url(ballot), {"state": "conflict"}).context["lines"] == page.context["lines"]
    assert one.get(url(ballot), {"state": "counted"}).context["lines"] == []


def test_an_assisted_vote_needs_its_witness() -> None:
    ballot, (_first, one), _second = with_papers()

    without = one.post(url(ballot), posted(ballot, 0, "for", "assist"))
    done = one.post(url(ballot), posted(ballot, 0, "for", "assist", witness="王五"), follow=True)

    assert without.status_code == 422
    assert list(without.context["forms"]["witness"].errors) == ["witness"]
    assert AssistedVote.objects.get().receipt in done.content.decode()
    assert "见证人 王五" in one.get(url(ballot), {"code": "1"}).content.decode()


def test_papers_and_boxes_are_counted_on_the_page() -> None:
    ballot, (_first, one), _second = with_papers()
    one.post(url(ballot), {"act": "issue", "issued": "5"})
    few = one.post(url(ballot), {"act": "send", "box": "一号", "place": "3幢", "carriers": "甲\n乙", "seal": "F-01"})
    one.post(url(ballot), {"act": "send", "box": "一号", "place": "3幢", "carriers": "甲\n乙\n丙", "seal": "F-01"})
    trip = BoxTrip.objects.get()
    uncounted = one.post(url(ballot), {"act": "return", "trip": str(trip.pk)})
    one.post(url(ballot), {"act": "return", "trip": str(trip.pk), "papers": "4", "seal_intact": "1"})
    close_ballot(ballot, by=COMMAND_LINE)
    sums = {"act": "reconcile", "returned": "2", "unreturned": "2", "valid": "0", "invalid": "2"}
    wrong = one.post(url(ballot), sums)
    right = one.post(url(ballot), {**sums, "unreturned": "3"}, follow=True)

    assert (few.status_code, list(few.context["forms"]["box"].errors)) == (422, ["carriers"])
    assert (wrong.status_code, list(wrong.context["forms"]["reconcile"].errors)) == (422, ["unreturned"])
    trip.refresh_from_db()
    assert uncounted.status_code == 422
    assert trip.in_at is not None
    assert (trip.seal, trip.papers, trip.seal_intact) == ("F-01", 4, True)
    batch = PaperBatch.objects.get()
    assert (batch.issued, batch.returned, batch.unreturned, batch.valid, batch.invalid) == (5, 2, 3, 0, 2)
    assert "纸质票已核对" in right.content.decode()


@pytest.mark.parametrize("act", ["", "close", "enter", "assist", "return"])
def test_a_broken_request_is_an_answer_and_no_fault(act: str) -> None:
    ballot, (_first, one), _second = with_papers()

    page = one.post(url(ballot), {"act": act, "voter": "9" * 30, "trip": "x"})

    assert page.status_code == (404 if act in {"enter", "assist", "return"} else 422)
    assert not PaperEntry.objects.exists()


def test_the_page_is_for_the_office_of_this_community() -> None:
    ballot, (_first, one), _second = with_papers()
    _resident, resident = officer("居民", ballot, Office.RESIDENT)
    stranger = Client()
    stranger.force_login(User.objects.create(username="guest", name="路人"))

    for client in (resident, stranger):
        assert client.get(url(ballot), {"code": "1"}).status_code == 403
        assert client.post(url(ballot), posted(ballot, 0, "for")).status_code == 403
    door = Client().get(url(ballot), {"code": "1"})
    assert (door.status_code, door["Location"]) == (302, f"/sign-in/?next={url(ballot)}%3Fcode%3D1")
    assert Client().post(url(ballot), posted(ballot, 0, "for")).status_code == 403
    assert one.get("/ballots/999999/paper/").status_code == 404
    assert not PaperEntry.objects.exists()
    assert url(ballot) in one.get(f"/ballots/{ballot.pk}/").content.decode()
    assert url(ballot) not in resident.get(f"/ballots/{ballot.pk}/").content.decode()


def test_the_paper_of_a_secret_ballot_is_not_entered_by_name() -> None:
    ballot = open_a_ballot(3, kind="secret")
    _user, client = officer("甲", ballot)

    page = client.get(url(ballot), {"code": "1"})

    assert page.status_code == 200
    assert 'value="enter"' not in page.content.decode()
    assert client.post(url(ballot), posted(ballot, 0, "for")).status_code == 404
    assert not PaperEntry.objects.exists()


def test_more_papers_than_were_handed_out_void_the_vote_once_counted_again() -> None:
    ballot, (first, one), (second, _two) = with_papers()
    close_ballot(ballot, by=COMMAND_LINE)
    sums = {"act": "reconcile", "returned": "4", "unreturned": "0", "valid": "0", "invalid": "4"}

    asked = one.post(url(ballot), sums)
    assert (asked.status_code, list(asked.context["forms"]["reconcile"].errors)) == (422, ["returned"])
    assert PaperBatch.objects.get().reconciled_at is None
    done = one.post(url(ballot), {**sums, "more_than_issued": "on"}, follow=True)

    assert "本次投票无效，须重新表决" in done.content.decode()
    batch = PaperBatch.objects.get()
    assert (batch.issued, batch.returned, batch.unreturned, batch.is_overfull) == (3, 4, 0, True)
    with pytest.raises(VoteIsVoid):
        certify_ballot(ballot, by=[first, second])
    one.post(url(ballot), {**sums, "returned": "3", "invalid": "3"})
    assert certify_ballot(ballot, by=[first, second]).phase == "certified"


def test_the_page_asks_a_bounded_number_of_questions(django_assert_max_num_queries: Any) -> None:
    ballot, (first, one), (second, _two) = with_papers(30)
    item = str(items_of(ballot)[0].pk)
    voters = voters_of(ballot)
    for voter in voters[:20]:
        enter_paper(voter, choices={item: "for"}, by=first)
    for voter in voters[15:25]:
        enter_paper(voter, choices={item: "against"}, by=second)

    with django_assert_max_num_queries(20):
        page = one.get(url(ballot))

    assert len(page.context["lines"]) == 25
    opened = one.get(url(ballot) + page.context["lines"][3]["open"])
    assert opened.context["entry"]["voter"] == voters[3]
