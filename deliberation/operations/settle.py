"""定议: the plan in versions and its review."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from community.queries import place_name
from core import clock
from core.actors import Actor
from core.canonical import sha256_hex
from core.errors import BadInput, WrongStage
from core.words import at_most, refuse_unprintable
from deliberation.figures import fen, yuan
from deliberation.models import (
    BudgetLine,
    ConsultationRecord,
    Opinion,
    Plan,
    Proposal,
    Purpose,
)
from deliberation.operations.acting import Done, acting, make_move, person
from deliberation.operations.notices import notice_title, paragraphs_of, post_notice
from deliberation.operations.papers import file_legality_opinion
from publish import press

TEXT_LENGTH = 20_000
MOST_LINES = 100


def draft_plan(
    proposal: Proposal,
    *,
    by: Actor,
    text: str,
    funds: str = "",
    budget: Sequence[Mapping[str, Any]] = (),
    sharing: str = "",
    schedule: str = "",
    no_cost: bool = False,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Plan:
    """Write the next version of the plan. `budget`: lines of {"item", "amount": "1234.50" (yuan), "source"}.

    Raises BadInput naming the field (budget[2].amount).
    """
    moment = now or clock.now()
    text = text.strip()
    if not text or len(text) > TEXT_LENGTH:
        raise BadInput(_("方案要写，最多%(most)d个字。") % {"most": TEXT_LENGTH}, field="text")
    refuse_unprintable(text, field="text")
    lines = _budget_lines(budget)
    press.require_drawable(text=text, funds=funds, sharing=sharing, schedule=schedule, budget=lines)
    content = {
        "text": text,
        "funds": at_most(funds, "funds"),
        "sharing": at_most(sharing, "sharing"),
        "schedule": at_most(schedule, "schedule"),
        "no_cost": no_cost,
        "budget": [[line["item"], line["amount_fen"], line["source"]] for line in lines],
    }
    with acting(
        proposal,
        by=by,
        act="draft_plan",
        expected_version=expected_version,
        now=moment,
    ) as (locked, done):
        last = locked.plans.order_by("-number").first()
        plan = Plan.objects.create(
            proposal=locked,
            number=last.number + 1 if last else 1,
            content_hash=sha256_hex(content),
            drafted_at=moment,
            drafted_by=person(by),
            **{key: content[key] for key in ("text", "funds", "sharing", "schedule", "no_cost")},
        )
        BudgetLine.objects.bulk_create(
            BudgetLine(plan=plan, position=position, **line) for position, line in enumerate(lines, start=1)
        )
        done.document_hash = plan.content_hash
        done.facts = {"plan": plan.number}
    return plan


def _budget_lines(budget: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(budget) > MOST_LINES:
        raise BadInput(_("预算最多%(most)d行。") % {"most": MOST_LINES}, field="budget")
    lines = []
    for row, line in enumerate(budget):
        item = str(line.get("item") or "").strip()
        if not item or len(item) > 200:  # noqa: PLR2004 - the column's length
            raise BadInput(_("预算第%(row)d行没有写项目。") % {"row": row + 1}, field=f"budget[{row}].item")
        try:
            amount = fen(str(line.get("amount") or ""))
        except ValueError as error:
            raise BadInput(
                _("预算第%(row)d行的金额不对，应为元，如 1234.50。") % {"row": row + 1}, field=f"budget[{row}].amount"
            ) from error
        source = at_most(str(line.get("source") or ""), f"budget[{row}].source")
        lines.append({"item": item, "amount_fen": amount, "source": source})
    return lines


def publicise_plan(
    proposal: Proposal,
    *,
    by: Actor,
    days: int | None = None,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Post the current version for comment (notice 3)."""

    def carry_out(locked: Proposal) -> Done:
        plan = locked.plans.order_by("-number")[0]
        notice = post_notice(
            locked, Purpose.PLAN, kind="plan_for_comment", facts=plan_facts(locked, plan), by=by, plan=plan,
            days=days, now=now,
        )  # fmt: skip
        return Done(document_hash=plan.content_hash, facts={"plan": plan.number, "notice": notice.pk})

    return make_move("publicise_plan", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out)


def plan_facts(proposal: Proposal, plan: Plan) -> dict[str, Any]:
    """Return the facts of the notice that posts a version of the plan for comment."""
    lines = list(plan.budget_lines.all())
    record: ConsultationRecord | None = proposal.consultations.filter(round=proposal.round).first()
    answered = Opinion.objects.filter(proposal=proposal).exclude(answer="").order_by("id")[:50]
    opinions = [{"opinion": o.text, "answer": o.answer} for o in answered if o.text]
    return {
        "title": notice_title("关于", proposal.title, "方案征求意见的公示"),
        "addressee": "全体居民",
        "matter": proposal.title,
        "version": plan.number,
        "background": paragraphs_of(record.summary) if record and record.summary else [],
        "content": paragraphs_of(plan.text),
        "scope": place_name(proposal.unit),
        "budget": [{"item": line.item, "amount": yuan(line.amount_fen), "source": line.source} for line in lines],
        "total": yuan(sum(line.amount_fen for line in lines)) if lines else "",
        "funds": plan.funds or ("本方案不需要资金" if plan.no_cost else ""),
        "sharing": plan.sharing,
        "schedule": plan.schedule,
        **press.with_drawable({"opinions": opinions}),  # nobody can change an answered one any more
        "plan_hash": plan.content_hash,
    }


def review_legality(
    proposal: Proposal,
    *,
    by: Actor,
    is_lawful: bool,
    opinion: str,
    reviewer: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Plan:
    """Attach the legality review of the current version; `reviewer` names the lawyer or office that made it."""
    moment = now or clock.now()
    if not opinion.strip() or len(opinion) > TEXT_LENGTH:
        raise BadInput(_("请写合法性审查意见。"), field="opinion")
    with acting(
        proposal,
        by=by,
        act="review_legality",
        expected_version=expected_version,
        now=moment,
        reason=opinion.strip()[:2000],
    ) as (locked, done):
        plan = current_plan(locked)
        plan.is_lawful, plan.legality_opinion, plan.legality_reviewer = (
            is_lawful,
            opinion.strip(),
            reviewer.strip()[:100],
        )
        plan.legality_reviewed_at, plan.legality_reviewed_by = moment, person(by)
        plan.save()
        done.document_hash = plan.content_hash
        paper = file_legality_opinion(plan, now=moment)
        done.facts = {"plan": plan.number, "is_lawful": is_lawful, "notice": paper.pk}
    return plan


def current_plan(proposal: Proposal) -> Plan:
    """Return the last version of the plan. Raises WrongStage while there is none."""
    plan = proposal.plans.order_by("-number").first()
    if plan is None:
        raise WrongStage(_("方案还没有写好。"))
    return plan


def complete_party_review(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Go on: the comment period is over, objections are answered, the party organisation agrees."""
    return make_move(
        "complete_party_review", proposal, by=by, expected_version=expected_version, now=now, carry_out=_rest_on_plan
    )


def _rest_on_plan(locked: Proposal) -> Done:
    plan = current_plan(locked)
    return Done(document_hash=plan.content_hash, facts={"plan": plan.number})


def make_ready(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Everything a vote needs is there."""
    return make_move("make_ready", proposal, by=by, expected_version=expected_version, now=now, carry_out=_rest_on_plan)


def revise_plan(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Take the plan back for a new version; what was said to the old one stays with it."""
    return make_move("revise_plan", proposal, by=by, reason=reason, expected_version=expected_version, now=now)


def return_to_deliberation(
    proposal: Proposal,
    *,
    by: Actor,
    reason_code: str,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Back to 共议: on new facts, or because written objections reach a third of the affected households."""

    def carry_out(locked: Proposal) -> Done:
        locked.round += 1
        ConsultationRecord.objects.create(proposal=locked, round=locked.round)
        return Done(facts={"round": locked.round})

    return make_move(
        "return_to_deliberation",
        proposal,
        by=by,
        reason=reason,
        reason_code=reason_code,
        expected_version=expected_version,
        now=now,
        carry_out=carry_out,
    )
