"""The proposal and its machine. Statuses change only through the transitions here, called from operations."""

from collections.abc import Iterable

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, transition

from deliberation.models.choices import Category, Electorate, Source
from deliberation.stages import Stage, Status, is_final, stage_of

_P = Status  # the transitions below are long lists of them
_SUSPENDABLE = [
    _P.ACCEPTED,
    _P.DELIBERATING,
    _P.CONSENSUS_RECORDED,
    _P.DRAFTING_PLAN,
    _P.PLAN_PUBLICISED,
    _P.PARTY_REVIEWED,
    _P.READY_TO_VOTE,
    _P.EFFECTIVE,
    _P.EXECUTING,
]


def _status_before(proposal: "Proposal") -> str:
    return proposal.previous_status


class Proposal(models.Model):
    """One matter on its way through the five stages.

    `community` is the residents' committee's area, `unit` the place it concerns (the community or under it).
    The proposer is a user, or a name and a phone taken down at the desk. `version` rises with every change, so that
    a stale page is noticed. `due_on` is when the present status should end (`due_is_provisional` while a year's
    schedule of working days is not out). `previous_status` is the status before the present one. `was_late`: a deadline
    of carrying out or putting right was missed.
    """

    community = models.ForeignKey("community.Unit", models.PROTECT, related_name="proposals", verbose_name=_("社区"))
    unit = models.ForeignKey("community.Unit", models.PROTECT, related_name="proposals_here", verbose_name=_("范围"))
    title = models.CharField(_("标题"), max_length=80)
    body = models.TextField(_("内容"), validators=[MaxLengthValidator(4000)])
    category = models.CharField(_("类别"), max_length=20, choices=Category.choices, default=Category.OTHER)
    source = models.CharField(_("来源"), max_length=12, choices=Source.choices, default=Source.RESIDENT)
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    proposer_name = models.CharField(_("提案人"), max_length=50, blank=True)
    proposer_phone = models.CharField(_("电话"), max_length=20, blank=True)
    affected_households = models.PositiveIntegerField(_("涉及户数"), default=0)

    status = FSMField(_("状态"), max_length=24, choices=Status.choices, default=Status.DRAFT, protected=True)
    previous_status = models.CharField(max_length=24, blank=True)
    version = models.PositiveIntegerField(default=1)
    entered_at = models.DateTimeField(_("进入本状态"))
    due_on = models.DateField(_("期限"), null=True, blank=True)
    due_is_provisional = models.BooleanField(_("期限待定"), default=False)

    created_at = models.DateTimeField(_("登记时间"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("签收时间"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    screening_extended_at = models.DateTimeField(null=True, blank=True)
    screening_extended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    screened_at = models.DateTimeField(_("把关时间"), null=True, blank=True)
    screened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    identity_verified = models.BooleanField(_("身份已核实"), default=False)
    in_scope = models.BooleanField(_("属于社区事务"), default=False)
    not_duplicate = models.BooleanField(_("不重复"), default=False)
    legality_prechecked = models.BooleanField(_("合法性初审通过"), default=False)

    supplements = models.PositiveSmallIntegerField(_("补正次数"), default=0)
    round = models.PositiveSmallIntegerField(_("协商轮次"), default=0)
    rating_round = models.PositiveSmallIntegerField(_("评议轮次"), default=0)
    rectifications_ordered = models.PositiveSmallIntegerField(_("整改次数"), default=0)
    was_late = models.BooleanField(_("办理逾期"), default=False)
    vote_extended = models.BooleanField(_("已延期"), default=False)
    resumes_on = models.DateField(_("恢复日期"), null=True, blank=True)
    reason_code = models.CharField(_("理由"), max_length=24, blank=True)

    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_proposals")
    continues = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="continuations")

    rule = models.CharField(_("表决规则"), max_length=60, blank=True)
    electorate = models.CharField(_("表决人"), max_length=16, choices=Electorate.choices, blank=True)
    more_rules = models.JSONField(_("同时适用的规则"), default=list, blank=True)
    second_rule = models.CharField(_("另一表决的规则"), max_length=60, blank=True)
    second_electorate = models.CharField(_("另一表决的表决人"), max_length=16, choices=Electorate.choices, blank=True)
    four_step = models.BooleanField(_("按四议两公开办理"), default=False)
    ballot = models.ForeignKey("voting.Ballot", models.PROTECT, null=True, blank=True, related_name="proposals")
    emergency_basis = models.TextField(_("紧急情况依据"), blank=True)

    class Meta:
        verbose_name = _("提案")
        verbose_name_plural = _("提案")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="proposal_status_is_known"),
            models.CheckConstraint(
                condition=Q(second_rule="", second_electorate="")
                | (~Q(second_rule="") & ~Q(second_electorate="") & ~Q(electorate="")),
                name="second_vote_has_rule_and_electorate",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(submitted_at__isnull=False), name="proposal_was_submitted"
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(proposer__isnull=False) | ~Q(proposer_name=""),
                name="proposal_has_a_proposer",
            ),
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False)
                | (~Q(status="merged") & Q(merged_into__isnull=True)),
                name="merged_proposal_names_the_other",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="proposal_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=Q(status="suspended", resumes_on__isnull=False)
                | (~Q(status="suspended") & Q(resumes_on__isnull=True)),
                name="suspended_proposal_has_its_end",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["rejected", "transferred", "terminated", "suspended", "annulled", "escalated"])
                | ~Q(reason_code=""),
                name="proposal_ended_early_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["notice_period", "voting", "counting", "result_publicised"])
                | Q(ballot__isnull=False),
                name="proposal_in_a_vote_has_a_ballot",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="proposal_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(screening_extended_at__isnull=True, screening_extended_by__isnull=True)
                | Q(screening_extended_at__isnull=False, screening_extended_by__isnull=False),
                name="screening_extended_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(screened_at__isnull=True, screened_by__isnull=True)
                | Q(screened_at__isnull=False, screened_by__isnull=False),
                name="proposal_screened_by_somebody",
            ),
            models.CheckConstraint(condition=Q(supplements__lte=2), name="at_most_two_supplements"),
            models.CheckConstraint(condition=Q(rectifications_ordered__lte=2), name="at_most_two_rectifications"),
        ]
        indexes = [
            models.Index(fields=["community", "status", "-id"], name="proposals_of_community"),
            models.Index(fields=["status", "due_on"], name="proposals_by_deadline"),
            models.Index(fields=["proposer", "-id"], name="proposals_of_user"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the proposal's page."""
        return f"/proposals/{self.pk}/"

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: "models.QuerySet[Proposal] | None" = None,
    ) -> None:
        """Re-read the row; the protected status may be set again because it was dropped first."""
        if fields is None or "status" in fields:
            self.__dict__.pop("status", None)
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)

    @property
    def stage(self) -> Stage:
        """Return the stage of the present status."""
        return stage_of(self.status, self.previous_status)

    @property
    def electorates(self) -> str:
        """Return who decides as one word, two joined by "+": what a posted roll is the roll of."""
        return "+".join(one for one in (self.electorate, self.second_electorate) if one)

    @property
    def is_final(self) -> bool:
        """Return whether nothing follows any more."""
        return is_final(self.status)

    # --- propose ----------------------------------------------------------------------------------------------
    @transition(field=status, source=_P.DRAFT, target=_P.SUBMITTED)
    def submit(self) -> None:
        """Hand it in."""

    @transition(field=status, source=_P.SUBMITTED, target=_P.SUPPLEMENT_REQUESTED)
    def request_supplement(self) -> None:
        """Send it back for more information."""

    @transition(field=status, source=_P.SUPPLEMENT_REQUESTED, target=_P.SUBMITTED)
    def supplement(self) -> None:
        """Take the information that came."""

    @transition(field=status, source=_P.SUBMITTED, target=_P.ACCEPTED)
    def accept(self) -> None:
        """Make it a topic."""

    @transition(field=status, source=[_P.SUBMITTED, _P.ACCEPTED], target=_P.MERGED)
    def merge(self) -> None:
        """Carry it on inside another."""

    @transition(field=status, source=[_P.SUBMITTED, _P.ACCEPTED], target=_P.TRANSFERRED)
    def transfer(self) -> None:
        """Give it to somebody else."""

    @transition(field=status, source=[_P.SUBMITTED, _P.SUPPLEMENT_REQUESTED], target=_P.REJECTED)
    def reject(self) -> None:
        """Refuse to take it up."""

    @transition(
        field=status,
        source=[_P.DRAFT, _P.SUBMITTED, _P.SUPPLEMENT_REQUESTED, _P.ACCEPTED],
        target=_P.WITHDRAWN,
    )
    def withdraw(self) -> None:
        """Take it back."""

    # --- deliberate -------------------------------------------------------------------------------------------
    @transition(field=status, source=_P.ACCEPTED, target=_P.DELIBERATING)
    def start_deliberation(self) -> None:
        """Begin with the first session."""

    @transition(field=status, source=_P.DELIBERATING, target=_P.CONSENSUS_RECORDED)
    def confirm_consensus(self) -> None:
        """Confirm the outcome."""

    @transition(field=status, source=_P.DELIBERATING, target=_P.DRAFTING_PLAN)
    def proceed_without_consensus(self) -> None:
        """Go on to a vote after two rounds without consensus."""

    @transition(field=status, source=_P.CONSENSUS_RECORDED, target=_P.DRAFTING_PLAN)
    def start_drafting(self) -> None:
        """Begin to write the plan."""

    # --- settle -----------------------------------------------------------------------------------------------
    @transition(field=status, source=_P.DRAFTING_PLAN, target=_P.PLAN_PUBLICISED)
    def publicise_plan(self) -> None:
        """Post the plan for comment."""

    @transition(field=status, source=[_P.PLAN_PUBLICISED, _P.PARTY_REVIEWED, _P.READY_TO_VOTE], target=_P.DRAFTING_PLAN)
    def revise_plan(self) -> None:
        """Ask for a new version."""

    @transition(field=status, source=[_P.PLAN_PUBLICISED, _P.PARTY_REVIEWED, _P.READY_TO_VOTE], target=_P.DELIBERATING)
    def return_to_deliberation(self) -> None:
        """Go back: new facts, or a third of the households object in writing."""

    @transition(field=status, source=_P.PLAN_PUBLICISED, target=_P.PARTY_REVIEWED)
    def complete_party_review(self) -> None:
        """Note that the party organisation has studied it (Residents' Committees Act art. 30)."""

    @transition(field=status, source=_P.PARTY_REVIEWED, target=_P.READY_TO_VOTE)
    def make_ready(self) -> None:
        """Find that everything a vote needs is there."""

    # --- decide -----------------------------------------------------------------------------------------------
    @transition(field=status, source=_P.READY_TO_VOTE, target=_P.NOTICE_PERIOD)
    def call_vote(self) -> None:
        """Announce the vote."""

    @transition(field=status, source=_P.NOTICE_PERIOD, target=_P.VOTING)
    def open_voting(self) -> None:
        """Open the ballot."""

    @transition(field=status, source=_P.VOTING, target=_P.COUNTING)
    def close_voting(self) -> None:
        """Close the ballot."""

    @transition(field=status, source=[_P.VOTING, _P.COUNTING], target=_P.NOT_QUORATE)
    def declare_not_quorate(self) -> None:
        """Find that too few took part."""

    @transition(field=status, source=_P.NOT_QUORATE, target=_P.VOTING)
    def extend_voting(self) -> None:
        """Keep the ballot open longer, once."""

    @transition(field=status, source=_P.NOT_QUORATE, target=_P.READY_TO_VOTE)
    def reconvene(self) -> None:
        """Prepare a new vote."""

    @transition(field=status, source=_P.COUNTING, target=_P.RESULT_PUBLICISED)
    def publish_result(self) -> None:
        """Post the certified result."""

    @transition(field=status, source=_P.RESULT_PUBLICISED, target=_P.EFFECTIVE)
    def take_effect(self) -> None:
        """Let it take effect: passed, and the objection window closed."""

    @transition(field=status, source=_P.RESULT_PUBLICISED, target=_P.NOT_PASSED)
    def record_not_passed(self) -> None:
        """End it: not passed, and the objection window closed."""

    @transition(field=status, source=[_P.RESULT_PUBLICISED, _P.EFFECTIVE, _P.EXECUTING], target=_P.ANNULLED)
    def annul(self) -> None:
        """Set the decision aside."""

    @transition(field=status, source=_P.ANNULLED, target=_P.DRAFTING_PLAN)
    def resettle(self) -> None:
        """Settle it anew."""

    @transition(field=status, source=[_P.ACCEPTED, _P.DELIBERATING, _P.DRAFTING_PLAN], target=_P.EFFECTIVE)
    def order_emergency_repair(self) -> None:
        """Repair at once without a vote (Civil Code art. 281(2))."""

    @transition(field=status, source=_P.EFFECTIVE, target=_P.EXECUTING)
    def start_execution(self) -> None:
        """Give out the tasks."""

    @transition(field=status, source=_P.EXECUTING, target=_P.AWAITING_ACCEPTANCE)
    def report_completion(self) -> None:
        """Report the work done."""

    # --- evaluate ---------------------------------------------------------------------------------------------
    @transition(field=status, source=_P.AWAITING_ACCEPTANCE, target=_P.EXECUTING)
    def return_work(self) -> None:
        """Refuse the work."""

    @transition(field=status, source=_P.AWAITING_ACCEPTANCE, target=_P.EVALUATING)
    def start_evaluation(self) -> None:
        """Accept and post the work; residents rate."""

    @transition(field=status, source=_P.EVALUATING, target=_P.ARCHIVED)
    def archive(self) -> None:
        """Close the file: residents are content."""

    @transition(field=status, source=_P.EVALUATING, target=_P.RECTIFYING)
    def order_rectification(self) -> None:
        """Have it put right: residents are not content."""

    @transition(field=status, source=_P.RECTIFYING, target=_P.EVALUATING)
    def finish_rectification(self) -> None:
        """Let residents rate again what was put right."""

    @transition(field=status, source=[_P.EXECUTING, _P.EVALUATING, _P.RECTIFYING], target=_P.ESCALATED)
    def escalate(self) -> None:
        """Hand it up to the subdistrict."""

    @transition(field=status, source=_P.ESCALATED, target=_P.EVALUATING)
    def answer_escalation(self) -> None:
        """Let residents rate the subdistrict's answer."""

    @transition(field=status, source=_P.ESCALATED, target=_P.EXECUTING)
    def hand_back(self) -> None:
        """Hand it back with instructions."""

    # --- at many points ---------------------------------------------------------------------------------------
    @transition(field=status, source=_SUSPENDABLE, target=_P.SUSPENDED)
    def suspend(self) -> None:
        """Let it rest for at most 30 days."""

    @transition(field=status, source=_P.SUSPENDED, target=GET_STATE(_status_before, states=_SUSPENDABLE))
    def resume(self) -> None:
        """Go on where it was."""

    @transition(
        field=status,
        source=[
            _P.ACCEPTED,
            _P.DELIBERATING,
            _P.CONSENSUS_RECORDED,
            _P.DRAFTING_PLAN,
            _P.PLAN_PUBLICISED,
            _P.PARTY_REVIEWED,
            _P.READY_TO_VOTE,
            _P.NOTICE_PERIOD,
            _P.NOT_QUORATE,
            _P.EFFECTIVE,
            _P.EXECUTING,
            _P.SUSPENDED,
            _P.ESCALATED,
            _P.ANNULLED,
        ],
        target=_P.TERMINATED,
    )
    def terminate(self) -> None:
        """End it without a decision."""
