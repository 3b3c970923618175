"""What the clock does with ballots: it opens the planned ones, and says once why one cannot open."""

import datetime as dt

import pytest

from community.models import Office, Term
from core.actors import COMMAND_LINE
from core.models import Notification
from tests.community.places import COMMUNITY, a_person, a_secretary, a_tree, unit
from tests.voting.factories import make_ballot
from voting.models import Phase
from voting.operations import cancel_ballot, open_ballot
from voting.periodic import open_planned_ballots, tell_of_missed_ballots

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
STARTS = dt.datetime(2026, 11, 10, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
ENDS = STARTS + dt.timedelta(days=3)


def test_a_planned_ballot_opens_at_its_time_and_not_before() -> None:
    ballot = make_ballot(opens_at=STARTS, closes_at=ENDS)

    open_planned_ballots(STARTS - dt.timedelta(seconds=1))
    ballot.refresh_from_db()
    assert ballot.phase == Phase.DRAFT
    open_planned_ballots(STARTS)

    ballot.refresh_from_db()
    assert (ballot.phase, ballot.opened_at) == (Phase.OPEN, STARTS)
    assert not Notification.objects.exists()


def test_secretary_and_director_are_told_once_what_a_planned_ballot_misses() -> None:
    a_tree()
    secretary = a_secretary(unit(COMMUNITY))
    director = a_person("何主任", office=Office.DIRECTOR, at=unit(COMMUNITY))
    a_person("贾记明", office=Office.COMMITTEE_MEMBER, at=unit(COMMUNITY))
    Term.objects.update(starts_on=STARTS.date())
    ballot = make_ballot(
        10, rule="rc_recall", kind="secret", scope="adults", opens_at=STARTS, closes_at=ENDS, title="罢免主任"
    )

    open_planned_ballots(STARTS)
    open_planned_ballots(STARTS + dt.timedelta(seconds=5))

    ballot.refresh_from_db()
    assert ballot.phase == Phase.DRAFT
    told = list(Notification.objects.order_by("user").values_list("user", "text", "url"))
    sentence = (
        "“罢免主任”到了开始时间，但还不能开始表决：还没有达到法定人数、经监票人确认的书面罢免要求"
        f"（{ballot.rule['article']}）。"
    )
    assert told == [(one.pk, sentence, f"/ballots/{ballot.pk}/desk/") for one in (secretary, director)]


def test_the_leaders_are_told_once_of_a_ballot_whose_end_passed_before_it_could_open() -> None:
    a_tree()
    secretary = a_secretary(unit(COMMUNITY))
    Term.objects.update(starts_on=STARTS.date())
    ballot = make_ballot(opens_at=STARTS, closes_at=ENDS, title="加装电梯")
    cancelled = make_ballot(opens_at=STARTS, closes_at=ENDS, title="已取消")
    opened = make_ballot(opens_at=STARTS, closes_at=ENDS, title="已开始")
    cancel_ballot(cancelled, by=COMMAND_LINE, reason="不办了", now=STARTS + dt.timedelta(hours=1))
    open_ballot(opened, by=COMMAND_LINE, now=STARTS)

    tell_of_missed_ballots(ENDS - dt.timedelta(seconds=1))
    assert not Notification.objects.exists()
    open_planned_ballots(ENDS)
    tell_of_missed_ballots(ENDS)
    tell_of_missed_ballots(ENDS + dt.timedelta(minutes=1))
    tell_of_missed_ballots(ENDS + dt.timedelta(days=8))

    sentence = "“加装电梯”在计划的时间内没有开始，截止时间已过，不能再开始。需要的话请重新发起表决。"
    assert list(Notification.objects.values_list("user", "text", "url")) == [
        (secretary.pk, sentence, f"/ballots/{ballot.pk}/desk/")
    ]
