"""Every message the meeting's socket sends has the closed shape that is documented."""

from pathlib import Path

import msgspec
import pytest

from meetings.messages import MESSAGES, schemas
from meetings.models import Meeting
from meetings.operations import (
    ask_consent,
    give_floor,
    next_agenda_item,
    object_to_consent,
    open_agenda_ballot,
    propose_amendment,
    propose_motion,
    request_speech,
    second_motion,
)
from meetings.queries.live import message_of
from tests.meetings.makers import Place, opened

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "part", ["state", "attendance", "agenda", "speakers", "timer", "motion", "roll_call", "consent"]
)
def test_what_is_sent_is_what_is_declared(place: Place, part: str) -> None:
    meeting = opened(place)
    motion = propose_motion(meeting=meeting, text="同意加装电梯。", by=place.members[0])
    second_motion(motion=motion, by=place.members[1])
    propose_amendment(motion=motion, passage="电梯", replacement="电梯一部", by=place.members[2])
    for user in place.members[:2]:
        request_speech(meeting=meeting, stance="for", by=user)
    give_floor(meeting=meeting, by=place.facilitator)
    meeting = Meeting.objects.get(pk=meeting.pk)

    message = message_of(part, meeting, meeting.version)

    (kind,) = [k for k in MESSAGES if k.__struct_config__.tag == message["type"]]
    read = msgspec.json.decode(msgspec.json.encode(message), type=kind)
    assert msgspec.to_builtins(read) == message


def test_every_message_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/meetings.md").read_text(encoding="utf-8")

    assert sorted(schemas()) == [
        "agenda",
        "attendance",
        "consent",
        "meeting.state",
        "motion",
        "roll_call",
        "speakers",
        "timer",
    ]
    assert all(f"`{kind}`" in page for kind in schemas())


@pytest.mark.parametrize("part", ["state", "roll_call", "consent"])
def test_what_is_asked_by_word_of_mouth_has_its_shape_too(place: Place, part: str) -> None:
    meeting = opened(place)
    item = next_agenda_item(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    ask_consent(meeting=meeting, by=place.facilitator)
    object_to_consent(meeting=meeting, by=place.members[0])
    open_agenda_ballot(item=item, roll_call=True, by=place.facilitator, now=meeting.starts_at)
    meeting = Meeting.objects.get(pk=meeting.pk)

    message = message_of(part, meeting, meeting.version)

    (kind,) = [k for k in MESSAGES if k.__struct_config__.tag == message["type"]]
    assert msgspec.to_builtins(msgspec.convert(message, kind)) == message
    assert (message.get("consent") or message["roll_call"]) is not None
