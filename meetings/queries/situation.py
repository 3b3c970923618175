"""Where a meeting stands now, read once, for the requirements and the pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from core.errors import WrongStage
from meetings import phases
from meetings.models import (
    AgendaBallot,
    AgendaItem,
    AgendaPaper,
    Amendment,
    Attendance,
    ConsentRequest,
    ConsentStatus,
    Meeting,
    MeetingProxy,
    Motion,
    Role,
    SheetCount,
    Speech,
    Stance,
)
from meetings.models.motion import LIVE
from meetings.queries.papers import days_ahead, late_papers, papers_of
from meetings.quorum import Numbers, Reached, reached_by
from voting.models import Phase as BallotPhase
from voting.rules import rule_of


@dataclass(frozen=True)
class Situation:
    """One meeting at one moment. `ballots` are those opened from its agenda, oldest first, with their `ballot`.

    `orders` of the raised `hands` are points of order; `is_counted`: the present item was decided by a count of hands.
    """

    meeting: Meeting
    numbers: Numbers
    quorum: list[Reached]
    items: Sequence[AgendaItem]
    current: AgendaItem | None
    motion: Motion | None
    amendments: list[Amendment]
    speech: Speech | None
    hands: int
    orders: int = 0
    is_counted: bool = False
    ballots: list[AgendaBallot] = field(default_factory=list)
    consent: ConsentRequest | None = None

    @cached_property
    def papers(self) -> list[AgendaPaper]:
        """Return what was handed out. One query, at the first asking: few acts ask."""
        return papers_of(self.meeting)

    @property
    def composition(self) -> tuple[int, int]:
        """Return how many members hold the office that the kind's composition asks for, and how many there are."""
        return self.numbers.members_of_office, self.numbers.members

    @property
    def question(self) -> str:
        """Return what comes to the vote next on the present item. Raises WrongStage without one."""
        return question_of(self.item_at_hand, self.motion, self.open_amendment)

    @property
    def is_quorate(self) -> bool:
        """Return whether every threshold of the kind is reached."""
        return all(reached.met for reached in self.quorum)

    @property
    def open_ballot(self) -> AgendaBallot | None:
        """Return the ballot that is being voted on."""
        return next((b for b in self.ballots if b.ballot.phase == BallotPhase.OPEN), None)

    @property
    def open_ballots(self) -> list[AgendaBallot]:
        """Return what is being voted on: one ballot, or one for each body where two must agree."""
        return [b for b in self.ballots if b.ballot.phase == BallotPhase.OPEN]

    @property
    def has_result(self) -> bool:
        """Return whether the present item was put to the vote and the outcome is there."""
        settled = (b for b in self.ballots if b.settled_at is not None and b.amendment_id is None)
        return self.is_counted or any(self.current is not None and b.item_id == self.current.pk for b in settled)

    @property
    def open_amendment(self) -> Amendment | None:
        """Return the amendment that is voted on next: the first undecided one."""
        return next((a for a in self.amendments if a.status in LIVE), None)

    @property
    def next_item(self) -> AgendaItem | None:
        """Return the item that comes after the current one."""
        return next((item for item in self.items if item.status == "ahead"), None)

    @property
    def item_at_hand(self) -> AgendaItem:
        """Return the current item, for acts that require one. Raises WrongStage without."""
        if self.current is None:
            raise WrongStage(_("还没有开始议程"))
        return self.current

    @property
    def speech_at_hand(self) -> Speech:
        """Return the speech being made, for acts that require one. Raises WrongStage without."""
        if self.speech is None:
            raise WrongStage(_("没有人在发言"))
        return self.speech

    def bare_sentence(self) -> str:
        """Return which items are to be voted on without any paper, "" when none is: told, no bar."""
        with_papers = {paper.item_id for paper in self.papers}
        bare = [str(item.position) for item in self.items if item.motion_text and item.pk not in with_papers]
        return _("第%(items)s项要表决，还没有材料；材料须在会前3日发出。") % {"items": "、".join(bare)} if bare else ""

    def late_sentence(self) -> str:
        """Return which papers came too late, "" when none did."""
        return _("；").join(
            _("第%(n)s项的材料《%(title)s》会前%(days)s日才发出，须提前3日")
            % {
                "n": paper.item.position,
                "title": paper.title,
                "days": max(0, days_ahead(paper, self.meeting)),
            }
            for paper in late_papers(self.meeting, self.papers)
        )

    @property
    def is_ongoing(self) -> bool:
        """Return whether the meeting is being held now."""
        return self.meeting.phase == phases.OPEN

    def quorum_sentence(self) -> str:
        """Return the lines of the quorum in one sentence."""
        return _("；").join(reached.sentence() for reached in self.quorum)


def attendance_numbers(
    meeting: Meeting, *, recused_from: AgendaItem | None = None, seats: Sequence[int] | None = None
) -> Numbers:
    """Return who is due, who is there and who is represented by one who is there: members, or those of `seats`.

    Who steps aside on `recused_from` is neither. One query; one more where the rule allows proxies, one more with
    `recused_from`.
    """
    invited = Attendance.objects.filter(meeting=meeting)
    members = invited.filter(role=Role.MEMBER) if seats is None else invited.filter(pk__in=seats)
    aside = list(recused_from.recusals.values_list("attendance_id", flat=True)) if recused_from is not None else []
    here = _in_the_room(meeting) & ~Q(pk__in=aside)
    sums = members.aggregate(
        due_heads=Sum("heads"),
        due_area=Sum("area"),
        due_stakeholders=Count("id", filter=Q(is_stakeholder=True)),
        present_heads=Sum("heads", filter=here),
        present_area=Sum("area", filter=here),
        present_stakeholders=Count("id", filter=here & Q(is_stakeholder=True)),
        members=Count("id"),
        members_of_office=Count("id", filter=Q(capacity=(meeting.template.composition or ("no office",))[0])),
    )
    represented = _represented(meeting, members, aside) if rule_of(meeting.rule).entry["proxy"]["allowed"] else {}
    return Numbers(**{name: value or 0 for name, value in {**sums, **represented}.items()})


def _in_the_room(meeting: Meeting, whose: str = "") -> Q:
    """Return the condition that an attendance (`whose`: the way to it) is in the room."""
    if meeting.closed_at is not None:
        # Closing signs everybody out: who stayed to the end was there.
        return Q(**{f"{whose}signed_in_at__isnull": False, f"{whose}signed_out_at__gte": meeting.closed_at})
    return Q(**{f"{whose}signed_in_at__isnull": False, f"{whose}signed_out_at__isnull": True})


def _represented(meeting: Meeting, members: QuerySet[Attendance], aside: list[int]) -> dict[str, int | None]:
    """Return the sums of those `members` who are away and whose power is held by somebody in the room. One query."""
    powers = MeetingProxy.objects.filter(meeting=meeting, revoked_at__isnull=True, principal__in=members)
    carried = powers.filter(_in_the_room(meeting, "holder__")).exclude(_in_the_room(meeting, "principal__"))
    return carried.exclude(principal_id__in=aside).aggregate(
        represented_heads=Sum("principal__heads"),
        represented_area=Sum("principal__area"),
        represented_stakeholders=Count("id", filter=Q(principal__is_stakeholder=True)),
    )


def question_of(item: AgendaItem, motion: Motion | None, amendment: Amendment | None) -> str:
    """Return what is put to the vote, in one line: the amendment, the motion, or the text of the item."""
    if amendment is not None:
        old, new = (" ".join(text.split())[:100] for text in (amendment.passage, amendment.replacement))
        return f"修正案：把“{old}”改为“{new}”"
    text = motion.text if motion is not None else (item.motion_text or item.title)
    return " ".join(text.split())


def situation_of(meeting: Meeting) -> Situation:
    """Return where `meeting` stands: 6 to 9 queries, whatever its size; one more when its papers are asked for."""
    numbers = attendance_numbers(meeting)
    counted = SheetCount.objects.filter(item=OuterRef("pk"), amendment__isnull=True)
    agenda = AgendaItem.objects.filter(meeting=meeting).select_related("ballot").annotate(is_counted=Exists(counted))
    items = list(agenda.order_by("position"))
    current = next((item for item in items if item.status == "current"), None)
    motion = (
        Motion.objects.filter(meeting=meeting, status__in=LIVE).select_related("mover", "seconder").first()
        if current
        else None
    )
    amendments = list(motion.amendments.select_related("mover", "seconder").order_by("position")) if motion else []
    speeches = Speech.objects.filter(meeting=meeting, withdrawn_at__isnull=True, ended_at__isnull=True)
    open_speeches = list(speeches.select_related("attendance"))
    return Situation(
        meeting=meeting,
        numbers=numbers,
        quorum=reached_by(meeting.template, numbers),
        items=items,
        current=current,
        motion=motion,
        amendments=amendments,
        speech=next((s for s in open_speeches if s.started_at is not None), None),
        hands=sum(1 for s in open_speeches if s.started_at is None),
        orders=sum(1 for s in open_speeches if s.started_at is None and s.stance == Stance.POINT_OF_ORDER),
        is_counted=current is not None and not current.decision and current.is_counted,
        ballots=list(
            AgendaBallot.objects.filter(item__meeting=meeting)
            .select_related("ballot", "item")
            .prefetch_related("ballot__items")
            .order_by("id")
        ),
        consent=ConsentRequest.objects.filter(meeting=meeting, status=ConsentStatus.ASKED)
        .select_related("item", "amendment")
        .first(),
    )
