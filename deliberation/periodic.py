"""Work that time asks for: what rests resumes, what is overdue is told once a day."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from community.queries import office_holders
from core import clock
from core.actors import SYSTEM
from core.errors import Refused
from core.notify import tell_once
from core.official import official_language
from core.periodic import periodic
from core.words import day_in_words
from deliberation.models import Proposal, ResponsibilityTask
from deliberation.operations import file_owed_count_papers, resume_proposal
from deliberation.operations.acting import next_actors
from deliberation.queries import overdue_proposals
from deliberation.stages import Status

AT_ONCE = 500


def resume_due_proposals(now: dt.datetime | None = None) -> int:
    """Resume what has rested until its day; return how many."""
    today = clock.local_date(now)
    due = Proposal.objects.filter(status=Status.SUSPENDED, resumes_on__lte=today).order_by("resumes_on", "id")
    resumed = 0
    for proposal in due[:AT_ONCE]:
        try:
            resume_proposal(proposal, by=SYSTEM, now=now)
        except Refused:  # somebody else was faster
            continue
        resumed += 1
    return resumed


@official_language()
def tell_of_overdue(now: dt.datetime | None = None) -> int:
    """Tell whoever has the next move, and the supervision committee, of what is overdue; each person once a day.

    Returns how many were told. Four or five queries for each overdue matter, three for each late task.
    """
    moment = now or clock.now()
    since = moment - dt.timedelta(hours=20)
    told = 0
    for proposal in overdue_proposals(clock.local_date(moment))[:AT_ONCE]:
        people = {user.pk: user for user in next_actors(proposal)}
        people |= {user.pk: user for user in office_holders(proposal.community, "supervision_committee")}
        text = _("“%(title)s”已过期限（%(day)s），现在是“%(status)s”。") % {
            "title": proposal.title,
            "day": day_in_words(proposal.due_on),
            "status": proposal.get_status_display(),
        }
        told += tell_once(people.values(), text, proposal.get_absolute_url(), since=since)
    late = ResponsibilityTask.objects.filter(done_at=None, due_on__lt=clock.local_date(moment), owner__isnull=False)
    for task in late.exclude(proposal__status__in=_NOT_RUNNING).select_related("owner", "proposal")[:AT_ONCE]:
        if task.owner is not None:
            text = _("任务逾期：%(task)s（%(day)s）。") % {"task": task.title, "day": day_in_words(task.due_on)}
            told += tell_once([task.owner], text, reverse("deliberation:task", args=[task.pk]), since=since)
    return told


_NOT_RUNNING = (Status.SUSPENDED, Status.TERMINATED, Status.ARCHIVED, Status.ANNULLED)


periodic(seconds=60)(file_owed_count_papers)
periodic(seconds=600)(resume_due_proposals)
periodic(seconds=3600)(tell_of_overdue)
