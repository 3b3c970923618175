"""The papers a proposal gathers beside its postings: forms, letters, orders, the archive index.

Each is made of what the act has just written down. Nobody but its recipient and the staff may read it
(`publish.rules.may_read`), so names stand in full; a character no face can draw is printed as 〓, because what a
resident typed must not keep the office from answering. The facts of resolution, responsibility list and rectification
notice, which are posted, stand here too.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from community.models import User
from community.queries import place_name
from core import clock
from core.actors import SYSTEM
from core.calendar import ends_on
from core.masking import mask_name, mask_phone
from core.official import official_language
from deliberation import limits
from deliberation.case import figures_of_round
from deliberation.models import (
    FollowUp,
    Grade,
    NoticeLink,
    PartyReview,
    Plan,
    Proposal,
    Purpose,
    Rectification,
    ResponsibilityTask,
)
from deliberation.operations.acting import lock
from deliberation.operations.notices import link_notice, notice_title, paragraphs_of
from deliberation.stages import Status
from publish import press
from publish.issuers import issuer_profile
from publish.models import Notice, NoticeStatus
from publish.models.notice import IN_FORCE, UNPUBLISHED
from publish.operations import issue_notice
from voting.models import Ballot
from voting.result import result_facts

_LINE, _TEXT, _LINES, _DOCUMENTS = 200, 4000, 40, 1000
# What a later paper of the same takes the place of.
_REPLACED = frozenset({*IN_FORCE, NoticeStatus.PREPARING})


def file_paper(
    proposal: Proposal,
    purpose: Purpose,
    *,
    kind: str,
    facts: dict[str, Any],
    recipient: User | None = None,
    plan: Plan | None = None,
    about: models.Model | None = None,
    public: bool = False,
    supersedes: Notice | None = None,
    now: dt.datetime,
) -> Notice:
    """Issue a paper that is not posted, for `recipient` and the staff, and link it as what it is for.

    `public`: a form anybody may print. `about` is its subject, by default the proposal. The residents' committee
    issues it, whoever of its people did the act: that stands in the ledger of the act.
    """
    notice = issue_notice(
        kind=kind,
        facts=press.with_drawable(facts),
        issuer=proposal.community,
        by=SYSTEM,
        subject=about or proposal,
        supersedes=supersedes,
        recipient=recipient,
        public=public,
        now=now,
    )
    link_notice(proposal, notice, purpose, plan=plan)
    return notice


@official_language()
def file_registration(proposal: Proposal, *, receiver: str, now: dt.datetime) -> Notice:
    """Write the registration form when the desk signs for a proposal."""
    facts = {
        "title": "居民提议登记表",
        "matter": proposal.title,
        "proposer": proposer_name(proposal),
        "phone": mask_phone(proposal.proposer_phone or (proposal.proposer.phone if proposal.proposer else "") or ""),
        "place": place_name(proposal.unit)[:_LINE],
        "category": str(proposal.get_category_display()),
        "source": str(proposal.get_source_display()),
        "content": proposal.body,
        "cosigners": proposal.co_signatures.count(),
        "submitted_at": clock.local_minute(proposal.submitted_at or now),
        "receiver": receiver[:_LINE],
    }
    return file_paper(
        proposal, Purpose.REGISTRATION, kind="registration_form", facts=facts, recipient=proposal.proposer, now=now
    )


def file_acceptance(proposal: Proposal, *, note: str, now: dt.datetime) -> Notice:
    """Write to the proposer that the matter is taken up."""
    decision = "经社区党组织和居民委员会审核，该提议属于居民协商范围，决定受理。"
    facts = {
        **_letter(proposal, "受理通知书", now),
        "decision": f"{decision}{note}"[:_TEXT],
        "next_step": "该提议将列入协商议题并公示，公示后召开协商会议，时间和地点另行通知。",
        "due_on": _last_day(Status.ACCEPTED, now),
    }
    return _to_proposer(proposal, "acceptance_letter", facts, now)


def file_return(proposal: Proposal, *, reason: str, now: dt.datetime) -> Notice:
    """Write to the proposer what is to be supplemented, and until when."""
    due_on = _last_day(Status.SUPPLEMENT_REQUESTED, now)
    facts = {**_letter(proposal, "补正通知书", now), "reasons": _reasons(reason), "due_on": due_on}
    return _to_proposer(proposal, "return_letter", facts, now)


def file_rejection(proposal: Proposal, *, reasons: Iterable[str], appeal_until: dt.date, now: dt.datetime) -> Notice:
    """Write to the proposer why the matter is not taken up, and how to appeal."""
    facts = {
        **_letter(proposal, "不予受理通知书", now),
        "reasons": _reasons("\n".join(dict.fromkeys(filter(None, reasons)))),
        "appeal": "对本决定不服的，可以向社区居民委员会提出申诉，由作出本决定以外的人员答复。",
        "appeal_until": appeal_until.isoformat(),
    }
    return _to_proposer(proposal, "rejection_letter", facts, now)


def file_legality_opinion(plan: Plan, *, now: dt.datetime) -> Notice:
    """Write down the legality review of a plan version, for the staff. An earlier opinion on it gives way."""
    proposal = plan.proposal
    facts = {
        "title": notice_title("关于", proposal.title, "方案的合法性审查意见书"),
        "addressee": issuer_profile(proposal.community).full_name,
        "matter": proposal.title,
        "version": plan.number,
        "reviewer": plan.legality_reviewer,
        "reviewed_on": clock.local_date(now).isoformat(),
        "conclusion": "lawful" if plan.is_lawful else "unlawful",
        "points": _reasons(plan.legality_opinion),
        "plan_hash": plan.content_hash,
    }
    return file_paper(
        proposal, Purpose.LEGALITY, kind="legality_opinion", facts=facts, plan=plan,
        supersedes=_earlier(plan, Purpose.LEGALITY), now=now,
    )  # fmt: skip


def file_party_study(review: PartyReview, *, now: dt.datetime) -> Notice:
    """Write down the party organisation's study of a plan version, for the staff. An earlier note gives way."""
    plan, proposal = review.plan, review.plan.proposal
    verdict = "同意" if review.agrees else "不同意"
    facts = {
        "title": notice_title("关于", proposal.title, "方案的党组织研究记录"),
        "matter": proposal.title,
        "organisation": f"{proposal.community.name}党组织"[:_LINE],
        "held_on": review.held_on.isoformat(),
        "due": review.due,
        "attended": review.present,
        "basis": ["《中华人民共和国城市居民委员会组织法》第三十条"],
        "decision": f"{verdict}方案（第{plan.number}版）。{review.conclusion}"[:_TEXT],
    }
    return file_paper(
        proposal, Purpose.PARTY_STUDY, kind="party_study_note", facts=facts, plan=plan,
        supersedes=_earlier(plan, Purpose.PARTY_STUDY), now=now,
    )  # fmt: skip


def _earlier(plan: Plan, purpose: Purpose) -> Notice | None:
    """Return the last paper of this purpose on a plan version that a new one takes the place of."""
    link = plan.notice_links.filter(purpose=purpose).select_related("notice").order_by("-pk").first()
    return link.notice if link is not None and link.notice.status in _REPLACED else None


def file_follow_up(order: FollowUp, *, now: dt.datetime) -> Notice:
    """Write to whoever owes a task that it is chased."""
    task, proposal = order.task, order.task.proposal
    facts = {
        "title": notice_title("关于", task.title, "任务的督办单"),
        "addressee": task.owner_name,
        "matter": proposal.title,
        "task": task.title,
        "owner": task.owner_name,
        "was_due_on": task.due_on.isoformat(),
        "requirements": _reasons(order.text),
        "round": min(task.follow_ups.count(), 99),
    }
    return file_paper(proposal, Purpose.FOLLOW_UP, kind="follow_up_order", facts=facts, recipient=task.owner, now=now)


def file_rating_form(proposal: Proposal, *, until: dt.date, now: dt.datetime) -> Notice:
    """Offer the form on which residents rate a round on paper, in the transaction that begins the round."""
    facts = {
        "title": notice_title("", proposal.title, "评议表"),
        "matter": proposal.title,
        "questions": [{"text": "您对这件事的办理结果", "grades": [str(label) for label in Grade.labels]}],
        "until": until.isoformat(),
        "return_to": "社区居民委员会",
        "online": f"{settings.PUBLIC_URL}{proposal.get_absolute_url()}"[:_LINE],
    }
    return file_paper(proposal, Purpose.RATING_FORM, kind="rating_form", facts=facts, public=True, now=now)


def file_archive_index(proposal: Proposal, *, now: dt.datetime | None = None) -> Notice | None:
    """List every document of an archived proposal, once its evaluation report has its number.

    Called by the platform on that news; a second time changes nothing. None for a proposal that is not archived.
    """
    with transaction.atomic():
        locked = lock(proposal)
        if locked.status != Status.ARCHIVED:
            return None
        found = locked.notice_links.filter(purpose=Purpose.ARCHIVE).select_related("notice").first()
        if found is not None:
            return found.notice
        moment = now or clock.now()
        facts = {
            "title": notice_title("", locked.title, "事项归档目录"),
            "matter": locked.title,
            "started_on": clock.local_date(locked.submitted_at or locked.created_at).isoformat(),
            "ended_on": clock.local_date(locked.entered_at).isoformat(),
            "outcome": "评议达标，办结",
            "keeper": issuer_profile(locked.community).full_name,
            "documents": [
                {
                    "title": notice.title,
                    "number": notice.number,
                    "issued_on": notice.posted_on.isoformat() if notice.posted_on else "",
                    "hash": notice.content_hash,
                }
                for notice in _documents_of(locked)
            ],
        }
        return file_paper(
            locked, Purpose.ARCHIVE, kind="archive_index", facts=facts, recipient=locked.proposer, now=moment
        )


def _documents_of(proposal: Proposal) -> list[Notice]:
    """Return every numbered paper of a proposal, of its meetings, and the statements about them, oldest first."""
    linked = list(NoticeLink.objects.filter(proposal=proposal).values_list("notice_id", flat=True))
    meetings = [str(pk) for pk in proposal.consultations.exclude(meeting=None).values_list("meeting_id", flat=True)]
    own = Q(pk__in=linked) | Q(subject_type="meetings.meeting", subject_id__in=meetings)
    papers = Notice.objects.exclude(status__in=UNPUBLISHED)
    known = list(papers.filter(own).values_list("pk", flat=True))
    statements = Q(subject_type="publish.notice", subject_id__in=[str(pk) for pk in known])
    found = papers.filter(Q(pk__in=known) | statements).defer("facts", "paper").order_by("posted_at", "id")
    return list(found[:_DOCUMENTS])


def resolution_facts(ballot: Ballot, proposal: Proposal, *, now: dt.datetime) -> dict[str, Any]:
    """Return the facts of the resolution that a passed vote made of the plan."""
    plan = proposal.plans.order_by("-number")[0]
    community = issuer_profile(proposal.community).full_name
    result = result_facts(ballot)
    articles = [article for vote in (result, *result.get("other_votes", [])) for article in vote["basis"]]
    return {
        "title": notice_title("关于", proposal.title, "的决议"),
        "addressee": "全体居民",
        "matter": f"“{proposal.title}”",
        "basis": list(dict.fromkeys(articles)),
        "decided_on": clock.local_date(ballot.closed_at).isoformat(),
        "result": "表决结果已经公示，公示期满，没有成立的异议。",
        "content": [*paragraphs_of(plan.text)[:90], f"以上内容见方案（第{plan.number}版）。"],
        "executor": community,
        "supervisor": f"{proposal.community.name}监督委员会",
        "effective_on": clock.local_date(now).isoformat(),
    }


def responsibility_facts(proposal: Proposal, tasks: Sequence[ResponsibilityTask]) -> dict[str, Any]:
    """Return the facts of the posted responsibility list; people are masked, offices and firms are not."""
    link = proposal.notice_links.filter(purpose=Purpose.RESOLUTION).select_related("notice").order_by("-id").first()
    return {
        "title": notice_title("关于", proposal.title, "责任清单的公示"),
        "addressee": "全体居民",
        "matter": proposal.title,
        "resolution": link.notice.number if link is not None else "",
        "tasks": [
            {
                "task": task.title,
                "owner": mask_name(task.owner_name) if task.owner_id is not None else task.owner_name,
                "due_on": task.due_on.isoformat(),
            }
            for task in tasks
        ],
    }


def rectification_facts(proposal: Proposal, order: Rectification) -> dict[str, Any]:
    """Return the facts of an order to put right what residents were not content with."""
    # What residents wrote stays with the office: it may name people, and the notice hangs in the street.
    said = proposal.ratings.filter(round=proposal.rating_round, grade=Grade.DISSATISFIED).count()
    return {
        "title": notice_title("关于", proposal.title, "的整改通知书"),
        "addressee": "全体居民",
        "matter": proposal.title,
        "responsible": issuer_profile(proposal.community).full_name,
        "satisfaction": str(figures_of_round(proposal).satisfaction),
        "problems": ["居民评议的满意率没有达到标准。", *([f"{said}人评为不满意。"] if said else [])],
        "requirements": [line.strip() for line in order.demand.splitlines() if line.strip()][:100],
        "due_on": order.due_on.isoformat(),
        "round": order.number,
    }


def proposer_name(proposal: Proposal) -> str:
    """Return the full name of whoever proposed it, "" when it is not known."""
    return proposal.proposer_name or (proposal.proposer.actor_name() if proposal.proposer else "")


def _letter(proposal: Proposal, name: str, now: dt.datetime) -> dict[str, Any]:
    profile = issuer_profile(proposal.community)
    return {
        "title": notice_title("关于", proposal.title, f"提议的{name}"),
        "addressee": proposer_name(proposal),
        "matter": proposal.title,
        "received_on": clock.local_date(proposal.submitted_at or now).isoformat(),
        "contact": "，".join(filter(None, [profile.objection_office or profile.full_name, profile.objection_phone]))[
            :_LINE
        ],
    }


def _last_day(status: Status, now: dt.datetime) -> str:
    """Return the day until which a status entered `now` is given, ISO."""
    term = limits.DUE[status]
    return ends_on(clock.local_date(now), term.days, term.mode).ends.isoformat()


def _to_proposer(proposal: Proposal, kind: str, facts: dict[str, Any], now: dt.datetime) -> Notice:
    return file_paper(proposal, Purpose.LETTER, kind=kind, facts=facts, recipient=proposal.proposer, now=now)


def _reasons(text: str) -> list[str]:
    """Return the lines of a text as paragraphs, as many and as long as a paper takes."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    cut = [line[start : start + _TEXT] for line in lines for start in range(0, len(line), _TEXT)]
    return cut if len(cut) <= _LINES else [*cut[: _LINES - 1], "\n".join(cut[_LINES - 1 :])[:_TEXT]]
