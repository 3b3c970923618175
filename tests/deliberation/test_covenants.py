"""A residents' covenant fines nobody and is filed with the subdistrict."""

import pytest

from core.requirements import RequirementsNotMet
from deliberation import operations
from deliberation.covenants import sets_fine
from deliberation.models import Category, Proposal
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "fines"),
    [
        ("遛狗牵绳，违者罚款50元。", True),
        ("遛狗牵绳；初犯劝导，再犯罚 200 元。", True),
        ("遛狗牵绳，不得以任何形式罚款。", False),
        ("本公约不设罚款，违者上门劝导。", False),
        ("遛狗牵绳，及时清理粪便。", False),
    ],
)
def test_a_fine_is_seen_and_its_refusal_is_none(text: str, fines: bool) -> None:  # noqa: FBT001 - pytest gives it
    assert sets_fine(text) is fines


def test_a_covenant_with_a_fine_is_not_posted_and_an_unfiled_one_not_carried_out() -> None:
    world = World()
    world.walk_to(Status.DRAFTING_PLAN)
    Proposal.objects.filter(pk=world.p.pk).update(category=Category.COVENANT, title="文明养犬公约")
    world.draft_plan("遛狗牵绳，违者罚款50元。")

    with pytest.raises(RequirementsNotMet, match="居民公约不能设定罚款") as refused:
        world.do(operations.publicise_plan, world.p, by=world.secretary)
    world.draft_plan("遛狗牵绳，违者上门劝导，不设罚款。")
    world.do(operations.publicise_plan, world.p, by=world.secretary)
    world.walk_to(Status.EFFECTIVE)
    with pytest.raises(RequirementsNotMet, match="居民公约须报街道备案"):
        world.start_execution()
    filing = {"title": "公约报街道备案", "owner": world.member, "due_on": world.now.date()}
    world.do(operations.list_tasks, world.p, by=world.director, tasks=[filing])
    world.do(operations.start_execution, world.p, by=world.director)

    assert "《行政处罚法》第十七条" in str(refused.value.article)
    assert world.p.status == Status.EXECUTING
