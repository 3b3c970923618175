"""The desk lets guests and observers in; lists keep the three kinds of people apart."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from community.models import ExclusiveUnit, Household, Owner, Ownership, Residency, Unit, UnitKind
from core.errors import BadInput, NotAllowed
from core.models import LedgerEntry
from meetings.models import Attendance, Role
from meetings.operations import Invitee, admit, invite, request_speech
from meetings.queries.live import message_of
from tests.meetings.makers import Place, attendance_of, convene, make_user, opened

pytestmark = [pytest.mark.django_db]


def test_the_desk_lets_an_observer_in_who_counts_for_nothing(client: Client, place: Place) -> None:
    meeting = opened(place)
    client.force_login(place.grid_worker)
    with time_machine.travel(meeting.starts_at + dt.timedelta(minutes=3), tick=False):
        page = client.get(f"/meetings/{meeting.pk}/desk/?q=路过").content.decode()
        client.post(f"/meetings/{meeting.pk}/desk/walk-in/", {"name": "路过的", "role": "observer"})

    assert 'value="路过"' in page
    seat = Attendance.objects.get(meeting=meeting, name="路过的")
    assert (seat.role, seat.is_present, seat.user) == (Role.OBSERVER, True, None)
    said = message_of("attendance", meeting, 1)
    assert (said["due"], said["present"], said["guests"], said["observers"]) == (6, 6, 0, 1)
    assert [entry.act for entry in LedgerEntry.objects.order_by("-sequence")[:2]] == ["sign_in", "invite_to_meeting"]
    with pytest.raises(NotAllowed, match="旁听"):
        request_speech(meeting=meeting, stance="for", by=place.grid_worker, attendance=seat)


def test_the_desk_does_not_look_names_up_in_other_communities(client: Client, place: Place) -> None:
    meeting = opened(place)
    elsewhere = make_user("xiaowang", "王远方")
    client.force_login(place.grid_worker)
    with time_machine.travel(meeting.starts_at, tick=False):
        client.post(f"/meetings/{meeting.pk}/desk/walk-in/", {"name": "xiaowang", "role": "guest"})
        client.post(f"/meetings/{meeting.pk}/desk/walk-in/", {"name": place.secretary.username, "role": "guest"})

    assert not Attendance.objects.filter(user=elsewhere).exists()
    assert Attendance.objects.get(meeting=meeting, name="xiaowang").user is None
    assert Attendance.objects.get(meeting=meeting, user=place.secretary).name == "罗书云"


def test_who_has_a_home_in_the_community_is_invited_with_it(client: Client, place: Place) -> None:
    unit = Unit.objects.add_child(place.community, instance=Unit(code="E1-301", name="301", kind=UnitKind.HOUSEHOLD))
    household = Household.objects.create(unit=unit, label="平城苑3幢2单元301")
    Residency.objects.create(user=place.members[0], household=household)
    owner = Owner.objects.create(community=place.community, name="钱秀英", user=place.members[1])
    part = ExclusiveUnit.objects.create(household=household, label="301", area=8840)
    Ownership.objects.create(exclusive_unit=part, owner=owner)

    meeting = convene(place)

    assert list(meeting.attendances.order_by("pk").values_list("place", flat=True)[:3]) == [
        "平城苑3幢2单元301", "平城苑3幢2单元301", "",
    ]  # fmt: skip
    client.force_login(place.grid_worker)
    assert client.get(f"/meetings/{meeting.pk}/desk/?q=301").content.decode().count("平城苑3幢2单元301") == 2


def test_an_account_comes_in_once_and_as_what_it_is_on_the_list(place: Place) -> None:
    meeting = opened(place)
    expert = make_user("expert", "高工")

    first = admit(meeting=meeting, user=expert, role=Role.GUEST, by=place.grid_worker, now=meeting.starts_at)
    again = admit(meeting=meeting, user=expert, role=Role.OBSERVER, by=place.grid_worker, now=meeting.starts_at)
    member = admit(meeting=meeting, user=place.members[0], role=Role.GUEST, by=place.grid_worker, now=meeting.starts_at)

    assert (again, again.role) == (first, Role.GUEST)
    assert member.role == Role.MEMBER


def test_nobody_becomes_a_member_at_the_door_and_not_everybody_keeps_it(place: Place) -> None:
    meeting = opened(place)
    facts: dict[str, Any] = {"meeting": meeting, "name": "某人", "now": meeting.starts_at}

    with pytest.raises(BadInput, match="现场只能增加列席或者旁听人员"):
        admit(role=Role.MEMBER, by=place.grid_worker, **facts)
    with pytest.raises(NotAllowed):
        admit(role=Role.GUEST, by=place.members[0], **facts)
    with pytest.raises(NotAllowed):
        invite(meeting=meeting, invitees=[Invitee(name="某人")], by=place.grid_worker)

    assert not Attendance.objects.filter(name="某人").exists()


def test_lists_name_members_first_and_observers_last(client: Client, place: Place) -> None:
    people = [
        Invitee(name="旁听甲", role=Role.OBSERVER),
        Invitee(name="列席乙", role=Role.GUEST),
        Invitee(name="出席丙"),
    ]
    meeting = convene(place, invitees=people)

    assert list(meeting.attendances.by_role().values_list("name", flat=True)) == ["出席丙", "列席乙", "旁听甲"]
    client.force_login(place.grid_worker)
    sheet = client.get(f"/meetings/{meeting.pk}/sheet/").content.decode()
    assert sheet.count('scope="rowgroup"') == 3


def test_the_desk_shows_every_stay(client: Client, place: Place) -> None:
    meeting = convene(place)
    row = attendance_of(meeting, place.members[0])
    client.force_login(place.grid_worker)
    with time_machine.travel(meeting.starts_at, tick=False) as clock:
        for act in ("in", "out", "back"):
            client.post(f"/meetings/{meeting.pk}/desk/{row.pk}/", {"act": act})
            clock.shift(600)

        page = client.get(f"/meetings/{meeting.pk}/desk/?q=赵铁柱").content.decode()

    assert '<span class="figures">09:00–09:10</span> <span class="figures">09:20–</span>' in page
