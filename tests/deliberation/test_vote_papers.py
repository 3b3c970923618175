"""The papers around a vote: what stands in them, who reads them, and that none of them holds up a vote."""

from typing import Any

import pytest
from django.test import Client

from community.models import User
from core.requirements import RequirementsNotMet
from deliberation import operations
from deliberation.models import Proposal, Purpose
from deliberation.operations import vote_papers
from deliberation.stages import Status
from publish.models import Notice
from publish.operations import (
    acknowledge_objection,
    file_objection,
    retry_notice,
    rule_on_objection,
    withdraw_notice,
)
from publish.queries import public_notices, verdict_of
from tests.deliberation.world import World
from voting.models import Ballot
from voting.operations import certify_ballot
from voting.operations.paper import issue_papers, reconcile_papers
from voting.operations.teller import name_tellers, recount_ballot

pytestmark = pytest.mark.django_db

_BASIS = "民法典第二百七十八条第一款第一项至第五项、第九项和第二款"


def _papers(world: World, purpose: Purpose) -> list[Notice]:
    return [link.notice for link in world.p.notice_links.filter(purpose=purpose).order_by("id")]


def _paper(world: World, purpose: Purpose) -> Notice:
    [notice] = _papers(world, purpose)
    return notice


def _reads(user: User | None, notice: Notice) -> int:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(f"/notices/{notice.pk}/").status_code


def _no_fonts(_paper: dict[str, Any], **_more: Any) -> bytes:
    raise OSError


def test_how_a_vote_is_held_is_posted_with_its_call(world: World) -> None:
    world.walk_to(Status.NOTICE_PERIOD)

    procedure = _paper(world, Purpose.PROCEDURE)

    assert _paper(world, Purpose.VOTE).facts["addressee"] == "全体表决人"
    assert (procedure.kind, procedure.is_public, procedure.days, procedure.status) == (
        "voting_procedure", True, 7, "posted",
    )  # fmt: skip
    assert procedure.facts == {
        "title": "关于3幢2单元加装电梯的表决办法",
        "addressee": "全体表决人",
        "matter": "3幢2单元加装电梯",
        "basis": [_BASIS],
        "method": "记名表决，书面和网上征求意见",
        "opens_at": "2026-04-03T10:00",
        "closes_at": "2026-04-05T10:00",
        "electorate": "表决人为业主，共12人，专有部分面积1060.80平方米，以公示并冻结的名册为准。",
        "rule": "业主共同决定一般事项",
        "steps": [
            "凭表决码或者账号在网上表决，也可以领取纸质表决票。",
            "每一事项在同意、反对、弃权中选一项，多选的该项无效。",
            "投出后不能更改。",
            "同一人既在网上投票又交纸质票的，以先到的为准。",
        ],
        "counting": [
            "参与表决专有部分面积须占应参加专有部分面积的三分之二以上。",
            "参与表决人数须占应参加人数的三分之二以上。",
            "同意专有部分面积须超过参与表决专有部分面积的一半。",
            "同意人数须超过参与表决人数的一半。",
            "弃权计入参与表决；没有表决的不计入。",
            "人数和面积以整数和百分之一平方米为单位比较，不用四舍五入后的百分比。",
            "收回的纸质票多于发出的，表决无效。",
            "计票由两名以上监票人、计票人核对签字，候选人及其家人不得担任。",
        ],
        "proxies": [
            "委托须书面写明事项、权限和期限，在表决开始前提交。",
            "每名受托人至多接受3人的委托，不得转委托；候选人和物业服务企业的人员不得受托。",
        ],
        "tellers": [],
    }


def test_the_form_of_a_power_is_for_everybody_to_print_and_hangs_on_no_board(world: World) -> None:
    world.walk_to(Status.NOTICE_PERIOD)

    form = _paper(world, Purpose.PROXY_FORM)

    assert (form.kind, form.is_public, form.days, form.number) == (
        "proxy_form",
        True,
        0,
        "平城街社区表〔2026〕1号",
    )
    assert (form.facts["matter"], form.facts["until"]) == ("3幢2单元加装电梯", "2026-04-05")
    assert "principal" not in form.facts
    assert _reads(None, form) == 200
    assert not public_notices().filter(pk=form.pk).exists()
    page = Client().get(world.p.get_absolute_url()).content.decode()
    assert f'href="/notices/{form.pk}/"' in page
    assert f'<a class="button" href="/notices/{form.pk}/pdf"' in page
    desk = Client()
    desk.force_login(world.member)
    assert f'href="/notices/{form.pk}/pdf"' in desk.get(f"/ballots/{world.p.ballot_id}/people/").content.decode()


def test_a_body_that_votes_in_person_gets_no_form_of_a_power(world: World) -> None:
    world.walk_to(Status.PLAN_PUBLICISED)
    world.review_legality()
    world.do(
        operations.choose_rule, world.p, by=world.secretary, rule="resident_reps_meeting", electorate="representatives"
    )  # fmt: skip
    world.do(operations.publish_roll, world.p, by=world.director)
    world.wait(11)
    world.study()
    world.do(operations.complete_party_review, world.p, by=world.secretary)
    world.make_ready()
    world.call_vote(chair=world.facilitator, recorder=world.member, place="党群服务中心")

    procedure = _paper(world, Purpose.PROCEDURE)

    assert _papers(world, Purpose.PROXY_FORM) == []
    assert (procedure.facts["proxies"], procedure.facts["method"]) == (
        ["本次表决不接受委托。"], "记名表决，在会议上进行",
    )  # fmt: skip
    assert procedure.facts["electorate"] == "表决人为居民代表，共2人，以公示并冻结的名册为准。"
    assert procedure.facts["opens_at"] == "2026-04-03T10:00"


def test_a_closed_vote_leaves_the_sheet_of_the_tellers_and_its_first_result(world: World) -> None:
    world.walk_to(Status.VOTING)
    assert world.p.ballot is not None
    world.do(name_tellers, world.p.ballot, tellers=world.tellers, by=world.secretary)
    world.close_voting()

    sheet, result = _paper(world, Purpose.COUNT_SHEET), _paper(world, Purpose.PRELIMINARY)
    ballot = world.p.ballot
    assert ballot is not None
    assert ballot.result is not None

    title = "是否同意“3幢2单元加装电梯”方案（第1版）"
    assert sheet.facts == {
        "title": "3幢2单元加装电梯计票单",
        "matter": "3幢2单元加装电梯",
        "counted_at": "2026-04-04T10:00",
        "items": [
            {
                "title": title,
                "options": [
                    {"label": "同意", "heads": 10, "area": "884.00"},
                    {"label": "反对", "heads": 1, "area": "88.40"},
                    {"label": "弃权", "heads": 0, "area": "0.00"},
                ],
                "invalid": {"heads": 0, "area": "0.00"},
            }
        ],
        "tellers": ["监票计票人 计一", "监票计票人 计二"],
        "roll_hash": ballot.roll_hash,
        "result_hash": ballot.result["hash"],
    }
    assert (result.kind, result.is_public, result.days) == ("preliminary_result", True, 3)
    assert (result.facts["title"], result.facts["tellers"], result.facts["items"][0]["outcome"]) == (
        "关于3幢2单元加装电梯表决初步结果的公告", ["计*(甲)", "计*(乙)"], "passed",
    )  # fmt: skip
    assert result.facts["result_hash"] == ballot.result["hash"]


def test_the_count_sheet_is_for_tellers_and_staff(world: World) -> None:
    world.walk_to(Status.COUNTING)
    sheet, result = _paper(world, Purpose.COUNT_SHEET), _paper(world, Purpose.PRELIMINARY)
    readers = [world.tellers[0], world.secretary, world.residents[3], world.proposer, world.outsider, None]

    assert [_reads(user, sheet) for user in readers] == [200, 200, 403, 403, 403, 302]
    assert [_reads(user, result) for user in readers] == [200] * 6
    page = Client().get(world.p.get_absolute_url()).content.decode()
    assert ("计票单" in page, "表决初步结果的公告" in page) == (False, True)
    teller = Client()
    teller.force_login(world.tellers[0])
    assert f'href="/notices/{sheet.pk}/pdf"' in teller.get(f"/ballots/{world.p.ballot_id}/certify/").content.decode()


def test_the_same_news_a_second_time_and_a_recount_that_finds_the_same_file_nothing(world: World) -> None:
    world.walk_to(Status.COUNTING)
    before = Notice.objects.count()

    again = world.do(operations.file_count_papers, world.p)
    procedure = world.do(operations.file_voting_procedure, world.p)
    world.do(recount_ballot, world.p.ballot, by=world.secretary)

    assert (again, procedure, Notice.objects.count()) == ([], [], before)
    assert operations.file_owed_count_papers(world.now) == 0


def test_papers_that_were_reconciled_stand_on_a_new_sheet(world: World) -> None:
    world.walk_to(Status.VOTING)
    assert world.p.ballot is not None
    world.do(issue_papers, world.p.ballot, issued=3, by=world.member)
    world.close_voting()
    world.do(
        reconcile_papers, world.p.ballot, returned=0, unreturned=3, valid=0, invalid=0, by=world.member
    )  # fmt: skip

    filed = world.after_commit(lambda: operations.file_owed_count_papers(world.now))

    first, second = _papers(world, Purpose.COUNT_SHEET)
    assert (filed, "paper" in first.facts) == (1, False)
    assert second.facts["paper"] == {"issued": 3, "returned": 0, "valid": 0, "invalid": 0}
    assert (first.status, second.status, second.supersedes, second.version) == ("superseded", "posted", first, 2)
    assert len(_papers(world, Purpose.PRELIMINARY)) == 1


def test_more_matters_than_a_turn_takes_all_come_round(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.walk_to(Status.COUNTING)
    first = world.p.pk
    for _copy in range(2):  # what stands about the ballot is already filed: only which matters are looked at counts
        world.p.pk = None
        world.p.save(force_insert=True)
    monkeypatch.setattr(vote_papers, "AT_ONCE", 2)

    turns = [[one.pk for one in vote_papers.counting_in_turn(turn)] for turn in (6, 7, 8)]

    assert turns == [[first, first + 1], [first + 2], [first, first + 1]]


def test_a_certified_vote_owes_no_preliminary_result(world: World) -> None:
    world.walk_to(Status.COUNTING)
    first = _paper(world, Purpose.PRELIMINARY)
    world.do(withdraw_notice, first, by=world.secretary, reason="有误")
    world.do(certify_ballot, world.p.ballot, by=world.tellers)

    assert _papers(world, Purpose.PRELIMINARY) == [first]
    assert operations.file_owed_count_papers(world.now) == 0


def test_without_typesetting_the_vote_is_called_held_counted_and_certified(world: World, settings: Any) -> None:
    world.walk_to(Status.READY_TO_VOTE)
    world.call_vote()
    settings.PAPER_ENGINE = "tests.deliberation.test_vote_papers.cannot_set"

    world.open_voting()
    world.close_voting()
    world.do(certify_ballot, world.p.ballot, by=world.tellers)

    sheet = _paper(world, Purpose.COUNT_SHEET)
    assert (world.p.status, sheet.status, sheet.failure) == (Status.COUNTING, "failed", "本机不能排版。")
    settings.PAPER_ENGINE = "tests.publish.conftest.small_engine"
    world.do(retry_notice, sheet, by=world.tellers[0])
    assert _paper(world, Purpose.COUNT_SHEET).status == "posted"


def cannot_set(_paper: dict[str, Any], **_more: Any) -> bytes:
    """Stand for a machine without Pango."""
    from core.errors import Refused  # noqa: PLC0415 - said where it is raised

    raise Refused("本机不能排版。")


def test_a_process_that_dies_after_the_count_owes_its_papers(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.walk_to(Status.VOTING)
    with monkeypatch.context() as patched:
        patched.setattr("deliberation.operations.vote_papers.post_notice", _no_fonts)
        world.close_voting()

    assert world.p.status == Status.COUNTING
    assert (_papers(world, Purpose.COUNT_SHEET), _papers(world, Purpose.PRELIMINARY)) == ([], [])
    assert [record.message for record in caplog.records if "count papers" in record.message] != []
    filed = world.after_commit(lambda: operations.file_owed_count_papers(world.now))
    assert filed == 2
    assert _paper(world, Purpose.PRELIMINARY).status == "posted"


def test_an_unanswered_objection_to_the_first_result_keeps_the_matter_from_taking_effect(world: World) -> None:
    world.walk_to(Status.COUNTING)
    first = _paper(world, Purpose.PRELIMINARY)
    objection = world.do(
        file_objection, first, text="少算了一票。", name="赵一", phone="13800000001", by=world.residents[0]
    )  # fmt: skip
    world.publish_result()
    world.wait(10)

    assert world.p.status == Status.RESULT_PUBLICISED
    with pytest.raises(RequirementsNotMet):
        world.do(operations.take_effect, world.p, by=world.secretary)
    world.do(acknowledge_objection, objection, by=world.member)
    world.do(rule_on_objection, objection, by=world.supervisor, upheld=False, ruling="复核无误。")
    world.do(operations.take_effect, world.p, by=world.secretary)
    assert world.p.status == Status.EFFECTIVE


def test_each_round_of_rating_has_its_form(world: World) -> None:
    world.walk_to(Status.EVALUATING)

    form = _paper(world, Purpose.RATING_FORM)

    assert (form.kind, form.is_public, form.days) == ("rating_form", True, 0)
    until = form.facts.pop("until")
    assert until == _paper(world, Purpose.IMPLEMENTATION).facts["rating"]["until"]
    assert form.facts == {
        "title": "3幢2单元加装电梯评议表",
        "matter": "3幢2单元加装电梯",
        "questions": [{"text": "您对这件事的办理结果", "grades": ["满意", "基本满意", "不满意"]}],
        "return_to": "社区居民委员会",
        "online": f"http://127.0.0.1:8000/proposals/{world.p.pk}/",
    }
    assert _reads(None, form) == 200
    world.rate(satisfied=2, fairly=0, dissatisfied=10)
    world.wait(17)
    world.do(operations.order_rectification, world.p, by=world.supervisor, reason="补种绿化。")
    world.do(operations.report_rectification, world.p, by=world.member, report="已补种。")
    world.do(operations.finish_rectification, world.p, by=world.director)

    forms = _papers(world, Purpose.RATING_FORM)
    assert [one.facts["until"] for one in forms] == [until, Proposal.objects.get().due_on.isoformat()]  # type: ignore[union-attr] # a round has its last day


def test_a_count_whose_papers_cannot_be_made_holds_up_no_other(world: World) -> None:
    world.walk_to(Status.COUNTING)
    assert world.p.ballot is not None
    Ballot.objects.filter(pk=world.p.ballot.pk).update(result={"items": []})  # nothing a sheet could be made of
    world.proposal = None
    world.walk_to(Status.COUNTING)
    world.p.notice_links.filter(purpose=Purpose.COUNT_SHEET).delete()

    assert world.after_commit(lambda: operations.file_owed_count_papers(world.now)) == 1
    assert _paper(world, Purpose.COUNT_SHEET).status == "posted"


def test_the_first_result_points_to_the_final_one_and_keeps_its_objection_days(world: World) -> None:
    world.walk_to(Status.COUNTING)
    first = _paper(world, Purpose.PRELIMINARY)
    before = Client().get(f"/api/v1/verify/{first.content_hash}").json()
    world.publish_result()
    final = _paper(world, Purpose.RESULT)
    first.refresh_from_db()
    told = Client().get(f"/api/v1/verify/{first.content_hash}").json()
    page = Client().get(f"/notices/verify/{first.content_hash}/").content.decode()

    assert (before["state"], before["followed_by"]) == ("valid", None)
    assert (first.status, first.follower) == ("posted", final)
    assert (told["state"], told["followed_by"], told["superseded_by"]) == ("valid", final.number, None)
    assert "此后已经公布表决结果公示，以后一份为准。" in page
    assert f'<a href="/notices/{final.pk}/">{final.number}</a>' in page
    assert final.paper is not None
    assert final.paper["follows"] == [first.number]
    assert f"此前公布的{first.number}，以本表决结果公示为准。" in Client().get(f"/notices/{final.pk}/").content.decode()
    assert f"{final.number} {final.title}" in Client().get(f"/notices/{first.pk}/").content.decode()
    world.do(
        file_objection, first, text="少算了一票。", name="赵一", phone="13800000001", by=world.residents[0]
    )  # fmt: skip


def test_a_final_result_that_was_withdrawn_is_not_pointed_to(world: World) -> None:
    world.walk_to(Status.COUNTING)
    first = _paper(world, Purpose.PRELIMINARY)
    world.publish_result()
    world.do(withdraw_notice, _paper(world, Purpose.RESULT), by=world.secretary, reason="有误")

    assert verdict_of(first.content_hash).follower is None


def test_a_vote_declared_not_quorate_after_the_count_has_its_result_posted(world: World) -> None:
    world.walk_to(Status.VOTING)
    world.close_voting(["for"] * 7)
    world.certify()
    assert _papers(world, Purpose.NOT_QUORATE) == []
    world.do(operations.declare_not_quorate, world.p, by=world.director)
    final, first = _paper(world, Purpose.NOT_QUORATE), _paper(world, Purpose.PRELIMINARY)

    assert (final.kind, final.status, final.days, final.facts["title"]) == (
        "vote_result", "posted", 7, "关于3幢2单元加装电梯表决未达到法定人数的公告",
    )  # fmt: skip
    assert [item["outcome"] for item in final.facts["items"]] == ["not_quorate"]
    assert (first.follower, _papers(world, Purpose.RESULT)) == (final, [])
    assert operations.file_owed_count_papers(world.now) == 0


def test_a_vote_given_up_for_a_new_call_leaves_its_count_papers(world: World) -> None:
    world.walk_to(Status.VOTING)
    world.cast(["for"] * 7)
    world.wait(1, hours=12)
    world.do(operations.declare_not_quorate, world.p, by=world.director)
    ballot = world.p.ballot
    assert ballot is not None
    assert (_papers(world, Purpose.COUNT_SHEET), _papers(world, Purpose.PRELIMINARY)) == ([], [])

    world.do(operations.reconvene_vote, world.p, by=world.director, reason="重新召集")
    sheet, first = _paper(world, Purpose.COUNT_SHEET), _paper(world, Purpose.PRELIMINARY)
    assert world.p.ballot is None
    assert (sheet.subject_id, sheet.facts["items"][0]["options"][0]["heads"]) == (str(ballot.pk), 7)
    assert [item["outcome"] for item in first.facts["items"]] == ["not_quorate"]
    assert _papers(world, Purpose.NOT_QUORATE) == []

    world.do(certify_ballot, ballot, by=world.tellers)
    first.refresh_from_db()
    assert first.follower == _paper(world, Purpose.NOT_QUORATE)
    assert operations.file_owed_count_papers(world.now) == 0


def test_a_second_legality_opinion_takes_the_place_of_the_first(world: World) -> None:
    world.walk_to(Status.PLAN_PUBLICISED)
    for lawful, opinion in ((False, "缺少资金来源。"), (True, "已补正，合法。")):
        world.do(operations.review_legality, world.p, by=world.officer, is_lawful=lawful, opinion=opinion)

    first, second = _papers(world, Purpose.LEGALITY)
    assert (first.status, second.status, second.supersedes, second.version) == ("superseded", "posted", first, 2)
    assert [paper.facts["conclusion"] for paper in (first, second)] == ["unlawful", "lawful"]
