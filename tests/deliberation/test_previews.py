"""What a move will post is read before it is pressed, and is what is posted."""

import datetime as dt
import re

import pytest
from django.test import Client

from community.queries import place_name
from core import clock
from deliberation.forms import form_of_move
from deliberation.models import Purpose
from deliberation.operations import choose_rule, earliest_opening, publish_result, publish_roll
from deliberation.previews import notice_of_move
from deliberation.queries import decision_of
from deliberation.stages import Status
from publish.models import Notice
from publish.web_paper import body_html
from tests.deliberation.world import World
from voting.operations import certify_ballot

pytestmark = [pytest.mark.django_db]


def test_the_result_notice_is_shown_before_it_is_published(world: World) -> None:
    world.walk_to(Status.COUNTING)
    assert world.p.ballot is not None
    world.do(certify_ballot, world.p.ballot, by=world.tellers)
    before = Notice.objects.count()

    preview = notice_of_move("publish_result", world.p, now=world.now)
    client = Client()
    client.force_login(world.director)
    page = client.get(f"/proposals/{world.p.pk}/moves/publish_result/")
    shown = Notice.objects.count()
    world.do(publish_result, world.p, by=world.director)

    assert preview is not None
    posted = world.p.notice_links.get(purpose=Purpose.RESULT).notice
    assert shown == before
    assert (preview.number, preview.title, preview.ends_on) == (posted.number, posted.title, posted.ends_on)
    assert preview.body == body_html(posted)
    assert (preview.period.days, preview.period.basis) == (7, "本平台默认")
    assert preview.ends_on is not None
    assert preview.ends_on >= preview.posted_on + dt.timedelta(days=7)
    text = page.content.decode()
    assert ("预览，还没有公布" in text, "天数依据：本平台默认。" in text, "民法典第二百零一条" in text) == (
        True,
        True,
        True,
    )


def test_a_move_that_posts_nothing_or_cannot_yet_shows_no_preview(world: World) -> None:
    world.walk_to(Status.VOTING)

    assert [notice_of_move(key, world.p, now=world.now) for key in ("close_voting", "publish_result")] == [None, None]


def test_before_the_roll_is_posted_its_sums_and_last_day_are_read_and_the_rule_stands_on_the_matter(
    world: World,
) -> None:
    world.walk_to(Status.PLAN_PUBLICISED)
    world.do(
        choose_rule, world.p, by=world.secretary, rule="owners_278_special", electorate="owners", four_step=False
    )  # fmt: skip

    preview = notice_of_move("publish_roll", world.p, now=world.now)
    posted = Notice.objects.get(pk=world.do(publish_roll, world.p, by=world.secretary).pk)
    [body] = decision_of(world.p)

    assert preview is not None
    assert (preview.number, preview.ends_on, preview.body) == (posted.number, posted.ends_on, body_html(posted))
    assert preview.period.basis == "参照《居民委员会组织法》第十七条"
    assert (body["body"], body["place"]) == ("业主", place_name(world.p.unit))
    assert body["rules"] == [
        {
            "title": "业主共同决定重大事项",
            "article": "民法典第二百七十八条第一款第六项至第八项和第二款",
            "quorum": ["人数：应参加的 2/3 以上", "面积：应参加的 2/3 以上"],
            "passing_word": "赞成需达",
            "passing": ["人数：参与表决的 3/4 以上", "面积：参与表决的 3/4 以上"],
        }
    ]


def test_the_call_offers_only_what_the_rule_allows_and_says_the_first_day(world: World) -> None:
    world.walk_to(Status.READY_TO_VOTE)

    form = form_of_move("call_vote")(proposal=world.p, user=world.secretary)
    day, days = earliest_opening(world.p)

    assert re.findall(r'<option value="(\w*)"', str(form["kind"])) == ["named"]
    assert (day, days) == (clock.local_date() + dt.timedelta(days=15), 15)
    assert form.fields["opens_at"].help_text == (
        f"公告须满15日：最早{day.year}年{day.month}月{day.day}日。开会表决的，这是开会的时间。"
    )
