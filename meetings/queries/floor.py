"""Who waits for the floor and how much each side has spoken."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from meetings.models import AgendaItem, Meeting, Motion, Speech, Stance
from meetings.speaking import Waiting, speaking_order


@dataclass(frozen=True, slots=True)
class SideTotals:
    """How often and how long one side has spoken, in seconds."""

    stance: str
    label: str
    speeches: int
    seconds: int

    @property
    def time(self) -> str:
        """Return how long in words."""
        return duration(self.seconds)


@dataclass(frozen=True, slots=True)
class PersonTotals:
    """How often and how long one person has spoken, in seconds, and how often they were given more time."""

    name: str
    speeches: int
    seconds: int
    extensions: int

    @property
    def time(self) -> str:
        """Return how long in words."""
        return duration(self.seconds)


def duration(seconds: int) -> str:
    """Return a length of time in minutes and seconds."""
    minutes, rest = divmod(seconds, 60)
    return _("%(m)s分%(s)s秒") % {"m": minutes, "s": rest} if minutes else _("%(s)s秒") % {"s": rest}


def speeches_given(item: AgendaItem, motion: Motion | None) -> dict[int, int]:
    """Return how often each attendance has spoken on `item` and `motion`; points of order do not count."""
    given = (
        Speech.objects.filter(item=item, motion=motion, started_at__isnull=False)
        .exclude(stance=Stance.POINT_OF_ORDER)
        .values("attendance_id")
        .annotate(n=Count("id"))
        .order_by()
    )
    return {row["attendance_id"]: row["n"] for row in given}


def speakers_queue(meeting: Meeting) -> list[Speech]:
    """Return the raised hands in the order of RULEBOOK 1. Three or four queries."""
    hands = list(
        Speech.objects.filter(meeting=meeting, started_at__isnull=True, withdrawn_at__isnull=True)
        .select_related("attendance", "item", "motion")
        .order_by("asked_at", "id")
    )
    if not hands:
        return []
    item, motion = hands[-1].item, live_motion(meeting)
    given = speeches_given(item, motion)
    last = (
        Speech.objects.filter(item=item, motion=motion, started_at__isnull=False)
        .filter(stance__in=[Stance.FOR, Stance.AGAINST])
        .order_by("-started_at", "-id")
        .values_list("stance", flat=True)
        .first()
    )
    by_id = {hand.pk: hand for hand in hands}
    waiting = [
        Waiting(hand.pk, given.get(hand.attendance_id, 0), hand.stance, hand.asked_at, hand.rank) for hand in hands
    ]
    return [by_id[hand.id] for hand in speaking_order(waiting, last or "")]


def live_motion(meeting: Meeting) -> Motion | None:
    """Return the motion before the meeting now."""
    return Motion.objects.filter(meeting=meeting, status__in=["proposed", "seconded"]).first()


def totals_by_side(meeting: Meeting, item: AgendaItem | None = None) -> list[SideTotals]:
    """Return how much each side has spoken, on `item` or in the whole meeting."""
    speeches = Speech.objects.filter(meeting=meeting, ended_at__isnull=False)
    if item is not None:
        speeches = speeches.filter(item=item)
    counts = dict.fromkeys(Stance.values, 0)
    seconds = dict.fromkeys(Stance.values, 0)
    for stance, started, ended in speeches.values_list("stance", "started_at", "ended_at"):
        counts[stance] += 1
        if started is not None and ended is not None:
            seconds[stance] += int((ended - started).total_seconds())
    return [SideTotals(s, str(Stance(s).label), counts[s], seconds[s]) for s in Stance.values]


def totals_by_person(meeting: Meeting) -> list[PersonTotals]:
    """Return how often and how long everybody spoke in the whole meeting, the longest first. One query."""
    found: dict[int, list[int]] = {}
    names: dict[int, str] = {}
    spoken = Speech.objects.filter(meeting=meeting, ended_at__isnull=False).order_by("id")
    for who, name, started, ended, extensions in spoken.values_list(
        "attendance_id", "attendance__name", "started_at", "ended_at", "extensions"
    ):
        sums = found.setdefault(who, [0, 0, 0])
        names[who] = name
        sums[0] += 1
        sums[1] += int((ended - started).total_seconds()) if started is not None and ended is not None else 0
        sums[2] += extensions
    totals = [PersonTotals(names[who], *sums) for who, sums in found.items()]
    return sorted(totals, key=lambda person: -person.seconds)
