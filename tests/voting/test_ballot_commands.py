"""The commands scripts call: whole lives of ballots, and every bad input in one line with nothing stored."""

import datetime as dt
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from community.models import User
from core import clock
from core.models import LedgerEntry
from tests.voting.factories import cast, make_unit, open_a_ballot, voters_of
from voting.models import Ballot, Proxy, Voter

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]

FILE: dict[str, Any] = {
    "community": "511302001001",
    "title": "加装电梯",
    "kind": "named",
    "revisable": False,
    "items": [{"title": "是否加装"}],
    "rule": "owners_278_special",
    "electorate": {
        "voters": [
            {"name": "张三", "heads": 1, "area": "88.40"},
            {"name": "李四", "area": "90"},
            {"name": "李四", "area": 70},
        ]
    },
}  # fmt: skip


def _run(command: str, *words: Any) -> Any:
    out = io.StringIO()
    call_command(command, *map(str, words), stdout=out)
    return json.loads(out.getvalue())


def _refused(command: str, *words: Any) -> str:
    with pytest.raises(CommandError) as refused:
        call_command(command, *map(str, words), stdout=io.StringIO())
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    return str(refused.value)


def _file(folder: Path, value: Any, name: str = "ballot.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_a_ballot_lives_from_the_command_line(tmp_path: Path) -> None:
    make_unit()

    made = _run("create_ballot", _file(tmp_path, FILE))

    ballot = Ballot.objects.get(pk=made["ballot"])
    assert [v["name"] for v in made["voters"]] == ["张三", "李四", "李四"]
    assert len({v["code"] for v in made["voters"]}) == 3
    assert all(len(v["code"]) == 10 for v in made["voters"])
    assert [v.area for v in voters_of(ballot)] == [8840, 9000, 7000]
    assert made["voters"][0]["code"] not in str(Voter.objects.values_list("code_hash", flat=True))
    assert _run("open_ballot", ballot.pk)["phase"] == "open"
    assert _run("open_ballot", ballot.pk)["version"] == 1
    for voter in voters_of(ballot):
        assert cast(voter).accepted
    assert "not_closed" not in _refused("ballot_result", ballot.pk)
    assert _run("close_ballot", ballot.pk)["outcome"] == "passed"
    assert "至少 2 名" in _refused("certify_ballot", ballot.pk, "--by=甲", "--by=甲")
    assert _run("certify_ballot", ballot.pk, "--by=甲", "--by=乙")["certified_by"] == ["甲", "乙"]
    result = _run("ballot_result", ballot.pk)
    assert result["tally"][made["items"][0]]["for"] == {"heads": 3, "area": "248.40", "votes": 3}
    assert result["turnout"]["cast"] == 3
    assert result["roll"]["hash"] == ballot.roll_hash or result["roll"]["hash"]
    assert _run("export_ballot", ballot.pk, tmp_path / "out.json")["votes"] == 3
    acts = list(LedgerEntry.objects.order_by("sequence").values_list("act", flat=True))
    assert acts == ["create_ballot", "open_ballot", "close_ballot", "sign_count", "sign_count", "certify_ballot"]


def test_proxies_and_recusals_stand_in_the_file(tmp_path: Path) -> None:
    make_unit()
    given = {**FILE, "proxies": [{"principal": 1, "holder": 0}], "recusals": [{"voter": 2, "item": 0}]}

    made = _run("create_ballot", _file(tmp_path, given))
    _run("open_ballot", made["ballot"])

    one, two, three = voters_of(Ballot.objects.get())
    assert cast(three).code == "recused"
    assert cast(two).code == "proxy_not_allowed"
    assert cast(one, on_behalf_of=str(two.pk)).accepted
    assert Proxy.objects.get().holder_id == one.pk


VOTERS = FILE["electorate"]["voters"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"community": "000"}, "community"),
        ({"community": 7}, "community"),
        ({"title": ""}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"title": None}, "title"),
        ({"kind": "public"}, "kind"),
        ({"kind": 1}, "kind"),
        ({"revisable": "yes"}, "revisable"),
        ({"items": []}, "items"),
        ({"items": [{"title": "一", "colour": "red"}]}, "items[0].colour"),
        ({"items": [{}]}, "items[0].title"),
        ({"items": [{"title": "一", "method": "dice", "options": ["甲"]}]}, "items[0].method"),
        ({"items": [{"title": "一", "method": "one_of"}]}, "items[0].options"),
        (
            {"items": [{"title": "一", "method": "approval", "options": ["甲"], "form": {"max": 2}}]},
            "items[0].form.max",
        ),
        ({"rule": "majority"}, "rule"),
        (
            {"rule": {"pass": [{"measure": "heads", "of": "eligible", "fraction": "5/4", "inclusive": True}]}},
            "rule.pass[0].fraction",
        ),
        ({"rule": "rc_election"}, "kind"),
        ({"electorate": {"voters": []}}, "electorate.voters"),
        ({"electorate": {"voters": [*VOTERS, {"name": "王五", "area": 88.4}]}}, "electorate.voters[3].area"),
        ({"electorate": {"voters": [{"name": "王五", "area": "88.405"}]}}, "electorate.voters[0].area"),
        ({"electorate": {"voters": [{"name": "王五", "area": "-1"}]}}, "electorate.voters[0].area"),
        ({"electorate": {"voters": [{"name": "王五", "heads": 0, "area": "1"}]}}, "electorate.voters[0].heads"),
        ({"electorate": {"voters": [{"name": "王五", "heads": True, "area": "1"}]}}, "electorate.voters[0].heads"),
        ({"electorate": {"voters": [{"area": "1"}]}}, "electorate.voters[0].name"),
        ({"electorate": {"voters": [{"name": "王\n五", "area": "1"}]}}, "electorate.voters[0].name"),
        ({"electorate": {"voters": [{"name": "王五", "phone": "1"}]}}, "electorate.voters[0].phone"),
        ({"electorate": {"unit": "000"}}, "electorate.unit"),
        ({"electorate": {"unit": "511302001001", "scope": "cats"}}, "electorate.scope"),
        ({"disclosure": "never"}, "disclosure"),
        ({"kind": "secret", "disclosure": "running"}, "disclosure"),
        ({"closes_at": "tomorrow"}, "closes_at"),
        ({"colour": "red"}, "colour"),
        ({"proxies": [{"principal": 0, "holder": 9}]}, "proxies[0].holder"),
    ],
)
def test_bad_input_is_one_line_with_its_field(changes: dict[str, Any], field: str, tmp_path: Path) -> None:
    make_unit()

    line = _refused("create_ballot", _file(tmp_path, {**FILE, **changes}))

    assert line.startswith("ballot.json, ")
    assert field in line
    assert (Ballot.objects.count(), Voter.objects.count(), LedgerEntry.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", '{"title": "a", "title": "b"}', "[" * 100_000, '{"a": ' + "9" * 5000 + "}"]
)
def test_what_is_no_json_object_is_refused(text: str, tmp_path: Path) -> None:
    for command in ("create_ballot", "decide", "elect"):
        if text or command == "create_ballot":
            assert _refused(command, _file(tmp_path, text)).startswith("ballot.json")


def test_the_command_closes_a_ballot_early_and_says_that_it_was_given_no_reason() -> None:
    end = clock.now() + dt.timedelta(days=1)
    plain, told = (open_a_ballot(1, closes_at=end) for _number in range(2))

    _run("close_ballot", plain.pk)
    _run("close_ballot", told.pk, "--reason", "都已投票。")

    kept = [Ballot.objects.get(pk=one.pk).result["closed_early"]["reason"] for one in (plain, told)]  # type: ignore[index] # closed
    assert kept == ["由命令行截止，未说明理由", "都已投票。"]


@pytest.mark.parametrize("command", ["open_ballot", "close_ballot", "ballot_result", "certify_ballot"])
def test_an_unknown_ballot_is_named(command: str) -> None:
    assert "77" in _refused(command, 77)
    assert _refused(command, "x")


def test_ten_thousand_voters(tmp_path: Path) -> None:
    make_unit()
    voters = [{"name": f"业主{n}", "area": "88.40"} for n in range(10_000)]

    made = _run("create_ballot", _file(tmp_path, {**FILE, "electorate": {"voters": voters}}))
    state = _run("open_ballot", made["ballot"])

    assert state["turnout"] == {"cast": 0, "eligible": 10_000}
    assert len({v["code"] for v in made["voters"]}) == 10_000


def test_certifying_by_username_records_the_person(tmp_path: Path) -> None:
    make_unit()
    User.objects.create(username="wang", name="王芳")
    made = _run("create_ballot", _file(tmp_path, FILE))
    _run("open_ballot", made["ballot"])

    assert _run("certify_ballot", made["ballot"], "--by=wang", "--by=李娜")["certified_by"] == ["王芳", "李娜"]


CASE = {
    "id": "x",
    "rule": "owners_278_special",
    "eligible": {"heads": 13, "area": "1237.60"},
    "participating": {"heads": 12, "area": "1149.20"},
    "for": {"heads": 9, "area": "884.00"},
}


def test_decide_answers_each_line_in_order(tmp_path: Path) -> None:
    lines = [json.dumps({**CASE, "id": str(number)}) for number in range(3)]
    out = io.StringIO()

    call_command("decide", str(_file(tmp_path, "\n".join(lines) + "\n\n", "cases.jsonl")), stdout=out)

    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [answer["id"] for answer in answers] == ["0", "1", "2"]
    assert answers[0]["outcome"] == "passed"
    assert list(answers[0]) == ["id", "outcome", "quorum", "pass", "basis", "sentence"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"for": {"heads": 9, "area": 884.0}}, "cases.jsonl, row 2, for.area: "),
        ({"for": None}, "cases.jsonl, row 2, for: "),
        ({"colour": 1}, "cases.jsonl, row 2, colour: "),
        ({"rule": "x"}, "cases.jsonl, row 2, rule: "),
        ({"id": [1]}, "cases.jsonl, row 2, id: "),
    ],
)
def test_decide_refuses_the_whole_file(
    changes: dict[str, Any], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _file(tmp_path, f"{json.dumps(CASE)}\n{json.dumps({**CASE, **changes})}\n", "cases.jsonl")

    assert _refused("decide", path).startswith(told)
    assert capsys.readouterr().out == ""


def test_many_lines_take_no_more_memory_than_a_few(tmp_path: Path) -> None:
    most = "import resource as r\nprint(r.getrusage(r.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"  # KiB
    program = f"import sys\nfrom django.core.management import execute_from_command_line as run\nrun(sys.argv)\n{most}"
    known = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    taken = []
    for lines in (100, 10_000):  # 10,000 answers are 15 MiB
        path = _file(tmp_path, f"{json.dumps(CASE)}\n" * lines, f"{lines}.jsonl")
        command = [sys.executable, "-c", program, "decide", str(path)]
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=known, capture_output=True, text=True, check=True)
        assert done.stdout.count("\n") == lines
        taken.append(int(done.stderr))

    assert taken[1] - taken[0] < 6 * 1024


def test_the_exit_status_is_two_and_standard_input_is_read() -> None:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "decide", "-"]
    done = subprocess.run(command, input='{"id": 1}', capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "stdin, row 1, rule: is missing" in done.stderr


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"counts": {"A": 201, "B": 199}, "majority": "1/2", "of": "cast"}, (["A"], [], 201)),
        ({"counts": {"A": 200, "B": 200}, "majority": "1/2", "of": "cast"}, ([], ["A", "B"], 201)),
        ({"counts": {"A": 200, "B": 199}, "invalid": 1, "majority": "1/2", "of": "cast"}, ([], ["A", "B"], 201)),
        ({"counts": {"A": 200, "B": 199}, "invalid": 1, "majority": "1/2", "of": "valid"}, (["A"], [], 200)),
        ({"counts": {"A": 217, "B": 9}, "majority": "1/2", "of": "eligible", "eligible": 435}, ([], ["A", "B"], 218)),
        ({"counts": {"A": 5, "B": 4, "C": 4, "D": 1}, "majority": "1/2", "of": "cast"}, ([], ["A", "B", "C"], 8)),
        ({"counts": {"A": 5, "B": 4, "C": 4}, "majority": None, "seats": 2}, (["A"], ["B", "C"], 1)),
        ({"counts": {"A": 5, "B": 4, "C": 3}, "majority": None, "seats": 2}, (["A", "B"], [], 1)),
        ({"counts": {"A": 10, "B": 20}, "majority": "1/3", "of": "cast"}, (["B"], [], 10)),
        ({"counts": {"A": 0, "B": 0}, "majority": None}, ([], [], 1)),
        ({"counts": {"A": 60, "B": 55, "C": 40, "D": 20}, "valid": 100, "seats": 3, "majority": "1/2", "of": "valid"},
         (["A", "B"], ["C", "D"], 51)),
        ({"counts": {"A": 60, "B": 50}, "seats": 2, "eligible": 70, "invalid": 5, "majority": "1/2", "of": "cast"},
         (["A", "B"], [], 36)),
        ({"counts": {"A": 60, "B": 50}, "seats": 2, "invalid": 5, "majority": "1/2", "of": "cast"},
         (["A"], ["B"], 58)),
    ],
)  # fmt: skip
def test_elect(given: dict[str, Any], expected: tuple[list[str], list[str], int], tmp_path: Path) -> None:
    answer = _run("elect", _file(tmp_path, {"id": "e", **given}))

    assert (answer["elected"], answer["runoff"], answer["needed"]) == expected
    assert answer["outcome"] == ("runoff" if expected[1] else "elected" if expected[0] else "none")
    assert answer["reason"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "counts"),
        ({"counts": {"A": -1}}, "counts.A"),
        ({"counts": {"A": 1.5}}, "counts.A"),
        ({"counts": {"A": 1}, "seats": 0}, "seats"),
        ({"counts": {"A": 1}, "majority": "3/2"}, "majority"),
        ({"counts": {"A": 1}, "of": "all"}, "of"),
        ({"counts": {"A": 1}, "of": {}}, "of"),
        ({"counts": {"A": 1}, "of": "eligible"}, "eligible"),
        ({"counts": {"A": 9}, "eligible": 8}, "counts"),
        ({"counts": {"A": 1}, "colour": 1}, "colour"),
    ],
)
def test_elect_refuses_by_field(given: dict[str, Any], field: str, tmp_path: Path) -> None:
    assert f"row 1, {field}: " in _refused("elect", _file(tmp_path, {"id": "e", **given}))


@pytest.mark.parametrize("command", ["decide", "elect", "create_ballot"])
def test_half_a_surrogate_pair_is_refused(command: str, tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    file.write_text(r'{"id": "\ud800", "title": "\ud800", "counts": {"A": 1}}', "utf-8")

    assert "half a surrogate pair" in _refused(command, file)


def test_the_catalogue_is_printed_whole() -> None:
    catalogue = _run("rules")

    assert len(catalogue) == 23
    assert {"key", "title", "article", "quorum", "pass", "ballots", "proxy"} <= set(catalogue[0])
