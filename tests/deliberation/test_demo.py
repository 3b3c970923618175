"""The demonstration stands at its stages on whatever day it is built."""

import datetime as dt
from collections import Counter

import pytest
import time_machine

from deliberation.demo.play import play
from deliberation.models import Proposal
from deliberation.stages import STAGE_OF, Stage, Status
from meetings.models import Meeting
from meetings.phases import OPEN
from voting.models import Ballot, Phase

pytestmark = pytest.mark.django_db(transaction=True)
CHINA = dt.timezone(dt.timedelta(hours=8))


# The first Saturday, and soon after midnight, of a year whose schedule is not out; National Day stretched its periods.
PRESENT = dt.datetime(2027, 1, 2, 0, 30, tzinfo=CHINA)


def test_there_is_a_proposal_in_every_stage() -> None:
    with time_machine.travel(PRESENT):
        play(PRESENT)

    by_title = dict(Proposal.objects.values_list("title", "status"))
    assert Counter(STAGE_OF[Status(status)] for status in by_title.values()).keys() == set(Stage)
    assert by_title["平城苑3幢2单元加装电梯"] == Status.VOTING
    assert by_title["果城花园地面停车位重新划线和收费"] == Status.DELIBERATING
    assert by_title["丝二厂宿舍老旧小区改造"] == Status.PLAN_PUBLICISED
    assert by_title["使用维修资金修缮果城花园2幢屋面"] == Status.EXECUTING
    assert by_title["丝二厂宿舍新建电动自行车充电棚"] == Status.EVALUATING
    assert by_title["丝二厂宿舍楼道照明改造"] == Status.ARCHIVED
    assert Ballot.objects.filter(phase=Phase.OPEN).count() == 2
    assert Meeting.objects.filter(phase=OPEN).count() == 1
