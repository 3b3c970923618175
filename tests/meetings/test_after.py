"""After a meeting: absentees told, tasks given and done, what waits for chair and recorder."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core import clock
from core.errors import BadInput, NotAllowed, Refused
from core.models import LedgerEntry, Notification
from deliberation.queries.waiting import waiting_besides
from meetings import signin
from meetings.models import AgendaItem, DecisionTask, Meeting
from meetings.operations import (
    Invitee,
    accept_invitation,
    answer_objection,
    assign_task,
    close_meeting,
    draft_minutes,
    finish_decision_task,
    next_agenda_item,
    object_to_minutes,
    open_meeting,
    record_decision,
    request_leave,
    sign_in,
    sign_in_by_code,
    sign_minutes,
)
from meetings.queries.duties import invitations_to_answer, meetings_going_on, tasks_to_do
from tests.meetings.makers import Place, bring_in, convene, make_user, opened

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
DUE = dt.date(2099, 12, 31)


def decided(place: Place) -> tuple[Meeting, AgendaItem]:
    meeting = opened(place)
    item = meeting.agenda.get(status="current")
    record_decision(item=item, decision="同意在北侧加装", by=place.facilitator)
    return meeting, item


def closed(place: Place) -> Meeting:
    """Return a closed meeting to which the last member did not come."""
    meeting = convene(place)
    bring_in(meeting, place, place.members[:-1])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    item = next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    record_decision(item=item, decision="同意在北侧加装", by=place.facilitator)
    return close_meeting(meeting=meeting, by=place.facilitator, reason="时间已到", now=meeting.starts_at)


def test_who_was_not_there_is_told_what_was_decided(place: Place) -> None:
    absent = place.members[-1]

    closed(place)

    told = Notification.objects.filter(text__startswith="您未到会的")
    assert [(row.user, row.text) for row in told] == [
        (absent, "您未到会的“3幢2单元加装电梯议事会”已经结束：同意在北侧加装")
    ]


def test_a_guardian_is_asked_answers_and_is_told_for_the_ward(place: Place) -> None:
    guardian, other = make_user("guardian", "丁父"), make_user("guardian2", "戚母")
    wards = [
        Invitee(name=name, guardian=who, guardian_name=who.name)
        for name, who in (("丁小宝", guardian), ("丁二宝", guardian), ("戚小妹", other))
    ]
    meeting = convene(place, invitees=[*place.members, *wards])
    before, at = meeting.starts_at - dt.timedelta(days=1), meeting.starts_at

    asked = [duty.verb for duty in invitations_to_answer(guardian, now=before)]
    request_leave(meeting=meeting, reason="孩子发烧", by=guardian, now=before)
    asked_again = invitations_to_answer(guardian, now=before)
    bring_in(meeting, place, place.members)
    code = signin.code_for(meeting.pk, at)
    sign_in_by_code(meeting=meeting, code=code, by=other, now=at)
    open_meeting(meeting=meeting, by=place.facilitator, now=at)
    going_on = [duty.verb for duty in meetings_going_on(other)]
    meeting = close_meeting(meeting=meeting, by=place.facilitator, reason="晚了", now=at)
    minutes = draft_minutes(meeting=meeting, by=place.recorder)
    objection = object_to_minutes(minutes=minutes, text="少了一句", by=other)
    answer_objection(objection=objection, answer="已补上", by=place.recorder)
    sign_minutes(minutes=minutes, by=place.recorder)
    sign_minutes(minutes=minutes, by=place.facilitator)

    assert (asked, asked_again, going_on) == (["答复参会"], [], ["进入会议"])
    assert [row.reply for row in meeting.attendances.filter(guardian=guardian)] == ["leave", "leave"]
    texts = Notification.objects.order_by("id").values_list("text", flat=True)
    assert [text[:5] for text in texts.filter(user=guardian)][-2:] == ["您未到会的"] * 2
    assert [text[:6] for text in texts.filter(user=other)][-2:] == ["会议纪要已起", "您对会议纪要"]


def test_a_guardian_who_was_there_is_offered_the_objection(client: Client, place: Place) -> None:
    guardian = make_user("guardian", "丁父")
    ward = Invitee(name="丁小宝", guardian=guardian, guardian_name="丁父")
    meeting = convene(place, invitees=[*place.members, ward])
    bring_in(meeting, place, place.members)
    at = meeting.starts_at
    sign_in(meeting=meeting, attendance=meeting.attendances.get(name="丁小宝"), by=place.grid_worker, now=at)
    open_meeting(meeting=meeting, by=place.facilitator, now=at)
    close_meeting(meeting=meeting, by=place.facilitator, reason="晚了", now=at)
    draft_minutes(meeting=meeting, by=place.recorder)
    client.force_login(guardian)

    assert "纪要不对，提出异议" in client.get(f"/meetings/{meeting.pk}/minutes/").content.decode()


def test_a_task_is_given_told_and_done(place: Place) -> None:
    meeting, item = decided(place)

    task = assign_task(item=item, title="联系电梯公司勘察", owner=place.grid_worker, due_on=DUE, by=place.recorder)
    again = assign_task(item=item, title="联系电梯公司勘察", owner=place.grid_worker, due_on=DUE, by=place.recorder)

    assert (again.pk, DecisionTask.objects.count()) == (task.pk, 1)
    assert Notification.objects.filter(user=place.grid_worker, text__startswith="会议交办：").count() == 1
    assert [(d.title, d.verb, d.ends, d.note) for d in tasks_to_do(place.grid_worker)] == [
        ("联系电梯公司勘察", "办理", DUE, meeting.title)
    ]
    finish_decision_task(task=task, result="已勘察，可以安装", by=place.grid_worker)
    assert tasks_to_do(place.grid_worker) == []
    assert [e.act for e in LedgerEntry.objects.filter(act__endswith="decision_task")] == [
        "assign_decision_task",
        "finish_decision_task",
    ]


def test_a_task_is_given_after_the_minutes_are_signed_too(client: Client, place: Place) -> None:
    meeting = closed(place)
    minutes = draft_minutes(meeting=meeting, by=place.recorder)
    for signer in (place.recorder, place.facilitator):
        sign_minutes(minutes=minutes, by=signer)
    client.force_login(place.recorder)
    item = meeting.agenda.exclude(decision="").get()
    facts = {"item": item.pk, "title": "勘察", "owner": place.grid_worker.pk, "due_on": "2099-12-31"}

    page = client.get(f"/meetings/{meeting.pk}/tasks/").content.decode()
    client.post(f"/meetings/{meeting.pk}/tasks/assign/", facts)

    assert "交办一件事" in page
    assert DecisionTask.objects.get().title == "勘察"


def test_tasks_that_may_not_be_given(place: Place) -> None:
    meeting, item = decided(place)
    undecided = meeting.agenda.exclude(pk=item.pk).get()
    facts: dict[str, Any] = {"title": "勘察", "owner": place.grid_worker, "due_on": DUE}

    with pytest.raises(Refused, match="还没有议定"):
        assign_task(item=undecided, by=place.recorder, **facts)
    with pytest.raises(BadInput, match="期限不能早于今天"):
        assign_task(item=item, by=place.recorder, **(facts | {"due_on": dt.date(2020, 1, 1)}))
    with pytest.raises(NotAllowed):
        assign_task(item=item, by=place.members[0], **facts)

    assert DecisionTask.objects.count() == 0


def test_only_the_owner_or_the_desk_of_the_meeting_reports_a_task_done(place: Place) -> None:
    _meeting, item = decided(place)
    task = assign_task(item=item, title="勘察", owner=place.grid_worker, due_on=DUE, by=place.recorder)

    with pytest.raises(NotAllowed, match="由责任人报告办理结果"):
        finish_decision_task(task=task, result="好了", by=place.members[0])


def test_the_recorder_finds_the_minutes_in_the_work_list_step_by_step(place: Place) -> None:
    def verbs() -> list[list[str]]:
        return [
            [
                row.verb
                for row in waiting_besides(user, [], clock.now())
                if row.href == f"/meetings/{meeting.pk}/minutes/"
            ]
            for user in (place.recorder, place.facilitator)
        ]

    meeting = closed(place)
    assert verbs() == [["起草纪要"], []]
    minutes = draft_minutes(meeting=meeting, by=place.recorder)
    assert verbs() == [["签字确认纪要"], ["签字确认纪要"]]
    objection = object_to_minutes(minutes=minutes, text="地点写错了", by=place.members[0])
    assert verbs() == [["答复异议"], []]
    answer_objection(objection=objection, answer="已更正", by=place.recorder)
    sign_minutes(minutes=minutes, by=place.recorder)
    assert verbs() == [[], ["签字确认纪要"]]
    sign_minutes(minutes=minutes, by=place.facilitator)
    assert verbs() == [[], []]
    told = Notification.objects.filter(text__startswith="您未到会的会议，纪要已签字")
    assert [row.user for row in told] == [place.members[-1]]


def test_an_invitation_waits_for_its_answer(place: Place) -> None:
    meeting = convene(place)
    before = meeting.starts_at - dt.timedelta(days=1)

    found = invitations_to_answer(place.members[0], now=before)

    assert [(d.title, d.verb) for d in found] == [(meeting.title, "答复参会")]
    assert invitations_to_answer(place.members[0], now=meeting.starts_at) == []


def test_who_comes_for_wards_is_asked_once_and_answers_for_them(place: Place) -> None:
    guardian = make_user("guardian", "丁父")
    wards = [Invitee(name=name, guardian=guardian, guardian_name="丁父") for name in ("丁大宝", "丁二宝")]
    meeting = convene(place, invitees=[*(Invitee(user=user) for user in place.members), *wards])
    before = meeting.starts_at - dt.timedelta(days=1)
    assert [duty.title for duty in invitations_to_answer(guardian, now=before)] == [meeting.title]

    accept_invitation(meeting=meeting, by=guardian, now=before)

    assert invitations_to_answer(guardian, now=before) == []
    assert list(meeting.attendances.filter(guardian=guardian).values_list("reply", flat=True)) == ["coming", "coming"]
    bring_in(meeting, place, place.members)
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    assert [duty.verb for duty in meetings_going_on(guardian)] == ["进入会议"]


def test_the_pages_give_and_finish_a_task(client: Client, place: Place) -> None:
    meeting, item = decided(place)
    client.force_login(place.recorder)
    facts = {"item": item.pk, "title": "勘察", "owner": place.grid_worker.pk, "due_on": "2099-12-31"}

    client.post(f"/meetings/{meeting.pk}/tasks/assign/", facts)

    task = DecisionTask.objects.get()
    client.force_login(place.grid_worker)
    assert "报告办结" in client.get(f"/meetings/{meeting.pk}/tasks/").content.decode()
    client.post(f"/meetings/{meeting.pk}/tasks/finish/", {"task": task.pk, "result": "已勘察"})
    task.refresh_from_db()
    assert (task.result, task.done_by) == ("已勘察", place.grid_worker)
