"""The tellers' page: everything that bears on a signature before it is given, and nothing to press twice after it."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.models import Office, Term, User
from core.actors import COMMAND_LINE
from core.models import Notification
from publish.models import Notice
from tests.voting.factories import cast, make_unit, open_a_ballot, voters_of
from voting.export import recount_document
from voting.models import Ballot, Vote
from voting.operations import certify_ballot, close_ballot
from voting.operations.box import send_box
from voting.operations.paper import issue_papers, reconcile_papers
from voting.operations.teller import name_tellers, recount_ballot, sign_count
from voting.result import result_facts
from voting.signing import signing_history

pytestmark = pytest.mark.django_db
SIGN = "核对无误，签字"


def teller(name: str, office: str = Office.TELLER) -> User:
    user = User.objects.create(username=name, name=name)
    Term.objects.create(user=user, office=office, unit=make_unit(), starts_on="2026-01-01")
    return user


def page(ballot: Ballot, user: User | None, part: str = "certify", **sent: str) -> Any:
    client = Client()
    if user is not None:
        client.force_login(user)
    address = f"/ballots/{ballot.pk}/{part}/"
    return client.post(address, sent, follow=True) if sent else client.get(address)


def closed(**more: Any) -> Ballot:
    ballot = open_a_ballot(3, **more)
    for voter in voters_of(ballot)[:2]:
        cast(voter)
    return close_ballot(ballot, by=COMMAND_LINE)


def test_after_signing_the_button_is_gone_and_the_page_says_who_is_still_owed() -> None:
    ballot = closed()
    one, two = teller("李国庆"), teller("王桂英")

    before = page(ballot, one).content.decode()
    after = page(ballot, one, agrees="1").content.decode()
    for_other = page(ballot, two).content.decode()
    page(ballot, two, agrees="1")
    certified = page(ballot, one).content.decode()

    assert [SIGN in text for text in (before, after, for_other, certified)] == [True, False, True, False]
    assert ("签字：核对无误。" in after, "还差 1 人签字，结果才确认。" in after) == (True, True)
    assert "改签：不同意" in after
    assert ("结果已经确认，签字不能再改。" in certified, "<textarea" in certified) == (True, False)


def test_who_disagreed_may_agree_after_all_and_everybody_sees_the_disagreement_first() -> None:
    ballot = closed()
    one, two = teller("李国庆"), teller("王桂英")
    page(ballot, one, agrees="0", reason="少了一张纸质票")

    own, other = page(ballot, one).content.decode(), page(ballot, two).content.decode()

    assert ("改签：核对无误" in own, SIGN in own, "重新计票" in own) == (True, False, True)
    assert other.index("李国庆 不同意计票结果：少了一张纸质票") < other.index(SIGN)


def test_an_early_close_and_its_reason_stand_above_the_signature() -> None:
    end = timezone.now() + dt.timedelta(days=2)
    ballot = open_a_ballot(3, closes_at=end)
    close_ballot(ballot, by=COMMAND_LINE, reason="名册上的人都已投票。")

    shown = page(ballot, teller("李国庆")).content.decode()

    assert shown.index("这次表决提前截止：公告的截止时间是") < shown.index("名册上的人都已投票。") < shown.index(SIGN)
    assert "提前截止" not in page(closed(), User.objects.get()).content.decode()


def test_a_count_that_was_edited_cannot_be_signed_on_the_page() -> None:
    ballot = closed()
    Vote.objects.filter(item__ballot=ballot).update(choice="against")

    shown = page(ballot, teller("李国庆")).content.decode()

    assert "结果被改动过，与台账不符，不能确认" in shown
    assert (SIGN in shown, 'name="recount"' in shown) == (False, True)


def test_papers_and_boxes_stand_beside_the_count_and_the_last_signature_can_be_given_anew() -> None:
    ballot = open_a_ballot(3)
    desk = teller("社工", Office.COMMITTEE_MEMBER)
    issue_papers(ballot, issued=2, by=desk)
    send_box(ballot, box="一号", place="3幢", carriers=["甲", "乙", "丙"], seal="封1", by=desk)
    close_ballot(ballot, by=COMMAND_LINE)
    tellers = [teller(name) for name in ("李国庆", "王桂英", "赵六")]
    for user in tellers:
        page(ballot, user, agrees="1")

    waiting = page(ballot, tellers[0]).content.decode()
    reconcile_papers(ballot, returned=0, unreturned=2, valid=0, invalid=0, by=desk)
    reconciled = page(ballot, tellers[0]).content.decode()
    page(ballot, tellers[0], agrees="1")
    ballot.refresh_from_db()

    assert "发出的纸质票还没有核对" in waiting
    assert "须有 3 人签字同意，没有人不同意。" in waiting
    assert ("出动 1 次" in waiting, "重新签字，确认结果" in waiting) == (True, False)
    assert "发出 2 = 收回 0 + 未收回 2；收回 0 = 有效 0 + 无效 0" in reconciled
    assert "重新签字，确认结果" in reconciled
    assert ballot.phase == "certified"


def test_no_signature_is_left_out_however_many_there_are() -> None:
    ballot = closed()
    one = teller("李国庆")
    for number in range(52):
        sign_count(ballot, by=one, agrees=False, reason=f"第{number}次")

    first, second = (signing_history(ballot, page=number) for number in ("1", "2"))

    assert [line["reason"] for line in (*first, *second)] == [f"第{number}次" for number in reversed(range(52))]
    assert (len(first), len(second), first.paginator.num_pages) == (50, 2, 2)
    assert [line["stands"] for line in first].count(True) == 1
    assert "page=2" in page(ballot, None, "result").content.decode()


def test_tellers_are_masked_wherever_the_public_reads_and_named_where_the_office_works() -> None:
    ballot = closed()
    one, two = teller("李国庆"), teller("李桂英")
    sign_count(ballot, by=one, agrees=False, reason="再数一遍")
    recount_ballot(ballot, by=one)
    certify_ballot(ballot, by=[one, two])

    public, desk = page(ballot, None, "result"), page(ballot, one, "result")
    outsider = page(ballot, User.objects.create(username="guest", name="路人"), "result")

    masked = ["李**(甲)", "李**(乙)"]
    assert result_facts(ballot)["tellers"] == masked
    assert recount_document(ballot)["ballot"]["tellers"] == masked
    assert public.context["signed_by"] == outsider.context["signed_by"] == masked
    assert {line["name"] for line in public.context["history"]} == set(masked)
    assert ("李国庆" in public.content.decode(), "李桂英" in public.content.decode()) == (False, False)
    assert desk.context["signed_by"] == ["李国庆", "李桂英"]
    people = page(ballot, None, "people").content.decode()
    assert ("李国庆" in people, not Notice.objects.exists()) == (False, True)


def test_the_tellers_are_told_of_a_count_those_named_alone_where_any_are(
    django_capture_on_commit_callbacks: Any,
) -> None:
    one, two, named = teller("李国庆"), teller("王桂英"), teller("路人", Office.RESIDENT)
    ballots = open_a_ballot(2), open_a_ballot(2)
    name_tellers(ballots[1], tellers=[one, named], by=COMMAND_LINE)

    with django_capture_on_commit_callbacks(execute=True):
        for ballot in ballots:
            close_ballot(ballot, by=COMMAND_LINE)

    told = Notification.objects.order_by("user", "url").values_list("user", "url")
    free, own = (f"/ballots/{ballot.pk}/certify/" for ballot in ballots)
    assert sorted(told) == sorted([(one.pk, free), (one.pk, own), (two.pk, free), (named.pk, own)])
    assert {one.text for one in Notification.objects.all()} == {"“加装电梯”已截止并计票，请核对签字。"}
