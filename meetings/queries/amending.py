"""What amendments would do to the motion, and which of them are in each other's way."""

from meetings.models import Amendment
from meetings.queries.situation import Situation
from meetings.redline import Segment, merged, overlap, redline, span_of


def text_as_amended(situation: Situation) -> list[Segment]:
    """Return the motion as the amendment that is voted on next would make it; [] without one."""
    motion, amendment = situation.motion, situation.open_amendment
    if motion is None or amendment is None:
        return []
    return redline(motion.text, merged(motion.text, amendment.passage, amendment.replacement))


def conflicting_amendments(situation: Situation) -> list[tuple[Amendment, Amendment]]:
    """Return pairs of undecided amendments that touch the same words: adopting one changes the other."""
    if situation.motion is None:
        return []
    text = situation.motion.text
    spans = [(a, span_of(text, a.passage)) for a in situation.amendments if a.decided_at is None]
    known = [(amendment, span) for amendment, span in spans if span is not None]
    return [
        (one, other)
        for place, (one, here) in enumerate(known)
        for other, there in known[place + 1 :]
        if overlap(here, there)
    ]
