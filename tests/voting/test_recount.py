"""The public recount file and `verify.py`: same outcome, same sentence, any changed byte found with its place."""

import json
import random
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from community.models import User
from core.actors import COMMAND_LINE
from tests.voting.factories import HALF, intent, items_of, open_a_ballot, voters_of
from voting import receipts
from voting.export import laid_out, recount_document
from voting.models import Ballot, Channel
from voting.operations import VoterDraft, cast_votes, close_ballot, recuse

pytestmark = pytest.mark.django_db
VERIFY = Path(__file__).resolve().parents[2] / "verify.py"


def _verify(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of verify.py alone in another folder, as a stranger would."""
    copy = path.parent / "verify.py"
    if not copy.exists():
        shutil.copy(VERIFY, copy)
    command = [sys.executable, "-I", "-B", copy.name, path.name, *words]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)


def _in_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["verify.py", str(path)])
    runpy.run_path(str(VERIFY), run_name="__main__")


def _exported(ballot: Ballot, folder: Path) -> Path:
    close_ballot(ballot, by=COMMAND_LINE)
    path = folder / "out.json"
    path.write_text(laid_out(recount_document(ballot)), encoding="utf-8")
    return path


METHODS: list[tuple[dict[str, Any], list[Any]]] = [
    ({"title": "是否加装"}, ["for", "against", "abstain"]),
    ({"title": "选址", "method": "one_of", "options": ["东门", "西门"]}, ["1", "2", "against", "abstain"]),
    ({"title": "项目", "method": "approval", "options": ["甲", "乙", "丙"], "form": {"max": 2}},
     [["1"], ["1", "3"], "2"]),
    ({"title": "选举", "method": "election", "options": ["张", "王", "李"], "form": {"seats": 2}},
     [["1", "2"], ["3"], "1"]),
    ({"title": "先后", "method": "ranking", "options": ["一", "二", "三"]}, [["2", "1"], ["3", "2", "1"], ["1"]]),
    ({"title": "评分", "method": "score", "options": ["一", "二"], "form": {"max": 5}}, [{"1": 5}, {"1": 2, "2": 4}]),
    ({"title": "预算", "method": "budget", "options": ["路", "灯"], "form": {"points": 10}},
     [{"1": 10}, {"1": 3, "2": 7}]),
]  # fmt: skip
RULES = ["owners_278_special", "owners_278_ordinary", "owner_reps_negative_consent", HALF,
         {"pass": HALF["pass"], "silence": "follows_majority", "invalid": "in_base"},
         {"pass": HALF["pass"], "silence": "consents"},
         {"quorum": [{"measure": "heads", "at_least": 5}], "pass": HALF["pass"]}]  # fmt: skip


@pytest.mark.parametrize("seed", range(24))
def test_a_stranger_counts_and_decides_the_same(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)  # noqa: S311 - a seeded choice of cases
    secret = seed % 2 == 1
    alike = seed % 4 == 1
    methods = [m for m in METHODS if not (secret and not alike and m[0].get("method") == "ranking")]
    chosen = dice.sample(methods, 3)
    drafts = [VoterDraft(f"业主{n}", area=8_840 if alike else 8_000 + n) for n in range(25)]
    first, second = dice.sample(RULES, 2)
    several = {"more_rules": [second]} if all(m[0].get("method") != "election" for m in chosen) else {}
    ballot = open_a_ballot(
        drafts, items=[m[0] for m in chosen], rule=first, kind="secret" if secret else "named", **several
    )
    items, voters = items_of(ballot), voters_of(ballot)
    recuse(items[0], voters[0], by=COMMAND_LINE)
    batch = []
    for voter in voters[1 : dice.randrange(1, 26)]:
        choices = {str(i.pk): dice.choice(m[1]) for i, m in zip(items, chosen, strict=True) if dice.random() < 0.9}
        if choices and dice.random() < 0.1:
            choices = dict.fromkeys(choices, "invalid")
        batch.append(intent(voter, choices=choices, channel=Channel.PAPER))
    cast_votes(batch)
    path = _exported(ballot, tmp_path)

    done = _verify(path)

    assert (done.returncode, done.stderr) == (0, "")
    assert ballot.result is not None
    for item in ballot.result["items"]:
        assert f"{item['title']}：{item['sentence']}" in done.stdout
    assert ballot.result["hash"] in done.stdout
    assert ballot.result["counters_matched"] is True


@pytest.mark.parametrize("kind", ["named", "secret"])
def test_one_changed_byte_anywhere_is_found(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ballot = open_a_ballot(4, kind=kind)
    cast_votes([intent(v, c) for v, c in zip(voters_of(ballot), ["for", "against", "for", "abstain"], strict=True)])
    path = _exported(ballot, tmp_path)
    data = path.read_bytes()
    dice = random.Random(7)  # noqa: S311 - a seeded choice of bytes

    for place in [0, 1, len(data) - 1, *dice.sample(range(len(data)), 300)]:
        changed = bytearray(data)
        changed[place] = changed[place] ^ 1
        path.write_bytes(bytes(changed))

        with pytest.raises(SystemExit) as ended:
            _in_process(path, monkeypatch)

        assert str(ended.value).startswith("DISCREPANCY "), place
    assert capsys.readouterr().out == ""
    assert _verify(path).returncode == 1


def test_an_edited_vote_is_named(tmp_path: Path) -> None:
    ballot = open_a_ballot(4)
    cast_votes([intent(voter) for voter in voters_of(ballot)])
    path = _exported(ballot, tmp_path)
    document = json.loads(path.read_text())
    document["votes"][2][2] = "against"
    path.write_text(laid_out(document))

    done = _verify(path)

    assert (done.returncode, done.stderr) == (1, "DISCREPANCY votes[2]: was changed: its check does not match\n")


@pytest.mark.parametrize("cut", [lambda text: text[:-1], lambda text: f"{text}\n", lambda text: text[: len(text) // 2]])
def test_a_file_cut_short_or_lengthened_is_a_discrepancy(cut: Callable[[str], str], tmp_path: Path) -> None:
    ballot = open_a_ballot(4)
    path = _exported(ballot, tmp_path)
    path.write_text(cut(path.read_text()))

    assert _verify(path).returncode == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "1e5", '{"format": NaN}', "[" * 100_000, "\udcff"])
def test_a_malformed_file_is_a_discrepancy_too(text: str, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_bytes(text.encode(errors="surrogateescape"))

    done = _verify(path)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["named", "secret"])
def test_a_voter_finds_the_vote_by_the_receipt(kind: str, tmp_path: Path) -> None:
    ballot = open_a_ballot(3, kind=kind)
    answers = cast_votes([intent(v, c) for v, c in zip(voters_of(ballot), ["for", "against", "for"], strict=True)])
    path = _exported(ballot, tmp_path)

    done = _verify(path, "--receipt", answers[1].receipt)

    assert f"receipt: item {items_of(ballot)[0].pk} was counted as against" in done.stdout


def test_the_file_holds_nothing_personal(tmp_path: Path) -> None:
    ballot = open_a_ballot([VoterDraft("诸葛亮", place="3幢2单元501", area=8840), VoterDraft("司马懿")])
    cast_votes([intent(voter) for voter in voters_of(ballot)])

    text = _exported(ballot, tmp_path).read_text()

    assert "诸葛亮" not in text
    assert "3幢" not in text
    ids = {str(voter.pk) for voter in voters_of(ballot)}
    assert not ids & {row[1] for row in json.loads(text)["votes"]}


def test_a_voter_finds_their_own_line_by_the_pseudonym_only_they_are_shown(tmp_path: Path) -> None:
    users = [User.objects.create(username=name, name=name) for name in ("甲", "乙")]
    ballot = open_a_ballot([VoterDraft(user.name, user=user) for user in users])
    one, two = voters_of(ballot)
    cast_votes([intent(one, "for"), intent(two, "against")])
    path = _exported(ballot, tmp_path)
    client = Client()
    client.force_login(users[0])

    page = client.get(f"/ballots/{ballot.pk}/result/").content.decode()
    public = Client().get(f"/ballots/{ballot.pk}/result/").content.decode()
    mine = receipts.pseudonym(ballot.pk, one.pk)
    done = _verify(path, "--receipt", mine)

    assert mine in page
    assert mine not in public
    assert receipts.pseudonym(ballot.pk, two.pk) not in page
    assert f"receipt: item {items_of(ballot)[0].pk} was counted as for" in done.stdout
    assert "was counted as against" not in done.stdout


def test_of_a_secret_ballot_no_pseudonym_is_shown() -> None:
    user = User.objects.create(username="甲", name="甲")
    ballot = open_a_ballot([VoterDraft("甲", user=user), VoterDraft("乙")], kind="secret")
    close_ballot(ballot, by=COMMAND_LINE)
    client = Client()
    client.force_login(user)

    page = client.get(f"/ballots/{ballot.pk}/result/").content.decode()

    assert "您自己的票" not in page
    assert receipts.pseudonym(ballot.pk, voters_of(ballot)[0].pk) not in page
