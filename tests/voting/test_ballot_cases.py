"""Every case of cases/ballots.json, mapped to the platform; where the platform means to differ, the test says so."""

import json
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from community.models import User
from core.actors import COMMAND_LINE
from core.errors import BadInput, WrongStage
from tests.voting.factories import HALF, cast, intent, items_of, make_ballot, open_a_ballot, voters_of
from voting import methods, receipts, tally
from voting.evidence import roll_lines
from voting.models import Ballot, CastRequest, OptionCount, Participation, SecretVote, Vote, Voter
from voting.operations import (
    CastIntent,
    VoterDraft,
    cast_votes,
    certify_ballot,
    close_ballot,
    lodge_proxy,
    mark_present,
    open_ballot,
    repeat_ballot,
)
from voting.rules import BadNumbers, decide

CASES = json.loads((Path(__file__).parent / "cases" / "ballots.json").read_text())
OF_KIND = {
    kind: [c for c in CASES if c["kind"] == kind] for kind in ("validate", "tally", "stateful", "majority", "quorum")
}
TELLERS = ["甲", "乙"]


def _named(kind: str) -> Any:
    return pytest.mark.parametrize("case", OF_KIND[kind], ids=[c["id"] for c in OF_KIND[kind]])


# --- validate: is this a ballot of that form? ------------------------------------


def _is_valid(poll: dict[str, Any], ballot: Any) -> bool:
    """Map the peers' methods: Y spends marks on options (budget), YN and YNA answer each option (an item each)."""
    options = [str(option) for option in poll.get("options", [])]
    try:
        if poll["method"] == "Y" and options:
            points = poll.get("max", 1)
            settings = methods.settings_of(
                "budget", {"points": points, "cap": poll.get("max_per_option", 1)}, len(options)
            )
            methods.check_for("budget", settings, options)(ballot)
        elif poll["method"] in {"YN", "YNA"}:
            words = {"Y": "for", "N": "against", **({"A": "abstain"} if poll["method"] == "YNA" else {})}
            answered = methods.settings_of(
                "approval", {"min": poll.get("min", 1), "max": poll.get("max", len(options))}, len(options)
            )
            if not isinstance(ballot, dict):
                return False
            methods.check_for("approval", answered, options)(list(ballot))
            for answer in ballot.values():
                methods.check_for("for_against", {}, list(words.values()))(words.get(answer, answer))
        else:
            methods.check_for(poll["method"], methods.settings_of(poll["method"], {}, len(options)), options)(ballot)
    except (methods.InvalidChoice, methods.BadForm):
        return False
    return True


@_named("validate")
def test_validate(case: dict[str, Any]) -> None:
    assert _is_valid(case["poll"], case["ballot"]) == case["valid"]


# --- tally: what do these ballots add up to? --------------------------------------

WORDS = {"Y": "for", "N": "against", "A": "abstain", "yes": "for", "no": "against"}


def _choice(method: str, ballot: Any, keys: list[str]) -> str:
    if method in {"selection", "score"}:
        mine = "approval" if method == "selection" else "score"
        value = [str(key) for key in ballot] if method == "selection" else ballot
        form = {"min": 0} if method == "selection" else {"max": 5}
        return methods.check_for(mine, methods.settings_of(mine, form, len(keys)), keys)(value)
    word = WORDS.get(ballot)
    return methods.INVALID if word is None else word


@_named("tally")
def test_tally(case: dict[str, Any]) -> None:
    poll, expect = case["poll"], case["expect"]
    if poll["method"] in {"Y", "YN"}:
        _answers_for_each_option(case)
        return
    mine = {"selection": "approval", "score": "score"}.get(poll["method"], "for_against")
    keys = [*(["1", "2", "3"] if mine != "for_against" else ["for"]), "against", "abstain"]
    # Weights stand in the area column, in hundredths: 3.5 is 350.
    grouped = [
        (_choice(poll["method"], ballot, keys), (1, 1, int(Fraction(str(weight)) * 100) if poll["weights"] else 100))
        for ballot, weight in case["ballots"]
    ]

    counts = tally.fold(mine, keys, grouped)

    weighed = {key: Fraction(sums[2], 100) for key, sums in counts.options.items()}
    told = expect.get("result", {k: v for k, v in expect.items() if k in {"yes", "no", "abstain"}})
    for key, value in told.items():
        if key == "invalid":
            assert counts.invalid[1] == value
        else:
            assert weighed[{"yes": "for", "no": "against"}.get(key, key)] == Fraction(value)
    if "valid" in expect:
        assert Fraction(counts.participating[2], 100) == Fraction(expect["valid"])
        assert counts.participating[1] == int(expect["cast"])


def _answers_for_each_option(case: dict[str, Any]) -> None:
    [(option, (yes, no, abstain))] = case["expect"]["options"].items()
    grouped = []
    for ballot, weight in case["ballots"]:
        answer = ballot[option]
        grouped.append((WORDS.get(answer, "for"), (1, 1, int(Fraction(weight) * 100))))

    counts = tally.fold("for_against", ["for", "against", "abstain"], grouped)

    expected = {"for": yes, "against": no, "abstain": abstain}
    assert {key: Fraction(sums[2], 100) for key, sums in counts.options.items()} == {
        key: Fraction(value) for key, value in expected.items()
    }
    assert Fraction(counts.participating[2], 100) == Fraction(case["expect"]["valid"])
    assert counts.participating[0] == int(case["expect"]["cast"])


# --- majority and quorum -----------------------------------------------------------

MAJORITIES = {
    "simple": {"measure": "heads", "of": "for_and_against", "fraction": "1/2", "inclusive": False},
    "two_thirds": {"measure": "heads", "of": "for_and_against", "fraction": "2/3", "inclusive": True},
    "absolute": {"measure": "heads", "of": "participating", "fraction": "1/2", "inclusive": False},
}
QUORUMS = {
    "at_least_half": {"measure": "heads", "of": "eligible", "fraction": "1/2", "inclusive": True},
    "two_thirds": {"measure": "heads", "of": "eligible", "fraction": "2/3", "inclusive": True},
    "more_than_half": {"measure": "heads", "of": "eligible", "fraction": "1/2", "inclusive": False},
}


@_named("majority")
def test_majority(case: dict[str, Any]) -> None:
    took_part = case["yes"] + case["no"] + case["abstain"]
    numbers = {"eligible": took_part, "participating": took_part, "for": case["yes"], "against": case["no"]}

    decision = decide({"pass": [MAJORITIES[case["rule"]]]}, {group: {"heads": n} for group, n in numbers.items()})

    assert (decision.outcome == "passed") == case["passed"]


@_named("quorum")
def test_quorum(case: dict[str, Any]) -> None:
    numbers = {"eligible": case["eligible"], "participating": case["took_part"], "for": case["took_part"]}
    rule = {"quorum": [QUORUMS[case["rule"]]], "pass": [MAJORITIES["absolute"]]}

    decision = decide(rule, {group: {"heads": n} for group, n in numbers.items()}).as_json()

    [quorum] = decision["quorum"]
    assert (quorum["met"], quorum["needed"], quorum["reached"]) == (case["reached"], case["needed"], case["took_part"])
    assert (decision["outcome"] != "not_quorate") == case["reached"]


# --- stateful ------------------------------------------------------------------------


def _count(key: str) -> int:
    return OptionCount.objects.get(key=key).votes


def _with_proxy(**more: Any) -> tuple[Ballot, Voter, Voter]:
    """Return an open ballot of A, B, C where A holds the proxy of C."""
    ballot = make_ballot(3, **more)
    a, _b, c = voters_of(ballot)
    lodge_proxy(ballot, principal=c, holder=a, by=COMMAND_LINE)
    return open_ballot(ballot, by=COMMAND_LINE), a, c


def s01() -> None:
    [voter] = voters_of(open_a_ballot(1))
    assert cast(voter, "against").accepted
    assert cast(voter, "abstain").code == "already_voted"
    assert (_count("against"), _count("abstain"), _count("*")) == (1, 0, 1)
    assert Vote.objects.get().voter_id == voter.pk


def s02() -> None:
    ballot = open_a_ballot(1, kind="secret")
    [voter] = voters_of(ballot)
    assert cast(voter, "against").accepted
    assert cast(voter, "abstain").code == "already_voted"
    assert [f.name for f in SecretVote._meta.fields] == ["id", "item", "choice", "receipt", "slot"]
    assert SecretVote.objects.get().choice == "against"
    assert set(Participation.objects.values_list("voter", flat=True)) == {voter.pk}


def s04() -> None:
    ballot, other = open_a_ballot(1), open_a_ballot(1)
    [stranger] = voters_of(other)
    choices = {str(items_of(ballot)[0].pk): "for"}
    assert cast(stranger, ballot_id=ballot.pk, choices=choices).code == "not_eligible"
    assert Vote.objects.count() == 0


def s05() -> None:
    ballot = open_a_ballot(2, in_room=True)
    one, _two = voters_of(ballot)
    assert cast(one).code == "not_eligible"
    assert Vote.objects.count() == 0
    mark_present(ballot, [one.pk], by=COMMAND_LINE)
    assert cast(one).accepted


def s07() -> None:
    _ballot, a, c = _with_proxy()
    assert cast(a, "against", on_behalf_of=str(c.pk)).accepted
    vote = Vote.objects.get()
    assert (vote.voter_id, vote.cast_by_id) == (c.pk, a.pk)
    assert _count("*") == 1


def s08() -> None:
    _ballot, a, c = _with_proxy()
    assert cast(a, "against", on_behalf_of=str(c.pk)).accepted
    assert cast(a, "for").accepted
    assert (_count("for"), _count("against"), _count("*")) == (1, 1, 2)


def s10() -> None:
    _ballot, a, c = _with_proxy(in_room=True)
    assert cast(a, "against", on_behalf_of=str(c.pk)).code == "not_eligible"
    assert Vote.objects.count() == 0


def s11() -> None:
    holder = User.objects.create(username="holder", name="受托人")
    ballot = make_ballot(1)
    [c] = voters_of(ballot)
    lodge_proxy(ballot, principal=c, holder_user=holder, by=COMMAND_LINE)
    open_ballot(ballot, by=COMMAND_LINE)
    assert cast(c, "for", voter_id=None, user_id=holder.pk, on_behalf_of=str(c.pk)).accepted
    assert Vote.objects.get().voter_id == c.pk


def s13() -> None:
    _ballot, _a, c = _with_proxy()
    assert cast(c, "for").code == "proxy_not_allowed"
    assert Vote.objects.count() == 0


def s14() -> None:
    _ballot, a, _c = _with_proxy()
    assert cast(a, "for", on_behalf_of="0").code == "proxy_not_allowed"


def s16() -> None:
    ballot = make_ballot()
    with pytest.raises(WrongStage):
        close_ballot(ballot, by=COMMAND_LINE)
    assert Ballot.objects.get().phase == "draft"


def s17() -> None:
    """Our snapshot is the frozen roll: C stands once, has not voted, and the proxy names A."""
    ballot, a, c = _with_proxy()
    close_ballot(ballot, by=COMMAND_LINE)
    assert ballot.result is not None
    assert (ballot.result["roll"]["voters"], ballot.result["turnout"]["cast"]) == (3, 0)
    assert list(c.proxies_given.values_list("holder_id", flat=True)) == [a.pk]


def s19() -> None:
    ballot = open_a_ballot()
    certify_ballot(ballot, by=TELLERS)
    assert ballot.phase == "certified"
    assert ballot.result is not None


def s20() -> None:
    ballot = make_ballot()
    with pytest.raises(WrongStage):
        certify_ballot(ballot, by=TELLERS)
    assert Ballot.objects.get().phase == "draft"


def s22() -> None:
    """Nobody makes a named ballot secret afterwards: closing keeps the voters."""
    ballot = open_a_ballot(1)
    [voter] = voters_of(ballot)
    cast(voter)
    close_ballot(ballot, by=COMMAND_LINE)
    assert Vote.objects.get().voter_id == voter.pk


def s23() -> None:
    """A vote is never deleted: a repeated ballot is a new one, and the old result stays."""
    ballot = open_a_ballot(2)
    cast_votes([intent(voter) for voter in voters_of(ballot)])
    close_ballot(ballot, by=COMMAND_LINE)
    again = repeat_ballot(ballot, by=COMMAND_LINE).ballot
    assert (again.phase, again.cast, again.result) == ("draft", 0, None)
    assert not OptionCount.objects.filter(item__ballot=again, votes__gt=0).exists()
    open_ballot(again, by=COMMAND_LINE)
    assert cast(voters_of(again)[0]).accepted
    ballot.refresh_from_db()
    assert ballot.result is not None


def s25() -> None:
    one, two = open_a_ballot(1), open_a_ballot(1)
    [voter] = voters_of(one)
    assert cast(voter, choices={str(items_of(two)[0].pk): "for"}).code == "invalid_choice"
    assert Vote.objects.count() == 0


def s26() -> None:
    """Where the peers let three rows share a token, ours share nothing; the voter's receipt opens all three."""
    ballot = open_a_ballot(1, kind="secret", items=[{"title": t} for t in "一二三"])
    [voter] = voters_of(ballot)
    items = items_of(ballot)
    answer = cast(voter, choices={str(item.pk): "for" for item in items})
    stored = dict(SecretVote.objects.values_list("item_id", "receipt"))
    assert len(set(stored.values())) == 3
    assert stored == {item.pk: receipts.item_receipt(answer.receipt, item.pk) for item in items}


def s28() -> None:
    """We take no magic numbers: -1 and -2 are refused like text and missing fields."""
    good = {"eligible": {"heads": 9}, "participating": {"heads": 3}, "for": {"heads": 2}}
    for broken in (-1, -2, "x", "-1.5", "2.35", None):
        with pytest.raises(BadNumbers):
            decide(HALF, {**good, "for": {"heads": broken}})
    with pytest.raises(BadNumbers):
        decide(HALF, {key: good[key] for key in ("eligible", "for")})


def s29() -> None:
    """Nothing adds to a frozen roll: every door is shut once the ballot is open, and the hash would tell."""
    ballot, _a, c = _with_proxy()
    before = roll_lines(ballot)
    with pytest.raises(WrongStage):
        lodge_proxy(ballot, principal=voters_of(ballot)[1], holder=c, by=COMMAND_LINE)
    Voter.objects.filter(pk=c.pk).update(area=1)
    assert roll_lines(ballot) != before


def s32() -> None:
    ballot = open_a_ballot(1)
    close_ballot(ballot, by=COMMAND_LINE)
    version = ballot.version
    open_ballot(ballot, by=COMMAND_LINE)
    assert (ballot.phase, ballot.version) == ("closed", version)
    assert cast(voters_of(ballot)[0]).code == "closed"


def s34() -> None:
    ballot = make_ballot(4)
    five, six, seven, _eight = voters_of(ballot)
    lodge_proxy(ballot, principal=six, holder=five, by=COMMAND_LINE)
    open_ballot(ballot, by=COMMAND_LINE)
    cast_votes([intent(five), intent(five, on_behalf_of=str(six.pk)), intent(seven)])
    assert {five.pk, six.pk} <= set(Vote.objects.values_list("voter", flat=True))


def s35() -> None:
    """Secret rows differ from each other and stand in no order; after closing yes = 2."""
    ballot = open_a_ballot(2, kind="secret")
    for voter in voters_of(ballot):
        cast(voter)
    before = set(SecretVote.objects.values_list("pk", "receipt"))
    close_ballot(ballot, by=COMMAND_LINE)
    after = set(SecretVote.objects.values_list("pk", "receipt"))
    assert ballot.result is not None
    assert ballot.result["items"][0]["counts"]["for"]["votes"] == 2
    assert {receipt for _pk, receipt in before} == {receipt for _pk, receipt in after}
    assert not {pk for pk, _receipt in before} & {pk for pk, _receipt in after}


SINGLE = [c for c in OF_KIND["stateful"] if c["id"] != "S31"]


@pytest.mark.django_db
@pytest.mark.both_profiles
@pytest.mark.parametrize("case", SINGLE, ids=[c["id"] for c in SINGLE])
def test_stateful(case: dict[str, Any]) -> None:
    globals()[case["id"].lower()]()


def test_no_case_is_left_out() -> None:
    counted = {kind: len(cases) for kind, cases in OF_KIND.items()}

    assert counted == {"validate": 18, "tally": 8, "stateful": 24, "majority": 6, "quorum": 6}
    assert len(CASES) == len({case["id"] for case in CASES}) == sum(counted.values())
    assert [case["id"] for case in OF_KIND["stateful"] if case not in SINGLE] == ["S31"]
    assert [case["id"] for case in SINGLE if not callable(globals().get(case["id"].lower()))] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_profiles
@pytest.mark.parametrize("kind", ["named", "secret"])
def test_s31_fifty_votes_race_fifty_closings(kind: str) -> None:
    ballot = open_a_ballot(50, kind=kind)
    choices = {str(items_of(ballot)[0].pk): "for"}
    intents = [CastIntent(ballot.pk, v.pk, f"race-{v.pk}", choices) for v in voters_of(ballot)]
    start = threading.Barrier(20)
    answers: list[str] = []
    hashes: list[str] = []
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            start.wait()
            for one in intents[number::10] if number < 10 else [None] * 5:
                if one is not None:
                    [answer] = cast_votes([one])
                    answers.append(answer.code)
                else:
                    closed = close_ballot(Ballot.objects.get(pk=ballot.pk), by=COMMAND_LINE)
                    hashes.append((closed.result or {})["hash"])
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(answers) == 50
    assert len(hashes) == 50
    assert len(set(hashes)) == 1
    accepted = answers.count("")
    assert set(answers) <= {"", "closed"}
    ballot.refresh_from_db()
    assert ballot.result is not None
    assert ballot.result["items"][0]["counts"]["for"]["votes"] == accepted
    assert (SecretVote if kind == "secret" else Vote).objects.count() == accepted
    assert CastRequest.objects.count() == accepted
    assert Participation.objects.count() == (accepted if kind == "secret" else 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_profiles
def test_a_hundred_casts_of_one_voter_count_once() -> None:
    ballot = open_a_ballot(1)
    [voter] = voters_of(ballot)
    choices = {str(items_of(ballot)[0].pk): "for"}
    start = threading.Barrier(20)
    codes: list[str] = []

    def work(number: int) -> None:
        start.wait()
        for turn in range(5):
            channel = ["live", "web", "paper"][(number + turn) % 3]
            [answer] = cast_votes([CastIntent(ballot.pk, voter.pk, f"{number}-{turn}", choices, channel=channel)])
            codes.append(answer.code)
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == ["", *["already_voted"] * 99]
    assert Vote.objects.count() == 1
    assert _count("for") == 1


def test_there_are_all_of_them() -> None:
    assert len(CASES) == 62
    assert {kind: len(cases) for kind, cases in OF_KIND.items()} == {
        "validate": 18,
        "tally": 8,
        "stateful": 24,
        "majority": 6,
        "quorum": 6,
    }


@pytest.mark.django_db
def test_a_roll_needs_area_where_the_rule_counts_it() -> None:
    with pytest.raises(BadInput) as refused:
        make_ballot([VoterDraft("甲")], rule="owners_278_special")

    assert refused.value.field == "voters"
