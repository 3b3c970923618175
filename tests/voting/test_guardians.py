"""A guardian votes for an owner who is a minor or incapable, once, whether on the roll or not."""

import json

import pytest
from django.test import Client

from community.models import Office, Term, User
from core.actors import COMMAND_LINE
from publish import kinds
from publish.web_paper import body_of
from tests.voting.factories import cast, intent, make_ballot, make_unit, voters_of
from voting.models import Ballot, PrintRun, Vote, Voter
from voting.operations import CastIntent, VoterDraft, cast_votes, lodge_proxy, open_ballot
from voting.operations.printing import _named

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def _user(name: str) -> User:
    return User.objects.create(username=f"u-{name}", name=name, unit=make_unit())


def _ballot(*, on_roll: bool) -> tuple[Ballot, User, Voter, Voter]:
    """Return an open ballot of 妈妈 (on the roll or not), her ward 小三, and 邻居."""
    mother, child = _user("妈妈"), _user("小三")
    drafts = [
        VoterDraft("小三", 1, 9000, child, guardian=mother, guardian_name="妈妈"),
        VoterDraft("妈妈" if on_roll else "邻居", 1, 8000, mother if on_roll else _user("邻居")),
    ]
    ballot = make_ballot(drafts)
    ward, other = voters_of(ballot)
    return open_ballot(ballot, by=COMMAND_LINE), mother, ward, other


def _behalf(ward: Voter, *, user: User, voter: Voter | None = None) -> CastIntent:
    own = intent(ward, "against")
    return CastIntent(
        own.ballot_id, voter.pk if voter is not None else None, own.request, own.choices, str(ward.pk), user_id=user.pk
    )


@pytest.mark.parametrize("on_roll", [True, False])
def test_the_guardian_votes_for_the_ward(*, on_roll: bool) -> None:
    _drawn, mother, ward, other = _ballot(on_roll=on_roll)
    sender = other if on_roll else None

    outcome = cast_votes([_behalf(ward, user=mother, voter=sender)])[0]

    assert outcome.accepted is True
    vote = Vote.objects.get()
    assert (vote.voter_id, vote.choice, vote.cast_by_id) == (ward.pk, "against", sender.pk if sender else None)


def test_a_ward_has_no_account_on_the_roll_and_nobody_else_votes_for_it() -> None:
    _drawn, _mother, ward, other = _ballot(on_roll=False)

    outcome = cast_votes([_behalf(ward, user=other.user, voter=other)])[0]  # type: ignore[arg-type] # it has one

    assert ward.user is None
    assert (outcome.accepted, outcome.code) == (False, "proxy_not_allowed")


def test_a_power_given_away_ends_the_guardians_own_vote() -> None:
    mother = _user("妈妈")
    ballot = make_ballot(
        [VoterDraft("小三", guardian=mother, guardian_name="妈妈"), VoterDraft("邻居", user=_user("邻居"))]
    )
    ward, neighbour = voters_of(ballot)
    lodge_proxy(ballot, principal=ward, holder=neighbour, by=COMMAND_LINE)
    open_ballot(ballot, by=COMMAND_LINE)

    by_guardian = cast_votes([_behalf(ward, user=mother)])[0]
    by_holder = cast(neighbour, on_behalf_of=str(ward.pk))

    assert (by_guardian.code, by_holder.accepted) == ("proxy_not_allowed", True)


def test_the_page_offers_the_ward_to_a_guardian_who_is_not_on_the_roll() -> None:
    ballot, mother, ward, _other = _ballot(on_roll=False)
    client = Client()
    client.force_login(mother)
    item = ballot.items.get()

    page = client.get(f"/ballots/{ballot.pk}/").content.decode()
    done = client.post(
        f"/ballots/{ballot.pk}/", {f"item-{item.pk}": "for", "on_behalf_of": str(ward.pk), "request": "r1"}
    )

    assert "小三（您是监护人）" in page
    assert 'value="" checked' not in page
    assert done.status_code == 200
    assert Vote.objects.get().choice == "for"


def test_the_api_lets_a_guardian_vote() -> None:
    ballot, mother, ward, _other = _ballot(on_roll=False)
    client = Client()
    client.force_login(mother)
    body = {"choices": {str(ballot.items.get().pk): "for"}, "on_behalf_of": str(ward.pk)}

    ticket = client.post(f"/api/v1/ballots/{ballot.pk}/ticket")
    answer = client.post(
        f"/api/v1/ballots/{ballot.pk}/votes", json.dumps(body), "application/json", headers={"Idempotency-Key": "k"}
    )

    assert (ticket.status_code, answer.status_code) == (200, 200)
    assert Vote.objects.get().voter_id == ward.pk


@pytest.mark.parametrize(("present", "accepted"), [(False, False), (True, True)])
def test_in_the_room_a_guardian_votes_once_the_ward_is_marked_present(*, present: bool, accepted: bool) -> None:
    mother = _user("妈妈")
    ballot = make_ballot([VoterDraft("小三", guardian=mother, guardian_name="妈妈"), VoterDraft("邻居")], in_room=True)
    ward, _other = voters_of(ballot)
    open_ballot(ballot, by=COMMAND_LINE)
    Voter.objects.filter(pk=ward.pk).update(present=present)

    outcome = cast_votes([_behalf(ward, user=mother)])[0]

    assert (outcome.accepted, Vote.objects.count()) == (accepted, int(accepted))


def test_papers_and_desks_say_who_votes_for_a_ward() -> None:
    ballot, _mother, ward, _other = _ballot(on_roll=True)
    clerk = _user("计票员")
    Term.objects.create(user=clerk, office=Office.TELLER, unit=ballot.community, starts_on="2026-01-01")
    client = Client()
    client.force_login(clerk)

    printed = _named(PrintRun(ballot=ballot, first=1, last=2))
    entry = client.get(f"/ballots/{ballot.pk}/paper/", {"code": "1"}).content.decode()

    assert [facts.get("guardian", "") for facts, _address in printed] == ["妈妈", ""]
    assert printed[0][0]["name"] == ward.name
    assert "小三（监护人妈妈代为表决）" in entry
    facts = {**printed[0][0], "title": "表决票", "matter": "加装电梯", "items": [{"title": "是否加装"}]}
    kinds.validate("ballot_paper", facts)
    paper = body_of({"kind": "ballot_paper", "facts": facts, "issuer": {"name": "社区"}})
    assert "表决人：小三（由监护人妈妈代为表决）" in paper
    assert "监护人签名：" in paper
    assert "表决人签名" not in paper
