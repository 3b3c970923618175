"""What may be issued: facts are checked before anything is stored."""

from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string

from community.models import Unit, User
from core.errors import BadInput
from core.models import LedgerEntry
from publish import kinds
from publish.issuers import issuer_profile
from publish.models import IssuerProfile, Notice, NumberSeries
from publish.operations import issue_notice
from tests.publish.conftest import Issue

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]
Break = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("break_it", "field"),
    [
        (lambda facts: {**facts, "title": ""}, "title"),
        (lambda facts: {**facts, "title": "长" * 121}, "title"),
        (lambda facts: {**facts, "title": 7}, "title"),
        (lambda facts: {key: value for key, value in facts.items() if key != "title"}, "title"),
        (lambda facts: {**facts, "colour": "red"}, "colour"),
        (lambda facts: {**facts, "topics": []}, "topics"),
        (lambda facts: {**facts, "topics": [{"title": "电梯", "votes": 1.5}]}, "topics[0].votes"),
        (lambda facts: {**facts, "paragraphs": ["好\x00坏"]}, "paragraphs[0]"),
        (lambda facts: {**facts, "paragraphs": ["好\u202e坏"]}, "paragraphs[0]"),
        (lambda facts: {**facts, "paragraphs": ["长" * 4000] * 200}, "facts"),
        (lambda facts: {**facts, "title": "关于\U0001f600的公示"}, "title"),
        (lambda _facts: "facts", "facts"),
        (lambda _facts: None, "facts"),
    ],
)
def test_hostile_facts_are_refused_by_field_and_nothing_is_stored(
    community: Unit, secretary: User, break_it: Break, field: str
) -> None:
    facts = break_it(kinds.example("topic_list"))

    with pytest.raises(BadInput) as refused:
        issue_notice(kind="topic_list", facts=facts, issuer=community, by=secretary)

    assert refused.value.field == field
    assert (Notice.objects.count(), LedgerEntry.objects.count()) == (0, 0)
    assert (NumberSeries.objects.count(), IssuerProfile.objects.count()) == (0, 0)


@pytest.mark.parametrize("kind", ["poem", "", "topic_list\x00"])
def test_an_unknown_kind_is_refused(community: Unit, secretary: User, kind: str) -> None:
    with pytest.raises(BadInput) as refused:
        issue_notice(kind=kind, facts=kinds.example("topic_list"), issuer=community, by=secretary)

    assert refused.value.field == "kind"


def test_facts_are_frozen_whatever_happens_to_people_and_units_later(issue: Issue, community: Unit) -> None:
    notice = issue("roll")
    paper, digest = notice.paper, notice.content_hash

    community.name = "新名社区"
    community.save()
    IssuerProfile.objects.update(full_name="新名社区居民委员会", code_word="新名")
    notice.refresh_from_db()

    assert (notice.paper, notice.content_hash) == (paper, digest)
    assert issue("roll").number == "新名〔2026〕2号"


def test_the_objection_office_and_places_of_the_issuer_stand_on_the_paper(
    issue: Issue, community: Unit, secretary: User
) -> None:
    issue("roll")
    IssuerProfile.objects.update(
        places=["社区公示栏", "小区东门"], objection_office="居务监督委员会", objection_phone="0817-1234567"
    )
    facts = {**kinds.example("roll"), "places": [], "objection": None}

    notice = issue("roll", facts=facts)

    assert notice.facts["places"] == []
    assert notice.paper is not None
    assert notice.paper["facts"]["places"] == ["社区公示栏", "小区东门"]
    assert notice.paper["facts"]["objection"] == {
        "office": "居务监督委员会",
        "phone": "0817-1234567",
        "address": "",
        "deadline": str(notice.ends_on),
    }
    assert [posting.place for posting in notice.postings.all()] == ["社区公示栏", "小区东门"]


@pytest.mark.typeset
@pytest.mark.parametrize("kind", list(kinds.KINDS))
def test_every_kind_is_published_by_the_real_engine(issue: Issue, kind: str) -> None:
    notice = issue(kind)

    assert notice.failure == ""
    with notice.file.open() as file:
        assert file.read(8).startswith(b"%PDF-1.")


def test_other_papers_are_public_only_when_it_is_said(issue: Issue, resident: User) -> None:
    assert issue("resolution").is_public is True
    assert issue("legality_opinion").is_public is False
    assert issue("legality_opinion", public=True).is_public is True
    assert issue("legality_opinion", public=True, recipient=resident).is_public is False


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("平城街社区", "平城街社区居民委员会"),
        ("平城街社区居民委员会", "平城街社区居民委员会"),
        ("平城街社区居委会", "平城街社区居民委员会"),
        ("石峰村民委员会", "石峰村民委员会"),
    ],
)
def test_a_community_signs_as_its_committee_once(community: Unit, name: str, full: str) -> None:
    community.name = name

    assert issuer_profile(community).full_name == full


@pytest.mark.parametrize("words", ["2027年6月前完工", "2027年6月前完工。", "2027年6月前完工； "])
def test_a_paper_sets_one_full_stop_after_what_people_wrote(words: str) -> None:
    facts = kinds.example("plan_for_comment") | {"schedule": words}

    page = render_to_string("publish/papers/plan_for_comment.html", {"facts": facts, "digest": "0" * 64})

    assert "时间安排：2027年6月前完工。</p>" in page
