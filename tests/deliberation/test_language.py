"""What a person who reads English sets in motion is recorded in Chinese all the same."""

import json
import re

from django.utils import translation

from core.models import LedgerEntry, Notification
from deliberation.stages import Status
from meetings.models import Meeting, Minutes
from publish.models import Notice
from tests.deliberation.world import World
from voting.models import Ballot, Item

ENGLISH = re.compile(r"\b[A-Z]?[a-z]{2,} [a-z]{2,}\b|\b[A-Z][a-z]{3,}\b")


def test_papers_the_ledger_and_what_people_are_told_stay_chinese(world: World) -> None:
    with translation.override("en"):
        world.walk_to(Status.EFFECTIVE)

    told = [
        *Notification.objects.values_list("text", flat=True),
        *LedgerEntry.objects.values_list("reason", flat=True),
        *Meeting.objects.values_list("title", flat=True),
        *Meeting.objects.values_list("quorum_sentence", flat=True),
        *Minutes.objects.values_list("text", flat=True),
        *Ballot.objects.values_list("title", flat=True),
        *Item.objects.values_list("title", flat=True),
        *(json.dumps(facts, ensure_ascii=False) for facts in Notice.objects.values_list("facts", flat=True)),
    ]
    assert len(told) > 20
    assert [text for text in told if ENGLISH.search(text)] == []
