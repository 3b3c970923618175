"""决议: calling, opening and closing the vote, its result, and what can become of it."""

import datetime as dt
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.actors import SYSTEM, Actor
from core.errors import BadInput, WrongStage
from deliberation import limits
from deliberation.models import Proposal, Purpose
from deliberation.operations.acting import Done, make_move
from deliberation.operations.notices import notice_title, post_notice
from deliberation.operations.papers import resolution_facts
from deliberation.operations.vote_papers import file_count_papers, preliminaries_of
from voting import operations as voting
from voting import signals as voting_signals
from voting.mandates import ballots_together
from voting.models import Ballot, Phase
from voting.operations.ballot import LONGEST_REASON
from voting.result import result_facts


def open_voting(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Open the ballot once the notice has stood its days. Already opened from the meeting: the proposal follows."""

    def carry_out(locked: Proposal) -> Done:
        ballot = _ballot(locked)
        for one in ballots_together(ballot):
            if one.phase == Phase.DRAFT:
                voting.open_ballot(one, by=by, now=now)
        ballot.refresh_from_db()
        return Done(
            document_hash=ballot.roll_hash,
            due=clock.local_date(ballot.closes_at) if ballot.closes_at else None,
            facts={"ballot": ballot.pk},
        )

    return make_move("open_voting", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out)


def close_voting(
    proposal: Proposal,
    *,
    by: Actor,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Close the ballot and count; before its announced end only with a `reason`, which the result publishes.

    Already closed from the meeting or by its time: the proposal follows.
    """

    def carry_out(locked: Proposal) -> Done:
        ballot = _close_all(locked, by, reason, now)
        return Done(document_hash=(ballot.result or {}).get("hash", ""), facts={"ballot": ballot.pk})

    return make_move(
        "close_voting",
        proposal,
        by=by,
        reason=reason,
        expected_version=expected_version,
        now=now,
        carry_out=carry_out,
    )


def _close_all(proposal: Proposal, by: Actor, reason: str, now: dt.datetime | None) -> Ballot:
    """Close the proposal's ballot and those that decide the matter together with it; return the first.

    One that was closed early elsewhere lends its reason to the others.
    """
    ballot = _ballot(proposal)
    together = ballots_together(ballot)
    known = [one.result["closed_early"]["reason"] for one in together if one.result and "closed_early" in one.result]
    why = " ".join((reason or "".join(known[:1])).split())[:LONGEST_REASON]
    for one in together:
        if one.phase == Phase.OPEN:
            voting.close_ballot(one, by=by, reason=why, now=now)
    ballot.refresh_from_db()
    return ballot


def _ballot(proposal: Proposal) -> Ballot:
    if proposal.ballot is None:
        raise WrongStage(_("表决票还没有准备好。"))
    return proposal.ballot


def declare_not_quorate(
    proposal: Proposal,
    *,
    by: Actor,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Too few took part: on the last day of the vote, or when the certified result says so, which is then posted."""

    def carry_out(locked: Proposal) -> None:
        # The result it rests on is posted at once; what cannot be made now is owed and tried again within a minute.
        # A lambda, as in `core.news`.
        transaction.on_commit(lambda: file_count_papers(locked, now=now), robust=True)

    return make_move(
        "declare_not_quorate",
        proposal,
        by=by,
        reason=reason,
        expected_version=expected_version,
        now=now,
        carry_out=carry_out,
    )


def extend_voting(
    proposal: Proposal,
    *,
    by: Actor,
    reason: str,
    closes_at: dt.datetime,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Keep the ballot open until `closes_at`: once, at most 15 days more. A closed ballot cannot be opened again."""
    moment = now or clock.now()

    def carry_out(locked: Proposal) -> Done:
        together = [one.pk for one in ballots_together(_ballot(locked))]
        for ballot in Ballot.objects.select_for_update().filter(pk__in=together).order_by("pk"):
            old = ballot.closes_at or moment
            if closes_at <= max(moment, old) or closes_at > old + dt.timedelta(days=limits.VOTE_EXTENSION_DAYS):
                raise BadInput(_("表决最多延长%(days)d日。") % {"days": limits.VOTE_EXTENSION_DAYS}, field="closes_at")
            ballot.closes_at = closes_at
            ballot.version += 1
            ballot.save(update_fields=["closes_at", "version"])
            transaction.on_commit(partial(voting_signals.ballot_changed.send, sender=Ballot, ballot_id=ballot.pk))
        locked.vote_extended = True
        return Done(due=clock.local_date(closes_at), facts={"ballot": together[0], "closes_at": closes_at.isoformat()})

    return make_move(
        "extend_voting",
        proposal,
        by=by,
        reason=reason,
        expected_version=expected_version,
        now=moment,
        carry_out=carry_out,
    )


def reconvene_vote(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Give up this vote and prepare for a new call; the old ballot is closed and kept."""

    def carry_out(locked: Proposal) -> Done:
        ballot = _close_all(locked, by, reason, now)
        locked.ballot = None
        return Done(document_hash=(ballot.result or {}).get("hash", ""), facts={"ballot": ballot.pk})

    return make_move(
        "reconvene", proposal, by=by, reason=reason, expected_version=expected_version, now=now, carry_out=carry_out
    )


def publish_result(
    proposal: Proposal,
    *,
    by: Actor,
    days: int | None = None,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Post the certified result (notice 5) with its objection window; the preliminary ones point to it from then on."""

    def carry_out(locked: Proposal) -> Done:
        ballot = _ballot(locked)
        notice = post_notice(
            locked, Purpose.RESULT, kind="vote_result", facts=result_notice_facts(locked), by=by, days=days,
            follows=preliminaries_of(locked, ballot), now=now,
        )  # fmt: skip
        return Done(
            document_hash=(ballot.result or {}).get("hash", ""), facts={"ballot": ballot.pk, "notice": notice.pk}
        )

    return make_move("publish_result", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out)


def result_notice_facts(proposal: Proposal) -> dict[str, Any]:
    """Return the facts of the notice of the result. Raises WrongStage before the ballot is counted."""
    return result_facts(_ballot(proposal)) | {
        "title": notice_title("关于", proposal.title, "表决结果的公示"),
        "matter": proposal.title,
    }


def take_effect(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Let a passed matter take effect once the objection window is over; the resolution is posted."""
    moment = now or clock.now()

    def carry_out(locked: Proposal) -> Done:
        done = _rest_on_result(locked)
        facts = resolution_facts(_ballot(locked), locked, now=moment)
        notice = post_notice(locked, Purpose.RESOLUTION, kind="resolution", facts=facts, by=SYSTEM, now=now)
        done.facts["notice"] = notice.pk
        return done

    return make_move("take_effect", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out)


def record_not_passed(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """End a matter that was not passed; it may not come back for six months."""
    return make_move(
        "record_not_passed", proposal, by=by, expected_version=expected_version, now=now, carry_out=_rest_on_result
    )


def _rest_on_result(locked: Proposal) -> Done:
    return Done(document_hash=(_ballot(locked).result or {}).get("hash", ""))


def annul_decision(
    proposal: Proposal,
    *,
    by: Actor,
    reason_code: str,
    reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Set a decision aside: court, subdistrict or procedure. It is then settled anew."""
    return make_move(
        "annul", proposal, by=by, reason=reason, reason_code=reason_code, expected_version=expected_version, now=now
    )


def resettle_proposal(
    proposal: Proposal, *, by: Actor, reason: str, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Write a new plan after the decision was set aside; the old ballot is kept."""

    def carry_out(locked: Proposal) -> None:
        locked.ballot = None
        locked.emergency_basis = ""

    return make_move(
        "resettle", proposal, by=by, reason=reason, expected_version=expected_version, now=now, carry_out=carry_out
    )
