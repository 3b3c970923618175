"""The pages: who sees what, acts through forms, and how many queries a page costs."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from community.models import Household, Residency, Term, Unit, User
from core import qr
from core.requirements import RequirementsNotMet
from meetings import signin, tickets
from meetings.models import Attendance, Meeting, Minutes, Motion, Speech
from meetings.operations import (
    AgendaDraft,
    accept_invitation,
    ask_consent,
    close_meeting,
    next_agenda_item,
    object_to_consent,
    open_agenda_ballot,
    open_meeting,
    propose_motion,
    record_decision,
    record_hand_vote,
    second_motion,
    sign_out,
    suspend_meeting,
)
from meetings.queries.situation import situation_of
from publish.models import NoticePeriodProfile
from tests.meetings.makers import TODAY, Place, attendance_of, bring_in, convene, opened
from voting.models import Ballot
from voting.queries import ballot_state

pytestmark = pytest.mark.django_db


def _as(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _url(name: str, meeting: Meeting, *more: Any) -> str:
    return reverse(f"meetings:{name}", args=[meeting.pk, *more])


def test_everybody_reads_the_public_facts_of_a_meeting(place: Place) -> None:
    meeting = convene(place)

    answer = Client().get(_url("meeting", meeting))

    assert answer.status_code == 200
    assert "加装电梯" in answer.content.decode()
    assert "欧阳清" not in answer.content.decode()
    assert "欧阳*" in answer.content.decode()


def test_the_list_shows_coming_meetings(place: Place) -> None:
    meeting = convene(place)

    answer = Client().get(reverse("meetings:list"))

    assert answer.status_code == 200
    assert meeting.title in answer.content.decode()


def test_an_amendment_of_five_thousand_digits_is_none(place: Place) -> None:
    meeting = opened(place)

    answer = _as(place.members[0]).post(
        _url("room", meeting, "second-amendment"), {"amendment": "9" * 5000}, follow=True
    )

    assert answer.status_code == 200
    assert "没有这个修正案" in answer.content.decode()


@pytest.mark.parametrize("page", ["chair", "desk", "screen", "sheet", "poster", "minutes"])
def test_a_visitor_is_sent_to_sign_in(place: Place, page: str) -> None:
    meeting = convene(place)

    answer = Client().get(_url(page, meeting))

    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")  # type: ignore[attr-defined] # a redirect


@pytest.mark.parametrize("page", ["desk", "sheet", "poster"])
def test_a_member_may_not_run_the_door(place: Place, page: str) -> None:
    meeting = convene(place)

    answer = _as(place.members[0]).get(_url(page, meeting))

    assert answer.status_code == 403
    assert "只有社区工作人员可以替他人签到。" in answer.content.decode()


@pytest.mark.parametrize("page", ["meeting", "chair", "desk", "screen", "sheet", "poster", "minutes"])
def test_the_chair_opens_every_page(place: Place, page: str) -> None:
    meeting = opened(place)

    answer = _as(place.facilitator).get(_url(page, meeting))

    assert answer.status_code == 200
    assert "style=" not in answer.content.decode()
    assert "onclick" not in answer.content.decode()


def test_convening_by_the_page(place: Place) -> None:
    User.objects.filter(username="member0").update(unit=place.community)
    street = Unit.objects.get(kind="subdistrict")
    Term.objects.create(user=place.members[1], office="subdistrict_officer", unit=street, starts_on="2024-01-01")
    with time_machine.travel(TODAY, tick=False):
        answer = _as(place.director).post(
            reverse("meetings:convene", args=[place.community.code]),
            {
                "kind": "deliberation_council",
                "title": "充电棚选址议事会",
                "place": "议事厅",
                "starts_at": "2026-11-27T19:30",
                "chair": place.facilitator.pk,
                "recorder": place.recorder.pk,
                "agenda": "通报情况\n选址｜同意建在3幢北侧。",
                "people": "member0\nmember1\nmember2\n物业经理｜列席",
            },
        )

    meeting = Meeting.objects.get()
    assert answer.status_code == 302
    assert [(a.name, a.role) for a in meeting.attendances.order_by("id")] == [
        ("赵铁柱", "member"),
        ("钱秀英", "member"),
        ("member2", "member"),  # an account of elsewhere: the page does not tell whose
        ("物业经理", "guest"),
    ]
    assert [i.motion_text for i in meeting.agenda.order_by("position")] == ["", "同意建在3幢北侧。"]


def test_convening_by_the_register_invites_every_adult_and_says_who_was_left_out(place: Place) -> None:
    unit = Unit.objects.add_child(place.community, create_kwargs={"code": "H1", "name": "101", "kind": "household"})
    home = Household.objects.create(unit=unit, label="101")
    for user, born in zip(place.members, (dt.date(1970, 1, 1), dt.date(2015, 1, 1), None), strict=False):
        User.objects.filter(pk=user.pk).update(born_on=born)
        Residency.objects.create(user=user, household=home)
    with time_machine.travel(TODAY, tick=False):
        client = _as(place.director)
        page = client.get(reverse("meetings:convene", args=[place.community.code])).content.decode()
        answer = client.post(
            reverse("meetings:convene", args=[place.community.code]),
            {
                "kind": "residents_meeting",
                "title": "居民会议",
                "place": "议事厅",
                "starts_at": "2026-12-27T19:30",
                "chair": place.facilitator.pk,
                "recorder": place.recorder.pk,
                "agenda": "居民公约｜同意。",
                "scope": "adults",
            },
            follow=True,
        ).content.decode()

    (seat,) = Meeting.objects.get().attendances.all()
    assert (seat.name, seat.user, seat.place, seat.role) == ("赵铁柱", place.members[0], "101", "member")
    assert "1位居民没有登记出生日期，没有列入应到会名单。" in answer
    assert "<dd>应到会的人到会超过1/2</dd>" in answer
    for said in ("利益相关方到会不少于2/3", "必须邀请：居民代表、居务监督委员会", "主持人中立，不发表意见，不投票"):
        assert said in page


def test_convening_too_late_says_why_on_the_page(place: Place) -> None:
    with time_machine.travel(TODAY, tick=False):
        answer = _as(place.director).post(
            reverse("meetings:convene", args=[place.community.code]),
            {
                "kind": "residents_meeting",
                "title": "居民会议",
                "place": "议事厅",
                "starts_at": "2026-11-27T19:30",
                "chair": place.facilitator.pk,
                "recorder": place.recorder.pk,
                "agenda": "居民公约",
                "people": "member0",
            },
        )

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "须提前10日通知，现在只提前5日；最早可定在2026-12-02，或者写明紧急召开的理由" in page
    assert "居民公约</textarea>" in page  # what was typed is still there
    assert Meeting.objects.count() == 0


def test_the_form_opens_with_a_start_that_suits_its_kind_and_the_days_of_the_jurisdiction(place: Place) -> None:
    NoticePeriodProfile.objects.create(unit=place.community, key="meeting_notice.residents", days=12, basis="本市办法")
    with time_machine.travel(TODAY, tick=False):
        page = _as(place.director).get(reverse("meetings:convene", args=[place.community.code]))

    words = page.content.decode()
    assert 'value="deliberation_council" selected' in words
    assert 'value="2026-11-25T19:30"' in words
    assert (words.count("提前12日通知"), words.count("提前3日通知"), words.count("提前15日通知")) == (2, 4, 1)


def test_a_resident_may_not_convene(place: Place) -> None:
    answer = _as(place.members[0]).get(reverse("meetings:convene", args=[place.community.code]))

    assert answer.status_code == 403


def test_leave_needs_a_reason(place: Place) -> None:
    meeting = convene(place)
    client = _as(place.members[0])

    client.post(_url("reply", meeting), {"reply": "leave", "reason": ""})
    assert attendance_of(meeting, place.members[0]).reply == "none"

    client.post(_url("reply", meeting), {"reply": "leave", "reason": "出差"})
    assert attendance_of(meeting, place.members[0]).leave_reason == "出差"

    client.post(_url("reply", meeting), {"reply": "coming"})
    assert attendance_of(meeting, place.members[0]).reply == "coming"


def test_the_poster_signs_in_and_a_stale_photo_does_not(place: Place) -> None:
    meeting = convene(place)
    address = _url("signin", meeting)
    with time_machine.travel(meeting.starts_at, tick=False) as clock:
        code = signin.code_for(meeting.pk, meeting.starts_at)
        first, late = _as(place.members[0]), _as(place.members[1])

        assert first.get(f"{address}?code={code}").status_code == 200
        assert first.post(address).status_code == 302
        clock.shift(dt.timedelta(seconds=61))
        late.get(f"{address}?code={code}")
        refused = late.post(address)

    assert refused.status_code == 409
    assert attendance_of(meeting, place.members[0]).how == "qr"
    assert attendance_of(meeting, place.members[1]).signed_in_at is None


def test_a_scan_is_kept_while_somebody_signs_in_to_the_account(place: Place) -> None:
    meeting = convene(place)
    address = _url("signin", meeting)
    client = Client()
    with time_machine.travel(meeting.starts_at, tick=False) as clock:
        code = signin.code_for(meeting.pk, meeting.starts_at)
        assert client.get(f"{address}?code={code}").status_code == 302
        clock.shift(dt.timedelta(seconds=120))
        client.force_login(place.members[0], backend="django.contrib.auth.backends.ModelBackend")
        answer = client.post(address)

    assert answer.status_code == 302
    assert attendance_of(meeting, place.members[0]).is_present


def test_the_desk_finds_by_name_and_signs_in_out_and_back(place: Place) -> None:
    meeting = convene(place)
    member = attendance_of(meeting, place.members[2])
    client = _as(place.grid_worker)
    with time_machine.travel(meeting.starts_at, tick=False) as clock:
        found = client.get(_url("desk", meeting), {"q": "孙建"}).content.decode()
        client.post(_url("desk_act", meeting, member.pk), {"act": "in"})
        clock.shift(600)
        client.post(_url("desk_act", meeting, member.pk), {"act": "out"})
        clock.shift(600)
        client.post(_url("desk_act", meeting, member.pk), {"act": "back"})

    member.refresh_from_db()
    assert "孙建国" in found
    assert "赵铁柱" not in found
    assert member.is_present
    assert [p.out_at is None for p in member.presences.order_by("in_at")] == [False, True]


def test_a_late_signature_keeps_its_reason(place: Place) -> None:
    meeting = convene(place)
    member = attendance_of(meeting, place.members[2])
    with time_machine.travel(meeting.starts_at, tick=False):
        _as(place.grid_worker).post(
            _url("desk_act", meeting, member.pk), {"act": "in", "override_reason": "手机没电，张委员认得本人"}
        )

    member.refresh_from_db()
    assert (member.how, member.override_reason) == ("override", "手机没电，张委员认得本人")


def _as_offered(page: Any) -> dict[str, Any]:
    """Return what the form of the next step sends when nothing is typed in it."""
    form = page.context["next_form"]
    return dict(form.initial) if form is not None and form.initial else {}


def test_the_chair_runs_a_meeting_by_pressing_the_next_button(place: Place) -> None:
    meeting = convene(place)
    bring_in(meeting, place, place.members)
    client = _as(place.facilitator)
    pressed = []
    with time_machine.travel(meeting.starts_at, tick=False):
        for _turn in range(12):
            page = client.get(_url("chair", meeting))
            step = page.context["next"]
            if step is None or not step.is_ready or step.key == "draft_minutes":
                break
            pressed.append(step.key)
            assert client.post(_url("chair_act", meeting, step.key), _as_offered(page)).status_code == 302

    meeting.refresh_from_db()
    assert pressed == [
        "open",
        *("next_item", "finish_item"),  # the first item only informs
        *("next_item", "open_ballot", "close_ballot", "decide", "finish_item"),
        "close",
    ]
    assert meeting.agenda.get(position=2).decision == "未通过：同意加装电梯一部。"
    assert meeting.phase == "closed"


def test_what_cannot_be_done_yet_is_greyed_with_the_reason(place: Place) -> None:
    meeting = convene(place)
    bring_in(meeting, place, place.members[:3])

    with time_machine.travel(meeting.starts_at, tick=False):
        page = _as(place.facilitator).get(_url("chair", meeting))

    step = page.context["next"]
    assert (step.key, step.is_ready) == ("open", False)
    assert str(step.missing[0].sentence) == "利益相关方应到6人，法定4人，实到3人，还差1人"
    assert "利益相关方应到6人，法定4人，实到3人，还差1人" in page.content.decode()


def test_a_refused_act_says_its_sentence_on_the_chairs_page(place: Place) -> None:
    meeting = convene(place)

    answer = _as(place.facilitator).post(_url("chair_act", meeting, "open"), follow=True)

    assert "还差4人" in answer.content.decode()
    meeting.refresh_from_db()
    assert meeting.phase == "convened"


@pytest.mark.parametrize("act", ["open", "next_item", "close", "suspend", "open_ballot", "hand_over", "nonsense"])
def test_a_member_may_not_do_the_chairs_acts(place: Place, act: str) -> None:
    meeting = opened(place)
    version = meeting.version

    answer = _as(place.members[0]).post(_url("chair_act", meeting, act))

    meeting.refresh_from_db()
    assert answer.status_code == 302
    assert meeting.version == version


def test_a_member_raises_a_hand_moves_and_seconds_from_the_phone(place: Place) -> None:
    meeting = opened(place)
    first, second = _as(place.members[0]), _as(place.members[1])

    first.post(_url("room", meeting, "hand"), {"stance": "for"})
    first.post(_url("room", meeting, "move"), {"text": "同意加装电梯。"})
    second.post(_url("room", meeting, "second"))

    assert Speech.objects.get().attendance.user == place.members[0]
    assert Motion.objects.get().status == "seconded"
    assert "您已举手" in first.get(_url("meeting", meeting)).content.decode()


def test_a_display_without_an_account_opens_the_screen_by_ticket(place: Place) -> None:
    meeting = opened(place)
    other = Meeting(pk=meeting.pk + 1)

    assert Client().get(_url("screen", meeting), {"ticket": tickets.mint(meeting.pk)}).status_code == 200
    assert Client().get(_url("screen", meeting), {"ticket": tickets.mint(other.pk)}).status_code == 302


def test_the_screen_shows_masked_names_only(place: Place) -> None:
    meeting = opened(place)
    _as(place.members[0]).post(_url("room", meeting, "hand"), {"stance": "against"})

    page = _as(place.facilitator).get(_url("screen", meeting)).content.decode()

    assert "赵** 反对" in page
    assert "赵铁柱" not in page


def test_minutes_by_the_pages(place: Place) -> None:
    meeting = opened(place)
    close_meeting(
        meeting=meeting, by=place.facilitator, reason="时间已晚", now=meeting.starts_at + dt.timedelta(hours=1)
    )
    recorder, chair, member = _as(place.recorder), _as(place.facilitator), _as(place.members[0])

    recorder.post(_url("minutes_act", meeting, "draft"))
    minutes = Minutes.objects.get()
    member.post(_url("minutes_act", meeting, "object"), {"text": "我说的不是这个意思。"})
    blocked = chair.post(_url("minutes_act", meeting, "sign"), follow=True).content.decode()
    recorder.post(
        _url("minutes_act", meeting, "answer"), {"objection": minutes.objections.get().pk, "answer": "已更正。"}
    )
    recorder.post(_url("minutes_act", meeting, "edit"), {"text": "更正后的纪要。", "version": 1, "reason": "更正"})
    stale = recorder.post(
        _url("minutes_act", meeting, "edit"), {"text": "另一个人的修改。", "version": 1}, follow=True
    ).content.decode()
    chair.post(_url("minutes_act", meeting, "sign"))
    recorder.post(_url("minutes_act", meeting, "sign"))

    minutes.refresh_from_db()
    assert "还有异议没有答复" in blocked
    assert "请在新的版本上修改" in stale
    assert minutes.text == "更正后的纪要。"
    assert minutes.frozen_at is not None
    assert recorder.get(_url("minutes", meeting)).status_code == 200


def test_the_calendar_is_icalendar(place: Place) -> None:
    meeting = convene(place, title="议事会，第1次；加装电梯")

    one = Client().get(_url("ics", meeting))
    everything = Client().get(reverse("meetings:calendar"), {"community": place.community.code})

    lines = one.content.decode().split("\r\n")
    assert one["Content-Type"] == "text/calendar; charset=utf-8"
    assert "SUMMARY:议事会，第1次；加装电梯" in lines
    assert "DTSTART:20261207T010000Z" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert everything.content.decode().count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_the_api_costs_the_same_whatever_its_length(
    place: Place, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        convene(place, title=f"第{number}次会议")

    with django_assert_num_queries(2):
        found = Client().get("/api/v1/meetings").json()

    assert (found["count"], len(found["items"])) == (count, count)


@pytest.mark.parametrize("page", ["list", "desk", "meeting", "chair"])
def test_pages_cost_the_same_with_more_rows(
    place: Place, page: str, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    meeting = opened(place)
    client = _as(place.facilitator)
    address = reverse("meetings:list") if page == "list" else _url(page, meeting)
    client.get(address)
    with django_assert_max_num_queries({"list": 8, "desk": 10, "meeting": 32, "chair": 32}[page]) as few:
        client.get(address)

    more = [Attendance(meeting=meeting, name=f"居民{n}", role="observer", signed_in_at=None) for n in range(20)]
    Attendance.objects.bulk_create(more)
    for n in range(3):
        convene(place, title=f"另一次会议{n}")

    with django_assert_num_queries(len(few)):
        client.get(address)


def test_a_ballot_on_the_agenda_is_linked_from_the_members_page(place: Place) -> None:
    meeting = opened(place)
    motion = propose_motion(meeting=meeting, text="同意。", by=place.members[0], now=meeting.starts_at)
    second_motion(motion=motion, by=place.members[1], now=meeting.starts_at)
    open_agenda_ballot(item=motion.item, by=place.facilitator, now=meeting.starts_at)

    page = _as(place.members[0]).get(_url("meeting", meeting)).content.decode()

    assert "去投票" in page


def test_while_a_vote_runs_a_phone_offers_the_vote_and_points_of_order_only(place: Place) -> None:
    meeting = opened(place, agenda=["加装电梯"])
    open_agenda_ballot(item=meeting.agenda.get(), by=place.facilitator)

    page = _as(place.members[0]).get(_url("meeting", meeting)).content.decode()

    buttons = re.findall(r'name="stance" value="(\w+)"( disabled)?', page)
    assert buttons == [("for", " disabled"), ("against", " disabled"), ("neutral", " disabled"), ("point_of_order", "")]
    assert page.count("表决正在进行，只能投票或者提程序问题（五议工作法议事规则）") == 2
    assert "去投票" in page
    assert "room/move/" not in page


def test_minutes_cannot_be_drafted_before_closing(place: Place) -> None:
    meeting = opened(place)

    _as(place.recorder).post(_url("minutes_act", meeting, "draft"))

    assert Minutes.objects.count() == 0


def test_the_chair_of_owners_sees_heads_and_area_drawn_against_their_thresholds(place: Place) -> None:
    meeting = convene(place, kind="owners_meeting", days=20)
    Attendance.objects.filter(meeting=meeting).update(area=10_000)
    bring_in(meeting, place, place.members[:5])

    page = _as(place.facilitator).get(_url("chair", meeting)).content.decode()

    assert page.count('class="threshold threshold--met"') == 2
    assert "应到600.00平方米，法定400.00平方米，实到500.00平方米，已达到" in page
    assert "应到6人，法定4人，实到5人，已达到" in page


def test_before_the_day_the_desk_and_the_opening_are_greyed_with_the_date(place: Place) -> None:
    meeting = convene(place)
    with time_machine.travel(meeting.starts_at - dt.timedelta(days=2), tick=False):
        desk = _as(place.grid_worker).get(_url("desk", meeting)).content.decode()
        step = _as(place.facilitator).get(_url("chair", meeting)).context["next"]
    with time_machine.travel(meeting.starts_at - dt.timedelta(minutes=40), tick=False):
        on_the_day = _as(place.grid_worker).get(_url("desk", meeting)).content.decode()

    assert "还没有到开会的日子（12月7日），不能签到。" in desk
    assert desk.count('value="in" disabled aria-describedby="door-why"') == 6
    assert "补签理由" not in desk
    assert (step.missing[0].key, step.missing[0].sentence) == (
        "is_its_time",
        "还没有到通知的开会时间（12月7日 09:00）",
    )
    assert 'aria-describedby="door-why"' not in on_the_day


def test_who_presides_neutrally_is_not_offered_sides_nor_motions(place: Place) -> None:
    meeting = convene(place, invitees=[*place.members, place.facilitator])
    bring_in(meeting, place, [*place.members, place.facilitator])
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)

    def offered(user: User) -> list[str]:
        with time_machine.travel(meeting.starts_at, tick=False):
            page = _as(user).get(_url("meeting", meeting)).content.decode()
        words = ['value="for"', 'value="against"', 'value="neutral"', "提出动议"]
        return [word for word in words if word in page]

    assert offered(place.members[0]) == ['value="for"', 'value="against"', 'value="neutral"', "提出动议"]
    assert offered(place.facilitator) == ['value="neutral"']


def test_who_only_watches_a_roll_call_has_its_answers_greyed(place: Place) -> None:
    meeting = opened(place, kind="residents_meeting", agenda=["加装电梯"])
    open_agenda_ballot(item=meeting.agenda.get(), roll_call=True, by=place.facilitator, now=meeting.starts_at)

    watched = _as(place.grid_worker).get(_url("chair", meeting)).content.decode()
    run = _as(place.facilitator).get(_url("chair", meeting)).content.decode()

    assert (watched.count('name="answer" value="for" disabled'), watched.count('name="answer"')) == (1, 3)
    assert (run.count('data-answer="'), run.count('name="answer"')) == (3, 3 + 5 * 3)


def test_the_desk_reads_the_replies_and_notes_the_leave_of_who_telephoned(place: Place) -> None:
    meeting = convene(place)
    accept_invitation(meeting=meeting, by=place.members[0], now=TODAY)
    somebody = attendance_of(meeting, place.members[1])
    client = _as(place.grid_worker)

    client.post(_url("desk_act", meeting, somebody.pk), {"act": "leave", "leave_reason": "住院"})
    page = client.get(_url("desk", meeting)).content.decode()

    somebody.refresh_from_db()
    assert (somebody.reply, somebody.leave_reason) == ("leave", "住院")
    assert "请假：住院" in page
    assert re.findall(r'<dt>(回复参加|请假|未答复)</dt><dd class="figures">(\d+)</dd>', page) == [
        ("回复参加", "1"),
        ("请假", "1"),
        ("未答复", "4"),
    ]


def test_who_has_signed_in_is_not_asked_whether_they_come_and_who_left_how_to_return(place: Place) -> None:
    meeting = convene(place)
    bring_in(meeting, place, place.members)
    with time_machine.travel(meeting.starts_at, tick=False):
        waiting = _as(place.members[0]).get(_url("meeting", meeting)).content.decode()
        sign_out(meeting=meeting, attendance=attendance_of(meeting, place.members[1]), by=place.members[1])
        left = _as(place.members[1]).get(_url("meeting", meeting)).content.decode()

    assert "您来参加吗" not in waiting
    assert "会议开始后，这一页会自己更新。" in waiting
    assert "您已在09:00签退；回到会场请再扫一次签到码" in left


def test_the_invited_read_what_will_be_voted_on_and_not_the_old_text_after_it_was_decided(place: Place) -> None:
    meeting = convene(place)
    before = _as(place.members[0]).get(_url("meeting", meeting)).content.decode()
    bring_in(meeting, place, place.members)
    at = meeting.starts_at
    open_meeting(meeting=meeting, by=place.facilitator, now=at)
    for _item in range(2):
        item = next_agenda_item(meeting=meeting, by=place.facilitator, now=at)
    during = _as(place.members[0]).get(_url("meeting", meeting)).content.decode()
    record_decision(item=item, decision="先征求低层住户意见。", by=place.facilitator, now=at)
    suspend_meeting(meeting=meeting, by=place.facilitator, now=at)
    after = _as(place.members[0]).get(_url("meeting", meeting)).content.decode()

    assert "拟议内容：同意加装电梯一部。" in before
    assert '<p class="motion">同意加装电梯一部。</p>' in during
    assert "同意加装电梯一部。" not in after
    assert "稍后在原地继续，请不要走远。" in after


def test_the_chair_reads_how_many_have_voted_and_that_somebody_objected(place: Place) -> None:
    meeting = opened(place, agenda=[AgendaDraft("加装电梯", motion="同意加装电梯一部。")])
    ask_consent(meeting=meeting, by=place.facilitator)
    object_to_consent(meeting=meeting, by=place.members[0])
    client = _as(place.facilitator)
    objected = client.get(_url("chair", meeting)).content.decode()
    open_agenda_ballot(item=meeting.agenda.get(), by=place.facilitator, now=meeting.starts_at)
    voting = client.get(_url("chair", meeting)).content.decode()

    assert "有人提出异议，付诸表决。</p>" in objected
    assert '<p class="figures">已投0人，可投6人。</p>' in voting


def test_the_sheet_carries_the_code_of_the_meetings_page(place: Place, settings: Any) -> None:
    settings.PUBLIC_URL = "https://wuyi.example"
    meeting = convene(place)

    page = _as(place.grid_worker).get(_url("sheet", meeting)).content.decode()

    assert qr.data_url(f"https://wuyi.example{_url('meeting', meeting)}") in page
    assert all(user.name in page for user in place.members)


def test_the_chair_takes_a_break_goes_on_and_hands_over_by_the_page(place: Place) -> None:
    meeting = opened(place)
    client = _as(place.facilitator)
    with time_machine.travel(meeting.starts_at, tick=False):
        client.post(_url("chair_act", meeting, "suspend"))
        meeting.refresh_from_db()
        broken = meeting.phase
        client.post(_url("chair_act", meeting, "resume"))
        later = {"resumes_at": "2026-12-08T19:30", "reason": "天色已晚"}
        client.post(_url("chair_act", meeting, "adjourn"), later)
        meeting.refresh_from_db()
        adjourned = meeting.phase, meeting.resumes_at is not None
        client.post(_url("chair_act", meeting, "recorder"), {"to": place.director.pk, "reason": "记录人有事"})
        client.post(_url("chair_act", meeting, "hand_over"), {"to": place.secretary.pk, "reason": "主席轮值"})

    meeting.refresh_from_db()
    assert (broken, adjourned) == ("suspended", ("suspended", True))
    assert (meeting.recorder, meeting.chair) == (place.director, place.secretary)


@pytest.mark.parametrize("disclosure", ["running", "at_closing"])
def test_counts_of_a_vote_run_or_stay_hidden_as_the_chair_chose(place: Place, disclosure: str) -> None:
    meeting = opened(place, agenda=[AgendaDraft("加装电梯", motion="同意加装电梯一部。")])
    with time_machine.travel(meeting.starts_at, tick=False):
        _as(place.facilitator).post(
            _url("chair_act", meeting, "open_ballot"), {"kind": "named", "disclosure": disclosure}
        )

    ballot = Ballot.objects.get()
    assert ballot.disclosure == disclosure
    assert (ballot_state(ballot.pk)["tally"] is None) == (disclosure == "at_closing")


def test_owners_cannot_be_counted_by_hands(place: Place) -> None:
    meeting = opened(place, kind="owners_meeting", days=20, agenda=[AgendaDraft("加装电梯", motion="同意加装。")])

    page = _as(place.facilitator).get(_url("chair", meeting)).content.decode()

    assert "这种会议的表决要计面积或者无记名，现场数人头算不出结果" in page
    with pytest.raises(RequirementsNotMet, match="现场数人头算不出结果"):
        record_hand_vote(item=meeting.agenda.get(), for_=6, against=0, abstain=0, by=place.facilitator)


def test_a_meetings_situation_costs_few_queries(
    place: Place, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    meeting = opened(place, kind="residents_meeting", agenda=["加装电梯"])
    motion = propose_motion(meeting=meeting, text="同意加装电梯。", by=place.members[0])
    second_motion(motion=motion, by=place.members[1])

    with django_assert_max_num_queries(9):
        situation = situation_of(meeting)
    with django_assert_max_num_queries(0):
        assert (situation.motion, situation.is_counted, situation.composition) == (motion, False, (0, 6))
