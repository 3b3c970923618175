"""The result page of several rules and motions, the back office of rules, and their commands."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from community.models import User
from core.actors import COMMAND_LINE
from tests.voting.factories import intent, make_ballot, make_unit, voters_of
from voting.models import Ballot, RuleOverride
from voting.operations import VoterDraft, cast_votes, close_ballot, join_ballots, open_ballot

pytestmark = pytest.mark.django_db

ALL_AGREE = {
    "title": "全体同意", "article": "本小区管理规约第五条", "quorum": [],
    "pass": [{"measure": "heads", "of": "eligible", "fraction": "1/1", "inclusive": True}],
}  # fmt: skip
LESS = {"measure": "heads", "of": "participating", "fraction": "1/2", "inclusive": True}
WITH_SILENCE = {
    "quorum": [], "pass": [{"measure": "heads", "of": "eligible", "fraction": "1/2", "inclusive": False}],
    "silence": "follows_majority",
}  # fmt: skip


def _counted(choices: list[str], **more: Any) -> Ballot:
    ballot = make_ballot([VoterDraft(f"居民{n}", area=10_000) for n in range(len(choices))], **more)
    open_ballot(ballot, by=COMMAND_LINE)
    cast_votes([intent(v, choice) for v, choice in zip(voters_of(ballot), choices, strict=True) if choice])
    return close_ballot(ballot, by=COMMAND_LINE)


def test_the_page_shows_each_rule_with_its_bars() -> None:
    ballot = _counted(["for", "for", "against"], rule="owners_278_ordinary", more_rules=[ALL_AGREE])

    page = Client().get(f"/ballots/{ballot.pk}/result/")

    [item] = page.context["items"]
    assert [rule["outcome_word"] for rule in item["rules"]] == ["通过", "未通过"]
    assert (item["outcome_word"], item["due"], item["agreed"]) == (
        "初步结果：未通过，待监票人签认",
        "3人 · 300.00平方米",
        "2人 · 200.00平方米",
    )
    assert [rule["needs"] for rule in item["rules"]] == [
        ["超过参与表决 3人的 1/2，即 2人", "超过参与表决 300.00平方米的 1/2，即 150.01平方米"],
        ["应参加 3人的全部，即 3人"],
    ]
    assert [rule["quorum_needs"] for rule in item["rules"]] == [
        ["应参加 3人的 2/3 以上，即 2人", "应参加 300.00平方米的 2/3 以上，即 200.00平方米"],
        [],
    ]
    bar = item["rules"][0]["quorum_bars"][0]
    assert (bar["fraction"], bar["needed"]) == ("应参加的 2/3 以上", "2 人")
    text = page.content.decode()
    assert "全体同意：未通过" in text
    assert "本小区管理规约第五条" in text
    assert text.count('class="threshold threshold--') == 5


def test_the_page_flags_a_flip() -> None:
    ballot = _counted(["for", "", ""], rule=WITH_SILENCE)

    page = Client().get(f"/ballots/{ballot.pk}/result/")

    assert "如果不计未表决的人，结论会变为：未通过" in page.content.decode()


def test_the_page_leads_to_the_other_ballots_of_the_motion() -> None:
    owners, body = make_ballot(1), make_ballot(1, title="居民代表会议")
    join_ballots([owners, body], title="加装电梯", by=COMMAND_LINE)
    for ballot in (owners, body):
        open_ballot(ballot, by=COMMAND_LINE)
        cast_votes([intent(voters_of(ballot)[0], "for")])
    close_ballot(owners, by=COMMAND_LINE)

    waiting = Client().get(f"/ballots/{owners.pk}/result/").content.decode()
    close_ballot(body, by=COMMAND_LINE)
    done = Client().get(f"/ballots/{owners.pk}/result/").content.decode()

    assert "各项表决都结束后才有总的结论" in waiting
    assert f'href="/ballots/{body.pk}/result/"' in done
    assert (waiting.count('class="threshold threshold--'), done.count('class="threshold threshold--')) == (1, 2)
    assert "2项表决须全部通过。总的结论：表决通过。" in done


def test_the_back_office_sets_and_drops_a_rule_through_the_operations() -> None:
    unit = make_unit()
    client = Client()
    client.force_login(User.objects.create(username="root", name="管理员", is_superuser=True, is_staff=True))
    form = {"unit": unit.pk, "key": "owners_278_ordinary", "article": "区规定", "silence": "", "invalid": "",
            "quorum": "null", "passing": json.dumps([LESS])}  # fmt: skip

    refused = client.post("/admin/voting/ruleoverride/add/", form, follow=True)
    stored_then = RuleOverride.objects.count()
    client.post("/admin/voting/ruleoverride/add/", {**form, "passing": "null", "invalid": "in_base"})
    [stored] = RuleOverride.objects.all()
    client.post(f"/admin/voting/ruleoverride/{stored.pk}/delete/", {"post": "yes"})

    assert "低于民法典第二百七十八条" in refused.content.decode()
    assert (stored_then, stored.invalid, RuleOverride.objects.count()) == (0, "in_base", 0)


def _run(tmp_path: Path, command: str, given: dict[str, Any], *words: str) -> Any:
    file = tmp_path / "in.json"
    file.write_text(json.dumps(given))
    out = StringIO()
    call_command(command, str(file), *words, stdout=out)
    return json.loads(out.getvalue())


def test_set_rule_prints_what_holds_and_drops(tmp_path: Path) -> None:
    code = make_unit().code
    given = {"unit": code, "rule": "owners_committee", "article": "区规定", "silence": "none"}

    held = _run(tmp_path, "set_rule", given)
    out = StringIO()
    call_command("rules", unit=code, stdout=out)
    dropped = _run(tmp_path, "set_rule", given, "--drop")

    assert held["article"] == "区规定"
    assert [entry["article"] for entry in json.loads(out.getvalue()) if entry["key"] == "owners_committee"] == [
        "区规定"
    ]
    assert dropped["article"].startswith("业主大会")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"pass": [{"measure": "heads", "of": "participating", "fraction": "1/2", "inclusive": True}]},
            "in.json, pass",
        ),
        ({"quorums": []}, "in.json, quorums: is not a known field"),
        ({"article": 3}, "in.json, article: must be given, as text"),
        ({"rule": "no_such"}, "in.json, rule: unknown rule"),
    ],
)
def test_set_rule_refuses_by_field(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    given = {"unit": make_unit().code, "rule": "owners_278_special", "article": "区规定", "silence": "none", **changes}

    with pytest.raises(CommandError, match=told) as refused:
        _run(tmp_path, "set_rule", given)

    assert refused.value.returncode == 2
    assert not RuleOverride.objects.exists()


def test_an_authorisation_and_a_motion_by_command(tmp_path: Path) -> None:
    given = {"community": make_unit().code, "matter": "公共设施", "given_on": "2026-03-01", "until_on": "2029-02-28",
             "document": "居民会议决议"}  # fmt: skip
    ballots = [make_ballot(1), make_ballot(1)]
    out = StringIO()

    made = _run(tmp_path, "record_authorisation", given)
    call_command("join_ballots", *[str(ballot.pk) for ballot in ballots], title="加装电梯", stdout=out)

    assert made["until_on"] == "2029-02-28"
    assert json.loads(out.getvalue())["ballots"] == [str(ballot.pk) for ballot in ballots]
    with pytest.raises(CommandError, match="given_on: must be a date"):
        _run(tmp_path, "record_authorisation", {**given, "given_on": "2026-02-30"})
    with pytest.raises(CommandError, match="there is no ballot 999999"):
        call_command("join_ballots", "999999", str(ballots[0].pk), title="停车")
