"""What the chair can do now, and the one thing to do next."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.errors import NotAllowed
from core.requirements import Missing, missing_for
from meetings import phases
from meetings.models import MotionStatus
from meetings.queries.asked import seconds_left
from meetings.queries.situation import Situation
from meetings.requirements import RULES_OF_DEBATE, requirements_of
from voting.models import Phase as BallotPhase

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the chair. `missing` empty: it can be done. `needs` names the form it takes ("" for a bare button)."""

    key: str
    label: Text
    missing: list[Missing]
    is_next: bool = False
    needs: str = ""
    confirm: Text = ""
    icon: str = "right"

    @property
    def is_ready(self) -> bool:
        """Return whether it can be done now."""
        return not self.missing


# act -> (label, the form it needs, the question before it, icon)
_ACTS: dict[str, tuple[Text, str, Text, str]] = {
    "open": (_("宣布开会"), "", "", "enter"),
    "resume": (_("继续开会"), "", "", "enter"),
    "next_item": (_("进入下一项议程"), "", "", "right"),
    "give_floor": (_("请下一位发言"), "", "", "speak"),
    "end_floor": (_("结束发言"), "gist", "", "stop"),
    "extend_floor": (_("延长发言时间"), "extension", "", "timer"),
    "propose_motion": (_("提出动议"), "motion", "", "edit"),
    "second": (_("有人附议"), "person", "", "people"),
    "amend": (_("提出修正案"), "amendment", "", "edit"),
    "second_amendment": (_("修正案有人附议"), "person", "", "people"),
    "vote_amendment": (_("表决修正案"), "ballot", "", "vote"),
    "ask_consent": (_("征求无异议"), "consent", "", "people"),
    "declare_consent": (_("宣布无异议通过"), "", "", "check"),
    "object_for": (_("有人当场提出异议"), "person", "", "hand"),
    "withdraw_consent": (_("不再征求，另行表决"), "", "", "cross"),
    "open_ballot": (_("开始表决"), "ballot", "", "vote"),
    "close_ballot": (_("结束表决"), "", _("结束后不能再投票。确定结束表决吗？"), "stop"),
    "record_count": (_("录入举手计票"), "count", "", "hand"),
    "withdraw": (_("撤回动议"), "", _("确定撤回这项动议吗？"), "cross"),
    "finish_item": (_("结束本项议程"), "", "", "check"),
    "suspend": (pgettext_lazy("act", "休会"), "", "", "stop"),
    "close": (_("散会"), "reason", _("散会后不能再继续本次会议。确定散会吗？"), "leave"),
    "draft_minutes": (_("起草会议纪要"), "", "", "archive"),
}


def steps_in(situation: Situation, *, may: bool) -> list[Step]:
    """Return the acts as they stand in `situation`."""
    refusal = NotAllowed(gettext("只有主持人、记录人或社区书记、主任可以操作会议进程。"))
    best = next_act(situation)
    steps = [_step(key, situation, refusal if not may else None, is_next=key == best) for key in _shown(situation)]
    return sorted(steps, key=lambda step: (not step.is_next, not step.is_ready))


def next_act(situation: Situation) -> str:  # noqa: C901, PLR0911 - a meeting is a long list of what comes next
    """Return the key of the act that comes next, "" when nothing does."""
    phase, motion = situation.meeting.phase, situation.motion
    if phase == phases.CONVENED:
        return "open"
    if phase == phases.SUSPENDED:
        return "resume"
    if phase == phases.CLOSED:
        return "draft_minutes"
    if phase != phases.OPEN:
        return ""
    if situation.open_ballot is not None:
        return "close_ballot"
    if situation.consent is not None:
        return "declare_consent"
    if situation.speech is not None:
        return "end_floor"
    if situation.current is None:
        return "next_item" if situation.next_item is not None else "close"
    if motion is not None and motion.status == MotionStatus.PROPOSED:
        return "second"
    amendment = situation.open_amendment
    if amendment is not None:
        return "second_amendment" if amendment.status == MotionStatus.PROPOSED else "vote_amendment"
    if situation.hands:
        return "give_floor"
    if motion is not None or _awaits_vote(situation):
        return "open_ballot"
    return "next_item" if situation.next_item is not None else "close"


def _awaits_vote(situation: Situation) -> bool:
    """Return whether the present item has a text to vote on and no vote yet."""
    item = situation.current
    if item is None or not item.motion_text or item.decision:
        return False
    return item.ballot is None or item.ballot.phase == BallotPhase.DRAFT


def _shown(situation: Situation) -> Iterator[str]:
    """Yield the acts that make sense in this phase; the others would only fill the page."""
    phase = situation.meeting.phase
    if phase == phases.CONVENED:
        yield "open"
    elif phase == phases.SUSPENDED:
        yield from ("resume", "close")
    elif phase == phases.CLOSED:
        yield "draft_minutes"
    elif phase == phases.OPEN:
        pointless = _pointless(situation)
        yield from (key for key in _ACTS if key not in pointless)


def _pointless(situation: Situation) -> set[str]:
    """Return the acts that have nothing to act on in an open meeting."""
    hidden = {"open", "resume", "draft_minutes"}
    motion, amendment = situation.motion, situation.open_amendment
    if situation.open_ballot is None:
        hidden.add("close_ballot")
    if situation.consent is None:
        hidden |= {"declare_consent", "object_for", "withdraw_consent"}
    else:
        hidden.add("ask_consent")
    if situation.speech is None:
        hidden |= {"end_floor", "extend_floor"}
    if motion is None:
        hidden |= {"second", "withdraw", "amend"}
    elif motion.status != MotionStatus.PROPOSED:
        hidden.add("second")
    if amendment is None or amendment.status != MotionStatus.PROPOSED:
        hidden.add("second_amendment")
    if amendment is None or amendment.status == MotionStatus.PROPOSED:
        hidden.add("vote_amendment")
    return hidden


def _step(key: str, situation: Situation, refusal: NotAllowed | None, *, is_next: bool) -> Step:
    label, needs, confirm, icon = _ACTS[key]
    if key == "close" and situation.next_item is None:
        needs = ""
    if key == "open" and situation.late_sentence():
        needs = "late"
    if refusal is not None:
        missing = [Missing("may_run", refusal.sentence, "")]
    else:
        act = "second" if key == "second_amendment" else key
        if key == "record_count" and situation.open_amendment is not None:
            act = "vote_amendment"  # a count of hands decides the amendment before it decides the motion
        requirements = requirements_of(act, situation)
        if key in {"close", "open"}:  # what is left undone or came late is no bar, it takes a reason
            requirements = [r for r in requirements if r.hard]
        missing = missing_for(situation, requirements)
        if key == "declare_consent" and situation.consent is not None and seconds_left(situation.consent):
            missing.append(Missing("window_open", gettext("异议期未满，期满才能宣布通过"), str(RULES_OF_DEBATE)))
    return Step(key, label, missing, is_next=is_next, needs=needs, confirm=confirm, icon=icon)
