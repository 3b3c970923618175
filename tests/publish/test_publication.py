"""Number, posted notice and file appear together or not at all, gapless whatever happens at once."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import IntegrityError, close_old_connections, connection, transaction

from community.models import Unit, User
from core import ledger
from core.canonical import sha256_hex
from core.errors import Refused
from core.models import LedgerEntry, News
from core.news import deliver_owed
from publish import kinds, signals
from publish.models import Notice, NoticeStatus, NumberSeries, PublishingLease, ReservedNumber
from publish.operations import (
    issue_notice,
    publish_notice,
    publish_stuck_notices,
    reserve_number,
    retry_notice,
    void_number,
)
from publish.operations.publication import ATTEMPTS_LIMIT
from publish.queries.numbering import missing_serials
from tests.publish.conftest import Issue, add_unit, small_engine

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
ON_24TH = dt.datetime(2026, 9, 24, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def posted() -> Iterator[list[Notice]]:
    heard: list[Notice] = []

    def hear(notice: Notice, **_kwargs: Any) -> None:
        heard.append(notice)

    signals.notice_posted.connect(hear)
    yield heard
    signals.notice_posted.disconnect(hear)


def _prepared(community: Unit, by: User, count: int = 1, kind: str = "topic_list") -> list[Notice]:
    """Issue notices without running the background: the callbacks of an open test transaction never run."""
    return [issue_notice(kind=kind, facts=kinds.example(kind), issuer=community, by=by) for _ in range(count)]


def _serials() -> list[int | None]:
    return list(Notice.objects.order_by("number_serial").values_list("number_serial", flat=True))


def _bytes(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


def test_an_issued_notice_is_posted_with_number_period_and_file(issue: Issue, posted: list[Notice]) -> None:
    notice = issue("topic_list", now=ON_24TH)

    assert notice.status == NoticeStatus.POSTED
    assert notice.number == "平城社区〔2026〕1号"
    assert (notice.posted_on, notice.ends_on, notice.provisional) == (
        dt.date(2026, 9, 24),
        dt.date(2026, 10, 8),
        False,
    )
    data = _bytes(str(notice.file))
    assert sha256_hex(data) == notice.file_hash
    assert len(data) == notice.file_size
    assert notice.file.name == f"notices/{notice.file_hash[:2]}/{notice.file_hash}.pdf"
    assert [heard.pk for heard in posted] == [notice.pk]
    assert [entry.act for entry in ledger.entries_about(notice)] == ["issue_notice", "post_notice"]
    assert ledger.entries_about(notice).last().document_hash == notice.file_hash  # type: ignore[union-attr] # just asserted


def test_families_count_apart_and_never_share_a_number(issue: Issue) -> None:
    numbers = [issue(kind, now=ON_24TH).number for kind in ("topic_list", "minutes", "roll", "minutes")]

    assert numbers == ["平城社区〔2026〕1号", "平城社区纪〔2026〕1号", "平城社区〔2026〕2号", "平城社区纪〔2026〕2号"]


def test_a_new_year_starts_at_one(issue: Issue) -> None:
    issue(now=ON_24TH)
    issue(now=ON_24TH)

    assert issue(now=dt.datetime(2026, 12, 31, 15, 59, tzinfo=dt.UTC)).number == "平城社区〔2026〕3号"
    assert issue(now=dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)).number == "平城社区〔2027〕1号"


def test_two_units_of_one_name_get_different_code_words(
    issue: Issue, subdistrict: Unit, director: User, community: Unit
) -> None:
    twin = add_unit(subdistrict, "511302001099", "平城社区", "community")
    root = Unit.objects.get(code="511302000000")
    from community.models import Term  # noqa: PLC0415 - one line of this test

    Term.objects.create(user=director, office="director", unit=root, starts_on=dt.date(2026, 1, 1))

    first, second = issue(), issue(issuer=twin, by=director)

    assert first.number == "平城社区〔2026〕1号"
    assert second.number == "平城街道平城社区〔2026〕1号"


def test_a_committee_s_code_word_is_the_name_of_its_community(issue: Issue, subdistrict: Unit, hire: Any) -> None:
    unit = add_unit(subdistrict, "511302001098", "北门街社区居民委员会", "community")

    notice = issue(issuer=unit, by=hire("director", unit))

    assert notice.number == "北门街社区〔2026〕1号"
    assert (notice.paper or {})["issuer"]["name"] == "北门街社区居民委员会"


def test_the_same_notice_is_published_once(issue: Issue) -> None:
    notice = issue()

    publish_notice(notice.pk)
    publish_notice(notice.pk)

    assert Notice.objects.get(pk=notice.pk).number_serial == 1
    assert NumberSeries.objects.get().next_serial == 2


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_typesetting(community: Unit, secretary: User) -> None:
    seen: list[bool] = []

    def engine(paper: dict[str, Any]) -> bytes:
        seen.append(connection.in_atomic_block)
        return small_engine(paper)

    with transaction.atomic():
        [notice] = _prepared(community, secretary)
        connection.run_on_commit.clear()  # this process dies before its background starts
    publish_notice(notice.pk, engine=engine)

    assert seen == [False]
    assert Notice.objects.get().status == NoticeStatus.POSTED


@pytest.mark.django_db(transaction=True)
def test_two_hundred_at_once_get_each_number_once(community: Unit, secretary: User) -> None:
    def publish(_number: int) -> None:
        close_old_connections()
        try:
            issue_notice(kind="topic_list", facts=kinds.example("topic_list"), issuer=community, by=secretary)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=16) as threads:
        list(threads.map(publish, range(200)))

    assert _serials() == list(range(1, 201))
    assert set(Notice.objects.values_list("status", flat=True)) == {NoticeStatus.POSTED}
    assert NumberSeries.objects.get().next_serial == 201
    assert PublishingLease.objects.get().token == ""
    assert Notice.objects.values("file").distinct().count() == 200
    assert ledger.first_break() is None


@pytest.mark.django_db(transaction=True)
def test_workers_whose_leases_ran_out_still_number_without_gap_or_double(community: Unit, secretary: User) -> None:
    def engine(paper: dict[str, Any]) -> bytes:
        # Every lease runs out while its holder typesets: all workers are let in, only the series row decides.
        PublishingLease.objects.update(until=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        return small_engine(paper)

    with transaction.atomic():
        notices = _prepared(community, secretary, 24)
        connection.run_on_commit.clear()

    def publish(pk: int) -> None:
        try:
            publish_notice(pk, engine=engine)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=6) as threads:
        list(threads.map(publish, [notice.pk for notice in notices]))
    publish_stuck_notices(dt.datetime(2100, 1, 1, tzinfo=dt.UTC), engine=engine)

    assert _serials() == list(range(1, 25))
    assert missing_serials(NumberSeries.objects.get()) == []


class _PowerCut(BaseException):
    """Stands for the end of the process: nothing after it runs, no handler for errors sees it."""


@pytest.mark.parametrize("where", ["typesetting", "after the file", "in the last transaction"])
def test_a_crash_between_number_and_file_leaves_neither(
    community: Unit, secretary: User, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [notice] = _prepared(community, secretary)
    entries = LedgerEntry.objects.count()

    def die(*_args: Any, **_kwargs: Any) -> Any:
        raise _PowerCut

    def engine(paper: dict[str, Any]) -> bytes:
        if where == "typesetting":
            raise _PowerCut
        return small_engine(paper)

    with monkeypatch.context() as patch:
        if where == "after the file":
            patch.setattr(Notice.objects, "select_for_update", die)
        if where == "in the last transaction":
            patch.setattr(ledger, "record", die)
        with pytest.raises(_PowerCut):
            publish_notice(notice.pk, engine=engine)

    left = Notice.objects.get(pk=notice.pk)
    assert (left.status, left.number, left.file_hash, left.paper) == (NoticeStatus.PREPARING, "", "", None)
    assert NumberSeries.objects.get().next_serial == 1
    assert LedgerEntry.objects.count() == entries
    assert News.objects.count() == 0

    assert publish_stuck_notices(dt.datetime(2100, 1, 1, tzinfo=dt.UTC)) == 1
    again = Notice.objects.get(pk=notice.pk)
    assert (again.status, again.number_serial) == (NoticeStatus.POSTED, 1)
    assert default_storage.exists(str(again.file))


def test_a_half_written_file_of_a_crash_is_written_again(issue: Issue) -> None:
    notice = issue()
    name = str(notice.file)
    from django.core.files.base import ContentFile  # noqa: PLC0415 - one line of this test

    from publish.files import store_file  # noqa: PLC0415 - one line of this test

    data = _bytes(name)
    default_storage.delete(name)
    default_storage.save(name, ContentFile(data[:100]))

    assert store_file(data, "notices", ".pdf") == (name, notice.file_hash)
    assert _bytes(name) == data


def test_the_sweep_leaves_fresh_notices_to_their_own_task(community: Unit, secretary: User) -> None:
    _prepared(community, secretary)

    assert publish_stuck_notices() == 0
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)):
        assert publish_stuck_notices() == 1
    assert Notice.objects.get().status == NoticeStatus.POSTED


def test_what_cannot_be_typeset_fails_visibly_takes_no_number_and_can_be_retried(
    community: Unit, secretary: User, django_capture_on_commit_callbacks: Any
) -> None:
    [notice] = _prepared(community, secretary)

    def engine(_paper: dict[str, Any]) -> bytes:
        raise Refused("共 401 页，超过上限 400 页")

    publish_notice(notice.pk, engine=engine)
    failed = Notice.objects.get(pk=notice.pk)
    assert (failed.status, failed.failure) == (NoticeStatus.FAILED, "共 401 页，超过上限 400 页")
    assert NumberSeries.objects.get().next_serial == 1

    with django_capture_on_commit_callbacks(execute=True):
        retry_notice(failed, by=secretary)
    assert Notice.objects.get(pk=notice.pk).number_serial == 1


def test_an_unknown_error_of_the_engine_is_one_sentence_not_a_traceback(community: Unit, secretary: User) -> None:
    first, second = _prepared(community, secretary, 2)

    def engine(paper: dict[str, Any]) -> bytes:
        if paper["number"] and Notice.objects.filter(status=NoticeStatus.FAILED).count() == 0:
            raise ZeroDivisionError
        return small_engine(paper)

    publish_notice(first.pk, engine=engine)

    assert Notice.objects.get(pk=first.pk).failure == "排版程序出错，已记入日志。请检查内容后重试。"
    assert Notice.objects.get(pk=second.pk).number_serial == 1


def test_a_full_disk_is_tried_again_and_at_last_given_up_with_a_sentence(community: Unit, secretary: User) -> None:
    [notice] = _prepared(community, secretary)

    def engine(_paper: dict[str, Any]) -> bytes:
        raise OSError(28, "No space left on device")

    for _attempt in range(ATTEMPTS_LIMIT):
        with pytest.raises(OSError, match="No space left"):
            publish_notice(notice.pk, engine=engine)
        assert Notice.objects.get(pk=notice.pk).status == NoticeStatus.PREPARING
    publish_notice(notice.pk, engine=engine)

    assert Notice.objects.get(pk=notice.pk).failure == "多次尝试后仍未能发布，请检查存储和字体后重试。"


def test_reserved_and_voided_numbers_leave_a_record_not_a_gap(issue: Issue, community: Unit, secretary: User) -> None:
    issue(now=ON_24TH)
    reserved = reserve_number(
        issuer=community, family="notice", purpose="停水紧急通知（手写）", by=secretary, now=ON_24TH
    )
    third = issue(now=ON_24TH)

    void_number(reserved, reason="未使用", by=secretary, now=ON_24TH)

    assert (reserved.number, third.number) == ("平城社区〔2026〕2号", "平城社区〔2026〕3号")
    assert missing_serials(NumberSeries.objects.get()) == []
    assert [entry.act for entry in ledger.entries_about(reserved)] == ["reserve_number", "void_number"]
    with pytest.raises(Refused, match="已经作废"):
        void_number(reserved, reason="再来", by=secretary)
    assert ReservedNumber.objects.get().void_reason == "未使用"


@pytest.mark.parametrize(
    "changes",
    [
        {"file": "", "file_hash": ""},
        {"number": ""},
        {"ends_on": dt.date(2020, 1, 1)},
        {"status": "preparing"},
        {"status": "withdrawn"},
        {"status": "failed"},
        {"status": "ended"},
        {"content_hash": ""},
        {"paper": None},
        {"number_serial": 0},
    ],
)
def test_the_database_refuses_a_half_posted_notice(issue: Issue, changes: dict[str, Any]) -> None:
    notice = issue()

    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(**changes)


def test_the_database_refuses_a_number_twice(issue: Issue) -> None:
    first, second = issue(), issue()

    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=second.pk).update(number=first.number)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=second.pk).update(number_serial=first.number_serial)


def test_status_is_only_changed_by_its_transitions(issue: Issue) -> None:
    notice = issue()

    with pytest.raises(AttributeError):
        notice.status = NoticeStatus.ENDED
    notice.refresh_from_db()
    assert notice.status == NoticeStatus.POSTED


def test_a_signal_that_failed_is_sent_again(issue: Issue) -> None:
    heard: list[int] = []

    def hear(notice: Notice, **_kwargs: Any) -> None:
        heard.append(notice.pk)
        if len(heard) == 1:
            raise RuntimeError("not yet")

    signals.notice_posted.connect(hear)
    try:
        notice = issue()
        assert News.objects.get().problem == "RuntimeError: not yet"
        assert deliver_owed(dt.datetime(2100, 1, 1, tzinfo=dt.UTC)) == 1
    finally:
        signals.notice_posted.disconnect(hear)
    assert heard == [notice.pk, notice.pk]
    assert News.objects.get().delivered_at is not None
