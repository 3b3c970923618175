"""A community with its people, and a proposal walked through the real operations to any status of the main path."""

import datetime as dt
import uuid
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.test import TestCase

from community.models import Household, Owner, Residency, Unit, User
from community.operations import appoint
from core.actors import COMMAND_LINE
from deliberation import operations
from deliberation.models import Proposal, ResponsibilityTask
from deliberation.stages import Status
from meetings.models import Attendance, Meeting
from meetings.operations import close_meeting, draft_minutes, next_agenda_item, open_meeting, sign_in, sign_minutes
from publish.operations import end_due_periods
from tests.community.places import a_person, a_tree, import_roll, unit
from tests.deliberation import replay
from voting.models import Item, Voter
from voting.operations import CastIntent, cast_votes, certify_ballot

ZONE = ZoneInfo("Asia/Shanghai")
START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
T = TypeVar("T")
_requests = count(1)

OWNERS = ("赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "王八一", "冯九", "陈十", "褚甲", "卫乙")


class World:
    """The people, the clock, and one proposal on its way. `now` only moves forward."""

    def __init__(self) -> None:
        replay.done_once("people", self._settle, self)
        self._written = replay.changes() if replay.allowed else 0

    def _settle(self) -> None:
        self.now = START
        self.community: Unit = a_tree()
        rows = [
            f"E1-3-2,{floor}0{side},88.40,{name},{number:04},1380000{number:04},,sold"
            for number, (name, (floor, side)) in enumerate(
                zip(OWNERS, [(f, s) for f in range(1, 7) for s in (1, 2)], strict=True), start=1
            )
        ]
        import_roll(rows)
        self.community.refresh_from_db()
        self.entrance = unit("E1-3-2")
        self.secretary = self.hire("secretary", "罗书云")
        self.director = self.hire("director", "何主任")
        self.member = self.hire("committee_member", "贾记明")
        self.grid_worker = self.hire("grid_worker", "丁格")
        self.facilitator = self.hire("facilitator", "欧阳清")
        self.supervisor = self.hire("supervision_committee", "严督")
        self.tellers = [self.hire("teller", "计一"), self.hire("teller", "计二")]
        self.officer = self.hire("subdistrict_officer", "街明", at=unit("511302001000"))
        self.residents = [self._resident(owner) for owner in Owner.objects.order_by("pk")]
        self.proposer = self.residents[0]
        self.outsider = a_person("外人")
        self.proposal: Proposal | None = None

    def hire(self, office: str, name: str, at: Unit | None = None) -> User:
        user = a_person(name)
        appoint(user=user, office=office, unit=at or self.community, starts_on=dt.date(2024, 1, 1), by=COMMAND_LINE)
        return user

    def _resident(self, owner: Owner) -> User:
        user = a_person(owner.name, at=self.entrance)
        owner.user = user
        owner.save(update_fields=["user"])
        household = Household.objects.get(exclusive_units__ownerships__owner=owner)
        Residency.objects.create(user=user, household=household, is_representative=True)
        return user

    # --- doing ------------------------------------------------------------

    def after_commit(self, act: Callable[[], T]) -> T:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return act()

    def do(self, operation: Callable[..., T], *args: Any, **more: Any) -> T:
        """Run an operation at the present moment, with what follows its commit."""
        more.setdefault("now", self.now)
        done = self.after_commit(lambda: operation(*args, **more))
        if self.proposal is not None:
            self.proposal = Proposal.objects.get(pk=self.proposal.pk)
        return done

    def wait(self, days: int = 0, *, hours: int = 0) -> None:
        """Let time pass: periods end."""
        self.now += dt.timedelta(days=days, hours=hours)
        self.after_commit(lambda: end_due_periods(self.now))
        if self.proposal is not None:
            self.proposal = Proposal.objects.get(pk=self.proposal.pk)

    @property
    def p(self) -> Proposal:
        assert self.proposal is not None
        return self.proposal

    # --- the main path ----------------------------------------------------

    def register(self, **more: Any) -> Proposal:
        facts = {
            "community": self.community,
            "unit": self.entrance,
            "title": "3幢2单元加装电梯",
            "body": "六层楼，老人上下楼困难，希望加装一部电梯。",
            "category": "elevator",
            "by": self.proposer,
        } | more
        made = self.do(operations.register_proposal, **facts)
        self.proposal = Proposal.objects.get(pk=made.pk)
        return self.proposal

    def screen(self, **answers: bool) -> None:
        found = dict.fromkeys(("identity_verified", "in_scope", "not_duplicate", "legality_prechecked"), True)
        self.do(operations.record_screening, self.p, by=self.member, **(found | answers))

    def accept(self) -> None:
        self.screen()
        self.do(operations.accept_proposal, self.p, by=self.secretary)

    def post_topic(self) -> None:
        self.do(operations.publish_topics, [self.p], by=self.director)

    def list_stakeholders(self) -> None:
        parties = [{"user": user, "interest": "3幢2单元住户"} for user in self.residents[:6]]
        self.do(operations.list_stakeholders, self.p, stakeholders=parties, by=self.grid_worker)

    def start_deliberation(self) -> None:
        self.post_topic()
        self.list_stakeholders()
        self.do(
            operations.start_deliberation,
            self.p,
            by=self.director,
            place="党群服务中心",
            starts_at=self.now + dt.timedelta(days=5),
            chair=self.facilitator,
            recorder=self.member,
        )

    def next_round(self) -> None:
        self.do(
            operations.convene_next_round,
            self.p,
            by=self.director,
            place="党群服务中心",
            starts_at=self.now + dt.timedelta(days=5),
            chair=self.facilitator,
            recorder=self.member,
        )

    def hold_session(self, present: int = 6) -> None:
        """Hold the session of this round and sign its minutes."""
        meeting = self.hold_meeting(present)
        minutes = self.do(draft_minutes, meeting=meeting, by=self.member)
        self.do(sign_minutes, minutes=minutes, by=self.facilitator)
        self.do(sign_minutes, minutes=minutes, by=self.member)

    def hold_meeting(self, present: int = 6) -> Meeting:
        """Hold the session of this round; its minutes are not written yet."""
        record = self.p.consultations.select_related("meeting").get(round=self.p.round)
        assert record.meeting is not None
        meeting: Meeting = record.meeting
        if self.now < meeting.starts_at:
            self.wait((meeting.starts_at - self.now).days)
        for attendance in Attendance.objects.filter(meeting=meeting, is_stakeholder=True).order_by("pk")[:present]:
            self.do(sign_in, meeting=meeting, attendance=attendance, by=self.grid_worker)
        self.do(open_meeting, meeting=meeting, by=self.facilitator)
        self.do(next_agenda_item, meeting=meeting, by=self.facilitator)
        self.wait(hours=1)
        return self.do(close_meeting, meeting=meeting, by=self.facilitator)

    def record_consultation(self, *, consensus: bool = True) -> None:
        self.do(
            operations.record_consultation,
            self.p,
            by=self.facilitator,
            consensus=consensus,
            summary="同意加装，费用按楼层分摊。",
            dissent="一楼担心采光，希望连廊用玻璃。",
        )

    def confirm_consensus(self) -> None:
        self.hold_session()
        self.record_consultation()
        self.do(operations.confirm_consensus, self.p, by=self.director)

    def start_drafting(self) -> None:
        self.do(operations.start_drafting, self.p, by=self.member)

    def draft_plan(self, text: str = "在3幢2单元北侧加装一部电梯。\n连廊用玻璃。", **more: Any) -> None:
        facts: dict[str, Any] = {
            "funds": "财政补贴和业主分摊",
            "budget": [
                {"item": "电梯设备", "amount": "260000", "source": "业主"},
                {"item": "土建", "amount": "180000.50", "source": "补贴"},
            ],
        }
        self.do(operations.draft_plan, self.p, by=self.member, text=text, **(facts | more))

    def publicise_plan(self) -> None:
        self.draft_plan()
        self.do(operations.publicise_plan, self.p, by=self.secretary)

    def study(self, *, agrees: bool = True) -> None:
        self.do(
            operations.record_party_review,
            self.p,
            by=self.secretary,
            held_on=self.now.date(),
            due=9,
            present=8,
            agrees=agrees,
            conclusion="同意提交表决。",
        )

    def review_legality(self, *, is_lawful: bool = True) -> None:
        self.do(
            operations.review_legality,
            self.p,
            by=self.member,
            is_lawful=is_lawful,
            opinion="符合民法典第二百七十八条。",
            reviewer="某律师事务所",
        )

    def complete_party_review(self) -> None:
        self.review_legality()
        self.do(operations.choose_rule, self.p, by=self.secretary, rule="owners_278_ordinary", electorate="owners")
        self.do(operations.publish_roll, self.p, by=self.director)
        self.wait(11)
        self.study()
        self.do(operations.complete_party_review, self.p, by=self.secretary)

    def make_ready(self) -> None:
        self.do(operations.make_ready, self.p, by=self.secretary)

    def call_vote(self, **more: Any) -> operations.CalledVote:
        facts = {"opens_at": self.now + dt.timedelta(days=16), "closes_at": self.now + dt.timedelta(days=18)} | more
        return self.do(operations.call_vote, self.p, by=self.director, **facts)

    def open_voting(self) -> None:
        self.wait(16)
        self.do(operations.open_voting, self.p, by=self.director)

    def cast(self, choices: list[str]) -> None:
        """Let the first voters of the roll choose."""
        ballot = self.p.ballot
        assert ballot is not None
        items = [str(item.pk) for item in Item.objects.filter(ballot=ballot)]
        intents = [
            CastIntent(ballot.pk, voter.pk, str(uuid.UUID(int=next(_requests))), dict.fromkeys(items, choice))
            for voter, choice in zip(Voter.objects.filter(ballot=ballot).order_by("pk"), choices, strict=False)
        ]
        outcomes = cast_votes(intents, now=self.now)
        assert all(outcome.accepted for outcome in outcomes), outcomes

    def close_voting(self, choices: list[str] | None = None) -> None:
        self.cast(["for"] * 10 + ["against"] if choices is None else choices)
        self.wait(1)
        self.do(operations.close_voting, self.p, by=self.director, reason="愿意表决的都已投票。")

    def certify(self) -> None:
        assert self.p.ballot is not None
        self.do(certify_ballot, self.p.ballot, by=self.tellers)

    def publish_result(self) -> None:
        self.certify()
        self.do(operations.publish_result, self.p, by=self.director)

    def take_effect(self) -> None:
        """The platform does it when the result's period ends."""
        self.wait(10)

    def list_tasks(self) -> None:
        tasks = [
            {"title": "签订施工合同", "owner": self.member, "due_on": self.now.date() + dt.timedelta(days=10)},
            {"title": "验收", "owner_name": "物业公司", "due_on": self.now.date() + dt.timedelta(days=60)},
        ]
        self.do(operations.list_tasks, self.p, by=self.director, tasks=tasks)

    def start_execution(self) -> None:
        self.list_tasks()
        self.do(operations.start_execution, self.p, by=self.director)

    def finish_tasks(self) -> None:
        for task in ResponsibilityTask.objects.filter(proposal=self.p, done_at=None):
            self.do(operations.finish_task, task, by=self.member, evidence="合同和照片已存档")

    def record_completion(self) -> None:
        self.do(
            operations.record_completion,
            self.p,
            by=self.member,
            text="电梯已安装并通过检验。",
            cost="438000.00",
            finished_on=self.now.date(),
            contractor="某电梯公司",
        )

    def report_completion(self) -> None:
        self.wait(20)
        self.finish_tasks()
        self.record_completion()
        self.do(operations.report_completion, self.p, by=self.director)

    def start_evaluation(self) -> None:
        self.do(operations.start_evaluation, self.p, by=self.supervisor, acceptance="现场查看，符合方案。")

    def rate(self, satisfied: int = 9, fairly: int = 1, dissatisfied: int = 2) -> None:
        grades = ["satisfied"] * satisfied + ["fairly"] * fairly + ["dissatisfied"] * dissatisfied
        for user, grade in zip(self.residents, grades, strict=False):
            self.do(operations.rate_proposal, self.p, by=user, grade=grade)

    def archive(self) -> None:
        self.rate()
        self.wait(17)
        self.do(operations.archive_proposal, self.p, by=self.supervisor)

    def walk_to(self, status: Status) -> Proposal:
        """Walk the main path until the proposal stands in `status`."""
        if self.proposal is None and self.now == START and replay.allowed and replay.changes() == self._written:
            replay.done_once(status, lambda: self._walk_to(status), self)
        else:
            self._walk_to(status)
        return self.p

    def _walk_to(self, status: Status) -> None:
        if self.proposal is None:
            self.register(submit=False) if status == Status.DRAFT else self.register()
        for reached, step in MAIN_PATH:
            if self.p.status == status:
                return
            if list(MAIN_STATUSES).index(reached) <= list(MAIN_STATUSES).index(Status(self.p.status)):
                continue
            getattr(self, step)()
            assert self.p.status == reached, (self.p.status, reached)
        assert self.p.status == status


MAIN_PATH = (
    (Status.SUBMITTED, "register"),
    (Status.ACCEPTED, "accept"),
    (Status.DELIBERATING, "start_deliberation"),
    (Status.CONSENSUS_RECORDED, "confirm_consensus"),
    (Status.DRAFTING_PLAN, "start_drafting"),
    (Status.PLAN_PUBLICISED, "publicise_plan"),
    (Status.PARTY_REVIEWED, "complete_party_review"),
    (Status.READY_TO_VOTE, "make_ready"),
    (Status.NOTICE_PERIOD, "call_vote"),
    (Status.VOTING, "open_voting"),
    (Status.COUNTING, "close_voting"),
    (Status.RESULT_PUBLICISED, "publish_result"),
    (Status.EFFECTIVE, "take_effect"),
    (Status.EXECUTING, "start_execution"),
    (Status.AWAITING_ACCEPTANCE, "report_completion"),
    (Status.EVALUATING, "start_evaluation"),
    (Status.ARCHIVED, "archive"),
)
MAIN_STATUSES = (Status.DRAFT, *(status for status, _step in MAIN_PATH))
