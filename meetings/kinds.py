"""The kinds of meeting: which rule gives the quorum, whom to invite, how many days ahead. A leaf: data only.

Rules are keys of voting's catalogue or objects of the same form; nothing is decided here.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publish.periods import PERIODS

Text = str | Promise
MATERIAL_DAYS: Final = 3  # papers reach the participants three days ahead [practice]


@dataclass(frozen=True, slots=True)
class MeetingKind:
    """What the law or custom asks of one kind of meeting.

    `notice_key` names the period of its notice in publish; a jurisdiction may set its own. The quorum of the rule
    `opening` must be reached to open; with `quorum_opens` False it is only shown: with owners the vote must reach it.
    `counts_stakeholders`: it is counted among the invited parties whose interest is touched. `composition` is an
    office and the share of the members that must hold it. `required_guests` are offices that are told and may sit in.
    `neutral_chair`: whoever presides neither argues nor votes (RULEBOOK 1). `rule` is what its ballots are decided by:
    a key of the catalogue or an object of the same form.
    """

    key: str
    title: Text
    notice_key: str
    notice_article: Text
    opening: str | dict[str, Any]
    rule: str | dict[str, Any]
    required_invitees: tuple[str, ...] = ()
    required_guests: tuple[str, ...] = ()
    quorum_opens: bool = True
    composition: tuple[str, int, int, Text] | None = None
    neutral_chair: bool = False
    counts_stakeholders: bool = False

    @property
    def notice_days(self) -> int:
        """Return how many calendar days lie between the notice and the meeting unless a jurisdiction says otherwise."""
        return PERIODS[self.notice_key].days


def _opening(fraction: str, *, inclusive: bool) -> dict[str, Any]:
    """Return a rule whose quorum is a share of the members due, counted in the room."""
    share = {"measure": "heads", "of": "eligible", "fraction": fraction, "inclusive": inclusive, "counts": "present"}
    return {"quorum": [share], "pass": _PASS, "article": _DEBATE, "proxy": {"allowed": False, "cap": 0}}


_DEBATE: Final = "五议工作法议事规则"
_PASS: Final = [{"measure": "heads", "of": "present", "fraction": "1/2", "inclusive": False}]
# Bodies the law gives no rule: more than half of those present decide [default].
_PRESENT_DECIDE: Final[dict[str, Any]] = {
    "title": {"zh": "到会过半数同意", "en": "More than half of those present"},
    "article": _DEBATE,
    "quorum": [],
    "pass": _PASS,
    "proxy": {"allowed": False, "cap": 0},
}
_MORE_THAN_HALF: Final = _opening("1/2", inclusive=False)
_STAKEHOLDERS: Final = _opening("2/3", inclusive=True)
_CUSTOM: Final = _("五议工作法议事规则")

KINDS: Final[dict[str, MeetingKind]] = {
    kind.key: kind
    for kind in (
        MeetingKind(
            key="residents_meeting",
            title=_("居民会议"),
            notice_key="meeting_notice.residents",
            notice_article=_("《城市居民委员会组织法》第二十六条"),
            opening="residents_meeting",
            rule="residents_meeting",
            required_invitees=("supervision_committee",),
        ),
        MeetingKind(
            key="resident_reps_meeting",
            title=_("居民代表会议"),
            notice_key="meeting_notice.residents",
            notice_article=_("《城市居民委员会组织法》第二十六条"),
            opening="resident_reps_meeting",
            rule="resident_reps_meeting",
            required_invitees=("resident_representative", "supervision_committee"),
            composition=("resident_representative", 4, 5, _("《城市居民委员会组织法》第二十八条")),
        ),
        MeetingKind(
            key="deliberation_council",
            title=_("协商议事会"),
            notice_key="meeting_notice.deliberation",
            notice_article=_CUSTOM,
            opening=_STAKEHOLDERS,
            counts_stakeholders=True,
            rule=_PRESENT_DECIDE,
            required_invitees=("supervision_committee",),
            neutral_chair=True,
        ),
        MeetingKind(
            key="hearing",
            title=_("听证会"),
            notice_key="meeting_notice.deliberation",
            notice_article=_CUSTOM,
            opening=_STAKEHOLDERS,
            counts_stakeholders=True,
            rule=_PRESENT_DECIDE,
            required_invitees=("supervision_committee",),
            neutral_chair=True,
        ),
        MeetingKind(
            key="joint_committee",
            title=_("大党委联席会议"),
            notice_key="meeting_notice.deliberation",
            notice_article=_CUSTOM,
            opening=_MORE_THAN_HALF,
            rule=_PRESENT_DECIDE,
            required_invitees=("secretary", "seconded_member"),
        ),
        MeetingKind(
            key="owners_meeting",
            title=_("业主大会会议"),
            notice_key="meeting_notice.owners",
            notice_article=_("《物业管理条例》第十四条"),
            opening="owners_278_ordinary",
            rule="owners_278_ordinary",
            required_guests=("director",),  # the residents' committee is told too (the same article)
            quorum_opens=False,
        ),
        MeetingKind(
            key="review_meeting",
            title=_("评议会"),
            notice_key="meeting_notice.deliberation",
            notice_article=_CUSTOM,
            opening=_MORE_THAN_HALF,
            rule=_PRESENT_DECIDE,
            required_invitees=("supervision_committee",),
        ),
    )
}
CHOICES: Final = [(kind.key, kind.title) for kind in KINDS.values()]
