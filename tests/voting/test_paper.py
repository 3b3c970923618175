"""Paper ballots: two entries apart, a third for differences, one voter one vote whatever the channels do, the sums."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from community.models import Office, Term, User
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from core.models import LedgerEntry
from tests.voting.factories import cast, items_of, make_ballot, open_a_ballot, voters_of
from voting import methods
from voting.models import (
    AssistedVote,
    Ballot,
    BoxTrip,
    OptionCount,
    PaperBallot,
    PaperBatch,
    PaperEntry,
    Phase,
    Vote,
    Voter,
)
from voting.operations import certify_ballot, close_ballot, open_ballot, recuse, repeat_ballot
from voting.operations.box import return_box, send_box
from voting.operations.paper import (
    assist_vote,
    enter_paper,
    issue_papers,
    let_paper_win,
    reconcile_papers,
)
from voting.operations.teller import PapersNotReconciled

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def officer(name: str, ballot: Ballot, office: str = Office.TELLER) -> User:
    user = User.objects.create(username=name, name=name)
    Term.objects.create(user=user, office=office, unit=ballot.community, starts_on="2026-01-01")
    return user


def three(ballot: Ballot) -> tuple[User, User, User]:
    return officer("甲", ballot), officer("乙", ballot, Office.COMMITTEE_MEMBER), officer("丙", ballot)


def paper_ballot(voters: int = 3, **more: Any) -> tuple[Ballot, list[Voter], tuple[User, User, User]]:
    """Return an open ballot with a paper for every voter, its roll, and three people to enter them."""
    ballot = open_a_ballot(voters, **more)
    people = three(ballot)
    issue_papers(ballot, issued=voters, by=people[0])
    return ballot, voters_of(ballot), people


def marked(ballot: Ballot, *choices: Any) -> dict[str, Any]:
    return {str(item.pk): choice for item, choice in zip(items_of(ballot), choices, strict=False) if choice is not None}


def counts(ballot: Ballot, place: int = 0) -> dict[str, int]:
    item = items_of(ballot)[place]
    return dict(OptionCount.objects.filter(item=item, votes__gt=0).values_list("key", "votes"))


def test_nothing_counts_until_two_people_agree() -> None:
    ballot, [voter, *_others], (first, second, _third) = paper_ballot()

    once = enter_paper(voter, choices=marked(ballot, "for"), by=first)
    assert (once.state, Vote.objects.count()) == ("entered_once", 0)
    twice = enter_paper(voter, choices=marked(ballot, "for"), by=second)

    assert twice.state == "counted"
    vote = Vote.objects.get()
    assert (vote.voter_id, vote.choice, vote.channel) == (voter.pk, "for", "paper")
    assert counts(ballot) == {"for": 1, "*": 1}
    assert Ballot.objects.get(pk=ballot.pk).cast == 1


def test_a_difference_has_no_effect_until_a_third_settles_it() -> None:
    ballot, [voter, *_others], (first, second, third) = paper_ballot()
    enter_paper(voter, choices=marked(ballot, "for"), by=first)

    differs = enter_paper(voter, choices=marked(ballot, "against"), by=second)
    assert (differs.state, Vote.objects.count()) == ("differs", 0)
    for again in (first, second):
        with pytest.raises(Refused, match="另一人"):
            enter_paper(voter, choices=marked(ballot, "abstain"), by=again)
    settled = enter_paper(voter, choices=marked(ballot, "against"), by=third)

    assert settled.state == "counted"
    assert counts(ballot) == {"against": 1, "*": 1}
    assert list(PaperEntry.objects.values_list("place", "by__name")) == [(1, "甲"), (2, "乙"), (3, "丙")]


def test_the_same_submission_again_changes_nothing() -> None:
    ballot, [voter, *_others], (first, second, _third) = paper_ballot()
    told = LedgerEntry.objects.count()

    for _again in range(3):
        enter_paper(voter, choices=marked(ballot, "for"), by=first)
    for _again in range(3):
        enter_paper(voter, choices=marked(ballot, "for"), by=second)
    closed = close_ballot(ballot, by=COMMAND_LINE)
    after = enter_paper(voter, choices=marked(ballot, "for"), by=second)

    assert after.state == "counted"
    assert (PaperEntry.objects.count(), Vote.objects.count()) == (2, 1)
    assert LedgerEntry.objects.count() - told == 3  # two entries and the closing
    assert closed.result is not None
    assert closed.result["counters_matched"] is True


def test_a_badly_marked_item_is_void_for_that_item_only() -> None:
    ballot, [voter, other, _], (first, second, _third) = paper_ballot(items=[{"title": "一"}, {"title": "二"}])
    read = marked(ballot, methods.INVALID, "for")
    void = marked(ballot, methods.INVALID, methods.INVALID)

    for by in (first, second):
        kept = enter_paper(voter, choices=read, by=by)
        lost = enter_paper(other, choices=void, by=by)

    assert (kept.state, kept.is_void, lost.state, lost.is_void) == ("counted", False, "counted", True)
    assert counts(ballot, 0) == {"invalid": 2, "*": 2}
    assert counts(ballot, 1) == {"for": 1, "invalid": 1, "*": 2}


def test_entries_are_compared_as_the_vote_they_mean() -> None:
    ballot, [voter, *_others], (first, second, _third) = paper_ballot(
        items=[{"title": "选", "method": "approval", "options": ["甲", "乙", "丙"]}]
    )

    enter_paper(voter, choices=marked(ballot, ["3", "1"]), by=first)
    paper = enter_paper(voter, choices=marked(ballot, ["1", "3"]), by=second)

    assert paper.state == "counted"
    assert Vote.objects.get().choice == '["1","3"]'


@pytest.mark.parametrize("revisable", [False, True])
@pytest.mark.parametrize("when", ["before", "between"])
def test_a_vote_that_came_first_by_another_way_holds(when: str, *, revisable: bool) -> None:
    ballot, [voter, *_others], (first, second, _third) = paper_ballot(revisable=revisable)
    if when == "before":
        assert cast(voter, "against").accepted
    enter_paper(voter, choices=marked(ballot, "for"), by=first)
    if when == "between":
        assert cast(voter, "against").accepted
    paper = enter_paper(voter, choices=marked(ballot, "for"), by=second)

    assert (paper.state, paper.receipt) == ("conflict", "")
    assert counts(ballot) == {"against": 1, "*": 1}


def test_a_counted_paper_keeps_its_voter_from_voting_again() -> None:
    ballot, [voter, *_others], (first, second, _third) = paper_ballot()
    for by in (first, second):
        enter_paper(voter, choices=marked(ballot, "for"), by=by)

    assert cast(voter, "against").code == "already_voted"
    assert counts(ballot) == {"for": 1, "*": 1}


def test_only_the_office_enters_and_nobody_their_own() -> None:
    ballot, [voter, *_others], (first, _second, _third) = paper_ballot()
    stranger = User.objects.create(username="路人", name="路人")
    resident = officer("居民", ballot, Office.RESIDENT)
    Voter.objects.filter(pk=voter.pk).update(user=first)
    voter.refresh_from_db()

    for by in (stranger, resident, first):
        with pytest.raises(NotAllowed):
            enter_paper(voter, choices=marked(ballot, "for"), by=by)
        with pytest.raises(NotAllowed):
            assist_vote(voter, choices=marked(ballot, "for"), witness="见证", by=by)
    for act in (
        lambda: issue_papers(ballot, issued=3, by=stranger),
        lambda: send_box(ballot, box="一号", place="3幢", carriers=["甲", "乙", "丙"], seal="F-01", by=stranger),
        lambda: reconcile_papers(ballot, returned=0, unreturned=3, valid=0, invalid=0, by=stranger),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not PaperBallot.objects.exists()


def test_who_stepped_aside_enters_no_paper() -> None:
    ballot, [voter, other, _], (first, _second, _third) = paper_ballot()
    Voter.objects.filter(pk=other.pk).update(user=first)
    recuse(items_of(ballot)[0], other, by=COMMAND_LINE)

    with pytest.raises(NotAllowed, match="回避"):
        enter_paper(voter, choices=marked(ballot, "for"), by=first)


@pytest.mark.parametrize(
    ("choices", "field"),
    [({}, "choices"), ({"999999": "for"}, "choices"), ({"item": "maybe"}, "item-"), ({"item": ["for"]}, "item-")],
)
def test_an_entry_that_breaks_the_form_is_refused(choices: dict[str, Any], field: str) -> None:
    ballot, [voter, *_others], (first, _second, _third) = paper_ballot()
    item = str(items_of(ballot)[0].pk)

    with pytest.raises(BadInput) as refused:
        enter_paper(voter, choices={(item if key == "item" else key): c for key, c in choices.items()}, by=first)

    assert refused.value.field == (f"item-{item}" if field == "item-" else field)
    assert not PaperBallot.objects.exists()


def test_nothing_is_entered_before_opening_or_after_closing() -> None:
    draft = make_ballot()
    people = three(draft)
    issue_papers(draft, issued=3, by=people[0])
    [one, two, three_] = voters_of(draft)
    with pytest.raises(Refused) as early:
        enter_paper(one, choices=marked(draft, "for"), by=people[0])
    open_ballot(draft, by=COMMAND_LINE)
    enter_paper(one, choices=marked(draft, "for"), by=people[0])
    due = timezone.now() + dt.timedelta(hours=1)
    Ballot.objects.filter(pk=draft.pk).update(closes_at=due)
    with pytest.raises(Refused) as late:
        enter_paper(two, choices=marked(draft, "for"), by=people[0], now=due)
    close_ballot(draft, by=COMMAND_LINE, now=due)
    codes = []
    for voter, by in ((one, people[1]), (two, people[0])):
        with pytest.raises(Refused) as closed:
            enter_paper(voter, choices=marked(draft, "for"), by=by)
        codes.append(closed.value.reason_code)
    with pytest.raises(Refused) as assisted:
        assist_vote(three_, choices=marked(draft, "for"), witness="见证", by=people[0])

    assert (early.value.reason_code, late.value.reason_code) == ("not_open", "closed")
    assert [*codes, assisted.value.reason_code] == ["closed"] * 3
    assert (PaperEntry.objects.count(), Vote.objects.count()) == (1, 0)


def test_secret_papers_are_not_entered_by_name() -> None:
    ballot = open_a_ballot(3, kind="secret")
    [first, _second, _third] = three(ballot)
    [voter, *_others] = voters_of(ballot)

    for act in (
        lambda: issue_papers(ballot, issued=3, by=first),
        lambda: enter_paper(voter, choices=marked(ballot, "for"), by=first),
        lambda: assist_vote(voter, choices=marked(ballot, "for"), witness="见证", by=first),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reason_code == "secret_paper"


def test_a_refused_second_entry_is_not_stored_and_can_be_made_later() -> None:
    ballot, [voter, *_others], (first, second, _third) = paper_ballot(in_room=True)
    enter_paper(voter, choices=marked(ballot, "for"), by=first)

    with pytest.raises(Refused) as absent:
        enter_paper(voter, choices=marked(ballot, "for"), by=second)
    assert (absent.value.reason_code, PaperEntry.objects.count()) == ("not_eligible", 1)
    Voter.objects.filter(pk=voter.pk).update(present=True)

    assert enter_paper(voter, choices=marked(ballot, "for"), by=second).state == "counted"


def test_the_ledger_tells_who_entered_and_not_what() -> None:
    ballot, [voter, *_others], (first, second, _third) = paper_ballot(items=[{"title": "一"}, {"title": "二"}])
    for by in (first, second):
        enter_paper(voter, choices=marked(ballot, "against", "abstain"), by=by)

    rows = LedgerEntry.objects.filter(act="enter_paper").order_by("sequence")

    assert [(row.actor_name, row.office, row.after["entry"], row.after["state"]) for row in rows] == [
        ("甲", "teller", 1, "entered_once"),
        ("乙", "committee_member", 2, "counted"),
    ]
    assert rows[0].after["read"] == rows[1].after["read"]
    assert all(set(row.after) == {"paper", "entry", "state", "read"} for row in rows)
    assert not any(word in str(row.after) for row in rows for word in ("against", "abstain"))


def test_an_assisted_vote_counts_at_once_before_a_witness() -> None:
    ballot, [voter, other, _], (first, second, _third) = paper_ballot()

    done = assist_vote(voter, choices=marked(ballot, "for"), witness="王五", by=first)
    again = assist_vote(voter, choices=marked(ballot, "for"), witness="王五", by=first)
    with pytest.raises(Refused) as changed:
        assist_vote(voter, choices=marked(ballot, "against"), witness="王五", by=second)
    for witness in ("", "  ", "甲", other.name):
        with pytest.raises(BadInput) as refused:
            assist_vote(other, choices=marked(ballot, "for"), witness=witness, by=first)
        assert refused.value.field == "witness"

    assert done.pk == again.pk
    assert changed.value.reason_code == "already_voted"
    assert list(Vote.objects.values_list("voter_id", "channel")) == [(voter.pk, "assisted")]
    row = LedgerEntry.objects.get(act="assist_vote")
    assert row.after == {"voter": str(voter.pk), "witness": "王五"}
    assert AssistedVote.objects.count() == 1


def test_the_sums_must_hold() -> None:
    ballot, [one, two, _], (first, second, _third) = paper_ballot()
    issue_papers(ballot, issued=10, by=first)
    for by in (first, second):
        enter_paper(one, choices=marked(ballot, "for"), by=by)
        enter_paper(two, choices=marked(ballot, methods.INVALID), by=by)
    right: dict[str, Any] = {"returned": 4, "unreturned": 6, "valid": 1, "invalid": 3}
    with pytest.raises(Refused) as early:
        reconcile_papers(ballot, **right, by=first)
    close_ballot(ballot, by=COMMAND_LINE)
    wrong = [
        ({"returned": 11, "unreturned": 0, "invalid": 10}, "returned"),
        ({"unreturned": 5}, "unreturned"),
        ({"invalid": 2}, "invalid"),
        ({"valid": 2, "invalid": 2}, "valid"),
        ({"returned": 1, "unreturned": 9, "invalid": 0}, "returned"),
        ({"returned": -1}, "returned"),
        ({"valid": 10**9}, "valid"),
    ]
    for change, field in wrong:
        with pytest.raises(BadInput) as refused:
            reconcile_papers(ballot, **{**right, **change}, by=first)
        assert refused.value.field == field
    assert PaperBatch.objects.get().reconciled_at is None
    with pytest.raises(PapersNotReconciled):
        certify_ballot(ballot, by=["甲", "乙"])

    for _again in range(2):
        reconcile_papers(ballot, **right, by=first)
    certify_ballot(ballot, by=["甲", "乙"])

    assert early.value.reason_code == "not_closed"
    assert LedgerEntry.objects.filter(act="reconcile_papers").count() == 1
    assert Ballot.objects.get(pk=ballot.pk).phase == Phase.CERTIFIED
    with pytest.raises(Refused):
        reconcile_papers(ballot, returned=5, unreturned=5, valid=1, invalid=4, by=first)


@pytest.mark.parametrize(
    "sums",
    [
        {"returned": 4, "unreturned": 5, "valid": 4, "invalid": 0},
        {"returned": 4, "unreturned": 6, "valid": 3, "invalid": 0},
        {"returned": 4, "unreturned": 6, "valid": None, "invalid": None},
        {"returned": 11, "unreturned": -1, "valid": 11, "invalid": 0},
    ],
)
def test_the_database_refuses_sums_that_do_not_hold(sums: dict[str, int | None]) -> None:
    batch = PaperBatch.objects.create(ballot=open_a_ballot(), issued=10)

    with pytest.raises(IntegrityError), transaction.atomic():
        PaperBatch.objects.filter(pk=batch.pk).update(**sums, reconciled_at=timezone.now())


def test_no_more_papers_are_entered_than_were_handed_out() -> None:
    ballot, [one, two, _], (first, _second, _third) = paper_ballot()
    issue_papers(ballot, issued=1, by=first)
    enter_paper(one, choices=marked(ballot, "for"), by=first)

    with pytest.raises(Refused) as refused:
        enter_paper(two, choices=marked(ballot, "for"), by=first)
    with pytest.raises(BadInput):
        issue_papers(ballot, issued=0, by=first)

    assert refused.value.reason_code == "more_than_issued"


def test_a_mobile_box_goes_with_three_tellers_and_comes_back_once() -> None:
    ballot, _voters, (first, _second, _third) = paper_ballot()
    for names in ([], ["甲", "乙"], ["甲", "乙", "甲", " "]):
        with pytest.raises(BadInput) as few:
            send_box(ballot, box="一号", place="3幢", carriers=names, seal="F-01", by=first)
        assert few.value.field == "carriers"

    trip = send_box(ballot, box="一号", place="3幢", carriers=["甲", "乙", "丙"], seal="F-01", by=first)
    with pytest.raises(BadInput) as out:
        send_box(ballot, box="一号", place="5幢", carriers=["甲", "乙", "丙"], seal="F-01", by=first)
    with pytest.raises(BadInput) as negative:
        return_box(trip, papers=-1, seal_intact=True, by=first)
    back = return_box(trip, papers=7, seal_intact=True, by=first)
    again = return_box(trip, papers=9, seal_intact=False, by=first)
    send_box(ballot, box="一号", place="5幢", carriers=["甲", "乙", "丙"], seal="F-01", by=first)

    assert out.value.field == "box"
    assert negative.value.field == "papers"
    assert back.in_at == again.in_at is not None
    assert (again.seal, again.papers, again.seal_intact) == ("F-01", 7, True)
    assert LedgerEntry.objects.filter(act="return_box").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        BoxTrip.objects.filter(pk=trip.pk).update(carrier_count=2)


def together(works: list[Any]) -> list[Any]:
    """Run all at once, each in its own thread; return what they returned or raised."""
    start = threading.Barrier(len(works))
    answers: list[Any] = []

    def run(work: Any) -> None:
        try:
            start.wait()
            answers.append(work())
        except Exception as error:  # noqa: BLE001 - told by the assertions
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_paper_and_live_at_once_count_each_voter_once() -> None:
    ballot, voters, (first, second, third) = paper_ballot(8)
    read = marked(ballot, "for")
    for voter in voters:
        enter_paper(voter, choices=read, by=first)

    answers = together(
        [
            work
            for voter in voters
            for work in (
                lambda v=voter: cast(v, "against"),
                lambda v=voter: enter_paper(v, choices=read, by=second),
                lambda v=voter: enter_paper(v, choices=read, by=third),
            )
        ]
    )

    assert len(answers) == 24
    assert {type(answer).__name__ for answer in answers} <= {"CastOutcome", "PaperBallot", "AlreadyEntered"}
    papers = {paper.voter_id: paper.state for paper in PaperBallot.objects.all()}
    votes = {vote.voter_id: vote.channel for vote in Vote.objects.all()}
    assert votes == {voter: "paper" if state == "counted" else "live" for voter, state in papers.items()}
    assert len(votes) == 8
    assert set(papers.values()) <= {"counted", "conflict"}
    assert PaperEntry.objects.count() == 16
    closed = close_ballot(ballot, by=COMMAND_LINE)
    assert closed.result is not None
    assert closed.result["counters_matched"] is True
    assert closed.cast == 8


@pytest.mark.django_db(transaction=True)
def test_one_paper_submitted_many_times_at_once_is_entered_once() -> None:
    ballot, [voter, *_others], (first, second, _third) = paper_ballot()
    read = marked(ballot, "for")

    answers = together(
        [lambda by=by: enter_paper(voter, choices=read, by=by) for by in (first, second) for _again in range(6)]
    )

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert (PaperEntry.objects.count(), Vote.objects.count()) == (2, 1)
    assert PaperBallot.objects.get().state == "counted"


@pytest.mark.django_db(transaction=True)
def test_papers_against_the_closing_are_counted_or_refused() -> None:
    ballot, voters, (first, second, _third) = paper_ballot(8)
    read = marked(ballot, "for")
    for voter in voters:
        enter_paper(voter, choices=read, by=first)

    answers = together(
        [
            *(lambda v=voter: enter_paper(v, choices=read, by=second) for voter in voters),
            lambda: close_ballot(Ballot.objects.get(pk=ballot.pk), by=COMMAND_LINE),
        ]
    )

    counted = [answer for answer in answers if isinstance(answer, PaperBallot)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(counted) + len(refused) == 8
    assert {answer.reason_code for answer in refused} <= {"closed"}
    result = Ballot.objects.get(pk=ballot.pk).result
    assert result is not None
    assert result["items"][0]["counts"]["for"]["votes"] == len(counted) == Vote.objects.count()


def test_where_the_paper_wins_it_takes_the_place_of_the_vote_online() -> None:
    ballot = make_ballot(3)
    first, second, _third = three(ballot)
    let_paper_win(ballot, wins=True, by=first)
    open_ballot(ballot, by=COMMAND_LINE)
    issue_papers(ballot, issued=3, by=first)
    one, two, _three = voters_of(ballot)
    cast(one, "against")

    for person in (first, second):
        paper = enter_paper(one, choices=marked(ballot, "for"), by=person)
        enter_paper(two, choices=marked(ballot, "against"), by=person)
    late = cast(one, "against"), cast(two, "for")
    close_ballot(ballot, by=COMMAND_LINE)

    assert paper.state == "counted"
    assert [answer.code for answer in late] == ["already_voted"] * 2
    assert sorted(Vote.objects.values_list("voter", "choice", "channel")) == [
        (one.pk, "for", "paper"),
        (two.pk, "against", "paper"),
    ]
    assert counts(ballot) == {"for": 1, "against": 1, "*": 2}
    assert ballot.result is not None
    assert ballot.result["counters_matched"] is True


def test_a_paper_that_wins_is_not_revised_online() -> None:
    ballot = make_ballot(2, revisable=True)
    first, second, _third = three(ballot)
    let_paper_win(ballot, wins=True, by=first)
    open_ballot(ballot, by=COMMAND_LINE)
    issue_papers(ballot, issued=2, by=first)
    one, two = voters_of(ballot)
    for person in (first, second):
        enter_paper(one, choices=marked(ballot, "for"), by=person)

    answers = [cast(one, "against"), cast(two, "for"), cast(two, "against")]

    assert [answer.code for answer in answers] == ["already_voted", "", ""]
    with pytest.raises(WrongStage):
        let_paper_win(ballot, wins=False, by=first)
    close_ballot(ballot, by=COMMAND_LINE)
    assert repeat_ballot(ballot, by=COMMAND_LINE).ballot.paper_wins is True
