"""A receipt or a pseudonym leads a voter, and nobody else, to the line of the recount file that holds their vote."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.models import User
from core.actors import COMMAND_LINE
from core.templatetags.wuyi import grouped
from tests.voting.factories import intent, items_of, open_a_ballot, voters_of
from voting.export import recount_document
from voting.finding import CountedVote, votes_of_receipt
from voting.models import Ballot
from voting.operations import VoterDraft, cast_votes, certify_ballot, close_ballot

pytestmark = pytest.mark.django_db

ITEMS: list[dict[str, Any]] = [
    {"title": "是否加装"},
    {"title": "排个序", "method": "ranking", "options": ["甲", "乙"]},
    {"title": "分一分", "method": "budget", "options": ["路", "灯"], "form": {"points": 10}},
]


def _voted(kind: str) -> tuple[Ballot, str]:
    """Return a certified ballot of three questions and the receipt of its first voter, who left out the second."""
    ballot = open_a_ballot([VoterDraft(f"业主{n}", area=8_840) for n in range(3)], kind=kind, items=ITEMS)
    one, two, three = (str(item.pk) for item in items_of(ballot))
    mine, *others = (
        intent(voter, choices=choices)
        for voter, choices in zip(
            voters_of(ballot),
            [{one: "for", three: {"1": 3, "2": 7}}, {one: "against", two: ["2", "1"]}, {one: "for"}],
            strict=True,
        )
    )
    receipt = cast_votes([mine])[0].receipt
    assert all(outcome.accepted for outcome in cast_votes(others))
    return certify_ballot(ballot, by=["甲", "乙"]), receipt


@pytest.mark.parametrize("kind", ["named", "secret"])
def test_a_receipt_leads_to_the_votes_of_its_cast_and_to_no_other(kind: str) -> None:
    ballot, receipt = _voted(kind)

    found = votes_of_receipt(ballot, f" {grouped(receipt.upper())}\n")

    assert [(one.matter, one.said) for one in found] == [("是否加装", "同意"), ("分一分", "路 3、灯 7")]
    published = {(row[0], row[3]) for row in recount_document(ballot)["votes"]}
    first, _second, third = (str(item.pk) for item in items_of(ballot))
    assert published >= {(first, found[0].receipt), (third, found[1].receipt)}


@pytest.mark.parametrize("text", ["", "0" * 32, "x" * 32, "{receipt}0", "{shorter}", "%", "{line}"])
def test_only_the_whole_receipt_finds_anything(text: str) -> None:
    ballot, receipt = _voted("secret")
    line = votes_of_receipt(ballot, receipt)[0].receipt

    assert votes_of_receipt(ballot, text.format(receipt=receipt, shorter=receipt[:-1], line=line)) == []


def test_the_page_looks_a_posted_receipt_up_for_anybody() -> None:
    ballot, receipt = _voted("secret")
    address = f"/ballots/{ballot.pk}/result/"

    found = Client().post(address, {"receipt": receipt})
    absent = Client().post(address, {"receipt": "0" * 32})

    assert [one.said for one in found.context["counted"]] == ["同意", "路 3、灯 7"]
    assert "这样计入" in found.content.decode().partition("<template")[0]
    assert "计票文件里没有这个回执号" in absent.content.decode().partition("data-receipt-answer")[2]
    assert receipt not in found.content.decode()
    assert "no-store" in found["Cache-Control"]


def test_before_certification_nothing_can_be_looked_up() -> None:
    ballot = open_a_ballot(1)
    receipt = cast_votes([intent(voters_of(ballot)[0])])[0].receipt
    close_ballot(ballot, by=COMMAND_LINE)

    page = Client().post(f"/ballots/{ballot.pk}/result/", {"receipt": receipt})

    assert "looked_up" not in page.context
    assert "data-receipt-check" not in page.content.decode()


def test_a_signed_in_voter_sees_their_own_line_and_their_ward_s() -> None:
    own, guardian = (User.objects.create(username=name, name=name) for name in ("甲", "乙"))
    drafts = [
        VoterDraft("甲", user=own),
        VoterDraft("乙", user=guardian),
        VoterDraft("丙", guardian=guardian, guardian_name="乙"),
    ]
    ballot = open_a_ballot(drafts)
    first, _second, ward = voters_of(ballot)
    cast_votes([intent(first, "for"), intent(ward, "against")])
    certify_ballot(ballot, by=["计一", "计二"])

    def lines(user: User | None) -> list[tuple[str, list[str]]]:
        client = Client()
        if user:
            client.force_login(user)
        shown = client.get(f"/ballots/{ballot.pk}/result/").context["own"]
        return [(line.name, [vote.said for vote in line.votes]) for line in shown]

    assert lines(own) == [("甲", ["同意"])]
    assert lines(guardian) == [("乙", []), ("丙", ["反对"])]
    assert lines(None) == []


def test_many_questions_and_many_voters_cost_no_more_queries() -> None:
    counts = []
    for number in (1, 3):
        ballot = open_a_ballot(number * 5, items=ITEMS[:number])
        receipt = cast_votes([intent(voter) for voter in voters_of(ballot)])[0].receipt
        close_ballot(ballot, by=COMMAND_LINE)
        with CaptureQueriesContext(connection) as queries:
            [found, *_rest] = votes_of_receipt(ballot, receipt)
        assert found == CountedVote("是否加装", "同意", found.receipt)
        counts.append(len(queries))

    assert counts == [3, 3]
