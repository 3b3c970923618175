"""The whole life of a proposal by operations, from a resident's phone to the archive."""

import pytest

from core import ledger
from deliberation.models import Purpose
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def test_a_proposal_lives_through_all_five_stages(world: World) -> None:
    world.walk_to(Status.ARCHIVED)

    acts = [entry.act for entry in ledger.entries_about(world.p) if "status" in entry.after]
    assert acts == [
        "register_proposal",
        "submit",
        "accept",
        "start_deliberation",
        "confirm_consensus",
        "start_drafting",
        "publicise_plan",
        "complete_party_review",
        "make_ready",
        "call_vote",
        "open_voting",
        "close_voting",
        "publish_result",
        "take_effect",
        "start_execution",
        "report_completion",
        "start_evaluation",
        "archive",
    ]
    assert ledger.first_break() is None


def test_every_stage_leaves_its_notices(world: World) -> None:
    world.walk_to(Status.ARCHIVED)

    links = world.p.notice_links.select_related("notice").order_by("id")
    assert [link.purpose for link in links] == [
        Purpose.LETTER,
        Purpose.TOPIC,
        Purpose.SESSION,
        Purpose.PLAN,
        Purpose.LEGALITY,
        Purpose.ROLL,
        Purpose.PARTY_STUDY,
        Purpose.VOTE,
        Purpose.PROCEDURE,
        Purpose.PROXY_FORM,
        Purpose.COUNT_SHEET,
        Purpose.PRELIMINARY,
        Purpose.RESULT,
        Purpose.RESOLUTION,
        Purpose.RESPONSIBILITY,
        Purpose.IMPLEMENTATION,
        Purpose.RATING_FORM,
        Purpose.EVALUATION,
        Purpose.ARCHIVE,
    ]
    assert [link.notice.number != "" for link in links] == [True] * 19
