"""The messages of the meeting socket, closed shapes; docs/meetings.md describes them. Names in them are masked.

A client sends what it sends on a ballot's socket (`vote.cast`, voting/messages.py); the ballots' own messages come
through this stream too.
"""

from typing import Any, Literal

import msgspec


class Quorum(msgspec.Struct, forbid_unknown_fields=True):
    """One threshold with its figures: heads as integers, area as decimal strings of m2.

    `reached` counts those in the room and those represented; `represented` is how much of it are the latter.
    """

    measure: Literal["heads", "area"]
    of: Literal["eligible", "stakeholders"]
    fraction: str
    base: int | str
    needed: int | str
    reached: int | str
    represented: int | str
    met: bool
    sentence: str


class Presence(msgspec.Struct, forbid_unknown_fields=True):
    """Who is due, who is in the room, who is represented by a proxy in it; guests and observers apart."""

    due: int
    present: int
    due_area: str
    present_area: str
    represented: int
    represented_area: str
    guests: int
    observers: int
    quorum: list[Quorum]


class AgendaLine(msgspec.Struct, forbid_unknown_fields=True):
    """One matter of the agenda: the `text` that was announced for the vote, the titles of the `papers` handed out."""

    id: str
    position: int
    title: str
    text: str
    status: Literal["ahead", "current", "done", "skipped"]
    status_word: str
    decision: str
    ballot: str | None
    papers: list[str]


class Hand(msgspec.Struct, forbid_unknown_fields=True):
    """One raised hand."""

    id: str
    name: str
    stance: Literal["for", "against", "neutral", "point_of_order"]
    stance_word: str


class Side(msgspec.Struct, forbid_unknown_fields=True):
    """How often and how long (seconds) one side has spoken."""

    stance: str
    label: str
    speeches: int
    seconds: int


class Queue(msgspec.Struct, forbid_unknown_fields=True):
    """Raised hands in the order of speaking (the first 50), how many there are, and the sides."""

    waiting: list[Hand]
    count: int
    sides: list[Side]


class Clock(msgspec.Struct, forbid_unknown_fields=True):
    """The present speech; `used`, `limit` and `warning` are seconds. Clients count on from `used` by themselves."""

    speech: str
    name: str
    stance: str
    stance_word: str
    started_at: str
    limit: int
    used: int
    warning: int
    extensions: int


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """A stretch of tracked text."""

    change: Literal["keep", "strike", "insert"]
    text: str


class AmendmentLine(msgspec.Struct, forbid_unknown_fields=True):
    """One amendment in the order of voting."""

    id: str
    passage: str
    replacement: str
    status: str
    status_word: str


class MotionText(msgspec.Struct, forbid_unknown_fields=True):
    """The motion before the meeting, adopted amendments merged in; `segments` against its first wording.

    `preview` is the text as the amendment that is put next would make it, [] without one.
    """

    id: str
    text: str
    status: str
    status_word: str
    segments: list[Change]
    preview: list[Change]
    amendments: list[AmendmentLine]


class OptionCount(msgspec.Struct, forbid_unknown_fields=True):
    """How many heads chose one answer, and how much area (decimal string of m2, "" where no rule counts it).

    `body`, which begins the label, names whose votes these are where several bodies vote; "" otherwise. `is_chosen`: of
    several options the one, or one of those, that won.
    """

    body: str
    option: str
    label: str
    heads: int
    area: str
    is_chosen: bool


class Threshold(msgspec.Struct, forbid_unknown_fields=True):
    """One threshold of quorum or majority: numbers as decimal strings, areas in m2; `sentence` says how it came out.

    `body` as in `OptionCount`.
    """

    body: str
    part: Literal["quorum", "pass"]
    measure: str
    label: str
    fraction: str
    base: str
    needed: str
    reached: str
    met: bool
    sentence: str


class Result(msgspec.Struct, forbid_unknown_fields=True):
    """The newest result on the item: of a ballot, of hands, paper, consent or a roll call.

    `outcome` is "" where several questions of one ballot came out differently; `body` then names the question.

    `is_preliminary`: of a ballot whose tellers have not signed the count yet.
    """

    item: str
    title: str
    method: str
    outcome: str
    outcome_word: str
    sentence: str
    is_preliminary: bool
    lines: list[OptionCount]
    thresholds: list[Threshold]


class RollLine(msgspec.Struct, forbid_unknown_fields=True):
    """One name of a roll call; `answer` "" while not called, `word` then says why somebody is not called at all."""

    name: str
    answer: Literal["for", "against", "abstain", ""]
    word: str


class Roll(msgspec.Struct, forbid_unknown_fields=True):
    """A running roll call: how many have answered of how many, whose name is next, the lines around it (at most 12)."""

    ballot: str
    called: int
    due: int
    next: str
    lines: list[RollLine]


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """Whether anybody objects: the newest question on the present item; clients count `used` seconds on."""

    id: str
    question: str
    status: Literal["asked", "adopted", "objected", "withdrawn"]
    status_word: str
    seconds: int
    used: int


class MeetingState(msgspec.Struct, tag_field="type", tag="meeting.state", forbid_unknown_fields=True):
    """On connect, and whenever news may have been missed: everything a screen needs."""

    meeting: str
    version: int
    title: str
    kind: str
    phase: Literal["draft", "convened", "open", "suspended", "closed", "minuted", "cancelled"]
    phase_word: str
    place: str
    starts_at: str
    resumes_at: str | None
    chair: str
    attendance: Presence
    agenda: list[AgendaLine]
    ballots: list[str]
    result: Result | None
    speakers: Queue
    timer: Clock | None
    motion: MotionText | None
    roll_call: Roll | None
    consent: Question | None


class Attendance(Presence, tag_field="type", tag="attendance", forbid_unknown_fields=True, kw_only=True):
    """Somebody came or went."""

    meeting: str
    version: int


class Agenda(msgspec.Struct, tag_field="type", tag="agenda", forbid_unknown_fields=True):
    """The agenda moved on, a ballot was opened from it, or a vote on it ended. `ballots`: all, oldest first."""

    meeting: str
    version: int
    items: list[AgendaLine]
    ballots: list[str]
    result: Result | None


class Speakers(Queue, tag_field="type", tag="speakers", forbid_unknown_fields=True, kw_only=True):
    """Hands went up or down."""

    meeting: str
    version: int


class Timer(msgspec.Struct, tag_field="type", tag="timer", forbid_unknown_fields=True):
    """Somebody got, lost or kept the floor. `now` is the server's clock."""

    meeting: str
    version: int
    timer: Clock | None
    now: str


class Motion(msgspec.Struct, tag_field="type", tag="motion", forbid_unknown_fields=True):
    """The motion or its amendments changed; null when none is before the meeting."""

    meeting: str
    version: int
    motion: MotionText | None


class RollCall(msgspec.Struct, tag_field="type", tag="roll_call", forbid_unknown_fields=True):
    """A name was called and answered, or the roll call began or ended (null)."""

    meeting: str
    version: int
    roll_call: Roll | None


class Consent(msgspec.Struct, tag_field="type", tag="consent", forbid_unknown_fields=True):
    """The chair asks whether anybody objects, somebody did, or it was declared."""

    meeting: str
    version: int
    consent: Question | None


MESSAGES = (MeetingState, Attendance, Agenda, Speakers, Timer, Motion, RollCall, Consent)


def schemas() -> dict[str, Any]:
    """Return the JSON Schema of every message by its type."""
    return {str(kind.__struct_config__.tag): msgspec.json.schema(kind) for kind in MESSAGES}
