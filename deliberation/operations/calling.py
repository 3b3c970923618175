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
from deliberation.operations.rolls import Rolls, changes_since_posting, require_posted_roll, rolls_of_proposal
from deliberation.queries.decision import place_of_roll
from meetings.kinds import KINDS
from meetings.models import Role
from meetings.operations import AgendaDraft, Invitee, convene_meeting
from publish.issuers import issuer_profile
from publish.models import Notice
from publish.queries import period_for
from voting import operations as voting
from voting.entries import Differences
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


@dataclass(frozen=True, slots=True)
class _Call:
    """How the vote is announced: the keywords of `call_vote`."""

    by: User
    opens_at: dt.datetime
    closes_at: dt.datetime
    place: str
    chair: User | None
    recorder: User | None
    kind: str
    revisable: bool
    items: Sequence[Mapping[str, Any]]
    urgent_reason: str
    roll_reason: str
    now: dt.datetime | None


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
    `roll_reason` says why; then each change is noted with it (`RollChange`). It also refuses an end before the
    beginning, and a beginning before the notice has stood its days.
    """
    call = _Call(
        by, opens_at, closes_at, place, chair, recorder, kind, revisable, items, urgent_reason, roll_reason, now
    )
    made: list[voting.CreatedBallot] = []

    def carry_out(locked: Proposal) -> Done:
        if closes_at <= opens_at:
            raise BadInput(_("截止时间须晚于开始时间。"), field="closes_at")
        plan = locked.plans.order_by("-number")[0]
        question = f"是否同意“{locked.title}”方案（第{plan.number}版）"
        rolls = rolls_of_proposal(locked)
        changes = changes_since_posting(locked, rolls)
        made.extend(_prepare_ballots(locked, call, question, rolls, changes))
        locked.ballot, locked.vote_extended = made[0].ballot, False
        notice = _announce(locked, made[0].ballot, call, plan, question, rolls)
        return Done(
            document_hash=facts_hash(notice) if notice is not None else plan.content_hash,
            due=clock.local_date(opens_at),
            facts={
                "ballot": made[0].ballot.pk,
                "notice": notice.pk if notice else None,
                "plan": plan.number,
                "ballots": [one.ballot.pk for one in made],
                "roll_changes": sum(one.total for one in changes.values()),
            },
        )

    moved = make_move("call_vote", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out)
    codes = {voter: code for one in made for voter, code in one.codes.items()}
    return CalledVote(moved, made[0].ballot, codes, [warning for one in made for warning in one.warnings])


def _prepare_ballots(
    proposal: Proposal,
    call: _Call,
    question: str,
    rolls: Rolls,
    changes: Mapping[str, Differences],
) -> list[voting.CreatedBallot]:
    """Make a ballot for each body that must agree, the proposal's own first, and note how its roll has changed."""
    why = require_posted_roll(changes, call.roll_reason)
    bodies = [(proposal.electorate, proposal.rule, proposal.more_rules, proposal.title)]
    if proposal.second_electorate:
        title = f"{proposal.title}（{Electorate(proposal.second_electorate).label}）"[:200]
        bodies.append((proposal.second_electorate, proposal.second_rule, [], title))
    made = []
    for electorate, rule, more_rules, title in bodies:
        created = voting.create_ballot(
            community=proposal.community,
            title=title,
            kind=call.kind,
            revisable=call.revisable,
            items=list(call.items) or [{"title": question}],
            rule=rule,
            more_rules=more_rules,
            voters=rolls[electorate],
            by=call.by,
            subject=proposal,
            scope=electorate,
            drawn_from=place_of_roll(proposal, electorate),
            opens_at=call.opens_at if call.chair is None else None,  # in a meeting the chair opens it, not the clock
            closes_at=call.closes_at,
            in_room=call.chair is not None and KINDS[_MEETING_KIND[Electorate(electorate)]].quorum_opens,
            now=call.now,
        )
        if electorate in changes:
            voting.note_roll_changes(created.ballot, changes[electorate], by=call.by, reason=why, now=call.now)
        made.append(created)
    if len(made) > 1:
        voting.join_ballots([one.ballot for one in made], title=proposal.title, by=call.by, now=call.now)
    return made


def _announce(
    proposal: Proposal, ballot: Ballot, call: _Call, plan: Plan, question: str, rolls: Rolls
) -> Notice | None:
    """Convene the meeting, which posts its own notice, or post the notice of a vote in writing and online."""
    if call.chair is not None:
        return _convene(proposal, call, call.chair, plan, question, rolls)
    notice = post_notice(
        proposal,
        Purpose.VOTE,
        kind="meeting_notice",
        facts=_vote_facts(proposal, ballot, call.opens_at, call.closes_at, call.place),
        by=call.by,
        period_key=_period_key(proposal),
        now=call.now,
    )
    # The clock opens the ballot at `opens_at`: never before the notice has stood its days.
    _require_days_ahead(call.opens_at, notice.days, call.now)
    return notice


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


def _convene(proposal: Proposal, call: _Call, chair: User, plan: Plan, question: str, rolls: Rolls) -> Notice | None:
    # Of two bodies the owners' meeting has the longer notice: it is called, and who votes for the other comes to it.
    body = Electorate.OWNERS.value if Electorate.OWNERS in rolls else proposal.electorate
    members = rolls[body]
    known = {_who(voter) for voter in members}
    electors = [voter for one in rolls if one != body for voter in rolls[one] if _who(voter) not in known]
    meeting = convene_meeting(
        community=proposal.community,
        kind=_MEETING_KIND[Electorate(body)],
        title=f"“{proposal.title}”表决会议",
        place=call.place,
        starts_at=call.opens_at,
        chair=chair,
        recorder=call.recorder,
        by=call.by,
        invitees=[
            *(Invitee.of_voter(voter) for voter in members),
            *(Invitee.of_voter(voter, role=Role.ELECTOR) for voter in electors),
        ],
        agenda=[AgendaDraft(title=proposal.title, motion=f"{question}\n{plan.text[:3000]}", subject=proposal)],
        subject=proposal,
        rule=proposal.rule if body == proposal.electorate else proposal.second_rule,
        urgent_reason=call.urgent_reason,
        now=call.now,
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
