"""No kind of paper is an orphan: one life with its detours issues every kind there is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from deliberation import operations
from deliberation.models import Proposal
from deliberation.stages import Status
from meetings.models import Minutes
from meetings.operations import publish_minutes
from publish import kinds, press
from publish.models import Notice
from tests.deliberation.world import World
from voting.operations.printing import request_papers

pytestmark = [pytest.mark.django_db]
_DOC = Path(__file__).resolve().parents[2] / "docs" / "notices.md"


def test_one_life_with_its_detours_issues_every_kind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[dict[str, Any]] = []

    def set_papers(papers: list[dict[str, Any]], **_more: Any) -> bytes:
        printed.extend(papers)
        return b"%PDF-"

    monkeypatch.setattr(press, "set_papers", set_papers)
    world.register(title="垃圾房移位")
    world.do(operations.reject_proposal, world.p, by=world.secretary, reason_code="out_of_scope", reason="已有规划。")
    world.register()
    world.do(operations.acknowledge_proposal, world.p, by=world.grid_worker)
    world.do(operations.request_supplement, world.p, by=world.secretary, reason="请补充现场照片。")
    world.do(operations.supplement_proposal, world.p, by=world.proposer, reason="照片见附件。")
    world.walk_to(Status.NOTICE_PERIOD)
    world.do(publish_minutes, minutes=Minutes.objects.get(), by=world.facilitator)
    assert world.p.ballot is not None
    world.do(request_papers, world.p.ballot, first=1, last=2, by=world.member)
    world.walk_to(Status.EXECUTING)
    task = world.p.tasks.get(owner=world.member)
    world.do(operations.order_follow_up, task, by=world.supervisor, text="三日内答复。")
    world.walk_to(Status.EVALUATING)
    world.rate(satisfied=2, fairly=0, dissatisfied=10)
    world.wait(17)
    world.do(operations.order_rectification, world.p, by=world.supervisor, reason="补种绿化。")
    world.do(operations.report_rectification, world.p, by=world.member, report="已补种。")
    world.do(operations.finish_rectification, world.p, by=world.director)
    world.archive()

    issued = set(Notice.objects.exclude(number="").values_list("kind", flat=True))
    assert issued | {paper["kind"] for paper in printed} == set(kinds.KINDS)
    assert {notice.status for notice in Notice.objects.all()} <= {"posted", "ended"}
    assert Proposal.objects.get(pk=world.p.pk).status == Status.ARCHIVED
    for notice in Notice.objects.all():
        assert json.loads(json.dumps(notice.facts)) == notice.facts


def test_the_docs_say_of_every_kind_who_issues_it_and_who_reads_it() -> None:
    text = _DOC.read_text(encoding="utf-8")
    table = text[text.index("## Which act writes which paper") : text.index("## Numbers")]

    rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)

    assert [row[0] for row in rows] == list(kinds.KINDS)
    assert [row[1].strip() for row in rows] == [kinds.title_of(key) for key in kinds.KINDS]
