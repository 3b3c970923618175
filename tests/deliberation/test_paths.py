"""The side roads: supplement, merge, transfer, reject and appeal, suspend, annul, rectify, escalate and the rest."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from core.errors import BadInput, NotAllowed, Refused, Stale, WrongStage
from core.models import LedgerEntry, Notification
from core.requirements import RequirementsNotMet
from deliberation import operations
from deliberation.models import Proposal
from deliberation.stages import Status
from publish.models import Notice
from publish.operations import acknowledge_objection, file_objection, rule_on_objection
from tests.deliberation.world import World
from voting.models import Ballot

pytestmark = pytest.mark.django_db


def _missing(error: pytest.ExceptionInfo[RequirementsNotMet]) -> list[str]:
    return [m.key for m in error.value.missing]


# --- propose --------------------------------------------------------------------------------------------------


def test_a_proposal_comes_back_for_more_at_most_twice(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    for _time in range(2):
        world.do(operations.request_supplement, world.p, by=world.secretary, reason="请补充现场照片")
        world.do(operations.supplement_proposal, world.p, by=world.proposer, reason="已补照片")

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.request_supplement, world.p, by=world.secretary, reason="再补")

    assert _missing(error) == ["supplements_left"]


def test_a_supplement_is_due_in_ten_working_days(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    world.do(operations.request_supplement, world.p, by=world.secretary, reason="请补充")

    assert world.p.due_on == dt.date(2026, 3, 16)


def test_what_is_not_supplemented_may_be_rejected_only_after_its_time(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    world.do(operations.request_supplement, world.p, by=world.secretary, reason="请补充")
    with pytest.raises(RequirementsNotMet):
        world.do(operations.reject_proposal, world.p, by=world.secretary, reason_code="supplement_overdue")
    world.wait(15)

    world.do(operations.reject_proposal, world.p, by=world.secretary, reason_code="supplement_overdue")

    assert world.p.status == Status.REJECTED


def test_screening_is_due_in_five_working_days_and_extended_once(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    assert world.p.due_on == dt.date(2026, 3, 9)

    world.do(operations.extend_screening, world.p, by=world.director, reason="情况复杂")

    assert world.p.due_on == dt.date(2026, 3, 16)
    with pytest.raises(WrongStage):
        world.do(operations.extend_screening, world.p, by=world.director, reason="再延")


def test_accepting_says_every_question_that_is_not_answered(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    world.screen(identity_verified=False, legality_prechecked=False)

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.accept_proposal, world.p, by=world.secretary)

    assert _missing(error) == ["identity_verified", "legality_prechecked"]


def test_merging_carries_proposer_and_co_signers(world: World) -> None:
    first = world.register()
    second = world.register(by=world.residents[1], title="希望装电梯")
    for user in (world.residents[2], world.residents[3]):
        world.do(operations.co_sign_proposal, second, by=user)
    world.do(operations.co_sign_proposal, first, by=world.residents[2])

    world.do(operations.merge_proposals, second, into=first, by=world.secretary, reason="同一事项")

    assert Proposal.objects.get(pk=second.pk).merged_into == first
    signed = first.co_signatures.order_by("id").values_list("user__name", "carried_from")
    assert list(signed) == [("孙三", None), ("钱二", second.pk), ("李四", second.pk)]


@pytest.mark.parametrize("case", ["itself", "ended", "draft"])
def test_a_proposal_merges_only_into_an_open_one(world: World, case: str) -> None:
    other = world.register(submit=case != "draft")
    if case == "ended":
        world.do(operations.withdraw_proposal, other, by=world.proposer, reason="不办了")
    proposal = world.register(title="希望装电梯")

    into = proposal if case == "itself" else other
    with pytest.raises(RequirementsNotMet):
        world.do(operations.merge_proposals, proposal, into=into, by=world.secretary, reason="同一事项")


def test_a_transfer_names_to_whom(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    with pytest.raises(BadInput) as error:
        world.do(operations.transfer_proposal, world.p, by=world.secretary, reason_code="nobody")
    assert error.value.field == "reason_code"
    world.do(operations.transfer_proposal, world.p, by=world.secretary, reason_code="hotline")

    assert (world.p.status, world.p.reason_code) == (Status.TRANSFERRED, "hotline")


def test_an_upheld_appeal_goes_on_as_a_new_proposal_with_its_co_signers(world: World) -> None:
    rejected = world.walk_to(Status.SUBMITTED)
    world.do(operations.co_sign_proposal, rejected, by=world.residents[4])
    world.do(operations.reject_proposal, rejected, by=world.secretary, reason_code="out_of_scope")
    appeal = world.do(operations.file_appeal, world.p, by=world.proposer, text="这是全楼的事")

    renewed = world.do(operations.decide_appeal, appeal, by=world.director, upheld=True, decision="属于楼栋公共事务")

    assert (renewed.status, renewed.continues, renewed.proposer) == (Status.SUBMITTED, rejected, world.proposer)
    assert [s.user for s in renewed.co_signatures.all()] == [world.residents[4]]
    assert world.p.status == Status.REJECTED


def test_an_appeal_is_not_decided_by_who_rejected(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    world.do(operations.reject_proposal, world.p, by=world.secretary, reason_code="out_of_scope")
    appeal = world.do(operations.file_appeal, world.p, by=world.proposer, text="这是全楼的事")

    with pytest.raises(Refused) as error:
        world.do(operations.decide_appeal, appeal, by=world.secretary, upheld=False, decision="维持")

    assert error.value.reason_code == "decided_by_the_same_person"


def test_an_appeal_comes_too_late_after_ten_working_days(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    world.do(operations.reject_proposal, world.p, by=world.secretary, reason_code="out_of_scope")
    world.wait(15)

    with pytest.raises(Refused) as error:
        world.do(operations.file_appeal, world.p, by=world.proposer, text="这是全楼的事")

    assert error.value.reason_code == "appeal_too_late"


def test_only_the_proposer_withdraws(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    for other in (world.residents[5], world.secretary, world.grid_worker):
        with pytest.raises(NotAllowed, match="“撤回提案”由提案人办理"):
            world.do(operations.withdraw_proposal, world.p, by=other, reason="不办了", request="当面提出")
    world.do(operations.withdraw_proposal, world.p, by=world.proposer, reason="不办了")

    assert world.p.status == Status.WITHDRAWN


def test_staff_register_for_somebody_at_the_desk(world: World) -> None:
    world.register(by=world.grid_worker, source="desk", proposer_name="何奶奶", proposer_phone="13800001234")

    assert (world.p.status, world.p.proposer, world.p.proposer_name) == (Status.SUBMITTED, None, "何奶奶")


def test_a_resident_does_not_register_for_others(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.register(proposer_name="何奶奶", proposer_phone="13800001234")


# --- deliberate -----------------------------------------------------------------------------------------------


def test_deliberation_needs_a_posted_topic_and_stakeholders(world: World) -> None:
    world.walk_to(Status.ACCEPTED)

    with pytest.raises(RequirementsNotMet) as error:
        world.do(
            operations.start_deliberation,
            world.p,
            by=world.director,
            place="党群服务中心",
            starts_at=world.now + dt.timedelta(days=5),
            chair=world.facilitator,
        )

    assert _missing(error) == ["topic_posted", "stakeholders_listed"]


def test_consensus_needs_the_session_the_minutes_and_the_record(world: World) -> None:
    world.walk_to(Status.DELIBERATING)

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.confirm_consensus, world.p, by=world.director)

    assert _missing(error) == [
        "session_held", "stakeholders_present", "minutes_signed", "dissent_recorded", "consensus_reached",
    ]  # fmt: skip


def test_two_rounds_without_consensus_open_the_way_to_a_vote(world: World) -> None:
    world.walk_to(Status.DELIBERATING)
    world.hold_session()
    world.record_consultation(consensus=False)
    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.proceed_without_consensus, world.p, by=world.director, reason="一轮未果")
    assert _missing(error) == ["two_rounds_held"]
    world.next_round()
    world.hold_session()
    world.record_consultation(consensus=False)

    world.do(operations.proceed_without_consensus, world.p, by=world.director, reason="两轮未果")

    assert (world.p.status, world.p.round) == (Status.DRAFTING_PLAN, 2)


def test_no_next_round_before_the_last_has_its_record(world: World) -> None:
    world.walk_to(Status.DELIBERATING)

    with pytest.raises(WrongStage):
        world.next_round()


# --- settle ---------------------------------------------------------------------------------------------------


def test_a_plan_without_money_is_not_posted(world: World) -> None:
    world.walk_to(Status.DRAFTING_PLAN)
    world.draft_plan(funds="", budget=[])

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.publicise_plan, world.p, by=world.secretary)

    assert _missing(error) == ["plan_budgeted", "plan_funded"]


def test_a_bad_amount_names_its_line(world: World) -> None:
    world.walk_to(Status.DRAFTING_PLAN)

    with pytest.raises(BadInput) as error:
        world.draft_plan(budget=[{"item": "土建", "amount": "1"}, {"item": "设备", "amount": "12.345"}])

    assert error.value.field == "budget[1].amount"


@pytest.mark.parametrize("field", ["funds", "sharing", "schedule"])
def test_a_part_of_the_plan_that_is_too_long_is_refused_and_not_cut(world: World, field: str) -> None:
    world.walk_to(Status.DRAFTING_PLAN)

    with pytest.raises(BadInput) as error:
        world.draft_plan(**{field: "字" * 201})

    assert (error.value.field, str(error.value.sentence)) == (field, "最多200个字。")


def test_the_party_study_is_a_hard_requirement(world: World) -> None:
    world.walk_to(Status.PLAN_PUBLICISED)
    world.wait(11)

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.complete_party_review, world.p, by=world.secretary)

    assert _missing(error) == ["party_studied"]
    assert error.value.article == "《城市居民委员会组织法》第三十条"


def test_a_revised_plan_is_posted_and_studied_anew(world: World) -> None:
    world.walk_to(Status.PARTY_REVIEWED)

    world.do(operations.revise_plan, world.p, by=world.secretary, reason="补贴标准变了")
    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.publicise_plan, world.p, by=world.secretary)
    world.publicise_plan()

    assert _missing(error) == ["plan_drafted"]
    assert world.p.plans.count() == 2
    world.wait(11)
    with pytest.raises(RequirementsNotMet) as again:
        world.do(operations.complete_party_review, world.p, by=world.secretary)
    assert _missing(again) == ["party_studied"]


def _object(world: World, notice: Notice, number: int) -> None:
    for user in world.residents[:number]:
        user.phone = "13800000000"
        user.save(update_fields=["phone"])
        objection = world.do(file_objection, notice, text="不同意", by=user)
        world.do(acknowledge_objection, objection, by=world.member)
        world.do(rule_on_objection, objection, by=world.director, upheld=False, ruling="已说明")


@pytest.mark.parametrize(("objectors", "goes_back"), [(3, False), (4, True)])
def test_a_third_of_the_households_sends_a_plan_back(world: World, objectors: int, goes_back: bool) -> None:  # noqa: FBT001 - a parameter of a test
    world.walk_to(Status.PLAN_PUBLICISED)
    assert world.p.affected_households == 12
    notice = world.p.notice_links.get(purpose="plan").notice

    _object(world, notice, objectors)

    if goes_back:
        world.do(operations.return_to_deliberation, world.p, by=world.director, reason_code="objections")
        assert (world.p.status, world.p.round) == (Status.DELIBERATING, 2)
    else:
        with pytest.raises(RequirementsNotMet):
            world.do(operations.return_to_deliberation, world.p, by=world.director, reason_code="objections")


# --- decide ---------------------------------------------------------------------------------------------------


def test_voting_does_not_open_before_the_notice_has_stood(world: World) -> None:
    world.walk_to(Status.NOTICE_PERIOD)
    world.wait(14)

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.open_voting, world.p, by=world.director)

    assert _missing(error) == ["vote_notice_over"]


def test_a_rejected_matter_does_not_return_for_six_months(world: World) -> None:
    world.walk_to(Status.VOTING)
    world.close_voting(["against"] * 9 + ["for"])
    world.publish_result()
    world.wait(10)
    assert world.p.status == Status.NOT_PASSED
    ended = world.now
    world.register()
    world.screen()

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.accept_proposal, world.p, by=world.secretary)

    assert _missing(error) == ["not_barred"]
    world.now = ended + dt.timedelta(days=186)
    world.do(operations.accept_proposal, world.p, by=world.secretary)
    assert world.p.status == Status.ACCEPTED


def test_a_vote_without_quorum_is_reconvened(world: World) -> None:
    world.walk_to(Status.VOTING)
    world.close_voting(["for"] * 7)
    world.certify()
    with pytest.raises(RequirementsNotMet):
        world.do(operations.publish_result, world.p, by=world.director)

    world.do(operations.declare_not_quorate, world.p, by=world.director)
    with pytest.raises(RequirementsNotMet) as error:
        world.do(
            operations.extend_voting,
            world.p,
            by=world.director,
            reason="再等等",
            closes_at=world.now + dt.timedelta(days=5),
        )
    world.do(operations.reconvene_vote, world.p, by=world.director, reason="重新召集")

    assert _missing(error) == ["ballot_still_open"]
    assert (world.p.status, world.p.ballot) == (Status.READY_TO_VOTE, None)
    world.call_vote()
    assert world.p.status == Status.NOTICE_PERIOD


@pytest.mark.parametrize("days", [15, 16])
def test_a_vote_at_a_meeting_must_end_after_the_meeting_begins(world: World, days: int) -> None:
    world.walk_to(Status.READY_TO_VOTE)

    with pytest.raises(BadInput, match="截止时间须晚于开始时间") as refused:
        world.call_vote(
            chair=world.facilitator,
            recorder=world.member,
            place="议事厅",
            closes_at=world.now + dt.timedelta(days=days),
        )

    assert refused.value.field == "closes_at"
    assert (Ballot.objects.exists(), world.p.status) == (False, Status.READY_TO_VOTE)


def test_a_vote_is_extended_once_by_at_most_fifteen_days(world: World) -> None:
    world.walk_to(Status.VOTING)
    world.cast(["for"] * 7)
    with pytest.raises(RequirementsNotMet):
        world.do(operations.declare_not_quorate, world.p, by=world.director)
    world.wait(1, hours=12)
    world.do(operations.declare_not_quorate, world.p, by=world.director)
    assert world.p.ballot is not None
    closes_at = world.p.ballot.closes_at
    assert closes_at is not None
    with pytest.raises(BadInput):
        world.do(
            operations.extend_voting,
            world.p,
            by=world.director,
            reason="参与不足",
            closes_at=closes_at + dt.timedelta(days=16),
        )

    world.do(
        operations.extend_voting,
        world.p,
        by=world.director,
        reason="参与不足",
        closes_at=closes_at + dt.timedelta(days=15),
    )

    assert (world.p.status, world.p.vote_extended) == (Status.VOTING, True)
    world.wait(14, hours=20)
    world.do(operations.declare_not_quorate, world.p, by=world.director)
    with pytest.raises(RequirementsNotMet):
        world.do(
            operations.extend_voting,
            world.p,
            by=world.director,
            reason="还不足",
            closes_at=world.now + dt.timedelta(days=1),
        )


def test_an_annulled_decision_is_settled_anew(world: World) -> None:
    world.walk_to(Status.EFFECTIVE)
    with pytest.raises(NotAllowed):
        world.do(operations.annul_decision, world.p, by=world.secretary, reason_code="procedure")

    world.do(operations.annul_decision, world.p, by=world.officer, reason_code="procedure", reason="名册有误")
    world.do(operations.resettle_proposal, world.p, by=world.secretary, reason="重新拟定")

    assert (world.p.status, world.p.ballot) == (Status.DRAFTING_PLAN, None)


def test_an_emergency_repair_skips_the_vote_but_is_published(world: World) -> None:
    world.walk_to(Status.ACCEPTED)
    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.order_emergency_repair, world.p, by=world.director, reason="外墙脱落")
    assert _missing(error) == ["emergency_documented", "topic_posted"]
    world.post_topic()
    world.do(operations.document_emergency, world.p, by=world.director, basis="3月2日外墙砖坠落，有照片")

    world.do(operations.order_emergency_repair, world.p, by=world.director, reason="外墙脱落")

    assert world.p.status == Status.EFFECTIVE


def test_execution_needs_tasks_and_completion_needs_evidence(world: World) -> None:
    world.walk_to(Status.EFFECTIVE)
    with pytest.raises(RequirementsNotMet):
        world.do(operations.start_execution, world.p, by=world.director)
    world.start_execution()

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.report_completion, world.p, by=world.director)

    assert _missing(error) == ["tasks_done", "completion_reported"]


def test_returned_work_needs_a_new_report(world: World) -> None:
    world.walk_to(Status.AWAITING_ACCEPTANCE)
    world.do(operations.return_work, world.p, by=world.supervisor, reason="连廊未完工")

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.report_completion, world.p, by=world.director)

    assert _missing(error) == ["completion_reported"]
    world.wait(hours=1)
    world.record_completion()
    world.do(operations.report_completion, world.p, by=world.director)
    assert world.p.status == Status.AWAITING_ACCEPTANCE


# --- evaluate -------------------------------------------------------------------------------------------------


def _fail_a_rating(world: World) -> None:
    world.rate(satisfied=6, fairly=1, dissatisfied=5)
    world.wait(17)


def test_two_failed_rectifications_go_to_the_subdistrict(world: World) -> None:
    world.walk_to(Status.EVALUATING)
    for number in (1, 2):
        _fail_a_rating(world)
        with pytest.raises(RequirementsNotMet):
            world.do(operations.archive_proposal, world.p, by=world.supervisor)
        with pytest.raises(RequirementsNotMet):
            world.do(operations.escalate_proposal, world.p, by=world.supervisor, reason_code="ratings_failed_twice")
        world.do(operations.order_rectification, world.p, by=world.supervisor, reason="修好漏水")
        assert world.p.rectifications_ordered == number
        with pytest.raises(RequirementsNotMet):
            world.do(operations.finish_rectification, world.p, by=world.director)
        world.do(operations.report_rectification, world.p, by=world.member, report="已修好")
        world.do(operations.finish_rectification, world.p, by=world.director)
    _fail_a_rating(world)
    with pytest.raises(RequirementsNotMet) as error:
        world.do(operations.order_rectification, world.p, by=world.supervisor, reason="再修")
    assert _missing(error) == ["rectifications_left"]

    world.do(operations.escalate_proposal, world.p, by=world.supervisor, reason_code="ratings_failed_twice")
    world.do(operations.answer_escalation, world.p, by=world.officer, reason="街道已协调返工")

    assert (world.p.status, world.p.rating_round) == (Status.EVALUATING, 4)


def test_ratings_close_with_their_window(world: World) -> None:
    world.walk_to(Status.EVALUATING)
    world.wait(17)

    with pytest.raises(WrongStage):
        world.do(operations.rate_proposal, world.p, by=world.proposer, grade="satisfied")


def test_the_page_offers_to_rate_until_the_last_day(world: World, client: Client) -> None:
    world.walk_to(Status.EVALUATING)
    last = world.p.due_on
    assert last is not None
    offered = []

    for day in (last, last + dt.timedelta(days=1)):
        with time_machine.travel(dt.datetime.combine(day, dt.time(10), tzinfo=world.now.tzinfo), tick=False):
            client.force_login(world.residents[4])
            offered.append("评一评" in client.get(world.p.get_absolute_url()).content.decode())

    assert (offered, world.p.status) == ([True, False], Status.EVALUATING)


def test_one_resident_rates_once_and_may_change_it(world: World) -> None:
    world.walk_to(Status.EVALUATING)

    world.do(operations.rate_proposal, world.p, by=world.proposer, grade="satisfied")
    world.do(operations.rate_proposal, world.p, by=world.proposer, grade="dissatisfied", text="有噪声")

    assert list(world.p.ratings.values_list("grade", "text")) == [("dissatisfied", "有噪声")]


def test_an_opinion_is_answered_once(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    opinion = world.do(operations.give_opinion, world.p, by=world.proposer, stance="for", text="早点装。")

    world.do(operations.answer_opinion, opinion, by=world.secretary, answer="下周开会商量。")
    world.do(operations.answer_opinion, opinion, by=world.secretary, answer="下周开会商量。")
    with pytest.raises(Stale):
        world.do(operations.answer_opinion, opinion, by=world.director, answer="还没有安排。")

    opinion.refresh_from_db()
    assert (opinion.answer, opinion.answered_by) == ("下周开会商量。", world.secretary)
    assert LedgerEntry.objects.filter(act="answer_opinion").count() == 1
    assert Notification.objects.filter(user=world.proposer, text__contains="意见有了答复").count() == 1


def test_outsiders_do_not_rate_sign_or_speak(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    with pytest.raises(NotAllowed):
        world.do(operations.co_sign_proposal, world.p, by=world.outsider)
    with pytest.raises(NotAllowed):
        world.do(operations.give_opinion, world.p, by=world.outsider, stance="for")
    world.walk_to(Status.EVALUATING)
    with pytest.raises(NotAllowed):
        world.do(operations.rate_proposal, world.p, by=world.outsider, grade="satisfied")


# --- at many points -------------------------------------------------------------------------------------------


def test_a_suspended_matter_resumes_where_it_was(world: World) -> None:
    world.walk_to(Status.DRAFTING_PLAN)
    world.do(operations.suspend_proposal, world.p, by=world.secretary, reason_code="waiting_outside", days=20)
    assert (world.p.stage, world.p.resumes_on) == ("settle", dt.date(2026, 3, 27))

    world.do(operations.resume_proposal, world.p, by=world.secretary)

    assert (world.p.status, world.p.resumes_on) == (Status.DRAFTING_PLAN, None)


@pytest.mark.parametrize("days", [0, 31])
def test_a_suspension_lasts_at_most_thirty_days(world: World, days: int) -> None:
    world.walk_to(Status.ACCEPTED)

    with pytest.raises(BadInput):
        world.do(operations.suspend_proposal, world.p, by=world.secretary, reason_code="dispute", days=days)


@pytest.mark.parametrize("act", ["suspend", "terminate"])
def test_no_consensus_is_no_reason_before_two_rounds(world: World, act: str) -> None:
    world.walk_to(Status.DELIBERATING)
    operation = {"suspend": operations.suspend_proposal, "terminate": operations.terminate_proposal}[act]

    with pytest.raises(RequirementsNotMet) as error:
        world.do(operation, world.p, by=world.secretary, reason_code="no_consensus")

    assert _missing(error) == ["rounds_as_said"]


def test_a_stale_page_is_told_who_did_what(world: World) -> None:
    world.walk_to(Status.SUBMITTED)
    seen = world.p.version
    world.screen()

    with pytest.raises(Stale) as error:
        world.do(operations.reject_proposal, world.p, by=world.secretary, reason_code="unlawful", expected_version=seen)

    assert str(error.value.sentence) == (
        "页面打开之后，居委会委员贾**已于03-02 09:00记录把关意见，现在是“待审核”。请看过最新情况再操作。"
    )


def test_the_wrong_stage_says_where_the_matter_is(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    with pytest.raises(WrongStage) as error:
        world.do(operations.archive_proposal, world.p, by=world.supervisor)

    assert str(error.value.sentence) == "现在是“待审核”，不能“评议通过，归档”。"


def test_the_wrong_office_is_told_who_may(world: World) -> None:
    world.walk_to(Status.SUBMITTED)

    with pytest.raises(NotAllowed) as error:
        world.do(operations.accept_proposal, world.p, by=world.member)

    assert str(error.value.sentence) == "“受理”由书记、主任办理。"
