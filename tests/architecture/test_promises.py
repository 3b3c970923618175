"""Promises about the repository itself."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from tests.conftest import scope_of

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["config", "core", "community", "publish", "voting", "meetings", "deliberation"]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "services"}


def _sources() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]


def test_no_module_is_called_utils_or_the_like() -> None:
    assert [str(path) for path in _sources() if path.stem in FORBIDDEN_NAMES] == []


def test_core_holds_only_what_the_architecture_lists() -> None:
    listed = (ROOT / "docs/architecture.md").read_text().partition("## core: the closed list")[2].partition("##")[0]
    names = {part.strip("/") for part in re.findall(r"`([a-z_/]+)`", listed)}
    present = {
        path.stem
        for path in (ROOT / "core").iterdir()
        if not path.name.startswith(("_", ".")) and path.name not in {"apps.py", "migrations", "management"}
    }

    assert present - names == set()


def test_every_exception_to_a_lint_rule_has_its_reason() -> None:
    bare = re.compile(r"#\s*(noqa(: [A-Z0-9, ]+)?|type: ignore(\[[a-z-, ]+\])?)\s*$")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*_sources(), *sorted((ROOT / "tests").rglob("*.py"))]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if bare.search(line)
    ]

    assert found == []


def test_no_file_outgrows_a_drawer() -> None:
    one_table = {"deliberation/moves.py"}  # splitting the table of moves would hide what it shows
    long = {str(path.relative_to(ROOT)) for path in _sources() if len(path.read_text().splitlines()) > 500}

    assert long - one_table == set()


@pytest.mark.parametrize("suffix", ["*.html"])
def test_templates_hold_nothing_inline(suffix: str) -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)|<style|\sstyle=|\son[a-z]+=\"", re.IGNORECASE
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in sorted((ROOT / "templates").rglob(suffix))
        if "papers" not in path.parts  # paper, never sent to a browser
        for match in inline.finditer(path.read_text())
    ]

    assert found == []


def test_times_and_their_people_go_together() -> None:
    """A model that says who did something says when: `x_by` never stands without `x_at`."""
    lonely = []
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS:
            continue
        names = {field.name for field in model._meta.get_fields() if isinstance(field, models.Field)}
        lonely += [
            f"{model.__name__}.{name}" for name in names if name.endswith("_by") and f"{name[:-3]}_at" not in names
        ]

    assert [name for name in lonely if name != "Vote.cast_by"] == []  # a vote has one time, `at`


def test_every_variable_of_the_environment_is_documented() -> None:
    asked = re.compile(r"""(?:environ\.get\(|environ\[|getenv\(|_flag\()\s*"([A-Z][A-Z_]+)\"""")
    read = {name for path in _sources() for name in asked.findall(path.read_text())}
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs/settings.md").read_text()))

    assert read - documented - {"FONTCONFIG_FILE"} == set()  # Fontconfig's own: set around one call, put back
    assert {"DATABASE_URL", "METRICS_TOKEN", "WUYI_FONTS_DIR", "TRUST_PROXY"} <= read


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs/cli.md").read_text()
    commands = {path.stem for path in _sources() if path.parent.name == "commands" and path.stem != "__init__"}

    assert {name for name in commands if not re.search(rf"`{name}[ `]", page)} == set()
    assert {"decide", "import_units", "verify_ledger", "bench_live"} <= commands


def test_links_between_the_documents_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []


@pytest.mark.parametrize(
    ("file", "scope"),
    [
        ("tests/browser/test_every_page.py", "demonstration"),
        ("tests/browser/test_five_minutes.py", "demonstration"),
        ("tests/browser/test_board.py", "tests/browser/test_board.py"),
    ],
)
def test_the_tests_of_one_file_and_those_of_the_demonstration_share_a_worker(file: str, scope: str) -> None:
    assert (ROOT / file).exists()
    assert scope_of(f"{file}::test_something[a/b::c]") == scope
