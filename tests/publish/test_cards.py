"""The pictures for those who share an address: size, wording, who may have them."""

import io

import pytest
from django.test import Client
from PIL import Image

from publish import cards
from publish.operations import withdraw_notice
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _small_engine(settings: object) -> None:
    settings.PAPER_ENGINE = "tests.publish.conftest.small_engine"  # type: ignore[attr-defined] # pytest-django's


@pytest.fixture
def world(db: None) -> World:
    return World()


def _inked(picture: bytes) -> tuple[tuple[int, int], str, int]:
    """Return size, format and how many pixels of the picture are as dark as the title."""
    image = Image.open(io.BytesIO(picture))
    return image.size, str(image.format), sum(image.convert("L").histogram()[:60])


def test_a_card_is_a_png_of_the_size_that_is_asked_for_with_its_title_on_it() -> None:
    size, form, ink = _inked(cards.card(above="议题公示", title="关于3幢2单元加装电梯的公示", below="平城社区"))
    longer = _inked(
        cards.card(above="议题公示", title="关于3幢2单元加装电梯方案和费用分摊办法的公示", below="平城社区")
    )

    assert (size, form) == ((1200, 630), "PNG")
    assert 10_000 < ink < longer[2] < 100_000


def test_a_very_long_title_and_a_rare_name_are_drawn_too() -> None:
    size, _form, ink = _inked(
        cards.card(above="表决结果公告" * 10, title="关于堃喆犇𠮷同志" * 20, below="平城社区" * 20)
    )

    assert (size, ink > 20_000) == ((1200, 630), True)


def test_the_pages_name_their_pictures_and_the_pictures_are_there(world: World) -> None:
    world.register()
    world.accept()
    world.post_topic()
    topic = world.p.notice_links.get(purpose="topic").notice
    letter = world.p.notice_links.get(purpose="letter").notice
    visitor = Client()

    for page in (f"/notices/{topic.pk}/", f"/proposals/{world.p.pk}/"):
        text = visitor.get(page).content.decode()
        assert f'<meta property="og:image" content="http://127.0.0.1:8000{page}card.png">' in text
        assert f'<meta property="og:url" content="http://127.0.0.1:8000{page}">' in text
        picture = visitor.get(f"{page}card.png")
        assert (picture.status_code, picture["Content-Type"], picture["Cache-Control"].split(",")[0]) == (
            200, "image/png", "public",
        )  # fmt: skip
        assert _inked(picture.content)[:2] == ((1200, 630), "PNG")
    assert visitor.get(f"/notices/{letter.pk}/card.png").status_code in {302, 403}
    assert visitor.get("/notices/999999/card.png").status_code == 404
    proposer = Client()
    proposer.force_login(world.proposer)
    assert "og:image" not in proposer.get(f"/notices/{letter.pk}/").content.decode()
    assert proposer.get(f"/notices/{letter.pk}/card.png")["Cache-Control"] == "private, no-store"
    world.do(withdraw_notice, topic, by=world.secretary, reason="有误")
    assert visitor.get(f"/notices/{topic.pk}/card.png").status_code == 200
