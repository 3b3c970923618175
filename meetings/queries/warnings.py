"""What the chair is asked before an act that cannot be taken back: what it ends, and what it leaves open."""

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext as _

from meetings.models import AgendaItem
from meetings.models.meeting import AgendaStatus
from meetings.queries.situation import Situation
from voting.verdicts import is_preliminary


def question_before(act: str, situation: Situation) -> str:
    """Return the question asked before `act`, "" for an act that can be taken back or made good."""
    words = _QUESTIONS.get(act)
    return words(situation) if words is not None else ""


def _opening(situation: Situation) -> str:
    numbers = situation.numbers
    facts = {"due": numbers.due_heads, "present": numbers.present_heads}
    return _("应到%(due)d人，实到%(present)d人。宣布开会后不能改回，确定开会吗？") % facts


def _voting(situation: Situation) -> str:
    heads = situation.numbers.present_heads + situation.numbers.represented_heads
    said = [_("在场和委托代表共%(heads)d人。") % {"heads": heads}]
    if situation.hands > situation.orders and situation.open_amendment is None:
        said.append(_("还有%(hands)d人等候发言，表决开始后不再发言。") % {"hands": situation.hands - situation.orders})
    return "".join([*said, _("表决开始后不能收回，确定开始吗？")])


def _counting(_situation: Situation) -> str:
    return _("录入的票数就是表决结果，不能再改。确定录入吗？")


def _declaring(_situation: Situation) -> str:
    return _("宣布后即为通过，不能再提异议。确定宣布吗？")


def _splitting(_situation: Situation) -> str:
    return _("拆分后原来的动议不再整体表决。确定拆分吗？")


def _leaving_item(situation: Situation) -> str:
    item = situation.current
    if item is None:
        return ""
    said = _left_of(item, situation)
    return "".join([*said, _("结束后不能再议第%(n)d项，确定结束吗？") % {"n": item.position}])


def _closing(situation: Situation) -> str:
    said, item = [], situation.current
    if item is not None:
        said.append(_("第%(n)d项还在议，散会即告结束。") % {"n": item.position})
        said += _left_of(item, situation)
    ahead = [str(one.position) for one in situation.items if one.status == AgendaStatus.AHEAD]
    if ahead:
        said.append(_("第%(items)s项还没有议，将记为未议及。") % {"items": _("、").join(ahead)})
    unsigned = sum(1 for one in situation.ballots if is_preliminary(one.ballot))
    if unsigned:
        said.append(_("有%(n)d项表决的结果还没有监票人签认，散会后仍可签认。") % {"n": unsigned})
    return "".join([*said, _("散会后不能再继续本次会议。确定散会吗？")])


def _left_of(item: AgendaItem, situation: Situation) -> list[str]:
    said = []
    if not item.decision:
        said.append(_("第%(n)d项还没有写明议定。") % {"n": item.position})
    if situation.hands:
        said.append(_("还有%(hands)d人举手等候发言。") % {"hands": situation.hands})
    return said


_QUESTIONS: Final[dict[str, Callable[[Situation], str]]] = {
    "open": _opening,
    "next_item": _leaving_item,
    "finish_item": _leaving_item,
    "open_ballot": _voting,
    "vote_amendment": _voting,
    "record_count": _counting,
    "declare_consent": _declaring,
    "split": _splitting,
    "close": _closing,
}
