"""What must be there before each act of the chair: a sentence and the article it rests on. Reads only.

`ACTS` maps the key of an act to its requirements over a `Situation`; the operations require them, the chair's page
greys its buttons with them, docs list them.
"""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.requirements import Requirement
from meetings import phases
from meetings.models import Meeting, MotionStatus
from meetings.queries.papers import late_papers
from meetings.queries.situation import Situation
from meetings.quorum import quorum_article
from voting.rules import rule_of

RULES_OF_DEBATE: Final = _("五议工作法议事规则")

Needs = Requirement[Situation]


def _need(key: str, sentence: object, is_met: object, article: object = "", *, hard: bool = True) -> Needs:
    return Requirement(key=key, sentence=sentence, article=article, is_met=is_met, hard=hard)  # type: ignore[arg-type] # lazy text


CONVENED = _need("is_convened", _("会议尚未发出通知，或者已经开过"), lambda s: s.meeting.phase == phases.CONVENED)
OPEN = _need("is_open", _("会议不在进行中"), lambda s: s.meeting.phase == phases.OPEN)
SUSPENDED = _need("is_suspended", _("会议没有休会"), lambda s: s.meeting.phase == phases.SUSPENDED)
ONGOING = _need("is_ongoing", _("会议不在进行中"), lambda s: s.meeting.phase in phases.ONGOING)
CLOSED = _need("is_closed", _("会议尚未结束"), lambda s: s.meeting.phase == phases.CLOSED)
HAS_AGENDA = _need("has_agenda", _("没有议程"), lambda s: bool(s.items))
HAS_CURRENT = _need("has_current_item", _("还没有开始议程"), lambda s: s.current is not None)
HAS_NEXT = _need("has_next_item", _("议程已经全部进行"), lambda s: s.next_item is not None)
NO_BALLOT = _need("no_open_ballot", _("表决正在进行，请先结束表决"), lambda s: s.open_ballot is None)
HAS_BALLOT = _need("has_open_ballot", _("没有正在进行的表决"), lambda s: s.open_ballot is not None)
FLOOR_FREE = _need("floor_is_free", _("有人正在发言"), lambda s: s.speech is None, RULES_OF_DEBATE)
HAS_SPEAKER = _need("has_speaker", _("没有人在发言"), lambda s: s.speech is not None)
IN_ORDER_NOW = _need(
    "is_in_order_during_a_vote",
    _("表决正在进行，只能投票或者提程序问题"),
    lambda s: s.open_ballot is None or s.orders > 0,
    RULES_OF_DEBATE,
)
NO_VOTE_RUNS = _need(
    "no_vote_runs", _("表决正在进行，只能投票或者提程序问题"), lambda s: s.open_ballot is None, RULES_OF_DEBATE
)
HAS_HANDS = _need("has_raised_hands", _("没有人举手"), lambda s: s.hands > 0)
NO_MOTION = _need("no_live_motion", _("已有动议待决，一次只议一项动议"), lambda s: s.motion is None, RULES_OF_DEBATE)
HAS_MOTION = _need("has_live_motion", _("没有待决的动议"), lambda s: s.motion is not None)
SECONDED = _need(
    "motion_is_seconded",
    _("动议还没有人附议"),
    lambda s: s.motion is None or s.motion.status == MotionStatus.SECONDED,
    RULES_OF_DEBATE,
)
AMENDMENTS_DONE = _need(
    "amendments_are_decided", _("修正案还没有逐项表决"), lambda s: s.open_amendment is None, RULES_OF_DEBATE
)
NO_CONSENT = _need("no_open_consent", _("正在征求异议，请先宣布结果"), lambda s: s.consent is None)
HAS_CONSENT = _need("has_open_consent", _("现在没有征求异议的事项"), lambda s: s.consent is not None)
HAS_QUESTION = _need(
    "has_question",
    _("没有可以表决的内容"),
    lambda s: s.current is not None and (s.motion is not None or bool(s.current.motion_text)),
)
AMENDMENT_SECONDED = _need(
    "amendment_is_seconded",
    _("修正案还没有人附议"),
    lambda s: s.open_amendment is None or s.open_amendment.status == MotionStatus.SECONDED,
    RULES_OF_DEBATE,
)
UNSECONDED = _need(
    "somebody_has_to_second",
    _("没有等待附议的动议或者修正案"),
    lambda s: any(one is not None and one.status == MotionStatus.PROPOSED for one in (s.motion, *s.amendments)),
    RULES_OF_DEBATE,
)
BY_HEADS = _need(
    "decides_by_heads_in_the_open",
    _("这种会议按人数和面积表决或者须无记名投票，不能以无异议通过"),
    lambda s: decides_by_heads_in_the_open(s.meeting),
)
COUNTED_BY_HEADS = _need(
    "is_counted_by_heads_in_the_open",
    _("这种会议的表决要计面积或者无记名，现场数人头算不出结果；请用手机表决，没有手机的发纸质票"),
    lambda s: decides_by_heads_in_the_open(s.meeting),
)
NO_ITEMS_LEFT = _need("agenda_is_done", _("还有议程未议"), lambda s: s.next_item is None, RULES_OF_DEBATE, hard=False)

# The two that carry figures are written at the moment they are asked (`figures_of`).
QUORATE = _need("is_quorate", _("未达到法定人数"), lambda s: s.is_quorate or not s.meeting.template.quorum_opens)
PAPERS_IN_TIME = _need(
    "papers_are_in_time",
    _("材料须在会前3日发出"),
    lambda s: not late_papers(s.meeting, s.papers),
    RULES_OF_DEBATE,
    hard=False,
)
COMPOSED = _need(
    "is_composed",
    _("组成人员中居民代表的比例不足五分之四"),
    lambda s: (
        s.meeting.template.composition is None
        or s.composition[0] * s.meeting.template.composition[2] >= s.composition[1] * s.meeting.template.composition[1]
    ),
    _("《城市居民委员会组织法》第二十八条"),
)

ACTS: Final[dict[str, tuple[Needs, ...]]] = {
    "open": (CONVENED, HAS_AGENDA, COMPOSED, QUORATE, PAPERS_IN_TIME),
    "ask_consent": (
        OPEN,
        HAS_CURRENT,
        HAS_QUESTION,
        SECONDED,
        AMENDMENT_SECONDED,
        NO_BALLOT,
        NO_CONSENT,
        FLOOR_FREE,
        BY_HEADS,
        QUORATE,
    ),
    "declare_consent": (OPEN, HAS_CONSENT, QUORATE),
    "object_for": (OPEN, HAS_CONSENT),
    "withdraw_consent": (HAS_CONSENT,),
    "next_item": (OPEN, NO_BALLOT, NO_CONSENT, FLOOR_FREE, NO_MOTION, HAS_NEXT),
    "finish_item": (OPEN, HAS_CURRENT, NO_BALLOT, NO_CONSENT, FLOOR_FREE, NO_MOTION),
    "give_floor": (OPEN, HAS_CURRENT, IN_ORDER_NOW, NO_CONSENT, FLOOR_FREE, HAS_HANDS),
    "end_floor": (HAS_SPEAKER,),
    "extend_floor": (HAS_SPEAKER,),
    "decide": (ONGOING, HAS_CURRENT),
    "request_speech": (OPEN, HAS_CURRENT, NO_VOTE_RUNS),
    "point_of_order": (OPEN, HAS_CURRENT),
    "propose_motion": (OPEN, HAS_CURRENT, NO_VOTE_RUNS, NO_CONSENT, NO_MOTION),
    "second": (OPEN, HAS_MOTION, NO_VOTE_RUNS),
    "amend": (OPEN, HAS_MOTION, SECONDED, NO_VOTE_RUNS, NO_CONSENT),
    "withdraw": (OPEN, HAS_MOTION, NO_BALLOT, NO_CONSENT),
    "split": (OPEN, HAS_MOTION, SECONDED, AMENDMENTS_DONE, NO_BALLOT, NO_CONSENT),
    "let_fall": (OPEN, HAS_MOTION, UNSECONDED, NO_VOTE_RUNS),
    "order_amendment": (OPEN, HAS_MOTION, NO_BALLOT, NO_CONSENT),
    "vote_amendment": (
        OPEN,
        HAS_CURRENT,
        HAS_MOTION,
        SECONDED,
        AMENDMENT_SECONDED,
        NO_BALLOT,
        NO_CONSENT,
        FLOOR_FREE,
        QUORATE,
    ),
    "open_ballot": (OPEN, HAS_CURRENT, SECONDED, AMENDMENTS_DONE, NO_BALLOT, NO_CONSENT, FLOOR_FREE, QUORATE),
    "close_ballot": (ONGOING, HAS_BALLOT),
    "record_count": (
        OPEN,
        HAS_CURRENT,
        SECONDED,
        AMENDMENTS_DONE,
        NO_BALLOT,
        NO_CONSENT,
        FLOOR_FREE,
        COUNTED_BY_HEADS,
        QUORATE,
    ),
    "count_amendment": (
        OPEN,
        HAS_CURRENT,
        HAS_MOTION,
        SECONDED,
        AMENDMENT_SECONDED,
        NO_BALLOT,
        NO_CONSENT,
        FLOOR_FREE,
        COUNTED_BY_HEADS,
        QUORATE,
    ),
    "suspend": (OPEN, NO_BALLOT, NO_CONSENT, FLOOR_FREE),
    "resume": (SUSPENDED,),
    "close": (ONGOING, NO_BALLOT, NO_CONSENT, FLOOR_FREE, NO_MOTION, NO_ITEMS_LEFT),
    "draft_minutes": (CLOSED,),
}


def decides_by_heads_in_the_open(meeting: Meeting) -> bool:
    """Return whether the rule counts heads alone and may be voted by name: what the room itself can decide."""
    rule = rule_of(meeting.rule)
    return set(rule.measures) == {"heads"} and rule.entry.get("ballots") != ["secret"]


def figures_of(requirement: Needs, situation: Situation) -> Needs:
    """Return `requirement` with the figures of `situation` in its sentence where it has some."""
    if requirement is QUORATE:
        article = quorum_article(situation.meeting.template)
        return _need(requirement.key, situation.quorum_sentence(), requirement.is_met, article)
    if requirement is PAPERS_IN_TIME:
        sentence = situation.late_sentence() or requirement.sentence
        return _need(requirement.key, sentence, requirement.is_met, requirement.article, hard=False)
    return requirement


def requirements_of(act: str, situation: Situation) -> list[Needs]:
    """Return the requirements of `act` as they stand in `situation`."""
    return [figures_of(requirement, situation) for requirement in ACTS[act]]
