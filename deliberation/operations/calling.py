"""Calling the vote: its notice, its ballots drawn from the register, its meeting where there is one."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.errors import BadInput
from deliberation.models import Electorate, Plan, Proposal, Purpose
from deliberation.operations.acting import Done, make_move
from deliberation.operations.deliberate import link_meeting_notice
from deliberation.operations.notices import facts_hash, notice_title, post_notice
from deliberation.operations.rolls import changes_since_posting, require_posted_roll, rolls_of_proposal
from deliberation.queries.decision import place_of_roll
from meetings.kinds import KINDS
from meetings.models import Role
from meetings.operations import AgendaDraft, Invitee, convene_meeting
from publish.issuers import issuer_profile
from publish.models import Notice
from publish.queries import period_for
from voting import operations as voting
from voting.mandates import ballots_together
from voting.models import Ballot, BallotKind
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
    roll_reason: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> CalledVote:
    """Announce the vote (notice 4) and prepare its ballot; only what stands in the notice is voted on.

    With a `chair` a meeting of the electorate is convened at `opens_at` in `place`; without one the vote is taken in
    writing and online. `items` (voting.operations.ItemDraft as mappings) replace the one question on the plan.
    The notice stands 10 days (residents) or 15 (owners) before voting may open, longer where the jurisdiction says so.
    Where another body must agree too (`choose_rule`), it gets a ballot of its own, and the two are one motion; at a
    meeting the chair opens and ends both from the one agenda item, each with its own roll and quorum.
    Where the register gives another roll than the one that was posted, BadInput says in how many lines, unless
    `roll_reason` says why; then each change is noted with it (`RollChange`).
    """
    made: list[voting.CreatedBallot] = []

    def carry_out(locked: Proposal) -> Done:
        plan = locked.plans.order_by("-number")[0]
        question = f"是否同意“{locked.title}”方案（第{plan.number}版）"
        rolls = rolls_of_proposal(locked)
        changes = changes_since_posting(locked, rolls)
        why = require_posted_roll(changes, roll_reason)

        def ballot_of(electorate: str, rule: str, more_rules: Sequence[str], title: str) -> voting.CreatedBallot:
            created = voting.create_ballot(
                community=locked.community,
                title=title,
                kind=kind,
                revisable=revisable,
                items=list(items) or [{"title": question}],
                rule=rule,
                more_rules=more_rules,
                voters=rolls[electorate],
                by=by,
                subject=locked,
                scope=electorate,
                drawn_from=place_of_roll(locked, electorate),
                opens_at=opens_at if chair is None else None,  # in a meeting the chair opens it, not the clock
                closes_at=closes_at,
                in_room=chair is not None and KINDS[_MEETING_KIND[Electorate(electorate)]].quorum_opens,
                now=now,
            )
            if electorate in changes:
                voting.note_roll_changes(created.ballot, changes[electorate], by=by, reason=why, now=now)
            return created

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
                locked, plan, question, rolls, by=by, chair=chair, recorder=recorder,
                starts_at=opens_at, place=place, urgent_reason=urgent_reason, now=now,
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
                "roll_changes": sum(one.total for one in changes.values()),
            },
        )

    moved = make_move("call_vote", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out)
    codes = {voter: code for one in made for voter, code in one.codes.items()}
    return CalledVote(moved, made[0].ballot, codes, [warning for one in made for warning in one.warnings])


def earliest_opening(proposal: Proposal, *, now: dt.datetime | None = None) -> tuple[dt.date, int]:
    """Return the first day a vote announced now may open, and how many days its notice must stand. One query."""
    days = period_for(_period_key(proposal), proposal.community).days
    return clock.local_date(now) + dt.timedelta(days=days), days


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
    rolls: Mapping[str, Sequence[voting.VoterDraft]],
    *,
    by: User,
    chair: User,
    recorder: User | None,
    starts_at: dt.datetime,
    place: str,
    urgent_reason: str,
    now: dt.datetime | None,
) -> Notice | None:
    # Of two bodies the owners' meeting has the longer notice: it is called, and who votes for the other comes to it.
    body = Electorate.OWNERS.value if Electorate.OWNERS in rolls else proposal.electorate
    members = rolls[body]
    known = {_who(voter) for voter in members}
    electors = [voter for one in rolls if one != body for voter in rolls[one] if _who(voter) not in known]
    meeting = convene_meeting(
        community=proposal.community,
        kind=_MEETING_KIND[Electorate(body)],
        title=f"“{proposal.title}”表决会议",
        place=place,
        starts_at=starts_at,
        chair=chair,
        recorder=recorder,
        by=by,
        invitees=[
            *(Invitee.of_voter(voter) for voter in members),
            *(Invitee.of_voter(voter, role=Role.ELECTOR) for voter in electors),
        ],
        agenda=[AgendaDraft(title=proposal.title, motion=f"{question}\n{plan.text[:3000]}", subject=proposal)],
        subject=proposal,
        rule=proposal.rule if body == proposal.electorate else proposal.second_rule,
        urgent_reason=urgent_reason,
        now=now,
    )
    item = meeting.agenda.get(position=1)
    item.ballot = proposal.ballot
    item.save(update_fields=["ballot"])
    return link_meeting_notice(proposal, meeting, Purpose.VOTE)


def _who(voter: voting.VoterDraft) -> tuple[object, ...]:
    """Return by what a voter is told from another across two rolls: the account, else name and place."""
    return (voter.user.pk,) if voter.user is not None else (voter.name, voter.place)


def _vote_facts(
    proposal: Proposal, ballot: Ballot, opens_at: dt.datetime, closes_at: dt.datetime, place: str
) -> dict[str, Any]:
    ballots = ballots_together(ballot)
    entries = [rule_of(entry).entry for one in ballots for entry in (one.rule, *one.more_rules)]
    return {
        "title": notice_title("关于", proposal.title, "表决的公告"),
        "addressee": "全体表决人",
        "basis": list(dict.fromkeys(str(entry["article"])[:200] for entry in entries)),
        "meeting": f"“{proposal.title}”表决（书面和网上征求意见形式）",
        "starts_at": clock.local_minute(opens_at),
        "ends_at": clock.local_minute(closes_at),
        "place": place or proposal.community.name,
        "convener": issuer_profile(proposal.community).full_name,
        "agenda": [{"title": item.title, "vote": True} for item in ballot.items.order_by("position")],
        "rule": ("；".join(str(entry["title"]["zh"]) for entry in entries) + ("（须全部通过）" if entries[1:] else ""))[
            :200
        ],
        "how_to_attend": "请凭表决码或账号在网上表决，也可以到社区领取纸质表决票。",
    }
