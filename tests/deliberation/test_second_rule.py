"""A matter that must pass by several rules, or that two bodies must agree to: what it comes to, exactly."""

import datetime as dt
import uuid
from typing import Any

import pytest

from core.errors import BadInput
from core.requirements import RequirementsNotMet
from deliberation import operations
from deliberation.case import Outcome, ballot_outcome
from deliberation.stages import Status
from publish.models import Notice
from tests.deliberation.world import World
from voting.mandates import ballots_together
from voting.models import Ballot, Phase, Voter
from voting.operations import CastIntent, cast_votes, certify_ballot

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
SECOND = {"second_rule": "residents_meeting", "second_electorate": "households"}


def _ready(world: World, **rule: Any) -> None:
    """Bring the proposal to ready_to_vote under the rule and what is given besides."""
    world.walk_to(Status.PLAN_PUBLICISED)
    world.review_legality()
    world.do(
        operations.choose_rule, world.p, by=world.secretary, rule="owners_278_ordinary", electorate="owners", **rule
    )
    world.do(operations.publish_roll, world.p, by=world.director)
    world.wait(11)
    world.study()
    world.do(operations.complete_party_review, world.p, by=world.secretary)
    world.make_ready()


def _cast(world: World, ballot: Ballot, choices: list[str]) -> None:
    item = str(ballot.items.get().pk)
    voters = Voter.objects.filter(ballot=ballot).order_by("pk")
    intents = [
        CastIntent(ballot.pk, voter.pk, str(uuid.uuid4()), {item: choice})
        for voter, choice in zip(voters, choices, strict=False)
    ]
    assert all(outcome.accepted for outcome in cast_votes(intents, now=world.now))


def _for(agree: int, against: int) -> list[str]:
    return ["for"] * agree + ["against"] * against


@pytest.mark.parametrize(
    ("agree", "against", "outcome"), [(9, 3, Outcome.PASSED), (8, 3, Outcome.REJECTED), (5, 2, Outcome.NOT_QUORATE)]
)
def test_the_same_votes_must_pass_by_both_rules(agree: int, against: int, outcome: Outcome) -> None:
    world = World()
    _ready(world, more_rules=["owners_278_special"])
    world.call_vote()
    world.open_voting()

    world.close_voting(_for(agree, against))

    ballot = world.p.ballot
    assert ballot is not None
    assert [entry["key"] for entry in (ballot.rule, *ballot.more_rules)] == [
        "owners_278_ordinary",
        "owners_278_special",
    ]
    assert ballot_outcome(ballot) == outcome


@pytest.mark.parametrize(
    ("owners", "households", "outcome"),
    [
        (_for(10, 1), _for(7, 4), Outcome.PASSED),
        (_for(10, 1), _for(5, 6), Outcome.REJECTED),
        (_for(4, 7), _for(12, 0), Outcome.REJECTED),
        (_for(10, 1), _for(6, 0), Outcome.NOT_QUORATE),
    ],
)
def test_two_bodies_must_both_agree(owners: list[str], households: list[str], outcome: Outcome) -> None:
    world = World()
    _ready(world, **SECOND)
    called = world.call_vote()
    world.open_voting()
    first, second = ballots_together(called.ballot)

    _cast(world, first, owners)
    _cast(world, second, households)
    before = ballot_outcome(Ballot.objects.get(pk=first.pk))
    world.wait(1)
    world.do(operations.close_voting, world.p, by=world.director)

    assert (first.phase, second.phase) == (Phase.OPEN, Phase.OPEN)
    assert len(called.codes) == 24
    assert before is None
    assert ballot_outcome(Ballot.objects.get(pk=first.pk)) == outcome
    assert ballot_outcome(Ballot.objects.get(pk=second.pk)) == outcome


def test_the_result_waits_for_both_counts_to_be_signed() -> None:
    world = World()
    _ready(world, **SECOND)
    first, second = ballots_together(world.call_vote().ballot)
    world.open_voting()
    _cast(world, first, _for(10, 1))
    _cast(world, second, _for(7, 4))
    world.wait(1)
    world.do(operations.close_voting, world.p, by=world.director)

    world.do(certify_ballot, first, by=world.tellers)
    with pytest.raises(RequirementsNotMet, match="监票计票人还没有确认结果"):
        world.do(operations.publish_result, world.p, by=world.director)
    world.do(certify_ballot, second, by=world.tellers)
    world.do(operations.publish_result, world.p, by=world.director)

    assert world.p.status == Status.RESULT_PUBLICISED
    facts = Notice.objects.filter(kind="vote_result").latest("pk").facts
    assert facts["together"].startswith("本事项须由2项表决全部通过。2项表决须全部通过：（1）")
    assert facts["together"].endswith("总的结论：表决通过。")


def test_the_roll_and_the_call_name_both_bodies() -> None:
    world = World()
    _ready(world, **SECOND)
    world.call_vote()

    roll = Notice.objects.filter(kind="roll").latest("pk").facts
    call = Notice.objects.filter(kind="meeting_notice").latest("pk").facts

    assert roll["total_heads"] == 24
    assert roll["counting"][-1] == "本事项须由2项表决全部通过：业主12人，户代表12人。"
    assert [roll["entries"][place]["note"] for place in (0, 12)] == ["业主", "户代表"]
    assert [roll["entries"][place]["area"] for place in (0, 12)] == ["88.40", ""]
    assert call["rule"] == "业主共同决定一般事项；居民会议决定（须全部通过）"
    assert len(call["basis"]) == 2


def test_an_extension_reaches_both() -> None:
    world = World()
    _ready(world, **SECOND)
    first, second = ballots_together(world.call_vote().ballot)
    world.open_voting()
    until = world.now + dt.timedelta(days=9)
    _cast(world, first, _for(12, 0))
    world.wait(1)
    world.do(operations.declare_not_quorate, world.p, by=world.director)
    world.do(operations.extend_voting, world.p, by=world.director, reason="户代表未达法定数", closes_at=until)

    assert set(Ballot.objects.filter(pk__in=[first.pk, second.pk]).values_list("closes_at", flat=True)) == {until}


def test_ending_the_matter_calls_off_both() -> None:
    world = World()
    _ready(world, **SECOND)
    world.call_vote()

    world.do(operations.terminate_proposal, world.p, by=world.secretary, reason_code="matter_gone", reason="已解决")

    assert set(Ballot.objects.values_list("phase", "closes_at")) == {("draft", world.now)}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"more_rules": ["owners_278_ordinary"]}, "more_rules"),
        ({"more_rules": ["nothing"]}, "more_rules"),
        ({"second_rule": "residents_meeting"}, "second_electorate"),
        ({"second_electorate": "households"}, "second_rule"),
        ({"second_rule": "residents_meeting", "second_electorate": "owners"}, "second_electorate"),
        ({"second_rule": "x", "second_electorate": "households"}, "second_rule"),
    ],
)
def test_rules_that_do_not_go_together_are_refused(given: dict[str, Any], field: str) -> None:
    world = World()
    world.walk_to(Status.PLAN_PUBLICISED)

    with pytest.raises(BadInput) as refused:
        world.do(
            operations.choose_rule,
            world.p,
            by=world.secretary,
            rule="owners_278_ordinary",
            electorate="owners",
            **given,
        )

    assert refused.value.field == field
    assert world.p.rule == ""


def test_two_bodies_do_not_meet_in_one_room() -> None:
    world = World()
    _ready(world, **SECOND)

    with pytest.raises(BadInput, match="书面和网上表决"):
        world.call_vote(chair=world.facilitator)

    assert not Ballot.objects.exists()


def test_representatives_without_authorisation_grey_the_button() -> None:
    world = World()
    world.walk_to(Status.PLAN_PUBLICISED)
    world.review_legality()
    for number in range(8):
        world.hire("resident_representative", f"代表{number}")
    world.do(
        operations.choose_rule, world.p, by=world.secretary, rule="resident_reps_meeting",
        electorate="representatives",
    )  # fmt: skip
    world.do(operations.publish_roll, world.p, by=world.director)
    world.wait(11)
    world.study()
    world.do(operations.complete_party_review, world.p, by=world.secretary)
    world.make_ready()
    world.call_vote()
    world.wait(16)

    with pytest.raises(RequirementsNotMet, match="没有在有效期内的居民会议授权") as refused:
        world.do(operations.open_voting, world.p, by=world.director)

    assert [one.key for one in refused.value.missing] == ["representatives_authorised"]
