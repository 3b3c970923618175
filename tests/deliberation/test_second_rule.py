"""A matter that must pass by several rules, or that two bodies must agree to: what it comes to, exactly."""

import datetime as dt
import uuid
from collections import Counter
from typing import Any

import pytest
from django.test import Client

from community.models import Residency, User
from core.errors import BadInput
from core.requirements import RequirementsNotMet
from deliberation import operations
from deliberation.case import Outcome, ballot_outcome
from deliberation.operations.papers import resolution_facts
from deliberation.queries import decision_of
from deliberation.stages import Status
from meetings import operations as meetings
from meetings.models import Meeting
from meetings.queries.ending import words_before_ending
from meetings.queries.outcomes import latest_verdict
from meetings.queries.situation import situation_of
from publish.models import Notice
from tests.deliberation.world import World
from voting.mandates import ballots_together
from voting.models import Ballot, Phase, Voter
from voting.operations import CastIntent, cast_votes, certify_ballot, set_rule

pytestmark = pytest.mark.django_db
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


def _closed(world: World) -> tuple[Ballot, Ballot]:
    """Have owners and households vote, 10 to 1 and 7 to 4, and close both ballots; return them as they were called."""
    _ready(world, **SECOND)
    first, second = ballots_together(world.call_vote().ballot)
    world.open_voting()
    _cast(world, first, _for(10, 1))
    _cast(world, second, _for(7, 4))
    world.wait(1)
    world.do(operations.close_voting, world.p, by=world.director, reason="都已投票。")
    return first, second


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


def test_a_called_vote_keeps_showing_the_rules_frozen_with_the_ballot_of_each_body() -> None:
    world = World()
    _ready(world, **SECOND)
    world.call_vote()
    frozen = decision_of(world.p)

    set_rule(
        unit=world.community, key="residents_meeting", article="某市条例第九条", by=world.officer,
        passing=[{"measure": "heads", "of": "present", "fraction": "2/3", "inclusive": True}],
    )  # fmt: skip

    assert [(one["body"], one["rules"][0]["passing"]) for one in frozen] == [
        ("业主", ["人数：超过参与表决的 1/2", "面积：超过参与表决的 1/2"]),
        ("户代表", ["人数：超过到会的 1/2"]),
    ]
    assert decision_of(world.p) == frozen


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
    world.do(operations.close_voting, world.p, by=world.director, reason="都已投票。")

    assert (first.phase, second.phase) == (Phase.OPEN, Phase.OPEN)
    assert len(called.codes) == 24
    assert before is None
    assert ballot_outcome(Ballot.objects.get(pk=first.pk)) == outcome
    assert ballot_outcome(Ballot.objects.get(pk=second.pk)) == outcome


def test_the_result_waits_for_both_counts_to_be_signed() -> None:
    world = World()
    first, second = _closed(world)

    world.do(certify_ballot, first, by=world.tellers)
    with pytest.raises(RequirementsNotMet, match="监票计票人还没有确认结果"):
        world.do(operations.publish_result, world.p, by=world.director)
    world.do(certify_ballot, second, by=world.tellers)
    world.do(operations.publish_result, world.p, by=world.director)

    assert world.p.status == Status.RESULT_PUBLICISED
    facts = Notice.objects.filter(kind="vote_result").latest("pk").facts
    assert facts["together"].startswith("本事项须由2项表决全部通过。2项表决须全部通过：（1）")
    assert facts["together"].endswith("总的结论：表决通过。")
    [other] = facts["other_votes"]
    assert (facts["eligible"], facts["participating"]) == (
        {"heads": 12, "area": "1060.80"},
        {"heads": 11, "area": "972.40"},
    )
    assert (other["eligible"], other["participating"]) == ({"heads": 12}, {"heads": 11})
    assert [option["heads"] for option in other["items"][0]["options"]] == [7, 4, 0]
    assert other["result_hash"] == Ballot.objects.get(pk=second.pk).result["hash"]  # type: ignore[index] # it is closed
    assert other["basis"] != facts["basis"]


def test_the_resolution_rests_on_the_articles_of_both() -> None:
    world = World()
    first, second = _closed(world)
    for ballot in (first, second):
        world.do(certify_ballot, ballot, by=world.tellers)
    first.refresh_from_db()

    basis = resolution_facts(first, world.p, now=world.now)["basis"]

    assert basis == [first.rule["article"], second.rule["article"]]


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


def _met(world: World) -> Meeting:
    """Call the vote to a meeting; at its hour everybody invited has signed in and the matter is before them.

    Twelve owners also speak for their households, but for one, where a tenant does.
    """
    tenant = User.objects.create(username="tenant", name="租户")
    household = Residency.objects.filter(is_representative=True).order_by("pk")[0]
    Residency.objects.filter(pk=household.pk).update(user=tenant)
    _ready(world, **SECOND)
    world.call_vote(chair=world.facilitator, recorder=world.member, place="议事厅")
    world.wait(16)
    meeting = Meeting.objects.get(kind="owners_meeting")
    for seat in meeting.attendances.all():
        world.do(meetings.sign_in, meeting=meeting, attendance=seat, by=world.director)
    world.do(meetings.open_meeting, meeting=meeting, by=world.facilitator)
    item = world.do(meetings.next_agenda_item, meeting=meeting, by=world.facilitator)
    world.do(meetings.open_agenda_ballot, item=item, by=world.facilitator)
    return meeting


def test_two_bodies_vote_at_one_meeting_each_by_its_own_roll() -> None:
    world = World()
    meeting = _met(world)
    item = meeting.agenda.get()
    first, second = ballots_together(world.p.ballot or Ballot())

    roles = Counter(meeting.attendances.values_list("role", flat=True))
    rows = list(item.ballots.order_by("id"))
    assert (meeting.kind, meeting.rule) == ("owners_meeting", "owners_278_ordinary")
    assert (roles["member"], roles["elector"]) == (12, 1)
    assert [(row.ballot, row.ballot.scope, row.ballot.phase, row.present_heads, row.due_heads) for row in rows] == [
        (first, "owners", "open", 12, 12),
        (second, "households", "open", 12, 12),
    ]
    assert [entry.ballot for entry in situation_of(meeting).open_ballots] == [first, second]
    assert world.p.status == Status.VOTING

    _cast(world, first, _for(10, 1))
    _cast(world, second, _for(5, 6))
    ended = world.do(meetings.close_agenda_ballot, ballot=second, by=world.facilitator, reason="到会的都已投票。")

    first.refresh_from_db()
    item.refresh_from_db()
    verdict = latest_verdict(meeting)
    assert (first.phase, ended.phase, world.p.status) == (Phase.CLOSED, Phase.CLOSED, Status.COUNTING)
    assert verdict is not None
    assert (verdict["outcome"], item.decision) == ("rejected", "")
    assert verdict["method"] == "两方分别表决，初步结果，待监票人签认"
    assert [(line["label"], line["heads"]) for line in verdict["lines"]] == [
        ("业主 同意", 10), ("业主 反对", 1), ("业主 弃权", 0),
        ("户代表 同意", 5), ("户代表 反对", 6), ("户代表 弃权", 0),
    ]  # fmt: skip
    assert [row.settled_at for row in item.ballots.all()] == [world.now, world.now]


def test_both_bodies_agree_at_the_meeting_and_the_minutes_say_so() -> None:
    world = World()
    meeting = _met(world)
    item = meeting.agenda.get()
    first, second = ballots_together(world.p.ballot or Ballot())
    _cast(world, first, _for(10, 1))
    _cast(world, second, _for(7, 4))

    words = words_before_ending([first, second], world.now)
    world.do(meetings.close_agenda_ballot, ballot=first, by=world.facilitator, reason="到会的都已投票。")
    world.do(meetings.close_meeting, meeting=meeting, by=world.facilitator)
    minutes = world.do(meetings.draft_minutes, meeting=meeting, by=world.member)

    item.refresh_from_db()
    assert words.startswith("业主：已投11人，可投12人。已投面积972.40平方米，可投1060.80平方米。户代表：")
    assert "户代表：已投11人，可投12人。公告的截止时间是" in words
    assert item.decision.startswith(f"是否同意“{world.p.title}”方案")
    assert "另一方到会的表决人（1人）：租户" in minutes.text
    assert minutes.text.count("2项表决须全部通过。总的结论：表决通过。") == 1


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


def test_the_form_offers_each_body_the_rules_that_fit_it_in_the_readers_language(client: Client) -> None:
    world = World()
    world.walk_to(Status.PLAN_PUBLICISED)
    client.force_login(world.secretary)
    address = f"/proposals/{world.p.pk}/acts/choose_rule/"

    page = client.get(address).content.decode()
    english = client.get(address, headers={"accept-language": "en"}).content.decode()

    assert page.count('<option value="owners_278_ordinary" data-fits="owners">') == 3
    assert page.count('<optgroup label="户代表、十八周岁以上居民">') == 3
    assert "party_election" not in page
    assert "rc_election_by_reps" not in page
    assert page.index('name="electorate"') < page.index('name="rule"')
    assert '<script src="/static/js/fitted' in page
    assert "业主共同决定一般事项" in page
    assert "业主共同决定一般事项" not in english
