"""决议: calling, opening and closing the vote, its result, and what can become of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.actors import SYSTEM, Actor
from core.errors import BadInput, WrongStage
from deliberation import limits
from deliberation.models import Electorate, Plan, Proposal, Purpose
from deliberation.operations.acting import Done, make_move
from deliberation.operations.deliberate import link_meeting_notice
from deliberation.operations.notices import facts_hash, notice_title, post_notice
from deliberation.operations.papers import resolution_facts
from deliberation.operations.rolls import place_of_roll, roll_of_proposal
from meetings.kinds import KINDS
from meetings.operations import AgendaDraft, Invitee, convene_meeting
from publish.issuers import issuer_profile
from publish.models import Notice
from voting import operations as voting
from voting import signals as voting_signals
from voting.mandates import ballots_together
from voting.models import Ballot, BallotKind, Phase
from voting.result import result_facts
from voting.rules import rule_of

_MEETING_KIND = {
    Electorate.OWNERS: "owners_meeting",
    Electorate.ADULTS: "residents_meeting",
    Electorate.HOUSEHOLDS: "residents_meeting",
    Electorate.REPRESENTATIVES: "resident_reps_meeting",
}


@dataclass(frozen=True, slots=True)
class CalledVote:
    """What `call_vote` made: the printed voting codes by voter id are shown once and stored only as hashes."""

    proposal: Proposal
    ballot: Ballot
    codes: dict[int, str]
    warnings: list[str]


def call_vote(
    proposal: Proposal,
    *,
    by: User,
    opens_at: dt.datetime,
    closes_at: dt.datetime,
    place: str = "",
    chair: User | None = None,
    recorder: User | None = None,
    kind: str = BallotKind.NAMED,
    revisable: bool = False,
    items: Sequence[Mapping[str, Any]] = (),
    urgent_reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> CalledVote:
    """Announce the vote (notice 4) and prepare its ballot; only what stands in the notice is voted on.

    With a `chair` a meeting of the electorate is convened at `opens_at` in `place`; without one the vote is taken in
    writing and online. `items` (voting.operations.ItemDraft as mappings) replace the one question on the plan.
    The notice stands 10 days (residents) or 15 (owners) before voting may open, longer where the jurisdiction says so.
    Where another body must agree too (`choose_rule`), it gets a ballot of its own, and the two are one motion; such a
    vote is taken in writing and online.
    """
    made: list[voting.CreatedBallot] = []

    def carry_out(locked: Proposal) -> Done:
        plan = locked.plans.order_by("-number")[0]
        question = f"是否同意“{locked.title}”方案（第{plan.number}版）"
        if chair is not None and locked.second_electorate:
            raise BadInput(_("须由两方分别表决的事项，请用书面和网上表决的方式。"), field="chair")

        def ballot_of(electorate: str, rule: str, more_rules: Sequence[str], title: str) -> voting.CreatedBallot:
            return voting.create_ballot(
                community=locked.community,
                title=title,
                kind=kind,
                revisable=revisable,
                items=list(items) or [{"title": question}],
                rule=rule,
                more_rules=more_rules,
                voters=roll_of_proposal(locked, electorate),
                by=by,
                subject=locked,
                scope=electorate,
                drawn_from=place_of_roll(locked, electorate),
                opens_at=opens_at if chair is None else None,  # in a meeting the chair opens it, not the clock
                closes_at=closes_at,
                in_room=chair is not None and KINDS[_MEETING_KIND[Electorate(electorate)]].quorum_opens,
                now=now,
            )

        created = ballot_of(locked.electorate, locked.rule, locked.more_rules, locked.title)
        made.append(created)
        if locked.second_electorate:
            title = f"{locked.title}（{Electorate(locked.second_electorate).label}）"[:200]
            made.append(ballot_of(locked.second_electorate, locked.second_rule, (), title))
            voting.join_ballots([one.ballot for one in made], title=locked.title, by=by, now=now)
        locked.ballot = created.ballot
        locked.vote_extended = False
        if chair is not None:
            notice = _convene(
                locked, plan, question, by=by, chair=chair, recorder=recorder, starts_at=opens_at, place=place,
                urgent_reason=urgent_reason, now=now,
            )  # fmt: skip
        else:
            notice = post_notice(
                locked,
                Purpose.VOTE,
                kind="meeting_notice",
                facts=_vote_facts(locked, created.ballot, opens_at, closes_at, place),
                by=by,
                period_key=_period_key(locked),
                now=now,
            )
            # The clock opens the ballot at `opens_at`: never before the notice has stood its days.
            _require_days_ahead(opens_at, notice.days, now)
        return Done(
            document_hash=facts_hash(notice) if notice is not None else plan.content_hash,
            due=clock.local_date(opens_at),
            facts={
                "ballot": created.ballot.pk,
                "notice": notice.pk if notice else None,
                "plan": plan.number,
                "ballots": [one.ballot.pk for one in made],
            },
        )

    moved = make_move("call_vote", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out)
    codes = {voter: code for one in made for voter, code in one.codes.items()}
    return CalledVote(moved, made[0].ballot, codes, [warning for one in made for warning in one.warnings])


def _require_days_ahead(opens_at: dt.datetime, days: int, now: dt.datetime | None) -> None:
    earliest = clock.local_date(now) + dt.timedelta(days=days)
    if clock.local_date(opens_at) < earliest:
        raise BadInput(
            _("表决公告须满%(days)d日，最早可定在%(earliest)s开始。") % {"days": days, "earliest": earliest},
            field="opens_at",
        )


def _period_key(proposal: Proposal) -> str:
    bodies = {proposal.electorate, proposal.second_electorate}
    return "meeting_notice.owners" if Electorate.OWNERS in bodies else "meeting_notice.residents"


def _convene(
    proposal: Proposal,
    plan: Plan,
    question: str,
    *,
    by: User,
    chair: User,
    recorder: User | None,
    starts_at: dt.datetime,
    place: str,
    urgent_reason: str,
    now: dt.datetime | None,
) -> Notice | None:
    voters = roll_of_proposal(proposal)
    meeting = convene_meeting(
        community=proposal.community,
        kind=_MEETING_KIND[Electorate(proposal.electorate)],
        title=f"“{proposal.title}”表决会议",
        place=place,
        starts_at=starts_at,
        chair=chair,
        recorder=recorder,
        by=by,
        invitees=[Invitee(user=v.user, name=v.name, place=v.place, heads=v.heads, area=v.area) for v in voters],
        agenda=[AgendaDraft(title=proposal.title, motion=f"{question}\n{plan.text[:3000]}", subject=proposal)],
        subject=proposal,
        rule=proposal.rule,
        urgent_reason=urgent_reason,
        now=now,
    )
    item = meeting.agenda.get(position=1)
    item.ballot = proposal.ballot
    item.save(update_fields=["ballot"])
    return link_meeting_notice(proposal, meeting, Purpose.VOTE)


def _vote_facts(
    proposal: Proposal, ballot: Ballot, opens_at: dt.datetime, closes_at: dt.datetime, place: str
) -> dict[str, Any]:
    ballots = ballots_together(ballot)
    entries = [rule_of(entry).entry for one in ballots for entry in (one.rule, *one.more_rules)]
    return {
        "title": notice_title("关于", proposal.title, "表决的公告"),
        "addressee": "全体表决人：",
        "basis": list(dict.fromkeys(str(entry["article"])[:200] for entry in entries)),
        "meeting": f"“{proposal.title}”表决（书面和网上征求意见形式）",
        "starts_at": timezone.localtime(opens_at).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": timezone.localtime(closes_at).strftime("%Y-%m-%dT%H:%M"),
        "place": place or proposal.community.name,
        "convener": issuer_profile(proposal.community).full_name,
        "agenda": [{"title": item.title, "vote": True} for item in ballot.items.order_by("position")],
        "rule": ("；".join(str(entry["title"]["zh"]) for entry in entries) + ("（须全部通过）" if entries[1:] else ""))[
            :200
        ],
        "how_to_attend": "请凭表决码或账号在网上表决，也可以到社区领取纸质表决票。",
    }


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
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Close the ballot and count. Already closed from the meeting or by its time: the proposal follows."""

    def carry_out(locked: Proposal) -> Done:
        ballot = _close_all(locked, by, now)
        return Done(document_hash=(ballot.result or {}).get("hash", ""), facts={"ballot": ballot.pk})

    return make_move("close_voting", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out)


def _close_all(proposal: Proposal, by: Actor, now: dt.datetime | None) -> Ballot:
    """Close the proposal's ballot and those that decide the matter together with it; return the first."""
    ballot = _ballot(proposal)
    for one in ballots_together(ballot):
        if one.phase == Phase.OPEN:
            voting.close_ballot(one, by=by, now=now)
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
    """Too few took part: on the last day of the vote, or when the certified result says so."""
    return make_move("declare_not_quorate", proposal, by=by, reason=reason, expected_version=expected_version, now=now)


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
        ballot = _close_all(locked, by, now)
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
    """Post the certified result (notice 5) with its objection window."""

    def carry_out(locked: Proposal) -> Done:
        ballot = _ballot(locked)
        facts = result_facts(ballot) | {
            "title": notice_title("关于", locked.title, "表决结果的公示"),
            "matter": locked.title,
        }
        notice = post_notice(locked, Purpose.RESULT, kind="vote_result", facts=facts, by=by, days=days, now=now)
        return Done(
            document_hash=(ballot.result or {}).get("hash", ""), facts={"ballot": ballot.pk, "notice": notice.pk}
        )

    return make_move("publish_result", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out)


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
