"""评议: acceptance and posting, ratings, rectification, escalation, the archive."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock, ledger
from core.actors import SYSTEM, Actor
from core.calendar import ends_on
from core.errors import BadInput, WrongStage
from core.words import day_in_words, refuse_unprintable
from deliberation import limits, rules
from deliberation.case import figures_of_round
from deliberation.figures import Share, yuan
from deliberation.models import Grade, Proposal, Purpose, Rating, Rectification
from deliberation.operations.acting import Done, acting, lock, make_move, person
from deliberation.operations.notices import facts_hash, notice_title, post_notice
from deliberation.operations.papers import file_rating_form, rectification_facts
from deliberation.stages import Status
from deliberation.voices import is_rated_now
from publish import press
from publish.issuers import issuer_profile

TEXT_LENGTH = 1000
REPORT_LENGTH = 4000


def return_work(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Refuse acceptance: the work goes on, a new report is needed."""
    return make_move("return_work", proposal, by=by, reason=reason, expected_version=expected_version, now=now)


def start_evaluation(
    proposal: Proposal,
    *,
    by: Actor,
    acceptance: str,
    days: int | None = None,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Accept the work, post it (notice 6, at least 15 days) and let residents rate until the window ends."""
    moment = now or clock.now()
    if not acceptance.strip() or len(acceptance) > REPORT_LENGTH:
        raise BadInput(_("请写验收意见。"), field="acceptance")

    def carry_out(locked: Proposal) -> Done:
        locked.rating_round += 1
        # The residents' committee issues it; the supervision committee only lets it go out.
        notice = post_notice(
            locked,
            Purpose.IMPLEMENTATION,
            kind="implementation_result",
            facts=_implementation_facts(locked, acceptance.strip(), moment),
            by=SYSTEM,
            days=days,
            now=now,
        )
        file_rating_form(locked, until=_rated_until(moment), now=moment)
        return Done(document_hash=facts_hash(notice), facts={"notice": notice.pk, "round": locked.rating_round})

    return make_move(
        "start_evaluation",
        proposal,
        by=by,
        reason=acceptance,
        expected_version=expected_version,
        now=moment,
        carry_out=carry_out,
    )


def _implementation_facts(proposal: Proposal, acceptance: str, now: dt.datetime) -> dict[str, Any]:
    report = proposal.completions.order_by("-id")[0]
    plan = proposal.plans.order_by("-number").first()
    lines = list(plan.budget_lines.all()) if plan else []
    return {
        "title": notice_title("关于", proposal.title, "实施情况的公示"),
        "addressee": "全体居民",
        "basis": ["《城市居民委员会组织法》第三十四条"],
        "matter": proposal.title,
        "executor": issuer_profile(proposal.community).full_name,
        "contractor": report.contractor,
        "started_on": report.started_on.isoformat() if report.started_on else "",
        "finished_on": report.finished_on.isoformat(),
        "outcome": [line for line in report.text.splitlines() if line.strip()][:100],
        "costs": [{"item": line.item, "amount": yuan(line.amount_fen), "source": line.source} for line in lines],
        "budget_total": yuan(sum(line.amount_fen for line in lines)) if lines else "",
        "actual_total": yuan(report.cost_fen),
        "acceptance": acceptance,
        "rating": {"how": "登录平台评议，或到社区填写评议表", "until": _rated_until(now).isoformat()},
    }


def _rated_until(now: dt.datetime) -> dt.date:
    """Return the last day of a round of rating that begins `now`."""
    return ends_on(clock.local_date(now), limits.RATING_WINDOW.days, limits.RATING_WINDOW.mode).ends


def rate_proposal(
    proposal: Proposal, *, by: Actor, grade: str, text: str = "", now: dt.datetime | None = None
) -> Rating:
    """Rate the result: satisfied, fairly or dissatisfied; once a round, may be changed until the window ends.

    Raises BadInput (grade, text), NotAllowed (not of this community), WrongStage (not being rated, or too late).
    """
    moment = now or clock.now()
    text = text.strip()
    if grade not in Grade.values:
        raise BadInput(_("请选择满意、基本满意或不满意。"), field="grade")
    if len(text) > TEXT_LENGTH:
        raise BadInput(_("意见最多%(most)d个字。") % {"most": TEXT_LENGTH}, field="text")
    refuse_unprintable(text, field="text")
    with transaction.atomic():
        locked = lock(proposal)
        user = rules.require_local(by, locked)
        if locked.status != Status.EVALUATING:
            raise WrongStage(_("现在是“%(status)s”，不在评议期。") % {"status": locked.get_status_display()})
        if not is_rated_now(locked, clock.local_date(moment)):
            raise WrongStage(_("评议期已经结束（%(day)s）。") % {"day": day_in_words(locked.due_on)})
        rating, _made = Rating.objects.update_or_create(
            proposal=locked,
            round=locked.rating_round,
            user=user,
            defaults={"grade": grade, "text": text, "rated_at": moment},
        )
        # The grade itself stays out of the ledger: who was dissatisfied is nobody's business.
        ledger.record(
            by=by,
            act="rate",
            subject=locked,
            office=rules.standing_of(by, locked).office,
            after={"round": locked.rating_round},
            now=moment,
        )
    return rating


def archive_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    conclusion: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Residents are content: the evaluation report is posted and the file closed."""
    moment = now or clock.now()

    def carry_out(locked: Proposal) -> Done:
        facts = _evaluation_facts(locked, conclusion.strip(), passed=True, now=moment)
        notice = post_notice(locked, Purpose.EVALUATION, kind="evaluation_report", facts=facts, by=by, now=now)
        return Done(document_hash=facts_hash(notice), facts={"notice": notice.pk, **_rating_numbers(locked)})

    return make_move(
        "archive",
        proposal,
        by=by,
        reason=conclusion,
        expected_version=expected_version,
        now=moment,
        carry_out=carry_out,
    )


def _rating_numbers(proposal: Proposal) -> dict[str, int]:
    figures = figures_of_round(proposal)
    return {"satisfied": figures.satisfied, "fairly": figures.fairly, "dissatisfied": figures.dissatisfied}


def _evaluation_facts(proposal: Proposal, conclusion: str, *, passed: bool, now: dt.datetime) -> dict[str, Any]:
    figures = figures_of_round(proposal)
    grades = (
        ("满意", figures.satisfied),
        ("基本满意", figures.fairly),
        ("不满意", figures.dissatisfied),
    )
    said = proposal.ratings.filter(round=proposal.rating_round).exclude(text="").order_by("id")[:50]
    numerator, denominator = limits.SATISFACTION_NEEDED
    rectified = list(proposal.rectifications.exclude(report="").values_list("report", flat=True))
    return {
        "title": notice_title("关于", proposal.title, "评议情况的报告"),
        "addressee": "全体居民",
        "matter": proposal.title,
        "period_start": clock.local_date(proposal.entered_at).isoformat(),
        "period_end": (proposal.due_on or clock.local_date(now)).isoformat(),
        "invited": proposal.affected_households,
        "valid": figures.valid,
        "ratings": [
            {"label": label, "count": count, "share": Share(count, figures.valid).percent} for label, count in grades
        ],
        "satisfaction": str(figures.satisfaction),
        "threshold": f"满意率{numerator * 100 // denominator}%以上，参评{figures.needed}人以上",
        "passed": passed,
        **press.with_drawable({"opinions": [{"opinion": rating.text} for rating in said]}),  # theirs, and final
        "rectification": "\n".join(rectified)[:4000],
        "conclusion": conclusion or ("评议通过，事项归档。" if passed else "评议未通过。"),
    }


def order_rectification(
    proposal: Proposal,
    *,
    by: Actor,
    reason: str,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Residents are not content: put it right within 10 working days; at most twice. `reason` is the demand."""
    moment = now or clock.now()

    def carry_out(locked: Proposal) -> Done:
        due = ends_on(clock.local_date(moment), limits.DUE[Status.RECTIFYING].days, limits.DUE[Status.RECTIFYING].mode)
        locked.rectifications_ordered += 1
        order = Rectification.objects.create(
            proposal=locked,
            number=locked.rectifications_ordered,
            demand=reason.strip(),
            due_on=due.ends,
            ordered_at=moment,
            ordered_by=person(by),
        )
        notice = post_notice(
            locked,
            Purpose.RECTIFICATION,
            kind="rectification_notice",
            facts=rectification_facts(locked, order),
            by=SYSTEM,
            now=now,
        )
        return Done(
            document_hash=facts_hash(notice),
            facts={"rectification": order.number, "notice": notice.pk, **_rating_numbers(locked)},
        )

    return make_move(
        "order_rectification",
        proposal,
        by=by,
        reason=reason,
        expected_version=expected_version,
        now=moment,
        carry_out=carry_out,
    )


def report_rectification(
    proposal: Proposal,
    *,
    by: Actor,
    report: str,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Rectification:
    """Say what was put right."""
    moment = now or clock.now()
    if not report.strip() or len(report) > REPORT_LENGTH:
        raise BadInput(_("请写整改报告。"), field="report")
    press.require_drawable(report=report)
    with acting(
        proposal,
        by=by,
        act="report_rectification",
        expected_version=expected_version,
        now=moment,
    ) as (locked, done):
        order = locked.rectifications.order_by("-number")[0]
        order.report, order.reported_at, order.reported_by = report.strip(), moment, person(by)
        order.save()
        done.facts = {"rectification": order.number}
    return order


def finish_rectification(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Residents rate again in a new round of 15 days."""
    moment = now or clock.now()
    return make_move(
        "finish_rectification",
        proposal,
        by=by,
        expected_version=expected_version,
        now=moment,
        carry_out=lambda locked: _next_round(locked, moment),
    )


def _next_round(locked: Proposal, now: dt.datetime) -> Done:
    locked.rating_round += 1
    file_rating_form(locked, until=_rated_until(now), now=now)
    return Done(facts={"round": locked.rating_round})


def escalate_proposal(
    proposal: Proposal,
    *,
    by: Actor,
    reason_code: str,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Hand the matter up to the subdistrict: ratings_failed_twice, beyond_powers, overdue."""
    return make_move(
        "escalate", proposal, by=by, reason=reason, reason_code=reason_code, expected_version=expected_version, now=now
    )


def answer_escalation(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Answer as the subdistrict (`reason`); the residents rate the answer.

    A matter that came straight from carrying out is posted first, as every implementation is.
    """
    moment = now or clock.now()

    def carry_out(locked: Proposal) -> Done:
        done = _next_round(locked, moment)
        if not locked.notice_links.filter(purpose=Purpose.IMPLEMENTATION).exists():
            facts = _implementation_facts(locked, reason.strip(), moment)
            notice = post_notice(
                locked, Purpose.IMPLEMENTATION, kind="implementation_result", facts=facts, by=SYSTEM, now=now
            )
            done.document_hash = facts_hash(notice)
            done.facts["notice"] = notice.pk
        return done

    return make_move(
        "answer_escalation",
        proposal,
        by=by,
        reason=reason,
        expected_version=expected_version,
        now=moment,
        carry_out=carry_out,
    )


def hand_back_proposal(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Hand it back to be carried out, as the subdistrict, with instructions (`reason`)."""

    def carry_out(locked: Proposal) -> Done:
        tasks = list(locked.tasks.all())
        last = max((task.due_on for task in tasks), default=None)
        today = clock.local_date(now)
        return Done(due=last if last is not None and last >= today else limits.DUE[Status.ESCALATED])

    return make_move(
        "hand_back", proposal, by=by, reason=reason, expected_version=expected_version, now=now, carry_out=carry_out
    )
