"""The stretches of road that several lives share. Each takes the moment it starts and returns the moment it ended.

A life is a generator: it yields the moment at which it wants to go on and gets that moment back when the days in
between have passed for everybody (`deliberation.demo.play`).
"""

import datetime as dt
import uuid
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from community.models import Unit, User
from core.clock import local_date
from core.errors import Refused
from deliberation import operations as ops
from deliberation.demo.pictures import picture
from deliberation.demo.town import Town
from deliberation.models import NoticeLink, Proposal, Purpose
from meetings import operations as meetings
from meetings.models import Meeting
from voting.models import Ballot
from voting.operations.cast import CastIntent, cast_votes
from voting.operations.teller import certify_ballot

Life = Generator[dt.datetime, dt.datetime, dt.datetime]
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
CHINA = dt.timezone(8 * HOUR)


@dataclass(frozen=True, slots=True)
class Matter:
    """What one proposal says from the first word to the plan."""

    title: str
    body: str
    category: str
    unit: Unit
    proposer: User
    affected: int
    stakeholders: Sequence[User]
    plan: str = ""
    budget: tuple[tuple[str, str, str], ...] = ()
    funds: str = ""
    schedule: str = ""
    picture: str = ""


def morning_after(day: dt.date) -> dt.datetime:
    """Return nine in the morning of the day after `day`, in China."""
    return dt.datetime.combine(day + DAY, dt.time(9), tzinfo=CHINA)


def start_of(town: Town, days_ago: int) -> dt.datetime:
    """Return nine in the morning that many days before today."""
    return morning_after(town.today - (days_ago + 1) * DAY)


def until_over(proposal: Proposal, purpose: Purpose, now: dt.datetime) -> Life:
    """Wait until the newest notice of `purpose` has stood its days."""
    now = yield now + 5 * MINUTE
    link = NoticeLink.objects.filter(proposal=proposal, purpose=purpose).select_related("notice").latest("id")
    if link.notice.ends_on is None:
        raise Refused(f"{link.notice}: {link.notice.failure}")
    now = yield max(now, morning_after(link.notice.ends_on))
    return now


def propose(town: Town, matter: Matter, now: dt.datetime) -> Proposal:
    """Hand the matter in."""
    return ops.register_proposal(
        community=town.community,
        unit=matter.unit,
        title=matter.title,
        body=matter.body,
        category=matter.category,
        affected_households=matter.affected,
        by=matter.proposer,
        proposer=matter.proposer,
        photos=[picture(matter.picture)] if matter.picture else [],
        now=now,
    )


def screen(town: Town, proposal: Proposal, now: dt.datetime) -> Life:
    """Acknowledge, look it over, accept and post the topic; wait until the list has stood its days."""
    secretary = town["secretary"]
    now = yield now + DAY
    proposal = ops.acknowledge_proposal(proposal, by=secretary, now=now)
    now = yield now + 2 * DAY
    ops.record_screening(
        proposal,
        by=secretary,
        identity_verified=True,
        in_scope=True,
        not_duplicate=True,
        legality_prechecked=True,
        note="属于社区议事范围，无同类在办事项。",
        now=now,
    )
    ops.accept_proposal(proposal, by=secretary, now=now + MINUTE)
    ops.publish_topics([proposal], by=secretary, now=now + 2 * MINUTE)
    now = yield from until_over(proposal, Purpose.TOPIC, now)
    return now


def call_session(town: Town, proposal: Proposal, matter: Matter, now: dt.datetime, *, days: int = 4) -> Meeting:
    """List the stakeholders and convene the consultation `days` later at seven in the evening."""
    ops.list_stakeholders(
        proposal,
        stakeholders=[{"user": user, "interest": "相关业主"} for user in matter.stakeholders],
        by=town["facilitator"],
        now=now,
    )
    starts_at = dt.datetime.combine((now + days * DAY).date(), dt.time(19), tzinfo=CHINA)
    ops.start_deliberation(
        proposal,
        by=town["director"],
        place="平城街社区三楼议事厅",
        starts_at=starts_at,
        chair=town["facilitator"],
        recorder=town["member3"],
        invitees=[town["director"], town["member1"]],
        now=now + MINUTE,
    )
    return Meeting.objects.filter(subject_id=str(proposal.pk)).latest("id")


def hold_session(town: Town, proposal: Proposal, meeting: Meeting, matter: Matter) -> Life:
    """Hold the consultation: most come, four speak, the minutes are signed, consensus is confirmed."""
    chair, recorder = town["facilitator"], town["member3"]
    now = yield meeting.starts_at - 10 * MINUTE
    for number, row in enumerate(meeting.attendances.order_by("id")):
        if number % 9 != 8:  # noqa: PLR2004 - one in nine stays away
            meetings.sign_in(meeting=meeting, attendance=row, by=recorder, now=now)
    now = yield meeting.starts_at
    meetings.open_meeting(meeting=meeting, by=chair, now=now)
    item = meetings.next_agenda_item(meeting=meeting, by=chair, now=now + MINUTE)
    talkers = list(meeting.attendances.filter(signed_in_at__isnull=False, is_stakeholder=True)[:4])
    for number, row in enumerate(talkers):
        stance, gist = _SAID[number]
        at = now + (5 + 4 * number) * MINUTE
        speech = meetings.request_speech(meeting=meeting, by=recorder, attendance=row, stance=stance, now=at)
        meetings.give_floor(meeting=meeting, by=chair, speech=speech, now=at + MINUTE)
        meetings.end_floor(meeting=meeting, by=chair, gist=gist, now=at + 3 * MINUTE)
    now = yield now + 40 * MINUTE
    meetings.record_decision(
        item=item,
        decision="与会各方原则同意推进，费用分摊和施工时间写入方案。",
        dissent="一户认为应先解决噪声问题，已记录在案。",
        by=chair,
        now=now,
    )
    meetings.finish_agenda_item(meeting=meeting, by=chair, now=now + MINUTE)
    meetings.close_meeting(meeting=meeting, by=chair, now=now + 5 * MINUTE)
    now = yield now + 15 * HOUR
    minutes = meetings.draft_minutes(meeting=Meeting.objects.get(pk=meeting.pk), by=recorder, now=now)
    for signer in (recorder, chair):
        meetings.sign_minutes(minutes=minutes, by=signer, now=now + HOUR)
    meetings.publish_minutes(minutes=minutes, by=chair, now=now + 2 * HOUR)
    ops.record_consultation(
        proposal,
        by=chair,
        consensus=True,
        summary=f"围绕“{matter.title}”，各方就必要性、费用和施工安排充分发表意见，达成一致。",
        dissent="一户保留意见：担心施工噪声。",
        now=now + 2 * HOUR,
    )
    ops.confirm_consensus(proposal, by=town["director"], now=now + 3 * HOUR)
    return now + 3 * HOUR


_SAID = (
    ("for", "家里有老人，这件事盼了很多年，支持尽快做。"),
    ("against", "低楼层出钱多、得益少，分摊办法要讲公平。"),
    ("for", "费用可以按楼层系数分摊，愿意多出一些。"),
    ("neutral", "先把报价和施工时间讲清楚，再表态。"),
)


def write_plan(town: Town, proposal: Proposal, matter: Matter, now: dt.datetime) -> None:
    """Draft the plan and post it for comment."""
    ops.start_drafting(proposal, by=town["member1"], now=now)
    for text in (matter.plan.replace("，并报街道备案", ""), matter.plan):
        now += HOUR
        ops.draft_plan(
            proposal,
            by=town["member1"],
            text=text,
            funds=matter.funds,
            schedule=matter.schedule,
            budget=[{"item": item, "amount": amount, "source": source} for item, amount, source in matter.budget],
            now=now,
        )
    ops.publicise_plan(proposal, by=town["director"], now=now + HOUR)


def settle(town: Town, proposal: Proposal, now: dt.datetime, *, rule: str, electorate: str) -> Life:
    """From a posted plan to ready: party study, legality, rule, roll and its objections."""
    now = yield from until_over(proposal, Purpose.PLAN, now)
    ops.review_legality(
        proposal, by=town["director"], is_lawful=True, opinion="内容和程序合法。", reviewer="街道司法所", now=now
    )
    ops.record_party_review(
        proposal,
        by=town["secretary"],
        held_on=now.date(),
        due=7,
        present=6,
        agrees=True,
        conclusion="同意该方案，提交表决。",
        now=now + MINUTE,
    )
    ops.complete_party_review(proposal, by=town["secretary"], now=now + 2 * MINUTE)
    ops.choose_rule(proposal, by=town["director"], rule=rule, electorate=electorate, now=now + 3 * MINUTE)
    ops.publish_roll(proposal, by=town["director"], now=now + 4 * MINUTE)
    now = yield from until_over(proposal, Purpose.ROLL, now + 5 * MINUTE)
    ops.make_ready(proposal, by=town["secretary"], now=now)
    return now


def deliberate_and_settle(
    town: Town, proposal: Proposal, matter: Matter, now: dt.datetime, *, rule: str, electorate: str
) -> Life:
    """From an accepted topic to ready for the vote: one session, a plan, its study, the roll."""
    meeting = call_session(town, proposal, matter, now)
    now = yield from hold_session(town, proposal, meeting, matter)
    write_plan(town, proposal, matter, now)
    now = yield from settle(town, proposal, now + 3 * HOUR, rule=rule, electorate=electorate)
    return now


def vote_in_writing(town: Town, proposal: Proposal, now: dt.datetime, *, days: int) -> Life:
    """Announce a written and online vote that runs `days` days once its notice has stood; returns when it is open."""
    opens_at = now + 16 * DAY
    called = ops.call_vote(
        proposal,
        by=town["director"],
        opens_at=opens_at,
        closes_at=opens_at + days * DAY,
        place="平城街社区及各小区投票点",
        revisable=True,
        now=now + MINUTE,
    )
    # The vote that is called last is the one that is open today: a code of it is printed for the reader.
    town.codes[:] = list(called.codes.values())[-1:]
    now = yield opens_at
    ops.open_voting(proposal, by=town["director"], now=now)
    return now


def cast(ballot: Ballot, choices: Sequence[str], now: dt.datetime, *, voters: Sequence[int] | None = None) -> None:
    """Let as many voters vote as there are `choices`, through the one operation of every channel."""
    item = str(ballot.items.get().pk)
    voters = voters or list(ballot.voters.order_by("id").values_list("pk", flat=True))
    batch = [
        CastIntent(
            ballot_id=ballot.pk,
            voter_id=voter,
            request=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{ballot.pk}/{voter}")),
            choices={item: choice},
            channel="web",
        )
        for voter, choice in zip(voters, choices, strict=False)
    ]
    outcomes = cast_votes(batch, now=now)
    for outcome in outcomes:
        if not outcome.accepted:
            raise Refused(outcome.message)


def count(town: Town, proposal: Proposal, choices: Sequence[str], now: dt.datetime) -> Life:
    """Vote, close, certify and post the result."""
    ballot = Proposal.objects.get(pk=proposal.pk).ballot
    if ballot is None:
        raise Refused("no ballot")
    cast(ballot, choices, now + HOUR)
    now = yield (ballot.closes_at or now + DAY) - HOUR
    ops.close_voting(proposal, by=town["director"], reason="名册上愿意表决的都已投票。", now=now)
    certify_ballot(Ballot.objects.get(pk=ballot.pk), by=[town["member1"], town["member2"]], now=now + HOUR)
    now = yield now + 2 * HOUR
    ops.publish_result(proposal, by=town["director"], now=now)
    return now


def decide(town: Town, proposal: Proposal, choices: Sequence[str], now: dt.datetime) -> Life:
    """Count, and wait for the objection window of the result; the decision takes effect."""
    now = yield from count(town, proposal, choices, now)
    now = yield from until_over(proposal, Purpose.RESULT, now)
    now = yield now + HOUR
    if Proposal.objects.get(pk=proposal.pk).status == "result_publicised":
        ops.take_effect(proposal, by=town["director"], now=now)
    return now


def meet_and_vote(town: Town, proposal: Proposal, starts_at: dt.datetime, now: dt.datetime) -> Life:
    """Call the representatives' meeting; at its hour most have signed in, it is open, and so is the ballot."""
    director, recorder = town["director"], town["member3"]
    ops.call_vote(
        proposal,
        by=director,
        opens_at=starts_at,
        closes_at=starts_at + DAY,
        place="平城街社区三楼议事厅",
        chair=director,
        recorder=recorder,
        now=now,
    )
    meeting = Meeting.objects.filter(subject_id=str(proposal.pk)).latest("id")
    # Nobody can sign in the day before, not even for a meeting shortly after midnight.
    now = yield max(starts_at - 15 * MINUTE, dt.datetime.combine(local_date(starts_at), dt.time(), CHINA))
    for number, row in enumerate(meeting.attendances.order_by("id")):
        if number % 6 != 5 or row.user_id == director.pk:  # noqa: PLR2004 - one in six is on the way, not the chair
            meetings.sign_in(meeting=meeting, attendance=row, by=recorder, now=now)
    now = yield starts_at
    meetings.open_meeting(meeting=meeting, by=director, now=now)
    item = meetings.next_agenda_item(meeting=meeting, by=director, now=now + MINUTE)
    opened = meetings.open_agenda_ballot(item=item, by=director, now=now + 2 * MINUTE)
    present = opened.ballot.voters.filter(present=True).order_by("id")[:7]
    cast(opened.ballot, ["for"] * 5 + ["against", "abstain"], now + 3 * MINUTE, voters=[v.pk for v in present])
    return now


def carry_out(town: Town, proposal: Proposal, tasks: Sequence[tuple[str, str, int]], now: dt.datetime) -> Any:
    """List the tasks (title, username, days) and begin."""
    listed = ops.list_tasks(
        proposal,
        by=town["director"],
        tasks=[{"title": title, "owner": town[who], "due_on": (now + days * DAY).date()} for title, who, days in tasks],
        now=now,
    )
    ops.start_execution(proposal, by=town["director"], now=now + MINUTE)
    return listed


def finish(town: Town, proposal: Proposal, listed: Any, cost: str, now: dt.datetime) -> None:
    """Finish every task, report and accept the work; ratings begin."""
    for task in listed:
        ops.finish_task(task, by=task.owner, evidence="已完成，现场照片和验收单存档。", now=now)
    ops.record_completion(
        proposal,
        by=town["director"],
        text="工程按方案完成，已通过现场验收。",
        cost=cost,
        contractor="南充市顺庆区惠民工程服务部",
        started_on=(now - 12 * DAY).date(),
        finished_on=(now - DAY).date(),
        now=now + HOUR,
    )
    ops.report_completion(proposal, by=town["director"], now=now + 2 * HOUR)
    ops.start_evaluation(
        proposal, by=town["supervisor"], acceptance="监督委员会现场查看，质量合格，账目清楚。", now=now + 3 * HOUR
    )


def rate(proposal: Proposal, people: Sequence[User], now: dt.datetime, *, displeased: int = 1) -> None:
    """Let `people` rate: the last `displeased` of them are not content."""
    for number, user in enumerate(people):
        grade = "satisfied" if number % 3 else "fairly"
        text = "做得好，天黑回家方便多了。" if number == 1 else ""
        if number >= len(people) - displeased:
            grade, text = "dissatisfied", "工期拖了几天，希望下次提前说明。"
        ops.rate_proposal(proposal, by=user, grade=grade, text=text, now=now + number * MINUTE)
