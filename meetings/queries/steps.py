"""What the chair can do now, and the one thing to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import NotAllowed
from core.requirements import Missing, missing_for
from meetings import phases
from meetings.models import Amendment, Motion, MotionStatus
from meetings.queries.asked import seconds_left
from meetings.queries.door import why_too_early
from meetings.queries.ending import figures_of_voting, is_before_its_end, words_before_ending
from meetings.queries.situation import Situation
from meetings.queries.warnings import question_before
from meetings.requirements import RULES_OF_DEBATE, requirements_of
from voting.models import Phase as BallotPhase

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the chair. `missing` empty: it can be done. `needs` names the form it takes ("" for a bare button).

    `said` are the figures of the moment that it is to be judged by.
    """

    key: str
    label: Text
    missing: list[Missing]
    is_next: bool = False
    needs: str = ""
    confirm: Text = ""
    icon: str = "right"
    said: Text = ""

    @property
    def letter(self) -> str:
        """Return the key that leads to it on the chair's page."""
        return LETTERS[self.key]

    @property
    def is_ready(self) -> bool:
        """Return whether it can be done now."""
        return not self.missing


# act -> (label, the form it needs, the question before it where that needs no figures (`queries.warnings`), icon)
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
    "let_fall": (_("无人附议"), "", _("没有附议，这一项不再议。确定无人附议吗？"), "cross"),
    "vote_amendment": (_("表决修正案"), "ballot", "", "vote"),
    "ask_consent": (_("征求无异议"), "consent", "", "people"),
    "declare_consent": (_("宣布无异议通过"), "", "", "check"),
    "object_for": (_("有人当场提出异议"), "person", "", "hand"),
    "withdraw_consent": (_("不再征求，另行表决"), "", "", "cross"),
    "open_ballot": (_("开始表决"), "ballot", "", "vote"),
    "close_ballot": (_("结束表决"), "", "", "stop"),  # the question names the numbers of the moment
    "record_count": (_("录入举手计票"), "count", "", "hand"),
    "withdraw": (_("撤回动议"), "", _("确定撤回这项动议吗？"), "cross"),
    "split": (_("拆分动议，逐项表决"), "split", "", "list"),
    "decide": (_("写明议定和不同意见"), "decision", "", "edit"),
    "finish_item": (_("结束本项议程"), "", "", "check"),
    "suspend": (pgettext_lazy("act", "休会"), "", "", "stop"),
    "close": (_("散会"), "reason", "", "leave"),
    "draft_minutes": (_("起草会议纪要"), "", "", "archive"),
}


# Which key leads to an act. Acts that never can be done at the same time may share one.
LETTERS: Final[dict[str, str]] = {
    "open": "o",
    "resume": "o",
    "next_item": "n",
    "give_floor": "f",
    "end_floor": "e",
    "extend_floor": "y",
    "propose_motion": "d",
    "second": "s",
    "amend": "a",
    "second_amendment": "s",
    "let_fall": "c",
    "vote_amendment": "b",
    "ask_consent": "w",
    "declare_consent": "w",
    "object_for": "u",
    "withdraw_consent": "r",
    "open_ballot": "b",
    "close_ballot": "b",
    "record_count": "j",
    "withdraw": "r",
    "split": "x",
    "decide": "i",
    "finish_item": "g",
    "suspend": "p",
    "close": "q",
    "draft_minutes": "m",
}
# What stands on the page beside the steps, in the words of its own headings.
_MORE_KEYS: Final[tuple[tuple[str, Text], ...]] = (
    ("h", _("有人回避")),
    ("t", _("代没有手机的人举手")),
    ("l", _("改期续会")),
    ("v", _("移交主持")),
    ("z", _("换记录人")),
    ("k", _("取消会议")),
    ("1 2 3", _("唱名表决：同意、反对、弃权")),
)


def keys_of_the_page() -> list[tuple[str, Text]]:
    """Return every key of the chair's page with what it leads to."""
    shared: dict[str, list[str]] = {}
    for key, letter in LETTERS.items():
        shared.setdefault(letter, []).append(str(_ACTS[key][0]))
    acts = [(letter, gettext("、").join(words)) for letter, words in sorted(shared.items())]
    return [
        ("Enter", _("做下一步")),
        ("Alt+N", _("做下一步，正在打字时也行")),
        *acts,
        *_MORE_KEYS,
        ("?", _("显示这张表")),
    ]


def steps_in(situation: Situation, *, may: bool) -> list[Step]:
    """Return the acts as they stand in `situation`."""
    refusal = NotAllowed(gettext("只有主持人、记录人或社区书记、主任可以操作会议进程。"))
    best = next_act(situation)
    steps = [_step(key, situation, refusal if not may else None, is_next=key == best) for key in _shown(situation)]
    return sorted(steps, key=lambda step: (not step.is_next, not step.is_ready))


def next_act(situation: Situation) -> str:  # noqa: PLR0911 - one line for each thing that goes on
    """Return the key of the act that comes next, "" when nothing does.

    An item ends in this order: result, decision written down, end of the item; then the next one, and when none is
    left the meeting is closed. A point of order interrupts whatever goes on.
    """
    phase = situation.meeting.phase
    if phase == phases.CONVENED:
        return "open"
    if phase == phases.SUSPENDED:
        return "resume"
    if phase == phases.CLOSED:
        return "draft_minutes"
    if phase != phases.OPEN:
        return ""
    if situation.speech is not None:
        return "end_floor"
    if situation.open_ballot is not None:
        return "give_floor" if situation.orders else "close_ballot"
    if situation.consent is not None:
        return "declare_consent"
    if situation.current is None:
        return "next_item" if situation.next_item is not None else "close"
    return _next_on_item(situation)


def _next_on_item(situation: Situation) -> str:
    """Return what comes next on the present item: motion, amendments, speakers, vote, decision, its end."""
    motion, amendment = situation.motion, situation.open_amendment
    if motion is not None and motion.status == MotionStatus.PROPOSED:
        return "second"
    if amendment is not None:
        return "second_amendment" if amendment.status == MotionStatus.PROPOSED else "vote_amendment"
    if situation.hands:
        return "give_floor"
    if motion is not None or _awaits_vote(situation):
        return "open_ballot"
    return "decide" if _awaits_decision(situation) else "finish_item"


def awaiting_second(situation: Situation) -> Motion | Amendment | None:
    """Return what waits for somebody to second it: the motion, else the amendment that comes next."""
    for one in (situation.motion, situation.open_amendment):
        if one is not None and one.status == MotionStatus.PROPOSED:
            return one
    return None


def _awaits_vote(situation: Situation) -> bool:
    """Return whether the present item has a text or a prepared ballot to vote on and no vote yet."""
    item = situation.current
    if item is None or item.decision:
        return False
    return bool(item.motion_text) if item.ballot is None else item.ballot.phase == BallotPhase.DRAFT


def _awaits_decision(situation: Situation) -> bool:
    """Return whether the present item was voted on and nobody has written down yet what that decided."""
    return situation.has_result and situation.current is not None and not situation.current.decision


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
    if situation.current is None:
        hidden |= {"decide", "finish_item"}
    if situation.open_ballot is None:
        hidden.add("close_ballot")
    if situation.consent is None:
        hidden |= {"declare_consent", "object_for", "withdraw_consent"}
    else:
        hidden.add("ask_consent")
    if situation.speech is None:
        hidden |= {"end_floor", "extend_floor"}
    if motion is None:
        hidden |= {"second", "withdraw", "amend", "split"}
    elif motion.status != MotionStatus.PROPOSED:
        hidden.add("second")
    if amendment is None or amendment.status != MotionStatus.PROPOSED:
        hidden.add("second_amendment")
    if awaiting_second(situation) is None:
        hidden.add("let_fall")
    if amendment is None or amendment.status == MotionStatus.PROPOSED:
        hidden.add("vote_amendment")
    return hidden


def _step(key: str, situation: Situation, refusal: NotAllowed | None, *, is_next: bool) -> Step:
    label, needs, confirm, icon = _ACTS[key]
    if key == "next_item" and situation.current is not None:
        label = _("结束本项，进入下一项议程")
    if refusal is not None:
        refused = [Missing("may_run", refusal.sentence, "")]
        return Step(key, label, refused, is_next=is_next, needs=needs, confirm=confirm, icon=icon)
    running = [entry.ballot for entry in situation.open_ballots] if key == "close_ballot" else []
    said = figures_of_voting(running) if running else ""
    confirm = words_before_ending(running) if running else confirm or question_before(key, situation)
    needs, missing = _form_of(key, situation), _missing(key, situation)
    return Step(key, label, missing, is_next=is_next, needs=needs, confirm=confirm, icon=icon, said=said)


def _form_of(key: str, situation: Situation) -> str:
    """Return the form an act takes now: a reason only where one is owed."""
    if key == "close" and situation.next_item is None:
        return ""
    if key == "open" and situation.late_sentence():
        return "late"
    if key == "close_ballot" and any(is_before_its_end(entry.ballot) for entry in situation.open_ballots):
        return "early"
    return _ACTS[key][1]


def _missing(key: str, situation: Situation) -> list[Missing]:
    act = "second" if key == "second_amendment" else key
    if key == "record_count" and situation.open_amendment is not None:
        act = "count_amendment"  # a count of hands decides the amendment before it decides the motion
    requirements = requirements_of(act, situation)
    if key in {"close", "open"}:  # what is left undone or came late is no bar, it takes a reason
        requirements = [r for r in requirements if r.hard]
    missing = missing_for(situation, requirements)
    if key == "open" and (early := why_too_early(situation.meeting, clock.now())):
        missing.insert(0, Missing("is_its_time", early, str(situation.meeting.template.notice_article)))
    if key == "declare_consent" and situation.consent is not None and seconds_left(situation.consent):
        missing.append(Missing("window_open", gettext("异议期未满，期满才能宣布通过"), str(RULES_OF_DEBATE)))
    return missing
