"""What party organisations say to a plan: their study, and the party steps of a matter under 四议两公开."""

import datetime as dt

from django.utils.translation import gettext as _

from core import clock
from core.actors import Actor
from core.errors import BadInput, WrongStage
from deliberation.models import PartyReview, PartyStep, PartyStepKind, Plan, Proposal
from deliberation.operations.acting import acting, person
from deliberation.operations.papers import file_party_study
from deliberation.operations.settle import current_plan
from voting.mandates import rule_at
from voting.rules import Rule, decide, rule_of

_MOST_MEMBERS = 1000


def record_party_review(
    proposal: Proposal,
    *,
    by: Actor,
    held_on: dt.date,
    due: int,
    present: int,
    agrees: bool,
    conclusion: str,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> PartyReview:
    """Record the party organisation's study of the posted plan (Residents' Committees Act art. 30).

    A second study of the same version takes the place of the first, whose note gives way to the new one.
    """
    moment = now or clock.now()
    _refuse_numbers(due, present, conclusion, held_on, moment)
    if 2 * present < due:
        raise BadInput(_("实到党员不足应到的二分之一，研究无效。"), field="present")
    with acting(
        proposal,
        by=by,
        act="record_party_review",
        expected_version=expected_version,
        now=moment,
    ) as (locked, done):
        plan = current_plan(locked)
        review = PartyReview.objects.create(
            plan=plan, held_on=held_on, due=due, present=present, agrees=agrees, conclusion=conclusion.strip(),
            recorded_at=moment, recorded_by=person(by),
        )  # fmt: skip
        done.document_hash = plan.content_hash
        paper = file_party_study(review, now=moment)
        done.facts = {"plan": plan.number, "agrees": agrees, "held_on": held_on.isoformat(), "notice": paper.pk}
    return review


def record_party_step(
    proposal: Proposal,
    *,
    by: Actor,
    kind: str,
    held_on: dt.date,
    due: int,
    present: int,
    agreed: int,
    conclusion: str,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> PartyStep:
    """Record a party step of a matter declared to go through 四议两公开 (`choose_rule`); the last of a kind holds.

    The branch proposes by its own rule (branch regulation 11), the members review by `four_step_party_review` as the
    jurisdiction has it, the two committees by more than half of those present (our default). Raises NotAllowed,
    WrongStage for another matter, BadInput.
    """
    moment = now or clock.now()
    if kind not in PartyStepKind.values:
        raise BadInput(_("请选择四议两公开的步骤。"), field="kind")
    _refuse_numbers(due, present, conclusion, held_on, moment)
    if type(agreed) is not int or not 0 <= agreed <= present:
        raise BadInput(_("同意人数不能多于实到人数。"), field="agreed")
    with acting(proposal, by=by, act="record_party_step", expected_version=expected_version, now=moment) as (
        locked,
        done,
    ):
        if not locked.four_step:
            raise WrongStage(_("这件事没有定为按四议两公开办理。"), code="not_four_step")
        plan = current_plan(locked)
        step = PartyStep.objects.create(
            plan=plan, kind=kind, held_on=held_on, due=due, present=present, agreed=agreed,
            passed=_is_enough(kind, plan, due=due, present=present, agreed=agreed),
            conclusion=conclusion.strip(), recorded_at=moment, recorded_by=person(by),
        )  # fmt: skip
        done.document_hash = plan.content_hash
        done.facts = {
            "kind": kind, "plan": plan.number, "held_on": held_on.isoformat(), "due": due, "present": present,
            "agreed": agreed, "passed": step.passed,
        }  # fmt: skip
    return step


def _is_enough(kind: str, plan: Plan, *, due: int, present: int, agreed: int) -> bool:
    if kind == PartyStepKind.COMMITTEES:
        return 2 * agreed > present
    key = "party_branch_decision" if kind == PartyStepKind.BRANCH else "four_step_party_review"
    rule: Rule = rule_at(key, plan.proposal.community) if kind == PartyStepKind.MEMBERS else rule_of(key)
    numbers = {
        "eligible": {"heads": due}, "present": {"heads": present}, "participating": {"heads": present},
        "for": {"heads": agreed},
    }  # fmt: skip
    return decide(rule, numbers).outcome == "passed"


def _refuse_numbers(due: int, present: int, conclusion: str, held_on: dt.date, now: dt.datetime) -> None:
    if not 1 <= due <= _MOST_MEMBERS or not 0 <= present <= due:
        raise BadInput(_("应到和实到人数不对。"), field="present")
    if not conclusion.strip():
        raise BadInput(_("请写意见。"), field="conclusion")
    if held_on > clock.local_date(now):
        raise BadInput(_("日期还没有到。"), field="held_on")
