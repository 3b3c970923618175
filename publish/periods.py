"""How long each kind is posted by default, and which floor the law sets. Pure data.

Keys are kinds of papers, or a kind with a variant: "meeting_notice.owners". RULE stands for our own default.
"""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["calendar", "working"]


@dataclass(frozen=True, slots=True)
class Period:
    """`days` in `mode` days; `floor` is the least the law allows (0: none); `basis` names the law or says default."""

    days: int
    mode: Mode = "calendar"
    floor: int = 0
    basis: str = "本平台默认"


PERIODS: dict[str, Period] = {
    "topic_list": Period(7),
    "meeting_notice": Period(3, basis="协商议事通行做法"),
    "meeting_notice.deliberation": Period(3, basis="协商议事通行做法"),
    "meeting_notice.residents": Period(10, floor=10, basis="《居民委员会组织法》第二十六条"),
    "meeting_notice.owners": Period(15, floor=15, basis="《业主大会和业主委员会指导规则》"),
    "plan_for_comment": Period(7),
    "roll": Period(5, basis="参照《居民委员会组织法》第十七条"),
    "vote_result": Period(7),
    "preliminary_result": Period(3, basis="结果应在三日内公布，初步结果公告至那时为止"),
    "resolution": Period(7),
    "implementation_result": Period(15, floor=15, basis="《居民委员会组织法》第三十四条"),
    "community_affairs": Period(15, floor=15, basis="《居民委员会组织法》第三十四条"),
    "evaluation_report": Period(7),
    "rectification_notice": Period(5, "working"),
    "responsibility_list": Period(7),
    "voting_procedure": Period(7),
}
NO_PERIOD = Period(0, basis="不设公示期")
