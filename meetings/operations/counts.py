"""Counts taken in the room: entered from a sheet (hands, paper), or everybody where nobody objected."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.errors import BadInput
from meetings.models import AgendaItem, Amendment, Attendance, CountMethod, Meeting, Role, SheetCount
from meetings.operations.acting import note
from meetings.operations.floor import end_debate
from meetings.operations.motions import carry_outcome
from meetings.operations.question import put_question
from meetings.queries.situation import attendance_numbers
from voting.rules import decide


def record_hand_vote(
    *,
    item: AgendaItem,
    for_: int,
    against: int,
    abstain: int,
    by: User,
    amendment: Amendment | None = None,
    method: str = CountMethod.HAND,
    now: dt.datetime | None = None,
) -> SheetCount:
    """Enter a count on the present item, its motion, or `amendment`; heads only, decided by the meeting's rule.

    The votes may not exceed the members in the room and those represented by them who have not stepped aside. The chair
    of a neutral kind does not vote and is not in the bound. Consent without objection is not entered here but asked
    (`ask_consent`), so that everybody has the time to object.

    Raises NotAllowed, RequirementsNotMet, BadInput (negative, more votes than people).
    """
    if method not in {CountMethod.HAND, CountMethod.PAPER}:
        raise BadInput(_("计票方式应为举手或者纸质；无异议通过须先征求异议。"), field="method")
    return enter_count(
        item=item, for_=for_, against=against, abstain=abstain, by=by, amendment=amendment, method=method, now=now
    )


def enter_count(
    *,
    item: AgendaItem,
    for_: int,
    against: int,
    abstain: int,
    by: User,
    amendment: Amendment | None,
    method: str,
    now: dt.datetime | None,
) -> SheetCount:
    """Enter a count of any method; the two roads here are `record_hand_vote` and `declare_consent`."""
    _check_numbers(for_, against, abstain)
    now = now or clock.now()
    with transaction.atomic():
        question = put_question(item, amendment, by=by, act="record_count", amendment_act="count_amendment")
        present, represented, due = heads_at(question.meeting, question.item)
        total = for_ + against + abstain
        if total > present + represented:
            raise BadInput(_too_many(total, present, represented), field="for")
        numbers = _numbers(for_, against, abstain, present + represented, due)
        decision = decide(question.meeting.rule, numbers)
        count = SheetCount.objects.create(
            item=question.item, motion=question.voted_motion, amendment=question.amendment, method=method,
            for_count=for_, against_count=against, abstain_count=abstain,
            present_count=present, represented_count=represented, due_count=due,
            outcome=decision.outcome, sentence=str(decision.sentence), recorded_by=by, recorded_at=now,
        )  # fmt: skip
        passed = decision.outcome == "passed"
        carry_outcome(item=question.item, motion=question.motion, amendment=question.amendment, passed=passed, now=now)
        if amendment is None:
            end_debate(question.item, now)
        after = {
            "method": method, "for": for_, "against": against, "abstain": abstain,
            "present": present, "represented": represented, "outcome": count.outcome,
        }  # fmt: skip
        parts = ("agenda", "motion", "speakers")
        note(question.meeting, by=by, act="enter_count", parts=parts, subject=count, after=after, now=now)
    return count


def _check_numbers(for_: int, against: int, abstain: int) -> None:
    for field, number in (("for", for_), ("against", against), ("abstain", abstain)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise BadInput(_("票数须为不小于0的整数。"), field=field)


def _too_many(total: int, present: int, represented: int) -> str:
    facts = {"total": total, "present": present, "represented": represented}
    if represented:
        return _("同意、反对、弃权合计%(total)s，多于在场的%(present)s人和委托代表的%(represented)s人。") % facts
    return _("同意、反对、弃权合计%(total)s，多于在场的%(present)s人。") % facts


def heads_at(meeting: Meeting, item: AgendaItem) -> tuple[int, int, int]:
    """Return who may vote here now, who is represented, who is due; a neutral chair who is a member does not vote."""
    numbers = attendance_numbers(meeting, recused_from=item)
    present = numbers.present_heads
    if meeting.template.neutral_chair:
        chair = Attendance.objects.filter(meeting=meeting, user_id=meeting.chair_id, role=Role.MEMBER).first()
        if chair is not None and chair.is_present and not item.recusals.filter(attendance=chair).exists():
            present -= chair.heads
    return present, numbers.represented_heads, numbers.due_heads


def _numbers(for_: int, against: int, abstain: int, present: int, due: int) -> dict[str, dict[str, int]]:
    return {
        "eligible": {"heads": due},
        "present": {"heads": present},
        "participating": {"heads": for_ + against + abstain},
        "for": {"heads": for_},
        "against": {"heads": against},
        "abstain": {"heads": abstain},
    }
