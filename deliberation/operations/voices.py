"""Opinions for and against, and the answer to each."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, NotFound, Stale, WrongStage
from core.notify import tell
from core.words import refuse_unprintable
from deliberation import rules
from deliberation.models import Opinion, Proposal, Stance
from deliberation.operations.acting import acting, lock, person
from deliberation.voices import takes_opinions
from publish import press

TEXT_LENGTH = 1000


def give_opinion(
    proposal: Proposal, *, by: Actor, stance: str, text: str = "", now: dt.datetime | None = None
) -> Opinion:
    """Say what one thinks: one opinion for each person, which may be changed until it is answered.

    Raises BadInput (stance, text), NotAllowed (not of this community), WrongStage (ended, or already answered).
    """
    moment = now or clock.now()
    text = text.strip()
    if stance not in Stance.values:
        raise BadInput(_("请选择赞成、反对或中立。"), field="stance")
    if len(text) > TEXT_LENGTH:
        raise BadInput(_("意见最多%(most)d个字。") % {"most": TEXT_LENGTH}, field="text")
    refuse_unprintable(text, field="text")
    with transaction.atomic():
        locked = lock(proposal)
        user = rules.require_local(by, locked)
        if not takes_opinions(locked):
            raise WrongStage(_("现在是“%(status)s”，不再收集意见。") % {"status": locked.get_status_display()})
        opinion = Opinion.objects.filter(proposal=locked, user=user).first() or Opinion(proposal=locked, user=user)
        if opinion.answered_at is not None:
            raise WrongStage(_("您的意见已经答复，不能再改。"))
        opinion.stance, opinion.text, opinion.given_at = stance, text, moment
        opinion.save()
        ledger.record(
            by=by,
            act="give_opinion",
            subject=locked,
            office=rules.standing_of(by, locked).office,
            after={"stance": stance},
            now=moment,
        )
    return opinion


def answer_opinion(opinion: Opinion, *, by: Actor, answer: str, now: dt.datetime | None = None) -> Opinion:
    """Answer an opinion in public, once; the person is told. It is posted with the plan.

    Raises BadInput (answer), Stale where somebody else answered meanwhile.
    """
    answer = answer.strip()
    if not answer or len(answer) > TEXT_LENGTH:
        raise BadInput(_("请写答复，最多%(most)d个字。") % {"most": TEXT_LENGTH}, field="answer")
    refuse_unprintable(answer, field="answer")
    press.require_drawable(answer=answer)
    with acting(opinion.proposal, by=by, act="answer_opinion", now=now, bumps=False) as (
        locked,
        done,
    ):
        found = Opinion.objects.select_related("user").filter(pk=opinion.pk, proposal=locked).first()
        if found is None:
            raise NotFound
        if found.answer:
            if found.answer != answer:
                raise Stale(_("这条意见刚刚已有人答复，请先看答复。"))
            done.is_repeated = True
            return found
        found.answer, found.answered_at, found.answered_by = answer, now or clock.now(), person(by)
        found.save(update_fields=["answer", "answered_at", "answered_by"])
        done.facts = {"opinion": found.pk}
        tell([found.user], f"您对“{locked.title}”的意见有了答复。", locked.get_absolute_url())
    return found
