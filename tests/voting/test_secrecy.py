"""Tries to tell, from everything the database holds, who chose what in a secret ballot; and does no better than chance.

The same attacks succeed when secrecy is broken on purpose: that shows they are attacks.
"""

import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from community.codes import new_code
from core.actors import COMMAND_LINE
from core.models import LedgerEntry
from tests.voting.factories import intent, open_a_ballot, voters_of
from tests.voting.test_secret_paper import officer
from voting import receipts, stirring
from voting.models import Ballot, SecretVote, Voter
from voting.operations import VoterDraft, cast_votes, close_ballot
from voting.operations.secret_paper import enter_bearer_paper, hand_out_paper, store_bearer_papers
from voting.papers import bearer_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_profiles]
VOTERS = 200
# Guessing 200 even choices is right 0.5 of the time, give or take 0.035; this is more than four of these away.
CHANCE = 0.65


def _voted(*, revisable: bool = False) -> tuple[Ballot, list[tuple[int, str]]]:
    """Let 200 voters vote one by one, each in a batch of its own: the hardest case. Return who chose what, in order."""
    ballot = open_a_ballot([VoterDraft(f"居民{n}") for n in range(VOTERS)], kind="secret", revisable=revisable)
    dice = random.Random(42)  # noqa: S311 - seeded choices
    voters = voters_of(ballot)
    dice.shuffle(voters)
    truth = []
    for voter in voters:
        choice = dice.choice(["for", "against"])
        assert cast_votes([intent(voter, choice)])[0].accepted
        truth.append((voter.pk, choice))
    return ballot, truth


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def _by_order(truth: list[tuple[int, str]], ordered: list[str]) -> float:
    """Guess that the n-th row belongs to the n-th who voted; return the share of right guesses, either way round."""
    right = [mine == row for (_voter, mine), row in zip(truth, ordered, strict=True)]
    back = [mine == row for (_voter, mine), row in zip(truth, reversed(ordered), strict=True)]
    return max(sum(right), sum(back)) / len(truth)


def _attacks(truth: list[tuple[int, str]]) -> dict[str, float]:
    requests = dict(_rows("SELECT voter_id, id FROM voting_castrequest"))
    physical = "ctid" if _is_postgres() else "rowid"
    found = {
        "order of ids": _by_order(truth, [r[0] for r in _rows("SELECT choice FROM voting_secretvote ORDER BY id")]),
        "physical order": _by_order(
            truth,
            [r[0] for r in _rows(f"SELECT choice FROM voting_secretvote ORDER BY {physical}")],
        ),
        "order of receipts": _by_order(
            truth, [r[0] for r in _rows("SELECT choice FROM voting_secretvote ORDER BY receipt")]
        ),
        "order of requests": _by_order(
            sorted(truth, key=lambda told: requests[told[0]]),
            [r[0] for r in _rows("SELECT choice FROM voting_secretvote ORDER BY id")],
        ),
    }
    if _is_postgres():
        found["transactions"] = _by_transaction(truth)
    return found


def _by_transaction(truth: list[tuple[int, str]]) -> float:
    """Guess each voter's choice from the rows written by the same or the next transactions."""
    written: dict[int, Counter[str]] = {}
    for xmin, choice in _rows("SELECT xmin::text::bigint, choice FROM voting_secretvote"):
        written.setdefault(xmin, Counter())[choice] += 1
    took_part = dict(_rows("SELECT voter_id, xmin::text::bigint FROM voting_participation"))
    right = 0
    for voter, mine in truth:
        same = written.get(took_part[voter], Counter())
        guess = same.most_common(1)[0][0] if same else "for"
        right += guess == mine
    return right / len(truth)


@pytest.mark.parametrize("revisable", [False, True])
def test_nothing_in_the_database_ties_a_choice_to_a_voter(revisable: bool) -> None:  # noqa: FBT001 - pytest gives it
    ballot, truth = _voted(revisable=revisable)

    while_open = _attacks(truth)
    close_ballot(ballot, by=COMMAND_LINE)
    closed = _attacks(truth)

    while_open.pop("transactions", None)  # while open it narrows a voter to some 65 rows; said in docs/security.md
    assert {name: score for name, score in while_open.items() if score > CHANCE} == {}
    assert {name: score for name, score in closed.items() if score > CHANCE} == {}


def test_the_attacks_work_when_secrecy_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = iter(range(1, 10**9))
    monkeypatch.setattr(receipts, "random_ids", lambda count: [next(counter) for _ in range(count)])
    monkeypatch.setattr(stirring, "STIRRED_ROWS", 0)

    _ballot, truth = _voted()

    scores = _attacks(truth)
    assert scores["order of ids"] == 1.0
    if _is_postgres():  # which page a row lands on is the server's choice; the transaction ids tell all the same
        assert scores["transactions"] == 1.0
    else:
        assert scores["physical order"] == 1.0


def _mixed() -> tuple[Ballot, list[tuple[int, str]]]:
    """Let 200 people vote, every third on paper, typed in in the very order in which papers were taken: the hardest."""
    ballot = open_a_ballot([VoterDraft(f"居民{n}") for n in range(VOTERS)], kind="secret")
    clerks = [officer(name) for name in "甲乙"]
    codes = [new_code() for _paper in range(VOTERS // 3 + 1)]
    store_bearer_papers(ballot, printed=codes, by=clerks[0])
    item = str(ballot.items.get().pk)
    dice = random.Random(43)  # noqa: S311 - seeded choices
    voters = voters_of(ballot)
    dice.shuffle(voters)
    truth = []
    for number, voter in enumerate(voters):
        choice = dice.choice(["for", "against"])
        if number % 3:
            assert cast_votes([intent(voter, choice)])[0].accepted
        else:
            hand_out_paper(voter, by=clerks[0])
            paper = bearer_of(ballot, codes[number // 3])
            assert paper is not None
            states = [enter_bearer_paper(paper, choices={item: choice}, by=clerk).state for clerk in clerks]
            assert states[-1] == "counted"
        truth.append((voter.pk, choice))
    return ballot, truth


def _weighed() -> tuple[Ballot, list[tuple[int, str]]]:
    """Let 200 owners vote live, every one of another area."""
    drafts = [VoterDraft(f"业主{n}", area=8_000 + 7 * n) for n in range(VOTERS)]
    ballot = open_a_ballot(drafts, kind="secret", rule="owners_278_ordinary")
    dice = random.Random(44)  # noqa: S311 - seeded choices
    voters = voters_of(ballot)
    dice.shuffle(voters)
    truth = [(voter.pk, dice.choice(["for", "against"])) for voter in voters]
    for voter, (_pk, choice) in zip(voters, truth, strict=True):
        assert cast_votes([intent(voter, choice)])[0].accepted
    return ballot, truth


def _linked(truth: list[tuple[int, str]]) -> dict[str, float]:
    """Sort the voters by every column of every table that names them, and the choices by every column of theirs.

    The n-th is then said to have chosen the n-th. Returns how much better than chance each guess is, in standard
    deviations: 4.5 of them does not happen by chance among some hundred guesses.
    """
    chose = dict(truth)
    physical = "ctid" if _is_postgres() else "rowid"
    rows = {
        key: [row[0] for row in _rows(f"SELECT choice FROM voting_secretvote ORDER BY {key}, id")]
        for key in ("id", "receipt", physical)
    }
    orders = {"when they voted": [voter for voter, _choice in truth]}
    for model in apps.get_models():
        table, fields = model._meta.db_table, [f.column for f in model._meta.concrete_fields]
        who = "id" if model is Voter else "voter_id"
        if who not in fields or model is SecretVote:
            continue
        for column in [*fields, physical]:
            found = [row[0] for row in _rows(f"SELECT {who} FROM {table} ORDER BY {column}, id")]
            orders[f"{table}.{column}"] = [voter for voter in dict.fromkeys(found) if voter in chose]
    scores: dict[str, float] = {}
    for (place, voters), (key, choices) in product(orders.items(), rows.items()):
        for way in (choices, choices[::-1]) if voters else ():
            step = len(choices) / len(voters)
            right = sum(chose[voter] == way[int(number * step)] for number, voter in enumerate(voters))
            score = (right / len(voters) - 0.5) * 2 * len(voters) ** 0.5
            scores[f"{place} and {key}"] = max(score, scores.get(f"{place} and {key}", 0.0))
    return scores


CHANCE_DEVIATIONS = 4.5
BALLOTS = pytest.mark.parametrize("voted", [_mixed, _weighed], ids=["live and paper", "by area"])


@BALLOTS
def test_no_order_of_any_table_ties_a_choice_to_a_voter(voted: Callable[[], tuple[Ballot, Any]]) -> None:
    ballot, truth = voted()

    while_open = _linked(truth)
    close_ballot(ballot, by=COMMAND_LINE)
    closed = _linked(truth)

    assert len(closed) >= 40
    assert {name: score for name, score in while_open.items() if score > CHANCE_DEVIATIONS} == {}
    assert {name: score for name, score in closed.items() if score > CHANCE_DEVIATIONS} == {}
    assert ballot.result is not None
    counts = ballot.result["items"][0]["counts"]
    assert {key: counts[key]["votes"] for key in ("for", "against")} == Counter(choice for _voter, choice in truth)
    assert not {"heads", "area", "weight", "voter_id", "channel"} & {f.column for f in SecretVote._meta.concrete_fields}


@BALLOTS
def test_orders_tell_everything_when_secrecy_is_broken(
    voted: Callable[[], tuple[Ballot, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = iter(range(1, 10**9))
    monkeypatch.setattr(receipts, "random_ids", lambda count: [next(counter) for _ in range(count)])
    monkeypatch.setattr(stirring, "STIRRED_ROWS", 0)

    _ballot, truth = voted()

    assert _linked(truth)["when they voted and id"] == pytest.approx(VOTERS**0.5)  # every single one


def test_no_value_stands_both_with_the_voter_and_with_the_choice() -> None:
    ballot, _truth = _voted()
    close_ballot(ballot, by=COMMAND_LINE)

    with_choice = {v for row in _rows("SELECT id, choice, receipt FROM voting_secretvote") for v in row}
    elsewhere: set[Any] = set()
    for model in apps.get_models():
        if model is SecretVote or model._meta.db_table.startswith(("django_", "auth_")):
            continue
        elsewhere |= {
            value
            for row in _rows(f"SELECT * FROM {model._meta.db_table}")
            for value in row
            if isinstance(value, str | int) and (isinstance(value, str) or value > 10**6)
        }

    assert with_choice & elsewhere <= {"for", "against"}  # the words of the options themselves


def test_the_ledger_keeps_no_cast_and_no_time_of_one() -> None:
    ballot, _truth = _voted()
    close_ballot(ballot, by=COMMAND_LINE)

    acts = list(LedgerEntry.objects.order_by("sequence").values_list("act", flat=True))

    assert acts == ["create_ballot", "open_ballot", "close_ballot"]
    columns = [f.name for name in ("SecretVote", "Participation", "CastRequest")
               for f in apps.get_model("voting", name)._meta.fields]  # fmt: skip
    assert not {"at", "time", "created_at", "heads", "area", "weight"} & set(columns)


def test_ids_tell_no_order() -> None:
    _voted()

    for table in ("voting_secretvote", "voting_participation", "voting_castrequest"):
        ids = [row[0] for row in _rows(f"SELECT id FROM {table} ORDER BY id")]
        steps = {after - before for before, after in pairwise(ids)}
        assert min(steps) > 1000
        assert max(ids) > 2**60


def test_counts_of_an_open_secret_ballot_are_hidden() -> None:
    ballot = open_a_ballot(3, kind="secret")
    batch = cast_votes([intent(voters_of(ballot)[0])])

    assert batch.states[ballot.pk].tally is None


def test_closing_forgets_the_slots_of_revision() -> None:
    ballot = open_a_ballot(3, kind="secret", revisable=True)
    cast_votes([intent(voter) for voter in voters_of(ballot)])
    assert SecretVote.objects.filter(slot__isnull=True).count() == 0

    close_ballot(ballot, by=COMMAND_LINE)

    assert SecretVote.objects.filter(slot__isnull=True).count() == 3


def test_closing_cuts_the_write_ahead_log_whose_frames_stand_in_the_order_of_the_votes() -> None:
    if _is_postgres():
        pytest.skip("SQLite's log")
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    ballot, _truth = _voted()
    receipts = [one.receipt.encode() for one in SecretVote.objects.all()]
    assert all(receipt in log.read_bytes() for receipt in receipts)

    close_ballot(ballot, by=COMMAND_LINE)

    # What is written after the log was cut is the note that the news of the closing was delivered.
    left = log.read_bytes()
    assert not any(receipt in left for receipt in receipts)
    assert len(left) < 32_768
