"""What the room is being asked by word of mouth: the roll call, and whether anybody objects."""

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core import clock
from core.masking import distinguish
from meetings.models import AgendaBallot, ConsentRequest, Meeting
from voting.models import Phase, Proxy, Recusal, Vote, Voter
from voting.persons import proxies_in_force

LINES_SHOWN = 12  # what the hall can show beside the question
_BEFORE_NEXT = 8


@dataclass(frozen=True, slots=True)
class RollLine:
    """One name of the roll. `answer` is "" while not called; `why_not` says why it is not called at all."""

    voter: int
    name: str
    place: str
    answer: str
    word: str
    through: str
    why_not: str


@dataclass(frozen=True, slots=True)
class RollCall:
    """A roll call that is running: its lines in the order of the roll, and where it stands."""

    ballot: int
    title: str
    lines: list[RollLine]

    @property
    def called(self) -> int:
        """Return how many have answered."""
        return sum(1 for line in self.lines if line.answer)

    @property
    def due(self) -> int:
        """Return how many are to be called: in the room or represented there, not stepped aside."""
        return sum(1 for line in self.lines if not line.why_not)

    @property
    def next(self) -> RollLine | None:
        """Return whose name is called next."""
        return next((line for line in self.lines if not line.why_not and not line.answer), None)


def answer_words() -> dict[str, str]:
    """Return the words of the three answers."""
    return {"for": _("同意"), "against": _("反对"), "abstain": _("弃权")}


def roll_call_of(meeting: Meeting) -> RollCall | None:
    """Return the roll call that is running, None without one. Five queries, one without."""
    running = (
        AgendaBallot.objects.filter(item__meeting=meeting, is_roll_call=True, ballot__phase=Phase.OPEN)
        .select_related("ballot")
        .first()
    )
    return RollCall(running.ballot_id, running.ballot.title, roll_lines(running)) if running is not None else None


def roll_lines(agenda_ballot: AgendaBallot) -> list[RollLine]:
    """Return every name of a roll call with its answer. Four queries."""
    ballot, words = agenda_ballot.ballot_id, answer_words()
    answers = dict(Vote.objects.filter(item__ballot=ballot).values_list("voter_id", "choice"))
    aside = set(Recusal.objects.filter(item__ballot=ballot).values_list("voter_id", flat=True))
    powers = {power.principal_id: power for power in proxies_in_force(ballot).select_related("holder")}
    lines = []
    for voter in Voter.objects.filter(ballot=ballot).order_by("pk"):
        power = powers.get(voter.pk)
        answer = answers.get(voter.pk, "")
        why_not = "" if answer else _why_not_called(voter, power)
        lines.append(
            RollLine(
                voter=voter.pk,
                name=voter.name,
                place=voter.place,
                answer=answer,
                word=words.get(answer, ""),
                through=power.holder_name if power is not None else voter.guardian_name,
                why_not=_("回避") if voter.pk in aside else why_not,
            )
        )
    return lines


def _why_not_called(voter: Voter, power: Proxy | None) -> str:
    """Return why a name is not called, "" when it is. While a power runs only its holder answers (`cast_votes`)."""
    if power is None:
        return "" if voter.present else _("未到会")
    holder_is_here = power.holder.present if power.holder is not None else power.holder_present
    return "" if holder_is_here else _("已委托，受托人未到会")


def roll_call_message(meeting: Meeting) -> dict[str, Any] | None:
    """Return what the screens show of a roll call, names masked: where it stands and the lines around the next name."""
    roll = roll_call_of(meeting)
    if roll is None:
        return None
    names = distinguish(line.name for line in roll.lines)
    at = next((n for n, line in enumerate(roll.lines) if line is roll.next), len(roll.lines))
    first = max(0, min(at - _BEFORE_NEXT, len(roll.lines) - LINES_SHOWN))
    shown = range(first, min(first + LINES_SHOWN, len(roll.lines)))
    return {
        "ballot": str(roll.ballot),
        "called": roll.called,
        "due": roll.due,
        "next": names[at] if at < len(names) else "",
        "lines": [
            {"name": names[n], "answer": roll.lines[n].answer, "word": roll.lines[n].word or roll.lines[n].why_not}
            for n in shown
        ],
    }


def seconds_left(request: ConsentRequest, now: dt.datetime | None = None) -> int:
    """Return how many seconds of the window are left, 0 when it is over."""
    ends = request.asked_at + dt.timedelta(seconds=request.seconds)
    return max(0, math.ceil((ends - (now or clock.now())).total_seconds()))


def consent_message(meeting: Meeting) -> dict[str, Any] | None:
    """Return the newest question of consent on the present item, None without one. Whoever objected is not named."""
    request = ConsentRequest.objects.filter(meeting=meeting, item__status="current").order_by("-id").first()
    if request is None:
        return None
    return {
        "id": str(request.pk),
        "question": request.question,
        "status": request.status,
        "status_word": request.get_status_display(),
        "seconds": request.seconds,
        "used": max(0, int((clock.now() - request.asked_at).total_seconds())),
    }
