"""Papers of secret ballots: no voter on them, one way to vote at a time, two readings, one tally with live votes."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from community.codes import new_code
from community.models import Office, Term, User
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from core.models import LedgerEntry
from tests.voting.factories import cast, items_of, make_ballot, open_a_ballot, voters_of
from voting.export import recount_document
from voting.models import (
    Ballot,
    BearerPaper,
    PaperBatch,
    PaperEntry,
    PaperHandout,
    Participation,
    Recusal,
    SecretVote,
    Voter,
)
from voting.operations import VoterDraft, certify_ballot, close_ballot, recuse
from voting.operations.paper import reconcile_papers
from voting.operations.proxy import AlreadyVoted
from voting.operations.secret_paper import (
    PaperNotHandedOut,
    enter_bearer_paper,
    hand_out_paper,
    store_bearer_papers,
    take_back_paper,
)
from voting.papers import bearer_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def officer(name: str) -> User:
    user = User.objects.create(username=name, name=name)
    office = {"office": Office.TELLER, "starts_on": "2026-01-01"}
    Term.objects.create(user=user, unit=Ballot.objects.latest("pk").community, **office)
    return user


def with_papers(voters: int = 4, papers: int = 3) -> tuple[Ballot, list[Voter], list[BearerPaper], list[User]]:
    """Return an open secret ballot of equal weights, its roll, papers printed for it, and three people to enter."""
    ballot = open_a_ballot([VoterDraft(f"居民{n}") for n in range(voters)], kind="secret")
    people = [officer(name) for name in "甲乙丙"]
    printed = [new_code() for _paper in range(papers)]
    store_bearer_papers(ballot, printed=printed, by=people[0])
    found = [bearer_of(ballot, code) for code in printed]
    return ballot, voters_of(ballot), [paper for paper in found if paper], people


def marked(ballot: Ballot, choice: Any) -> dict[str, Any]:
    return {str(items_of(ballot)[0].pk): choice}


def test_who_holds_a_paper_steps_aside_only_when_it_is_given_back() -> None:
    ballot, [one, *_rest], _papers, (first, *_others) = with_papers()
    hand_out_paper(one, by=first)

    with pytest.raises(AlreadyVoted) as refused:
        recuse(items_of(ballot)[0], one, by=COMMAND_LINE)
    take_back_paper(one, by=first)
    recuse(items_of(ballot)[0], one, by=COMMAND_LINE)

    assert refused.value.reason_code == "paper_handed_out"
    assert Recusal.objects.get().voter == one


def test_a_paper_in_the_hand_keeps_its_voter_from_voting_online_until_it_is_given_back() -> None:
    _ballot, [one, two, *_rest], _papers, (first, *_others) = with_papers()

    hand_out_paper(one, by=first)
    hand_out_paper(one, by=first)
    refused = cast(one)
    take_back_paper(one, by=first)
    take_back_paper(one, by=first)
    accepted = cast(one)

    assert (refused.code, "已领取纸质票" in refused.message) == ("already_voted", True)
    assert accepted.accepted
    assert PaperBatch.objects.get().issued == 0
    assert list(LedgerEntry.objects.filter(act__endswith="paper").values_list("act", flat=True)) == [
        "hand_out_paper",
        "take_back_paper",
    ]
    with pytest.raises(PaperNotHandedOut):
        hand_out_paper(one, by=first)
    assert cast(two).accepted


def test_live_and_paper_make_one_tally_and_nothing_leads_from_paper_to_vote() -> None:
    ballot, [one, two, three, _four], [paper, _p2, _p3], (first, second, third) = with_papers()
    cast(one, "against")
    for voter in (two, three):
        hand_out_paper(voter, by=first)

    enter_bearer_paper(paper, choices=marked(ballot, "for"), by=first)
    assert SecretVote.objects.count() == 1
    done = enter_bearer_paper(paper, choices=marked(ballot, "for"), by=second)
    close_ballot(ballot, by=COMMAND_LINE)

    assert (done.state, done.receipt, done.voter_id) == ("counted", "", None)
    assert ballot.result is not None
    counts = ballot.result["items"][0]["counts"]
    assert (counts["for"]["heads"], counts["against"]["heads"]) == (1, 1)
    assert ballot.result["counters_matched"] is True
    assert (ballot.cast, ballot.version) == (2, 4)
    assert list(PaperEntry.objects.values_list("choices", flat=True)) == [{}, {}]
    assert set(Participation.objects.values_list("voter", flat=True)) == {one.pk}
    told = [entry.after for entry in LedgerEntry.objects.filter(act="enter_paper")]
    assert [set(after) for after in told] == [{"paper", "entry", "state"}] * 2
    assert len(recount_document(ballot)["votes"]) == 2
    reconcile_papers(ballot, returned=1, unreturned=1, valid=1, invalid=0, by=first)
    assert certify_ballot(ballot, by=[second, third]).phase == "certified"


def test_a_difference_waits_for_a_third_and_a_badly_marked_paper_is_void() -> None:
    ballot, [one, two, *_rest], [paper, spoilt, _p3], (first, second, third) = with_papers()
    for voter in (one, two):
        hand_out_paper(voter, by=first)

    enter_bearer_paper(paper, choices=marked(ballot, "for"), by=first)
    assert enter_bearer_paper(paper, choices=marked(ballot, "against"), by=second).state == "differs"
    with pytest.raises(Refused):
        enter_bearer_paper(paper, choices=marked(ballot, "for"), by=second)
    assert enter_bearer_paper(paper, choices=marked(ballot, "against"), by=third).state == "counted"
    for person in (first, second):
        void = enter_bearer_paper(spoilt, choices=marked(ballot, "invalid"), by=person)
    with pytest.raises(Refused):
        enter_bearer_paper(paper, choices=marked(ballot, "against"), by=officer("丁"))
    close_ballot(ballot, by=COMMAND_LINE)

    assert (void.state, void.is_void) == ("counted", True)
    assert ballot.result is not None
    item = ballot.result["items"][0]
    assert (item["counts"]["against"]["heads"], item["counts"]["invalid"]["heads"]) == (1, 1)


def test_the_box_cannot_hold_more_than_were_handed_out() -> None:
    ballot, [one, *_rest], [paper, other, _p3], (first, second, _third) = with_papers()
    hand_out_paper(one, by=first)
    for person in (first, second):
        enter_bearer_paper(paper, choices=marked(ballot, "for"), by=person)

    with pytest.raises(WrongStage) as more:
        enter_bearer_paper(other, choices=marked(ballot, "for"), by=first)
    with pytest.raises(WrongStage) as back:
        take_back_paper(one, by=first)

    assert (more.value.reason_code, back.value.reason_code) == ("more_than_issued", "no_paper_outside")
    assert cast(one).code == "already_voted"


def test_who_may_not_take_a_paper() -> None:
    ballot, [one, two, three, four], _papers, (first, *_others) = with_papers(papers=1)
    [item] = items_of(ballot)
    cast(one)
    recuse(item, two, by=COMMAND_LINE)
    stranger = User.objects.create(username="guest", name="路人")

    for voter in (one, two):
        with pytest.raises(PaperNotHandedOut):
            hand_out_paper(voter, by=first)
    with pytest.raises(NotAllowed):
        hand_out_paper(three, by=stranger)
    hand_out_paper(three, by=first)
    with pytest.raises(WrongStage) as none_left:
        hand_out_paper(four, by=first)

    assert none_left.value.reason_code == "no_papers_left"
    assert list(PaperHandout.objects.values_list("voter", flat=True)) == [three.pk]


def test_unequal_weights_named_ballots_and_too_many_papers_are_refused() -> None:
    unequal = open_a_ballot([VoterDraft("甲", area=100), VoterDraft("乙", area=200)], kind="secret")
    by = officer("甲")
    named = make_ballot()
    ballot = open_a_ballot([VoterDraft(f"居民{n}") for n in range(4)], kind="secret")

    for refused in (unequal, named):
        with pytest.raises(Refused):
            store_bearer_papers(refused, printed=[new_code()], by=by)
    with pytest.raises(BadInput) as many:
        store_bearer_papers(ballot, printed=[new_code() for _n in range(6)], by=by)

    assert many.value.field == "last"
    assert not BearerPaper.objects.exists()


def test_nothing_in_the_database_joins_a_voter_and_a_paper() -> None:
    ballot, [one, two, *_rest], [paper, *_more], (first, second, _third) = with_papers()
    for voter in (one, two):
        hand_out_paper(voter, by=first)
    for person in (first, second):
        enter_bearer_paper(paper, choices=marked(ballot, "for"), by=person)

    columns: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for table in ("voting_paperhandout", "voting_bearerpaper", "voting_secretvote", "voting_paperballot"):
            columns[table] = {column.name for column in connection.introspection.get_table_description(cursor, table)}

    assert columns["voting_paperhandout"] == {"id", "voter_id"}
    assert columns["voting_bearerpaper"] == {"id", "ballot_id", "code_hash"}
    assert columns["voting_secretvote"] == {"id", "item_id", "choice", "receipt", "slot"}
    assert SecretVote.objects.get().receipt not in str(list(LedgerEntry.objects.values_list("after", flat=True)))
    assert str(paper.pk) not in str(
        list(LedgerEntry.objects.filter(act="hand_out_paper").values_list("after", flat=True))
    )


def test_the_page_hands_out_enters_and_reconciles() -> None:
    ballot, _voters, papers, (first, second, _third) = with_papers()
    code = new_code()
    store_bearer_papers(ballot, printed=[code], by=first)
    url, item = f"/ballots/{ballot.pk}/paper/", items_of(ballot)[0]
    clients = []
    for user in (first, second):
        client = Client()
        client.force_login(user)
        clients.append(client)

    given = clients[0].post(url, {"act": "hand_out", "who": "居民2"}, follow=True)
    nobody = clients[0].post(url, {"act": "hand_out", "who": "99"})
    scanned = clients[0].get(url, {"code": code.lower()}).content.decode()
    for client in clients:
        done = client.post(url, {"act": "enter", "code": code, f"item-{item.pk}": "for"}, follow=True)
    wrong = clients[0].get(url, {"code": "ABCDEFGHJK"})
    close_ballot(ballot, by=COMMAND_LINE)
    sums = {"returned": "1", "unreturned": "0", "valid": "1", "invalid": "0"}
    clients[0].post(url, {"act": "reconcile", **sums})

    assert "居民2已领一张票" in given.content.decode()
    assert nobody.status_code == 404
    assert f'value="{code.lower()}"' in scanned
    assert 'value="enter"' in scanned
    assert "居民" not in scanned.split("领票")[0]
    assert "已经核对一致，计入结果" in done.content.decode()
    assert "没有这个编号的票" in wrong.content.decode()
    assert PaperBatch.objects.get().valid == 1
    assert len(papers) == 3
