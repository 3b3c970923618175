"""Builds a community and its meetings by walking the real operations."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from community.models import Term, Unit, UnitKind, User
from meetings.models import Attendance, Meeting
from meetings.operations import AgendaDraft, Invitee, convene_meeting, next_agenda_item, open_meeting, sign_in

TODAY = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
NAMES = (
    "赵铁柱",
    "钱秀英",
    "孙建国",
    "李桂兰",
    "周小勇",
    "吴玉梅",
    "郑志强",
    "王淑芬",
    "冯德海",
    "陈丽华",
    "褚卫东",
    "卫春花",
)


@dataclass
class Place:
    """One community with its people."""

    community: Unit
    secretary: User
    director: User
    facilitator: User
    recorder: User
    grid_worker: User
    members: list[User] = field(default_factory=list)


def make_user(username: str, name: str) -> User:
    user = User(username=username, name=name)
    user.set_password("yi-er-san-456")
    user.save()
    return user


def make_place(members: int = 6) -> Place:
    units = [
        Unit(code="511300000000", name="南充市", kind=UnitKind.CITY),
        Unit(code="511302000000", name="顺庆区", kind=UnitKind.COUNTY),
        Unit(code="511302001000", name="中城街道", kind=UnitKind.SUBDISTRICT),
        Unit(code="511302001001", name="平城街社区居民委员会", kind=UnitKind.COMMUNITY),
    ]
    community = Unit.objects.add_root(instance=units[0])
    for unit in units[1:]:
        community = Unit.objects.add_child(community, instance=unit)
    staff = {
        office: make_user(office, name)
        for office, name in [
            ("secretary", "罗书云"),
            ("director", "何主一"),
            ("facilitator", "欧阳清"),
            ("committee_member", "贾记明"),
            ("grid_worker", "丁格"),
        ]
    }
    for office, user in staff.items():
        Term.objects.create(user=user, office=office, unit=community, starts_on=dt.date(2024, 1, 1))
    people = [make_user(f"member{n}", NAMES[n % len(NAMES)]) for n in range(members)]
    return Place(
        community=community,
        secretary=staff["secretary"],
        director=staff["director"],
        facilitator=staff["facilitator"],
        recorder=staff["committee_member"],
        grid_worker=staff["grid_worker"],
        members=people,
    )


def convene(
    home: Place,
    /,
    *,
    kind: str = "deliberation_council",
    agenda: Sequence[AgendaDraft | str] = ("通报意向征集情况", AgendaDraft("加装电梯", motion="同意加装电梯一部。")),
    days: int = 15,
    now: dt.datetime = TODAY,
    **more: object,
) -> Meeting:
    facts = {
        "community": home.community,
        "kind": kind,
        "title": "3幢2单元加装电梯议事会",
        "place": "党群服务中心二楼议事厅",
        "starts_at": now + dt.timedelta(days=days),
        "chair": home.facilitator,
        "recorder": home.recorder,
        "by": home.director,
        "invitees": [Invitee(user=user, is_stakeholder=True) for user in home.members],
        "agenda": agenda,
        "now": now,
    } | more
    return convene_meeting(**facts)  # type: ignore[arg-type] # keywords of one call


def attendance_of(meeting: Meeting, user: User) -> Attendance:
    return Attendance.objects.get(meeting=meeting, user=user)


def bring_in(meeting: Meeting, place: Place, users: Sequence[User], *, at: dt.datetime | None = None) -> None:
    for user in users:
        sign_in(
            meeting=meeting,
            attendance=attendance_of(meeting, user),
            by=place.grid_worker,
            now=at or meeting.starts_at,
        )


def opened(place: Place, **more: object) -> Meeting:
    """Return a meeting that is open, everybody there, its first item under discussion."""
    meeting = convene(place, **more)  # type: ignore[arg-type] # passed through
    bring_in(meeting, place, place.members)
    meeting = open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    meeting.refresh_from_db()
    return meeting
