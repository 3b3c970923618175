"""How long a notice is posted: the jurisdiction's table, the law's floor, the calendar, and what happens at the end."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, TestCase

from community.models import Unit, User
from core import ledger
from core.actors import SYSTEM
from core.calendar import import_schedule, set_day
from core.errors import BadInput
from publish import kinds, signals
from publish.models import Notice, NoticePeriodProfile, NoticeStatus
from publish.operations import (
    acknowledge_objection,
    end_due_periods,
    file_objection,
    recompute_open_periods,
    record_damage,
    repost,
    rule_on_objection,
)
from publish.periods import PERIODS
from publish.queries import notices_about, period_for
from tests.publish.conftest import Issue

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def at(year: int, month: int, day: int, hour: int = 10) -> dt.datetime:
    """Return a moment of that day in Nanchong."""
    return dt.datetime(year, month, day, hour, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture
def ended() -> Iterator[list[int]]:
    heard: list[int] = []

    def hear(notice: Notice, **_kwargs: Any) -> None:
        heard.append(notice.pk)

    signals.notice_period_ended.connect(hear)
    yield heard
    signals.notice_period_ended.disconnect(hear)


@pytest.mark.parametrize(
    ("key", "days", "mode"),
    [
        ("topic_list", 7, "calendar"),
        ("meeting_notice", 3, "calendar"),
        ("meeting_notice.deliberation", 3, "calendar"),
        ("meeting_notice.residents", 10, "calendar"),
        ("meeting_notice.owners", 15, "calendar"),
        ("plan_for_comment", 7, "calendar"),
        ("roll", 5, "calendar"),
        ("vote_result", 7, "calendar"),
        ("implementation_result", 15, "calendar"),
        ("community_affairs", 15, "calendar"),
        ("rectification_notice", 5, "working"),
        ("minutes", 0, "calendar"),
        ("acceptance_letter", 0, "calendar"),
    ],
)
def test_default_days_are_those_of_the_rulebook(community: Unit, key: str, days: int, mode: str) -> None:
    found = period_for(key, community)

    assert (found.days, found.mode) == (days, mode)


def test_every_kind_with_a_period_exists_or_is_planned() -> None:
    assert {key for key, kind in kinds.KINDS.items() if kind.days and key not in PERIODS} == set()


def test_the_nearest_jurisdiction_decides_and_the_law_s_floor_holds(
    subdistrict: Unit, community: Unit, neighbours: Unit
) -> None:
    county = Unit.objects.get(code="511302000000")
    NoticePeriodProfile.objects.create(unit=county, key="roll", days=10, basis="区通知")
    NoticePeriodProfile.objects.create(unit=community, key="roll", days=6, mode="working", basis="社区公约")
    NoticePeriodProfile.objects.create(unit=county, key="implementation_result", days=7, basis="区通知")
    NoticePeriodProfile.objects.create(unit=subdistrict, key="meeting_notice", days=12, basis="街道通知")
    NoticePeriodProfile.objects.create(unit=county, key="meeting_notice.owners", days=20, basis="区通知")

    def found(key: str, unit: Unit) -> tuple[int, str]:
        period = period_for(key, unit)
        return period.days, period.mode

    assert found("roll", community) == (6, "working")
    assert found("roll", neighbours) == (10, "calendar")
    assert found("implementation_result", community) == (15, "calendar")
    assert found("meeting_notice.owners", community) == (20, "calendar")
    assert found("meeting_notice.residents", community) == (12, "calendar")


def test_days_below_the_law_s_floor_are_refused(issue: Issue) -> None:
    with pytest.raises(BadInput, match="不得少于 15 天（《居民委员会组织法》第三十四条）"):
        issue("implementation_result", days=7)
    assert Notice.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"days": -1}, "days"),
        ({"days": 366}, "days"),
        ({"days": 5, "mode": "banking"}, "mode"),
        ({"period_key": "roll"}, "period_key"),
    ],
)
def test_wrong_periods_are_refused_by_field(issue: Issue, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        issue("topic_list", **wrong)

    assert refused.value.field == field
    assert Notice.objects.count() == 0


@pytest.mark.parametrize(
    ("start", "days", "mode", "ends"),
    [
        (at(2026, 9, 24), 7, "calendar", dt.date(2026, 10, 8)),
        (at(2026, 9, 24), 5, "working", dt.date(2026, 10, 9)),
        (at(2026, 9, 24), 7, "working", dt.date(2026, 10, 12)),
        (at(2026, 2, 13), 3, "working", dt.date(2026, 2, 25)),
        (at(2026, 5, 2), 7, "calendar", dt.date(2026, 5, 9)),
        (at(2026, 11, 22), 15, "calendar", dt.date(2026, 12, 7)),
    ],
)
def test_the_last_day_follows_the_civil_code(
    issue: Issue, start: dt.datetime, days: int, mode: str, ends: dt.date
) -> None:
    notice = issue("topic_list", days=days, mode=mode, now=start)

    assert (notice.posted_on, notice.ends_on, notice.provisional) == (start.date(), ends, False)


def test_a_period_ends_at_midnight_of_its_last_day(
    issue: Issue, ended: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    notice = issue("topic_list", now=at(2026, 11, 2))
    assert notice.ends_on == dt.date(2026, 11, 9)

    with django_capture_on_commit_callbacks(execute=True):
        assert end_due_periods(at(2026, 11, 9, 23)) == []
    with django_capture_on_commit_callbacks(execute=True):
        assert [found.pk for found in end_due_periods(at(2026, 11, 10, 0))] == [notice.pk]
        assert end_due_periods(at(2026, 11, 10, 0)) == []

    notice.refresh_from_db()
    assert (notice.status, notice.ended_at) == (NoticeStatus.ENDED, at(2026, 11, 10, 0))
    assert ended == [notice.pk]


def test_papers_without_a_period_never_end(issue: Issue) -> None:
    issue("minutes", now=at(2026, 1, 5))

    assert end_due_periods(at(2026, 12, 1)) == []


def test_an_unpublished_year_is_provisional_and_counted_again_when_its_schedule_is_imported(issue: Issue) -> None:
    notice = issue("topic_list", days=15, now=at(2027, 1, 25))
    assert (notice.ends_on, notice.provisional) == (dt.date(2027, 2, 9), True)

    with TestCase.captureOnCommitCallbacks(execute=True):
        import_schedule(
            2027,
            days={dt.date(2027, 2, day): False for day in range(5, 12)} | {dt.date(2027, 2, 14): True},
            source="国务院办公厅关于2027年部分节假日安排的通知",
            by=SYSTEM,
        )
        # Still open on that day: the receiver counts again with the clock of the test, so count by hand as well.
        recompute_open_periods(years=[2027], now=at(2027, 1, 26))

    notice.refresh_from_db()
    assert (notice.ends_on, notice.provisional) == (dt.date(2027, 2, 12), False)
    entry = ledger.entries_about(notice).filter(act="recompute_period").get()
    assert (entry.before["ends_on"], entry.after["ends_on"]) == ("2027-02-09", "2027-02-12")


def test_a_certain_last_day_is_never_moved_earlier(issue: Issue) -> None:
    notice = issue("topic_list", days=5, mode="working", now=at(2026, 11, 2))
    assert notice.ends_on == dt.date(2026, 11, 9)

    set_day(dt.date(2026, 11, 7), works=True, source="区政府通知", by=SYSTEM)
    assert recompute_open_periods(now=at(2026, 11, 3)) == []
    set_day(dt.date(2026, 11, 9), works=False, source="区政府通知", by=SYSTEM)
    set_day(dt.date(2026, 11, 6), works=False, source="区政府通知", by=SYSTEM)
    set_day(dt.date(2026, 11, 7), works=False, source="区政府通知", by=SYSTEM)
    moved = recompute_open_periods(now=at(2026, 11, 3))

    assert [(found.pk, found.ends_on) for found in moved] == [(notice.pk, dt.date(2026, 11, 11))]


def test_a_statement_is_written_when_a_period_ends(
    issue: Issue, resident: User, secretary: User, django_capture_on_commit_callbacks: Any
) -> None:
    notice = issue("roll", now=at(2026, 11, 2))
    posting = notice.postings.all()[0]
    record_damage(posting, damage="撕毁", by=secretary, now=at(2026, 11, 4))
    repost(posting, by=secretary, now=at(2026, 11, 5))
    objection = file_objection(notice, text="漏了我家。", by=resident, now=at(2026, 11, 3))
    acknowledge_objection(objection, by=secretary, now=at(2026, 11, 3))
    rule_on_objection(objection, upheld=False, ruling="名册无误。", by=secretary, now=at(2026, 11, 4))

    with django_capture_on_commit_callbacks(execute=True):
        [ended] = end_due_periods(at(2026, 11, 11))

    statement = notices_about(notice).get()
    assert (statement.kind, statement.status, statement.is_public) == ("period_statement", NoticeStatus.POSTED, False)
    facts = Notice.objects.get(pk=statement.pk).facts
    assert facts["notice_number"] == ended.number
    assert facts["ended_on"] == str(ended.ends_on)
    assert facts["objections"] == [
        {
            "objector": "欧阳*",
            "received_on": "2026-11-03",
            "text": "漏了我家。",
            "ruling": "不成立",
            "answer": "名册无误。",
        }
    ]
    assert facts["postings"][0]["note"] == "曾损毁重贴，缺失1天已补足"
    assert facts["conclusion"] == "公示期满。张贴件曾损毁，公示期已延长1天。收到异议1件，其中不成立1件。"


def test_a_period_in_working_days_grows_by_those(issue: Issue, client: Client, secretary: User) -> None:
    notice = issue("rectification_notice", now=at(2026, 11, 2))
    posting = notice.postings.all()[0]
    record_damage(posting, damage="撕毁", by=secretary, now=at(2026, 11, 4))
    repost(posting, by=secretary, now=at(2026, 11, 5))

    page = client.get(f"/notices/{notice.pk}/").content.decode()
    end_due_periods(at(2026, 11, 11))

    assert "张贴件损毁，已补足1个工作日" in page
    statement = Notice.objects.get(pk=notices_about(notice).get().pk)
    assert statement.facts["conclusion"] == "公示期满。张贴件曾损毁，公示期已延长1个工作日。公示期间没有收到异议。"


def test_the_longest_title_still_gives_a_statement(issue: Issue) -> None:
    facts = {**kinds.example("topic_list"), "title": "长" * 120}
    notice = issue("topic_list", facts=facts, now=at(2026, 11, 2))

    end_due_periods(at(2026, 11, 10))

    assert len(notices_about(notice).get().title) == 120
