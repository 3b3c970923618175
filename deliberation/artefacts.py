"""What must exist whenever a proposal stands in a status, however it came there. Reads only."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from deliberation.case import Outcome
from deliberation.models import Purpose
from deliberation.requirements import ART_34, CC_278, REQUIREMENTS, Needs, need
from deliberation.stages import Status
from voting.models import Phase


def _of(*keys: str) -> tuple[Needs, ...]:
    return tuple(REQUIREMENTS[key] for key in keys)


_emergency_or_vote = need(
    "decided",
    _("既没有通过的表决，也没有紧急维修的依据"),
    lambda c: (
        bool(c.proposal.emergency_basis)
        or (c.ballot is not None and c.ballot.phase == Phase.CERTIFIED and c.outcome == Outcome.PASSED)
    ),
    CC_278,
)
_screened = _of("identity_verified", "in_scope", "not_duplicate", "legality_prechecked")
_settled = _of("party_studied", "legality_reviewed", "rule_chosen", "plan_budgeted", "plan_funded")
_roll_stands = ("roll_posted", "roll_period_over", "roll_objections_answered", "roll_corrected")
_session = need("session_called", _("协商会还没有召集"), lambda c: c.consultation is not None)
_plan_linked = need("plan_posted", _("方案没有公示"), lambda c: Purpose.PLAN in c.notices)
_result_posted = need("result_posted", _("结果没有公示"), lambda c: Purpose.RESULT in c.notices)
_implementation_posted = need(
    "implementation_posted", _("实施情况没有公示"), lambda c: Purpose.IMPLEMENTATION in c.notices, ART_34
)

# What must exist whenever a proposal stands in a status, however it came there. The property test walks the machine
# at random and checks every one of them after every step.
ARTEFACTS: Mapping[Status, tuple[Needs, ...]] = MappingProxyType(
    {
        Status.SUBMITTED: _of("text_written", "proposer_known"),
        Status.ACCEPTED: _screened,
        Status.DELIBERATING: (*_screened, *_of("topic_posted", "stakeholders_listed"), _session),
        Status.CONSENSUS_RECORDED: _of("session_held", "minutes_signed", "dissent_recorded", "consensus_reached"),
        Status.DRAFTING_PLAN: (*_screened, *_of("topic_posted")),
        Status.PLAN_PUBLICISED: (*_of("plan_budgeted", "plan_funded"), _plan_linked),
        Status.PARTY_REVIEWED: (*_of("party_studied", "plan_period_over"), _plan_linked),
        Status.READY_TO_VOTE: (*_settled, *_of(*_roll_stands), _plan_linked),
        Status.NOTICE_PERIOD: (*_settled, *_of("ballot_prepared", *_roll_stands)),
        Status.VOTING: (*_settled, *_of("ballot_prepared", "vote_notice_over")),
        Status.COUNTING: (*_settled, *_of("ballot_prepared", "vote_notice_over")),
        Status.RESULT_PUBLICISED: (*_settled, *_of("ballot_certified", "quorum_reached"), _result_posted),
        Status.NOT_PASSED: (*_of("ballot_certified", "ballot_rejected"), _result_posted),
        Status.NOT_QUORATE: (*_settled, *_of("ballot_prepared")),
        Status.EFFECTIVE: (_emergency_or_vote,),
        Status.EXECUTING: (_emergency_or_vote, *_of("tasks_listed")),
        Status.AWAITING_ACCEPTANCE: (_emergency_or_vote, *_of("tasks_done", "completion_reported")),
        Status.EVALUATING: (*_of("completion_reported"), _implementation_posted),
        Status.RECTIFYING: (*_of("completion_reported"), _implementation_posted),
        Status.ARCHIVED: (
            _emergency_or_vote,
            *_of("completion_reported", "implementation_period_over", "ratings_enough", "ratings_good"),
            _implementation_posted,
        ),
    }
)
