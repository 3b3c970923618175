"""Commands for scripts: JSON lines in, JSON out, one line and exit 2 on a refusal; the ledger proves itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core import ledger
from core.actors import SYSTEM
from core.commands import one_line, parse_json, read_json, read_json_lines, read_text
from core.errors import BadInput
from core.models import CalendarDay, Notification


def test_lines_are_numbered_and_blank_ones_skipped(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text('{"a": 1}\n\n{"a": "2.5"}\n', "utf-8")

    assert list(read_json_lines(str(file))) == [(1, {"a": 1}), (3, {"a": "2.5"})]


def test_lines_are_read_one_at_a_time_and_what_is_no_text_is_named_by_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n"\xff"\n')
    lines = read_json_lines(str(file))

    assert next(lines) == (1, {"a": 1})
    with pytest.raises(BadInput, match=r"in\.jsonl, row 2: not UTF-8 text"):
        next(lines)
    monkeypatch.setattr("core.commands.MAX_LINE", 3)
    with pytest.raises(BadInput, match=r"in\.jsonl, row 1: longer than 3 bytes"):
        next(read_json_lines(str(file)))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1.5}',
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
        "{",
        "[" * 100_000,
        '{"a": ' + "9" * 5000 + "}",
        '"\\',
        "\0",
        r'["\ud800"]',
    ],
)
def test_json_that_is_not_exact_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_json(text, where="in.json, row 7")

    assert str(refused.value).startswith("in.json, row 7")


def test_a_number_of_ten_thousand_digits_is_refused_in_our_own_words() -> None:
    with pytest.raises(BadInput) as refused:
        parse_json('{"a": ' + "9" * 10_000 + "}", where="in.json, row 7")

    assert str(refused.value) == "in.json, row 7: a number has more than 4300 digits"


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    file.write_bytes(b'{}\n"\xff"')

    with pytest.raises(BadInput, match=r"in\.json, row 2: not UTF-8 text"):
        read_json(str(file))
    with pytest.raises(BadInput, match="larger than 3 bytes"):
        read_text(str(file), max_bytes=3)


def test_one_line_is_one_line() -> None:
    assert one_line("a\nb\x1b[31m\tc") == "a b [31m c"
    assert len(one_line("x" * 5000)) == 501


@pytest.mark.django_db
@pytest.mark.both_profiles
def test_verify_ledger_prints_the_head_and_names_the_first_break(capsys: pytest.CaptureFixture[str]) -> None:
    day = CalendarDay.objects.create(date="2027-01-04", is_working_day=False, source="调休")
    with transaction.atomic():
        entries = [ledger.record(by=SYSTEM, act="set_calendar_day", subject=day) for _time in range(3)]

    call_command("verify_ledger")
    assert json.loads(capsys.readouterr().out) == {"entries": 3, "head": entries[2].hash, "holds": True}

    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_ledgerentry SET reason = 'x' WHERE sequence = 2")
    with pytest.raises(CommandError, match="entry 2 ") as refused:
        call_command("verify_ledger")
    assert refused.value.returncode == 1


def test_a_script_sees_exit_2_one_line_and_nothing_on_stdout(tmp_path: Path) -> None:
    done = _manage(tmp_path, "deadline", "--start", "2026-02-30", "--days", "7")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--start" in done.stderr


def _manage(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "WUYI_DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'x.sqlite3'}"}
    return subprocess.run(
        [sys.executable, "manage.py", *words], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_before_the_first_migrate_days_are_counted_and_the_rest_says_what_to_run(tmp_path: Path) -> None:
    counted = _manage(tmp_path, "deadline", "--start", "2026-09-24", "--days", "5", "--mode", "working")
    refused = _manage(tmp_path, "verify_ledger")

    assert (counted.returncode, json.loads(counted.stdout)["ends"]) == (0, "2026-10-09")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "CommandError: the database is empty: run manage.py migrate first\n"


def test_qr_codes_carry_no_inline_style() -> None:
    from core import qr  # noqa: PLC0415 - one small test

    markup = qr.svg("http://127.0.0.1:8000/verify/0123")

    assert markup.startswith("<svg")
    assert "style" not in markup
    assert qr.data_url("x").startswith("data:image/svg+xml")


@pytest.mark.django_db
def test_people_are_told_once_each_in_one_statement(django_assert_num_queries: object) -> None:
    from community.models import User  # noqa: PLC0415 - whom to tell
    from core.notify import mark_read, tell, unread_of  # noqa: PLC0415 - one small test

    zhang = User.objects.create(username="zhang", name="张三")
    li = User.objects.create(username="li", name="李四")

    with django_assert_num_queries(1):  # type: ignore[operator] # a fixture without types
        assert tell([zhang, li, zhang], "字" * 400, "/proposals/1/") == 2
    assert tell([SYSTEM], "x") == 0
    with pytest.raises(ValueError, match="path of this site"):
        tell([zhang], "x", "https://evil.example/")

    assert len(unread_of(zhang).get().text) == 300
    assert mark_read(zhang) == 1
    assert list(Notification.objects.filter(read_at__isnull=True).values_list("user_id", flat=True)) == [li.pk]
