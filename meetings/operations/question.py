"""The question that is put: the present item, the motion before it, or an amendment to that."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import BadInput
from meetings.models import AgendaItem, Amendment, Meeting, Motion
from meetings.operations.acting import lock, require_act
from meetings.operations.motions import amendment_to_vote
from meetings.rules import require_running


@dataclass(frozen=True, slots=True)
class Question:
    """What is voted on. With an `amendment` the vote is on it, and `motion` is what it would change."""

    meeting: Meeting
    item: AgendaItem
    motion: Motion | None
    amendment: Amendment | None

    @property
    def voted_motion(self) -> Motion | None:
        """Return the motion when the vote is on it, not on an amendment."""
        return self.motion if self.amendment is None else None


def put_question(item: AgendaItem, amendment: Amendment | None, *, by: Actor, act: str, amendment_act: str) -> Question:
    """Lock the meeting and return the question, when it may be put now as `act` (`amendment_act` for an amendment).

    Raises NotAllowed, RequirementsNotMet, BadInput (not the present item, not this amendment's turn).
    """
    meeting = lock(item.meeting)
    require_running(by, meeting)
    situation = require_act(meeting, act if amendment is None else amendment_act)
    if situation.current is None or situation.current.pk != item.pk:
        raise BadInput(_("只能就正在议的议程表决或者计票。"), field="item")
    if amendment is not None:
        amendment = amendment_to_vote(amendment, situation.motion)
    return Question(meeting, situation.current, situation.motion, amendment)
