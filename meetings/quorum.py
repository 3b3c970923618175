"""Whether enough are there: the quorum of the rule, reckoned by the rule engine on who is in the room or represented.

A member who is not in the room is represented when the holder of their written power is; only rules that allow
proxies know it. The two are counted together and shown apart, as the ballots of the meeting count them.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from community.models import Office
from core.measure import format_area, square_metres
from meetings.kinds import MeetingKind
from voting.rules import Numbers as RuleNumbers
from voting.rules import rule_of
from voting.rules.engine import reckon
from voting.rules.shapes import Threshold


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many are due, in the room, and represented by one who is: heads in persons, area in 0.01 m2.

    `members` counts the invitations, `members_of_office` those of the office that the kind's composition asks for.
    """

    due_heads: int
    due_area: int
    due_stakeholders: int
    present_heads: int
    present_area: int
    present_stakeholders: int
    represented_heads: int = 0
    represented_area: int = 0
    represented_stakeholders: int = 0
    members: int = 0
    members_of_office: int = 0


@dataclass(frozen=True, slots=True)
class Reached:
    """One threshold with its figures; `needed` is the least number that meets it. Area in 0.01 m2.

    `reached` counts those present in person and those represented; `represented` is how much of it are the latter.
    """

    measure: str
    of: str
    fraction: str
    inclusive: bool
    base: int
    needed: int
    reached: int
    met: bool
    represented: int = 0

    @property
    def shortfall(self) -> int:
        """Return how much is missing, 0 when met."""
        return max(0, self.needed - self.reached)

    def sentence(self) -> str:
        """Return the line for the chair: due, needed, there, short."""
        figures = {
            "base": self.figure(self.base),
            "needed": self.figure(self.needed),
            "reached": self.figure(self.reached - self.represented),
            "represented": self.figure(self.represented),
            "together": self.figure(self.reached),
            "shortfall": self.figure(self.shortfall),
        }
        if self.represented and self.met:
            said = (
                _("应到%(base)s，法定%(needed)s，实到%(reached)s、委托代表%(represented)s，共%(together)s，已达到")
                % figures
            )
        elif self.represented:
            said = (
                _(
                    "应到%(base)s，法定%(needed)s，实到%(reached)s、委托代表%(represented)s，共%(together)s，"
                    "还差%(shortfall)s"
                )
                % figures
            )
        elif self.met:
            said = _("应到%(base)s，法定%(needed)s，实到%(reached)s，已达到") % figures
        else:
            said = _("应到%(base)s，法定%(needed)s，实到%(reached)s，还差%(shortfall)s") % figures
        return _("利益相关方%(said)s") % {"said": said} if self.of == "stakeholders" else said

    def figure(self, number: int) -> str:
        """Return a number with its unit."""
        return square_metres(format_area(number)) if self.measure == "area" else _("%(n)s人") % {"n": number}


def reached_by(kind: MeetingKind, numbers: Numbers) -> list[Reached]:
    """Return every threshold of the opening rule of `kind` with its figures; nobody is never a quorum.

    A quorum among stakeholders is counted among all members when no stakeholders were invited.
    """
    among_stakeholders = kind.counts_stakeholders and numbers.due_stakeholders > 0
    if among_stakeholders:
        due, there = {"heads": numbers.due_stakeholders}, {"heads": numbers.present_stakeholders}
        represented = {"heads": numbers.represented_stakeholders}
    else:
        due = {"heads": numbers.due_heads, "area": numbers.due_area}
        there = {"heads": numbers.present_heads, "area": numbers.present_area}
        represented = {"heads": numbers.represented_heads, "area": numbers.represented_area}
    here = {measure: number + represented[measure] for measure, number in there.items()}
    # Who is in the room can take part: for the display of a quorum of votes the two are the same.
    groups = RuleNumbers({"eligible": due, "present": here, "participating": here}, frozenset({"area"}))
    heads_first = sorted(rule_of(kind.opening).quorum, key=lambda threshold: threshold.measure != "heads")
    reckonings = [reckon(threshold, groups) for threshold in heads_first]
    return [
        Reached(
            measure=r.threshold.measure,
            of="stakeholders" if among_stakeholders else "eligible",
            fraction=f"{r.threshold.numerator}/{r.threshold.denominator}",
            inclusive=r.threshold.inclusive,
            base=r.base,
            needed=max(1, r.needed),
            reached=r.reached,
            met=r.met and r.reached > 0,
            represented=represented[r.threshold.measure],
        )
        for r in reckonings
    ]


def rules_in_words(kind: MeetingKind, rule: Any = None) -> dict[str, Any]:
    """Return what opens it, what decides, whom the kind always invites; `rule` where a meeting has its own."""
    thresholds = sorted(rule_of(kind.opening).quorum, key=lambda one: one.measure != "heads")
    if not kind.quorum_opens:
        opening = _("到会多少人都可以开会；参加表决的人数和面积须达到法定数")
    else:
        opening = _("，").join(_opening_words(kind, one) for one in thresholds)
    return {
        "opening": opening,
        "decides": rule_of(rule if rule is not None else kind.rule).entry["title"],
        "invited": [
            *(str(Office(office).label) for office in kind.required_invitees),
            *(_("%(office)s（列席）") % {"office": Office(office).label} for office in kind.required_guests),
        ],
        "is_neutral": kind.neutral_chair,
    }


def _opening_words(kind: MeetingKind, threshold: Threshold) -> str:
    facts = {
        "whom": _("利益相关方") if kind.counts_stakeholders else _("应到会的人"),
        "fraction": f"{threshold.numerator}/{threshold.denominator}",
    }
    return (_("%(whom)s到会不少于%(fraction)s") if threshold.inclusive else _("%(whom)s到会超过%(fraction)s")) % facts


def quorum_article(kind: MeetingKind) -> str:
    """Return the article the quorum of `kind` rests on."""
    return str(rule_of(kind.opening).entry["article"])
