"""The list of accepted topics (议题清单), posted as one notice."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from community.queries import place_name
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, WrongStage
from core.masking import mask_name
from core.official import official_language
from deliberation import rules
from deliberation.models import Proposal, Purpose
from deliberation.operations.acting import lock
from deliberation.operations.notices import facts_hash, link_notice, notice_title, post_notice
from deliberation.operations.papers import (
    proposer_name,
)
from deliberation.stages import Status
from publish.models import Notice

MOST_TOPICS = 300


def publish_topics(
    proposals: Sequence[Proposal], *, by: Actor, days: int | None = None, now: dt.datetime | None = None
) -> Notice:
    """Post the list of accepted topics (notice 1) and return the notice; every topic is linked to it."""
    moment = now or clock.now()
    if not 1 <= len(proposals) <= MOST_TOPICS:
        raise BadInput(_("请选择1至%(most)d个议题。") % {"most": MOST_TOPICS}, field="proposals")
    with transaction.atomic():
        topics = [lock(pk) for pk in sorted({p.pk for p in proposals})]
        for topic in topics:
            rules.require_standing(by, topic, rules.LEADERS)
            if topic.status != Status.ACCEPTED:
                raise WrongStage(_("“%(title)s”还没有受理，不能列入议题清单。") % {"title": topic.title})
            if topic.community_id != topics[0].community_id:
                raise BadInput(_("一份议题清单只能列一个社区的议题。"), field="proposals")
        first = topics[0]
        matter = first.title if len(topics) == 1 else f"{len(topics)}项议题"
        facts = {
            "title": notice_title("关于", matter, "列入协商议题的公示"),
            "addressee": "全体居民",
            "paragraphs": ["上列事项经社区党组织和居民委员会把关，列入协商议题。"],
            "topics": [
                {
                    "title": topic.title,
                    "proposer": mask_name(proposer_name(topic)),
                    "submitted_on": clock.local_date(topic.submitted_at or moment).isoformat(),
                    "category": _category(topic),
                    "scope": place_name(topic.unit),
                    "outcome": "受理",
                }
                for topic in topics
            ],
        }
        notice = post_notice(first, Purpose.TOPIC, kind="topic_list", facts=facts, by=by, days=days, now=moment)
        for topic in topics:
            link_notice(topic, notice, Purpose.TOPIC)
            topic.version += 1
            topic.save(update_fields=["version"])
            ledger.record(
                by=by,
                act="publish_topic",
                subject=topic,
                office=rules.standing_of(by, topic).acting_office(rules.LEADERS),
                after={"notice": notice.pk, "version": topic.version},
                document_hash=facts_hash(notice),
                now=moment,
            )
    return notice


@official_language()
def _category(topic: Proposal) -> str:
    return str(topic.get_category_display())
