"""No sequence of moves and acts, by anybody at any time, reaches a status without its artefacts."""

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core import ledger
from core.errors import Refused
from core.requirements import missing_for
from deliberation import operations
from deliberation.artefacts import ARTEFACTS
from deliberation.case import Case
from deliberation.moves import MOVES
from deliberation.stages import FINAL, Status
from tests.deliberation.world import MAIN_STATUSES, World
from voting.models import Phase

_op = operations


def _day(world: World, days: int) -> dt.datetime:
    return world.now + dt.timedelta(days=days)


# Each move with arguments that could be right; who takes it is drawn.
MOVES_BY_KEY: dict[str, Callable[[World, Any], Any]] = {
    "submit": lambda w, by: w.do(_op.submit_proposal, w.p, by=by),
    "request_supplement": lambda w, by: w.do(_op.request_supplement, w.p, by=by, reason="补照片"),
    "supplement": lambda w, by: w.do(_op.supplement_proposal, w.p, by=by, reason="已补"),
    "accept": lambda w, by: w.do(_op.accept_proposal, w.p, by=by),
    "merge": lambda w, by: w.do(_op.merge_proposals, w.p, into=w.p, by=by, reason="同一事项"),
    "transfer": lambda w, by: w.do(_op.transfer_proposal, w.p, by=by, reason_code="hotline"),
    "reject": lambda w, by: w.do(_op.reject_proposal, w.p, by=by, reason_code="unlawful"),
    "withdraw": lambda w, by: w.do(_op.withdraw_proposal, w.p, by=by, reason="不办了", request="当面提出"),
    "start_deliberation": lambda w, by: w.do(
        _op.start_deliberation, w.p, by=by, place="议事厅", starts_at=_day(w, 5), chair=w.facilitator, recorder=w.member
    ),
    "confirm_consensus": lambda w, by: w.do(_op.confirm_consensus, w.p, by=by),
    "proceed_without_consensus": lambda w, by: w.do(_op.proceed_without_consensus, w.p, by=by, reason="两轮未果"),
    "start_drafting": lambda w, by: w.do(_op.start_drafting, w.p, by=by),
    "publicise_plan": lambda w, by: w.do(_op.publicise_plan, w.p, by=by),
    "revise_plan": lambda w, by: w.do(_op.revise_plan, w.p, by=by, reason="补贴变了"),
    "return_to_deliberation": lambda w, by: w.do(_op.return_to_deliberation, w.p, by=by, reason_code="new_facts"),
    "complete_party_review": lambda w, by: w.do(_op.complete_party_review, w.p, by=by),
    "make_ready": lambda w, by: w.do(_op.make_ready, w.p, by=by),
    "call_vote": lambda w, by: w.do(_op.call_vote, w.p, by=by, opens_at=_day(w, 16), closes_at=_day(w, 40)),
    "open_voting": lambda w, by: w.do(_op.open_voting, w.p, by=by),
    "close_voting": lambda w, by: w.do(_op.close_voting, w.p, by=by, reason="都已投票。"),
    "declare_not_quorate": lambda w, by: w.do(_op.declare_not_quorate, w.p, by=by),
    "extend_voting": lambda w, by: w.do(_op.extend_voting, w.p, by=by, reason="不足", closes_at=_day(w, 10)),
    "reconvene": lambda w, by: w.do(_op.reconvene_vote, w.p, by=by, reason="重来"),
    "publish_result": lambda w, by: w.do(_op.publish_result, w.p, by=by),
    "take_effect": lambda w, by: w.do(_op.take_effect, w.p, by=by),
    "record_not_passed": lambda w, by: w.do(_op.record_not_passed, w.p, by=by),
    "annul": lambda w, by: w.do(_op.annul_decision, w.p, by=by, reason_code="court"),
    "resettle": lambda w, by: w.do(_op.resettle_proposal, w.p, by=by, reason="重拟"),
    "order_emergency_repair": lambda w, by: w.do(_op.order_emergency_repair, w.p, by=by, reason="危险"),
    "start_execution": lambda w, by: w.do(_op.start_execution, w.p, by=by),
    "report_completion": lambda w, by: w.do(_op.report_completion, w.p, by=by),
    "return_work": lambda w, by: w.do(_op.return_work, w.p, by=by, reason="不合格"),
    "start_evaluation": lambda w, by: w.do(_op.start_evaluation, w.p, by=by, acceptance="合格"),
    "archive": lambda w, by: w.do(_op.archive_proposal, w.p, by=by),
    "order_rectification": lambda w, by: w.do(_op.order_rectification, w.p, by=by, reason="整改"),
    "finish_rectification": lambda w, by: w.do(_op.finish_rectification, w.p, by=by),
    "escalate": lambda w, by: w.do(_op.escalate_proposal, w.p, by=by, reason_code="beyond_powers"),
    "answer_escalation": lambda w, by: w.do(_op.answer_escalation, w.p, by=by, reason="答复"),
    "hand_back": lambda w, by: w.do(_op.hand_back_proposal, w.p, by=by, reason="交回"),
    "suspend": lambda w, by: w.do(_op.suspend_proposal, w.p, by=by, reason_code="dispute"),
    "resume": lambda w, by: w.do(_op.resume_proposal, w.p, by=by),
    "terminate": lambda w, by: w.do(_op.terminate_proposal, w.p, by=by, reason_code="impossible"),
}
ACTS: dict[str, Callable[[World], Any]] = {
    "screen": lambda w: w.screen(),
    "screen with doubts": lambda w: w.screen(in_scope=False),
    "post topic": lambda w: w.post_topic(),
    "list stakeholders": lambda w: w.list_stakeholders(),
    "hold session": lambda w: w.hold_session(),
    "next round": lambda w: w.next_round(),
    "consensus": lambda w: w.record_consultation(),
    "no consensus": lambda w: w.record_consultation(consensus=False),
    "plan": lambda w: w.draft_plan(),
    "plan without money": lambda w: w.draft_plan(funds="", budget=[]),
    "lawful": lambda w: w.review_legality(),
    "unlawful": lambda w: w.review_legality(is_lawful=False),
    "studied": lambda w: w.study(),
    "studied against": lambda w: w.study(agrees=False),
    "rule": lambda w: w.do(_op.choose_rule, w.p, by=w.secretary, rule="owners_278_ordinary", electorate="owners"),
    "roll": lambda w: w.do(_op.publish_roll, w.p, by=w.director),
    "emergency": lambda w: w.do(_op.document_emergency, w.p, by=w.director, basis="外墙坠落"),
    "tasks": lambda w: w.list_tasks(),
    "finish tasks": lambda w: w.finish_tasks(),
    "completion": lambda w: w.record_completion(),
    "content": lambda w: w.rate(),
    "not content": lambda w: w.rate(5, 0, 7),
    "rectified": lambda w: w.do(_op.report_rectification, w.p, by=w.member, report="已改"),
}
OFFICES = ("secretary", "director", "member", "supervisor", "officer", "facilitator", "proposer")
_WHO = {"committee_member": "member", "supervision_committee": "supervisor", "subdistrict_officer": "officer"}


class Life(RuleBasedStateMachine):
    """One proposal, anybody, any time."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.world = World()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def _try(self, act: Callable[[], Any]) -> None:
        try:
            with transaction.atomic():
                act()
        except (Refused, AssertionError, ObjectDoesNotExist):
            pass
        self.world.proposal = type(self.world.p).objects.get(pk=self.world.p.pk)

    @initialize(status=st.sampled_from(MAIN_STATUSES))
    def begin(self, status: Status) -> None:
        self.world.walk_to(status)

    @rule(data=st.data())
    def take_a_move_that_leaves_the_status(self, data: st.DataObject) -> None:
        """The right office tries what the table allows; whether it is possible now is left to the requirements."""
        possible = [key for key, move in MOVES.items() if self.world.p.status in move.sources]
        key = data.draw(st.sampled_from(possible or sorted(MOVES)))
        offices = [_WHO.get(office, office) for office in MOVES[key].offices]
        who = data.draw(st.sampled_from([office for office in offices if office in OFFICES]))
        self._try(lambda: MOVES_BY_KEY[key](self.world, getattr(self.world, who)))

    @rule(key=st.sampled_from(sorted(MOVES)), who=st.sampled_from(OFFICES))
    def take_any_move(self, key: str, who: str) -> None:
        self._try(lambda: MOVES_BY_KEY[key](self.world, getattr(self.world, who)))

    @rule(name=st.sampled_from(sorted(ACTS)))
    def do_an_act(self, name: str) -> None:
        self._try(lambda: ACTS[name](self.world))

    @rule(days=st.sampled_from([1, 4, 11, 20]))
    def wait(self, days: int) -> None:
        self.world.wait(days)

    @precondition(lambda self: self.world.p.ballot is not None and self.world.p.ballot.phase == Phase.OPEN)
    @rule(choices=st.sampled_from([["for"] * 9, ["against"] * 9, ["for"] * 3]))
    def vote(self, choices: list[str]) -> None:
        self._try(lambda: self.world.cast(choices))

    @precondition(lambda self: self.world.p.ballot is not None and self.world.p.ballot.phase == Phase.CLOSED)
    @rule()
    def certify(self) -> None:
        self._try(self.world.certify)

    @invariant()
    def the_artefacts_are_there(self) -> None:
        if self.world.proposal is None:
            return
        status = Status(self.world.p.status)
        missing = missing_for(Case(self.world.p, self.world.now), ARTEFACTS.get(status, ()))
        assert [m.key for m in missing] == [], status

    @invariant()
    def the_ledger_says_how_it_came_here(self) -> None:
        if self.world.proposal is None:
            return
        moved = [e for e in ledger.entries_about(self.world.p) if "status" in e.after]
        assert moved[-1].after["status"] == self.world.p.status
        for before, after in pairwise(moved):
            move = MOVES[after.act]
            assert after.before["status"] == before.after["status"]
            assert Status(after.before["status"]) in move.sources
            assert Status(after.after["status"]) in move.targets
            assert Status(after.before["status"]) not in FINAL


@pytest.mark.django_db
def test_no_sequence_of_moves_reaches_a_status_without_its_artefacts() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_move_is_tried() -> None:
    assert set(MOVES_BY_KEY) == set(MOVES)
