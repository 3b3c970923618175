"""Every message the meeting's socket sends has the closed shape that is documented."""

from pathlib import Path

import msgspec
import pytest

from meetings.messages import MESSAGES, schemas
from meetings.models import Meeting
from meetings.operations import give_floor, propose_amendment, propose_motion, request_speech, second_motion
from meetings.queries.live import message_of
from tests.meetings.makers import Place, opened

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("part", ["state", "attendance", "agenda", "speakers", "timer", "motion"])
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

    assert sorted(schemas()) == ["agenda", "attendance", "meeting.state", "motion", "speakers", "timer"]
    assert all(f"`{kind}`" in page for kind in schemas())
