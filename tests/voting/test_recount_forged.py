"""A forger changes one value of a recount file and makes all hashes fit again: `verify.py` counts and decides anew."""

import copy
import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.actors import COMMAND_LINE
from core.canonical import sha256_hex
from tests.voting.factories import HALF, intent, items_of, open_a_ballot, voters_of
from tests.voting.test_recount import METHODS, VERIFY
from voting.export import SECTIONS, checked, laid_out, recount_document
from voting.models import Channel
from voting.operations import VoterDraft, cast_votes, close_ballot, recuse

pytestmark = pytest.mark.django_db
OF_ALL = {"measure": "heads", "of": "eligible", "fraction": "1/3", "inclusive": True}
SILENT = {"pass": [OF_ALL], "silence": "follows_majority", "invalid": "in_base"}
AREA = {"quorum": [{"measure": "area", "at_least": "300.00"}],
        "pass": [{"measure": "area", "of": "cast", "fraction": "2/5", "inclusive": True},
                 {"measure": "heads", "of": "participating", "fraction": "1/1", "inclusive": True, "counts": "against",
                  "below": True}]}  # fmt: skip
# What the file cannot contradict: who signed, when, whether the running counters agreed, what a form would also have
# allowed (what it does not allow is found); receipts, which only their voters know; the words of an election (its
# winners, ties and run-offs are found again); how many turned out in a secret ballot. The result's hash, which stands
# on the notice, covers the result.
FREE = {
    "ballot.tellers", "ballot.motion", "ballot.id", "votes[].receipt", "result.counters_matched", "result.opened_at",
    "result.closed_at", "items[][].min", "items[][].max", "items[][].points", "items[][].cap",
}  # fmt: skip
FREE_TOO = {
    "several rules": set(),
    "elections": {"result.items[].sentence"},
    "secret": {"result.items[].sentence", "result.turnout.cast", "result.turnout.area", "result.turnout.voters"},
}


VERIFIER = compile(VERIFY.read_bytes(), str(VERIFY), "exec")


def _document(case: str) -> dict[str, Any]:
    """Return the file of a ballot in which every kind of field is filled: silent voters, invalid votes, one recused."""
    plan: dict[str, Any] = {
        "several rules": {"methods": [0, 1, 2, 4], "rule": SILENT, "more_rules": [HALF, AREA]},
        "elections": {"methods": [3, 5, 6], "rule": AREA},
        "secret": {"methods": [0, 3], "rule": {**HALF, "invalid": "in_base"}, "kind": "secret"},
    }[case]
    chosen = [METHODS[number] for number in plan.pop("methods")]
    dice = random.Random(case)  # noqa: S311 - a seeded ballot
    drafts = [VoterDraft(f"业主{n}", area=10_000 + (n if case != "secret" else 0)) for n in range(14)]
    ballot = open_a_ballot(drafts, items=[one[0] for one in chosen], **plan)
    voters, items = voters_of(ballot), items_of(ballot)
    recuse(items[0], voters[0], by=COMMAND_LINE)
    for number, voter in enumerate(voters[1:8]):
        choices = {str(item.pk): dice.choice(one[1]) for item, one in zip(items, chosen, strict=True)}
        choices = dict.fromkeys(choices, "invalid") if number < 2 else choices
        assert cast_votes([intent(voter, choices=choices, channel=Channel.PAPER)])[0].accepted
    return recount_document(close_ballot(ballot, by=COMMAND_LINE))


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in which no other stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = False
    for key, below in inner:
        found = True
        yield from _leaves(below, (*path, key))
    if not found:
        yield path


def _kind(path: tuple[Any, ...]) -> str:
    """Return what sort of field a path leads to: the same for every row, item, option and threshold."""
    words = "".join("[]" if isinstance(part, int) or part.isdigit() else f".{part}" for part in path)[1:]
    words = re.sub(r"^votes\[\]\[\]$", f"votes[].{('item', 'voter', 'choice', 'receipt', 'check')[path[-1]]}"
                   if path[0] == "votes" else words, words)  # fmt: skip
    return "ballot.motion" if words.startswith("ballot.motion") else words


def _other(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return f"{value[:-1]}{'1' if value[-1:] != '1' else '2'}"
    return ["1"] if isinstance(value, list) else {"1": 1}


def _forged(document: dict[str, Any], path: tuple[Any, ...]) -> str:
    """Return the file with another value at `path`, all checks and hashes made to fit."""
    made = copy.deepcopy(document)
    place = made
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = _other(place[path[-1]])
    for name in ("roll", "items", "votes"):
        made[name] = checked([row[:-1] for row in made[name]])
    made["result"]["hash"] = sha256_hex({key: value for key, value in made["result"].items() if key != "hash"})
    made["hashes"] = {name: sha256_hex(made[name]) for name in SECTIONS}
    made["hash"] = sha256_hex(made["hashes"])
    return laid_out(made)


def _told(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the discrepancy, "" where there is none."""
    path = folder / "out.json"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["verify.py", str(path)])
    try:
        exec(VERIFIER, {"__name__": "__main__", "__file__": str(VERIFY)})  # noqa: S102 - our own program
    except SystemExit as ended:
        return str(ended.code)
    return ""


@pytest.mark.parametrize("case", ["several rules", "elections", "secret"])
def test_every_kind_of_field_is_found_again(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = _document(case)
    assert _told(laid_out(document), tmp_path, monkeypatch) == ""
    printed = capsys.readouterr().out
    assert [one for one in document["result"]["items"] if f"{one['title']}：{one['sentence']}\n" not in printed] == []
    kinds: dict[str, list[tuple[Any, ...]]] = {}
    for path in _leaves({name: document[name] for name in SECTIONS}):
        is_check = path[0] in {"roll", "items", "votes"} and path[2:] == (len(document[path[0]][path[1]]) - 1,)
        if not is_check and path != ("result", "hash"):
            kinds.setdefault(_kind(path), []).append(path)
    dice = random.Random(7)  # noqa: S311 - a seeded choice of places

    unnoticed, unplaced = set(), []
    for kind, paths in kinds.items():
        told = _told(_forged(document, dice.choice(paths)), tmp_path, monkeypatch)
        if not told:
            unnoticed.add(kind)
        elif not re.match(r"DISCREPANCY (roll|votes|items|result|declared|ballot|file)", told):
            unplaced.append(told)

    capsys.readouterr()
    assert unplaced == []
    assert unnoticed - FREE - FREE_TOO[case] == set()
    assert len(kinds) > 40


def test_the_ballots_of_these_tests_turn_on_their_conventions() -> None:
    found = {one["convention"] for item in _document("several rules")["result"]["items"] for one in item["differs_if"]}

    assert "silence_excluded" in found


@pytest.mark.parametrize("seed", range(4))
def test_one_changed_byte_anywhere_of_a_long_file_is_found_with_its_place(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = laid_out(_document("several rules")).encode()
    dice = random.Random(seed)  # noqa: S311 - seeded places

    for place in dice.sample(range(len(data)), 60):
        changed = bytearray(data)
        changed[place] = dice.choice([byte for byte in range(256) if byte != data[place]])
        path = tmp_path / "out.json"
        path.write_bytes(bytes(changed))
        monkeypatch.setattr(sys, "argv", ["verify.py", str(path)])

        with pytest.raises(SystemExit) as ended:
            exec(VERIFIER, {"__name__": "__main__", "__file__": str(VERIFY)})  # noqa: S102 - our own program

        assert re.match(r"DISCREPANCY [a-z]+(\[\d+\]|\.[a-z_]+| \d+)?: ", str(ended.value.code)), place
        assert json.loads(data)["format"] == "wuyi-recount-1"


TWO_OF_FOUR = {"title": "项目", "method": "approval", "options": ["甲", "乙", "丙", "丁"], "form": {"min": 2, "max": 3}}
TWO_SEATS = {"title": "选举", "method": "election", "options": ["张", "王", "李"], "form": {"seats": 2}}
RANKED = {"title": "先后", "method": "ranking", "options": ["一", "二", "三"], "form": {"min": 2}}
SCORED = {"title": "评分", "method": "score", "options": ["一", "二"], "form": {"max": 5}}
SHARED = {"title": "预算", "method": "budget", "options": ["路", "灯"], "form": {"points": 10, "cap": 8}}


@pytest.mark.parametrize(
    ("item", "honest", "forged"),
    [
        (TWO_OF_FOUR, ["1", "2"], '["1"]'),
        (TWO_OF_FOUR, ["1", "2"], '["1","2","3","4"]'),
        (TWO_OF_FOUR, ["1", "2"], '["1","1"]'),
        (TWO_OF_FOUR, ["1", "2"], "1"),
        (TWO_OF_FOUR, ["1", "2"], '{"1":1,"2":1}'),
        (TWO_SEATS, ["1"], '["1","2","3"]'),
        (TWO_SEATS, ["1"], "[]"),
        (RANKED, ["1", "2"], '["3"]'),
        (SCORED, {"1": 5}, '{"1":6}'),
        (SCORED, {"1": 5}, '{"1":-1}'),
        (SCORED, {"1": 5}, '["1","2"]'),
        (SHARED, {"1": 3, "2": 7}, '{"1":4,"2":7}'),
        (SHARED, {"1": 3, "2": 7}, '{"1":9}'),
        (SHARED, {"1": 3, "2": 7}, '{"1":2.5,"2":7}'),
    ],
)
def test_marks_and_points_beyond_what_the_form_allows_are_named(
    item: dict[str, Any], honest: Any, forged: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballot = open_a_ballot([VoterDraft("甲"), VoterDraft("乙")], items=[item])
    key = str(items_of(ballot)[0].pk)
    assert cast_votes([intent(voters_of(ballot)[0], choices={key: honest})])[0].accepted
    document = recount_document(close_ballot(ballot, by=COMMAND_LINE))
    assert _told(laid_out(document), tmp_path, monkeypatch) == ""

    document["votes"][0][2] = forged
    document["votes"] = checked([row[:-1] for row in document["votes"]])
    document["hashes"]["votes"] = sha256_hex(document["votes"])
    document["hash"] = sha256_hex(document["hashes"])

    assert _told(laid_out(document), tmp_path, monkeypatch) == "DISCREPANCY votes[0]: breaks the form of its item"
