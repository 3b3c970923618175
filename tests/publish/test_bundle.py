"""The monthly disclosure bundle."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from community.models import Unit
from publish.bundle import write_bundle
from tests.publish.conftest import Hire, Issue
from tests.publish.test_periods import at

pytestmark = [pytest.mark.django_db]


def test_a_month_is_packed_with_its_index(
    issue: Issue, community: Unit, subdistrict: Unit, neighbours: Unit, hire: Hire, tmp_path: Path
) -> None:
    first = issue(now=at(2026, 11, 1, 0), facts=None)
    issue(now=at(2026, 10, 31, 23))
    issue("minutes", now=at(2026, 11, 2))
    issue(issuer=neighbours, by=hire("director", neighbours), now=at(2026, 11, 30, 23))
    out = io.StringIO()

    call_command("disclosure_bundle", str(tmp_path / "a.zip"), unit=community.code, month="2026-11", stdout=out)
    call_command("disclosure_bundle", str(tmp_path / "b.zip"), unit=subdistrict.code, month="2026-11", stdout=out)
    call_command("disclosure_bundle", str(tmp_path / "c.zip"), unit=community.code, month="2026-11", stdout=out)

    assert [json.loads(line)["notices"] for line in out.getvalue().splitlines()] == [1, 2, 1]
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "c.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        assert bundle.testzip() is None
        [row] = list(csv.DictReader(io.StringIO(bundle.read("index.csv").decode("utf-8-sig"))))
        assert (row["文号"], row["文件SHA-256"]) == (first.number, first.file_hash)
        assert hashlib.sha256(bundle.read(row["文件"])).hexdigest() == first.file_hash
        assert json.loads(bundle.read("index.json"))["notices"][0]["文号"] == first.number


def test_the_index_says_what_is_to_be_read_in_a_papers_place(issue: Issue, community: Unit, tmp_path: Path) -> None:
    wrong = issue("roll", now=at(2026, 11, 1))
    right = issue("roll", now=at(2026, 11, 2), supersedes=wrong)
    early = issue("preliminary_result", now=at(2026, 11, 3))
    final = issue("vote_result", now=at(2026, 11, 4), follows=[early])

    with (tmp_path / "a.zip").open("wb") as file:
        write_bundle(file, unit=community, year=2026, month=11)

    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        rows = json.loads(bundle.read("index.json"))["notices"]
    assert {row["文号"]: row["后续文书"] for row in rows} == {
        wrong.number: right.number,
        right.number: "",
        early.number: final.number,
        final.number: "",
    }


@pytest.mark.parametrize(("unit", "month"), [("511302001001", "2026-13"), ("511302001001", "11"), ("404", "2026-11")])
def test_bad_input_is_one_line_and_leaves_no_file(community: Unit, tmp_path: Path, unit: str, month: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("disclosure_bundle", str(tmp_path / "a.zip"), unit=unit, month=month)

    assert refused.value.returncode == 2
    assert list(tmp_path.iterdir()) == []
