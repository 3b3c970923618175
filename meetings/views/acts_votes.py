"""The chair's acts on votes, each one call of an operation; each returns what it says."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.models import User
from core.errors import BadInput
from meetings.forms import BallotForm, CountForm
from meetings.models import Meeting
from meetings.operations import (
    close_agenda_ballot,
    open_agenda_ballot,
    record_hand_vote,
)
from meetings.queries.situation import situation_of
from meetings.views.finding import amendment_at_hand, cleaned, item_at_hand
from voting.models import BallotKind, Disclosure


def _vote_amendment(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    amendment = amendment_at_hand(meeting)
    open_agenda_ballot(item=amendment.motion.item, amendment=amendment, by=user)
    return _("修正案开始表决。")


def _open_ballot(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(BallotForm(request.POST)) if "kind" in request.POST else {"kind": "named", "disclosure": ""}
    disclosure = str(facts["disclosure"])
    if facts["kind"] == BallotKind.SECRET:
        disclosure = Disclosure.AT_CLOSING
    open_agenda_ballot(item=item_at_hand(meeting), kind=str(facts["kind"]), disclosure=disclosure, by=user)
    return _("表决开始。")


def _close_ballot(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    running = situation_of(meeting).open_ballot
    if running is None:
        raise BadInput(_("没有正在进行的表决。"))
    ballot = close_agenda_ballot(ballot=running.ballot, by=user)
    return str((ballot.result or {}).get("sentence", "")) or _("表决已结束。")


def _record_count(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(CountForm(request.POST))
    situation = situation_of(meeting)
    count = record_hand_vote(
        item=item_at_hand(meeting),
        for_=int(str(facts["for_"])),
        against=int(str(facts["against"])),
        abstain=int(str(facts["abstain"])),
        method=str(facts["method"]),
        amendment=situation.open_amendment,
        by=user,
    )
    return count.sentence


ACTS = {
    "vote_amendment": _vote_amendment,
    "open_ballot": _open_ballot,
    "close_ballot": _close_ballot,
    "record_count": _record_count,
}
