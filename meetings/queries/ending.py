"""What the chair is told before a vote is ended: how many have voted of how many may, and when it was to end."""

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import clock
from core.measure import format_area
from meetings.queries.outcomes import name_of_body
from voting.counting import entitled, took_part
from voting.models import Ballot
from voting.rules import rule_of


def is_before_its_end(ballot: Ballot, now: dt.datetime | None = None) -> bool:
    """Return whether an announced end is still to come: ending it now takes a reason."""
    return ballot.closes_at is not None and (now or clock.now()) < ballot.closes_at


def figures_of_voting(ballots: Sequence[Ballot], now: dt.datetime | None = None) -> str:
    """Return how many have voted of how many may, in heads, and in areas where a rule counts them. Two queries each.

    `ballots` are one, or one for each body, which is then named.
    """
    lines = []
    for ballot in ballots:
        (heads, area), (all_heads, all_area) = took_part(ballot), entitled(ballot, now=now or clock.now())
        if len(ballots) > 1:
            lines.append(_("%(body)s：") % {"body": name_of_body(ballot)})
        lines.append(_("已投%(cast)d人，可投%(entitled)d人。") % {"cast": heads, "entitled": all_heads})
        if any("area" in rule_of(entry).measures for entry in (ballot.rule, *ballot.more_rules)):
            said = {"cast": format_area(area), "entitled": format_area(all_area)}
            lines.append(_("已投面积%(cast)s平方米，可投%(entitled)s平方米。") % said)
    return "".join(lines)


def words_before_ending(ballots: Sequence[Ballot], now: dt.datetime | None = None) -> str:
    """Return the question before a vote is ended: its figures and the announced end. Two queries for each ballot."""
    lines = [figures_of_voting(ballots, now)]
    ends = max((ballot.closes_at for ballot in ballots if ballot.closes_at is not None), default=None)
    if ends is not None:
        moment = date_format(timezone.localtime(ends), _("n月j日 H:i"))
        lines.append(_("公告的截止时间是%(moment)s。") % {"moment": moment})
    return "".join([*lines, _("结束后不能再投票，确定结束表决吗？")])
