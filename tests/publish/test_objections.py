"""Objections: real names, deadlines, rulings, and an upheld one returns the matter."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from community.models import Unit, User
from core import ledger
from core.actors import SYSTEM
from core.errors import BadInput, NotAllowed, WrongStage
from core.models import LedgerEntry, Notification
from publish import signals
from publish.models import Notice, Objection, ObjectionStatus
from publish.operations import (
    acknowledge_objection,
    end_due_periods,
    file_objection,
    rule_on_objection,
    take_back_objection,
    withdraw_notice,
)
from publish.queries import objections_awaiting
from publish.statements import statement_facts
from tests.publish.conftest import Hire, Issue
from tests.publish.test_periods import at

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
ON_MONDAY = at(2026, 11, 2)


@pytest.fixture
def notice(issue: Issue) -> Notice:
    return issue("roll", now=ON_MONDAY)


def test_an_objection_is_received_with_its_two_deadlines_and_the_office_is_told(
    notice: Notice, resident: User, secretary: User
) -> None:
    objection = file_objection(notice, text="名册漏了3幢2单元。", by=resident, now=at(2026, 11, 6, 20))

    # Friday evening: one working day is Monday; three days end on Monday, a Sunday does not end a period.
    assert (objection.acknowledge_due_on, objection.rule_due_on) == (dt.date(2026, 11, 9), dt.date(2026, 11, 9))
    assert (objection.status, objection.name, objection.user) == (ObjectionStatus.RECEIVED, "欧阳修", resident)
    assert Notification.objects.get(user=secretary).text == "收到对平城社区〔2026〕1号的异议，请在2026-11-09前受理。"
    assert [entry.act for entry in ledger.entries_about(objection)] == ["file_objection"]


def test_somebody_without_an_account_gives_name_and_phone(notice: Notice) -> None:
    objection = file_objection(
        notice, text="面积不对。", by=SYSTEM, name="阿依古丽·买买提", phone="138-0000-1234", now=ON_MONDAY
    )

    assert (objection.user, objection.name) == (None, "阿依古丽·买买提")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 51}, "name"),
        ({"phone": ""}, "phone"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "１３８００００１２３４"}, "phone"),
        ({"text": "   "}, "text"),
        ({"text": "长" * 4001}, "text"),
        ({"text": "坏\x00字"}, "text"),
        ({"channel": "pigeon"}, "channel"),
    ],
)
def test_an_anonymous_or_broken_objection_is_refused_by_field(
    notice: Notice, wrong: dict[str, str], field: str
) -> None:
    before = LedgerEntry.objects.count()
    right = {"text": "面积不对。", "name": "张三", "phone": "13800001234"}

    with pytest.raises(BadInput) as refused:
        file_objection(notice, by=SYSTEM, now=ON_MONDAY, **{**right, **wrong})

    assert refused.value.field == field
    assert (Objection.objects.count(), LedgerEntry.objects.count()) == (0, before)


def test_the_window_closes_with_the_period(notice: Notice, resident: User) -> None:
    assert notice.ends_on == dt.date(2026, 11, 9)

    with pytest.raises(WrongStage, match="公示期已经结束"):
        file_objection(notice, text="晚了", by=resident, now=at(2026, 11, 10, 0))
    end_due_periods(at(2026, 11, 10, 0))
    with pytest.raises(WrongStage, match="公示期已经结束"):
        file_objection(notice, text="晚了", by=resident, now=at(2026, 11, 9))


def test_no_objection_against_letters_minutes_or_withdrawn_notices(
    issue: Issue, notice: Notice, resident: User, secretary: User
) -> None:
    with pytest.raises(WrongStage, match="不设异议期"):
        file_objection(issue("minutes", now=ON_MONDAY), text="不对", by=resident, now=ON_MONDAY)
    withdraw_notice(notice, reason="名册有误", by=secretary, now=ON_MONDAY)
    with pytest.raises(WrongStage, match="公示期已经结束"):
        file_objection(notice, text="不对", by=resident, now=ON_MONDAY)


def test_one_person_has_one_open_objection_against_a_notice(notice: Notice, resident: User) -> None:
    first = file_objection(notice, text="面积不对。", by=resident, now=ON_MONDAY)

    with pytest.raises(WrongStage, match="已经收到") as refused:
        file_objection(notice, text="再说一次。", by=resident, now=ON_MONDAY)

    assert refused.value.reason_code == "already_filed"
    take_back_objection(first, by=resident, now=ON_MONDAY)
    assert file_objection(notice, text="再说一次。", by=resident, now=ON_MONDAY).pk != first.pk


def test_an_upheld_objection_returns_the_matter(
    notice: Notice, resident: User, secretary: User, director: User, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[tuple[int, int]] = []

    def hear(objection: Objection, notice: Notice, **_kwargs: Any) -> None:
        heard.append((objection.pk, notice.pk))

    signals.objection_upheld.connect(hear)
    try:
        objection = file_objection(notice, text="漏了一户。", by=resident, now=ON_MONDAY)
        acknowledge_objection(objection, by=director, now=at(2026, 11, 3))
        with django_capture_on_commit_callbacks(execute=True):
            ruled = rule_on_objection(
                objection, upheld=True, ruling="属实，予以更正。", by=secretary, now=at(2026, 11, 4)
            )
    finally:
        signals.objection_upheld.disconnect(hear)

    assert heard == [(objection.pk, notice.pk)]
    assert (ruled.status, ruled.ruling, ruled.ruled_by) == (ObjectionStatus.UPHELD, "属实，予以更正。", secretary)
    assert [(entry.act, entry.office) for entry in ledger.entries_about(objection)] == [
        ("file_objection", ""),
        ("acknowledge_objection", "director"),
        ("rule_on_objection", "secretary"),
    ]
    assert list(Notification.objects.filter(user=resident).order_by("id").values_list("text", flat=True)) == [
        "您对平城社区〔2026〕1号的异议已经受理。",
        "您对平城社区〔2026〕1号的异议已经答复。",
    ]


def test_rulings_come_in_order_with_reasons_and_once(notice: Notice, resident: User, secretary: User) -> None:
    objection = file_objection(notice, text="漏了一户。", by=resident, now=ON_MONDAY)

    with pytest.raises(WrongStage, match="请先受理"):
        rule_on_objection(objection, upheld=False, ruling="不属实", by=secretary, now=ON_MONDAY)
    acknowledge_objection(objection, by=secretary, now=ON_MONDAY)
    with pytest.raises(WrongStage, match="已经受理"):
        acknowledge_objection(objection, by=secretary, now=ON_MONDAY)
    with pytest.raises(BadInput, match="答复和理由"):
        rule_on_objection(objection, upheld=False, ruling=" ", by=secretary, now=ON_MONDAY)
    with pytest.raises(BadInput, match=r"“🎉”（U\+1F389）这个字"):
        rule_on_objection(objection, upheld=False, ruling="不成立🎉", by=secretary, now=ON_MONDAY)
    assert [found.pk for found in objections_awaiting(notice.issuer)] == [objection.pk]
    rule_on_objection(objection, upheld=False, ruling="名册无误。", by=secretary, now=ON_MONDAY)
    with pytest.raises(WrongStage, match="已经办结"):
        rule_on_objection(objection, upheld=True, ruling="改了", by=secretary, now=ON_MONDAY)
    with pytest.raises(WrongStage, match="已经办结"):
        take_back_objection(objection, by=resident, now=ON_MONDAY)
    assert list(objections_awaiting(notice.issuer)) == []


def test_nobody_rules_on_their_own_objection(notice: Notice, secretary: User) -> None:
    objection = file_objection(notice, text="漏了我家。", by=secretary, now=ON_MONDAY)
    acknowledge_objection(objection, by=secretary, now=ON_MONDAY)

    with pytest.raises(NotAllowed, match="回避"):
        rule_on_objection(objection, upheld=True, ruling="属实", by=secretary, now=ON_MONDAY)


def test_staff_write_down_what_is_said_at_the_desk(notice: Notice, resident: User, hire: Hire, community: Unit) -> None:
    worker = hire("grid_worker", community)

    objection = file_objection(
        notice, text="口述：面积不对。", by=worker, name="张三", phone="13800001234", channel="desk", now=ON_MONDAY
    )

    assert (objection.user, objection.received_by, objection.name) == (None, worker, "张三")
    with pytest.raises(NotAllowed):
        file_objection(
            notice, text="替别人", by=resident, name="李四", phone="13800001235", channel="desk", now=ON_MONDAY
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"status": "upheld"},
        {"status": "acknowledged"},
        {"ruling": "悄悄写的"},
        {"acknowledged_at": at(2026, 11, 3)},
    ],
)
def test_the_database_refuses_an_incoherent_objection(notice: Notice, resident: User, changes: dict[str, Any]) -> None:
    objection = file_objection(notice, text="漏了一户。", by=resident, now=ON_MONDAY)

    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(**changes)


def test_an_objector_may_write_what_no_face_draws_and_the_statement_prints_a_mark(
    notice: Notice, resident: User
) -> None:
    file_objection(notice, text="名册漏了我家😡。", by=resident, now=ON_MONDAY)

    assert [line["text"] for line in statement_facts(notice)["objections"]] == ["名册漏了我家〓。"]
