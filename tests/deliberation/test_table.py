"""The table of moves, the django-fsm machine, the requirements and docs/states.md say the same."""

from itertools import product
from typing import Any

import pytest
from django.core.management import call_command
from django_fsm import GET_STATE

from community.models import Office
from deliberation.models import Proposal
from deliberation.moves import MOVES, PROPOSER, SYSTEM
from deliberation.requirements import REQUIREMENTS
from deliberation.rules import Standing
from deliberation.stages import FINAL, STAGE_OF, STAGELESS, Status

_FIELD: Any = Proposal._meta.get_field("status")


def _declared() -> set[tuple[str, str, str]]:
    """Return (move, source, target) of every transition the machine knows."""
    found = set()
    for transition in _FIELD.get_all_transitions(Proposal):
        targets = transition.target.allowed_states if isinstance(transition.target, GET_STATE) else [transition.target]
        found |= {(transition.name, str(transition.source), str(target)) for target in targets}
    return found


def _tabled() -> set[tuple[str, str, str]]:
    return {
        (move.key, str(source), str(target))
        for move in MOVES.values()
        for source, target in product(move.sources, move.targets)
    }


def test_the_machine_equals_the_table() -> None:
    assert _declared() == _tabled()


def test_the_statuses_are_those_of_the_rulebook() -> None:
    text = """
        draft submitted supplement_requested accepted merged transferred rejected withdrawn deliberating
        consensus_recorded drafting_plan plan_publicised party_reviewed ready_to_vote notice_period voting counting
        result_publicised not_quorate not_passed effective executing awaiting_acceptance evaluating rectifying archived
        suspended escalated terminated annulled
    """
    assert [status.value for status in Status] == text.split()
    assert {status.value for status in FINAL} == {
        "merged", "transferred", "rejected", "withdrawn", "not_passed", "archived", "terminated",
    }  # fmt: skip


def test_nothing_leaves_a_final_status() -> None:
    assert [move.key for move in MOVES.values() if FINAL.intersection(move.sources)] == []


def test_every_other_status_can_be_reached_and_left() -> None:
    reached = {target for move in MOVES.values() for target in move.targets} | {Status.DRAFT}
    left = {source for move in MOVES.values() for source in move.sources}

    assert reached == set(Status)
    assert left == set(Status) - FINAL


def test_every_status_has_a_stage() -> None:
    assert set(STAGE_OF) | STAGELESS == set(Status)


def test_every_requirement_is_used_and_known() -> None:
    assert {key for move in MOVES.values() for key in move.requirements} == set(REQUIREMENTS)


def test_every_requirement_has_a_sentence_and_an_article() -> None:
    assert [need.key for need in REQUIREMENTS.values() if not str(need.sentence) or not str(need.article)] == []


def test_offices_of_the_table_exist() -> None:
    named = {office for move in MOVES.values() for office in move.offices}

    assert named - set(Office.values) == {PROPOSER, SYSTEM}


# Who may take which move: the whole table, written down a second time by hand.
WHO = {
    "submit": "proposer secretary director committee_member grid_worker system",
    "request_supplement": "secretary director",
    "supplement": "proposer secretary director committee_member grid_worker",
    "accept": "secretary director",
    "merge": "secretary director",
    "transfer": "secretary director",
    "reject": "secretary director",
    "withdraw": "proposer",
    "start_deliberation": "secretary director",
    "confirm_consensus": "director",
    "proceed_without_consensus": "secretary director",
    "start_drafting": "secretary director committee_member",
    "publicise_plan": "secretary director",
    "revise_plan": "secretary director",
    "return_to_deliberation": "secretary director",
    "complete_party_review": "secretary",
    "make_ready": "secretary director",
    "call_vote": "secretary director",
    "open_voting": "secretary director facilitator system",
    "close_voting": "secretary director facilitator teller system",
    "declare_not_quorate": "secretary director",
    "extend_voting": "secretary director",
    "reconvene": "secretary director",
    "publish_result": "secretary director",
    "take_effect": "secretary director system",
    "record_not_passed": "secretary director system",
    "annul": "subdistrict_officer",
    "resettle": "secretary director",
    "order_emergency_repair": "secretary director",
    "start_execution": "secretary director",
    "report_completion": "secretary director committee_member",
    "return_work": "director supervision_committee",
    "start_evaluation": "supervision_committee",
    "archive": "supervision_committee",
    "order_rectification": "supervision_committee",
    "finish_rectification": "secretary director committee_member",
    "escalate": "secretary director supervision_committee",
    "answer_escalation": "subdistrict_officer",
    "hand_back": "subdistrict_officer",
    "suspend": "secretary director",
    "resume": "secretary director system",
    "terminate": "secretary director",
}


def test_the_offices_are_those_written_down_here() -> None:
    assert {key: set(move.offices) for key, move in MOVES.items()} == {k: set(v.split()) for k, v in WHO.items()}


@pytest.mark.parametrize("office", [*Office.values, PROPOSER, SYSTEM])
def test_each_office_may_take_its_moves_only(office: str) -> None:
    standing = Standing(
        frozenset({office} if office in Office.values else ()),
        is_proposer=office == PROPOSER,
        is_platform=office == SYSTEM,
        is_system=office == SYSTEM,
    )

    assert {key for key, move in MOVES.items() if standing.may(move.offices)} == {
        key for key, offices in WHO.items() if office in offices.split()
    }


def test_the_page_about_states_is_not_stale() -> None:
    call_command("states_doc", check=True)
