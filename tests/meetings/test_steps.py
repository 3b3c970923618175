"""The chair's page: the next step first, what cannot be done yet folded with its reason, a key for every act."""

import re

import pytest
from django.test import Client

from meetings.operations import open_meeting
from meetings.queries.situation import situation_of
from meetings.queries.steps import LETTERS, keys_of_the_page, steps_in
from meetings.requirements import ACTS
from tests.meetings.makers import Place, bring_in, convene, opened

pytestmark = [pytest.mark.django_db]


def test_every_act_has_a_key_and_the_page_lists_them_once() -> None:
    keys = [key for key, _words in keys_of_the_page()]

    assert set(LETTERS) - set(ACTS) == {"second_amendment"}
    assert set(ACTS) - set(LETTERS) == {
        "request_speech",  # raised by phone
        "point_of_order",
        "order_amendment",  # beside its amendment
        "count_amendment",  # the count of hands, while an amendment is open
    }
    assert len(keys) == len(set(keys))
    assert set(LETTERS.values()) <= set(keys)


def test_acts_that_share_a_key_are_never_ready_together(place: Place) -> None:
    meeting = opened(place)
    ready = [step.letter for step in steps_in(situation_of(meeting), may=True) if step.is_ready]

    assert sorted(ready) == ["b", "d", "g", "i", "j", "n", "p", "q"]


def test_the_next_step_says_what_is_missing_and_the_rest_is_folded(client: Client, place: Place) -> None:
    meeting = convene(place)
    client.force_login(place.facilitator)

    before = client.get(f"/meetings/{meeting.pk}/chair/").content.decode()

    form = re.search(r"<form[^>]*data-next>.*?</form>", before, re.DOTALL)
    assert form is not None
    assert "利益相关方应到6人，法定4人，实到0人，还差4人" in form[0]
    assert "disabled" in form[0]
    assert before.index("data-next") < before.index("chair__room") < before.index("chair__agenda")

    bring_in(meeting, place, place.members)
    open_meeting(meeting=meeting, by=place.facilitator, now=meeting.starts_at)
    page = client.get(f"/meetings/{meeting.pk}/chair/").content.decode()
    (folded,) = re.findall(r'<details class="chair__blocked".*?</details>', page, re.DOTALL)
    assert "现在还不能做的" in folded
    assert 'data-key="f" tabindex="-1"' in folded
    assert "还没有开始议程" in folded
