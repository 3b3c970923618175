"""The kinds of meeting: which rule gives the quorum, whom to invite, how many days ahead. A leaf: data only.

A threshold has the form of the rule catalogue: measure `heads` or `area`, `of` `eligible` (all members due) or
`stakeholders` (the invited parties whose interest is touched), a fraction as text, and whether it is included.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publish.periods import PERIODS

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Threshold:
    """One part of a quorum: `fraction` of the base must be present, itself included or not."""

    measure: str
    of: str
    numerator: int
    denominator: int
    inclusive: bool


@dataclass(frozen=True, slots=True)
class MeetingKind:
    """What the law or custom asks of one kind of meeting.

    `notice_key` names the period of its notice in publish; a jurisdiction may set its own. `quorum` must be reached to
    open (`quorum_opens` True) or is shown only, because it is the vote that must reach it (owners). `composition` is an
    office and the share of the members that must hold it. `neutral_chair`: whoever presides neither argues nor votes
    (RULEBOOK 1). `rule` is what its ballots are decided by: a key of the catalogue or an object of the same form.
    """

    key: str
    title: Text
    notice_key: str
    notice_article: Text
    quorum: tuple[Threshold, ...]
    quorum_article: Text
    rule: str | dict[str, Any]
    required_invitees: tuple[str, ...] = ()
    quorum_opens: bool = True
    composition: tuple[str, int, int, Text] | None = None
    neutral_chair: bool = False
    counts_area: bool = False

    @property
    def notice_days(self) -> int:
        """Return how many calendar days lie between the notice and the meeting unless a jurisdiction says otherwise."""
        return PERIODS[self.notice_key].days


_MORE_THAN_HALF: Final = Threshold("heads", "eligible", 1, 2, inclusive=False)
_TWO_THIRDS: Final = Threshold("heads", "eligible", 2, 3, inclusive=True)
_TWO_THIRDS_OF_AREA: Final = Threshold("area", "eligible", 2, 3, inclusive=True)
_STAKEHOLDERS: Final = Threshold("heads", "stakeholders", 2, 3, inclusive=True)

# Bodies the law gives no rule: more than half of those present decide [default].
_PRESENT_DECIDE: Final[dict[str, Any]] = {
    "quorum": [],
    "pass": [{"measure": "heads", "of": "present", "fraction": "1/2", "inclusive": False}],
}

_CUSTOM: Final = _("五议工作法议事规则")

KINDS: Final[dict[str, MeetingKind]] = {
    kind.key: kind
    for kind in (
        MeetingKind(
            key="residents_meeting",
            title=_("居民会议"),
            notice_key="meeting_notice.residents",
            notice_article=_("《城市居民委员会组织法》第二十六条"),
            quorum=(_MORE_THAN_HALF,),
            quorum_article=_("《城市居民委员会组织法》第二十七条"),
            rule="residents_meeting",
            required_invitees=("supervision_committee",),
        ),
        MeetingKind(
            key="resident_reps_meeting",
            title=_("居民代表会议"),
            notice_key="meeting_notice.residents",
            notice_article=_("《城市居民委员会组织法》第二十六条"),
            quorum=(_TWO_THIRDS,),
            quorum_article=_("《城市居民委员会组织法》第二十八条、第二十九条"),
            rule="resident_reps_meeting",
            required_invitees=("resident_representative", "supervision_committee"),
            composition=("resident_representative", 4, 5, _("《城市居民委员会组织法》第二十八条")),
        ),
        MeetingKind(
            key="deliberation_council",
            title=_("协商议事会"),
            notice_key="meeting_notice.deliberation",
            notice_article=_CUSTOM,
            quorum=(_STAKEHOLDERS,),
            quorum_article=_CUSTOM,
            rule=_PRESENT_DECIDE,
            required_invitees=("supervision_committee",),
            neutral_chair=True,
        ),
        MeetingKind(
            key="hearing",
            title=_("听证会"),
            notice_key="meeting_notice.deliberation",
            notice_article=_CUSTOM,
            quorum=(_STAKEHOLDERS,),
            quorum_article=_CUSTOM,
            rule=_PRESENT_DECIDE,
            required_invitees=("supervision_committee",),
            neutral_chair=True,
        ),
        MeetingKind(
            key="joint_committee",
            title=_("大党委联席会议"),
            notice_key="meeting_notice.deliberation",
            notice_article=_CUSTOM,
            quorum=(_MORE_THAN_HALF,),
            quorum_article=_CUSTOM,
            rule=_PRESENT_DECIDE,
            required_invitees=("secretary", "seconded_member"),
        ),
        MeetingKind(
            key="owners_meeting",
            title=_("业主大会会议"),
            notice_key="meeting_notice.owners",
            notice_article=_("《物业管理条例》第十四条"),
            quorum=(_TWO_THIRDS, _TWO_THIRDS_OF_AREA),
            quorum_article=_("《民法典》第二百七十八条"),
            rule="owners_278_ordinary",
            quorum_opens=False,
            counts_area=True,
        ),
        MeetingKind(
            key="review_meeting",
            title=_("评议会"),
            notice_key="meeting_notice.deliberation",
            notice_article=_CUSTOM,
            quorum=(_MORE_THAN_HALF,),
            quorum_article=_CUSTOM,
            rule=_PRESENT_DECIDE,
            required_invitees=("supervision_committee",),
        ),
    )
}
CHOICES: Final = [(kind.key, kind.title) for kind in KINDS.values()]
