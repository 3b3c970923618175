"""The chair's acts on votes, each one call of an operation; each returns what it says."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.models import User
from core.errors import BadInput
from meetings.forms import ROLL_CALL, BallotForm, ConsentForm, CountForm
from meetings.models import Meeting
from meetings.operations import (
    ask_consent,
    close_agenda_ballot,
    declare_consent,
    object_to_consent,
    open_agenda_ballot,
    record_called_vote,
    record_hand_vote,
    withdraw_consent,
)
from meetings.queries.asked import answer_words, roll_call_of
from meetings.queries.outcomes import outcome_together
from meetings.queries.situation import situation_of
from meetings.views.finding import amendment_at_hand, chosen_person, cleaned, item_at_hand, row_of
from voting.models import BallotKind, Disclosure, Voter


def _vote_amendment(request: HttpRequest, meeting: Meeting, user: User) -> str:
    amendment = amendment_at_hand(meeting)
    open_agenda_ballot(item=amendment.motion.item, amendment=amendment, by=user, **_way(request))
    return _("修正案开始表决。")


def _way(request: HttpRequest) -> dict[str, Any]:
    """Return how the form wants the vote taken: kind, disclosure, whether the names are called."""
    if "kind" not in request.POST:
        return {"kind": BallotKind.NAMED.value, "disclosure": ""}
    facts = cleaned(BallotForm({"disclosure": Disclosure.AT_CLOSING, **request.POST.dict()}))
    if facts["kind"] == ROLL_CALL:
        return {"roll_call": True}
    disclosure = Disclosure.AT_CLOSING if facts["kind"] == BallotKind.SECRET else str(facts["disclosure"])
    return {"kind": str(facts["kind"]), "disclosure": disclosure}


def _open_ballot(request: HttpRequest, meeting: Meeting, user: User) -> str:
    opened = open_agenda_ballot(item=item_at_hand(meeting), by=user, **_way(request))
    return _("唱名表决开始，请逐一唱名。") if opened.agenda_ballot.is_roll_call else _("表决开始。")


def _close_ballot(request: HttpRequest, meeting: Meeting, user: User) -> str:
    running = situation_of(meeting).open_ballot
    if running is None:
        raise BadInput(_("没有正在进行的表决。"))
    ballot = close_agenda_ballot(ballot=running.ballot, by=user, reason=request.POST.get("early_reason", ""))
    return outcome_together(ballot)[1] or _("表决已结束。")


def _ask_consent(request: HttpRequest, meeting: Meeting, user: User) -> str:
    form = ConsentForm(request.POST)
    cleaned(form)
    ask_consent(meeting=meeting, seconds=form.cleaned_data["seconds"], by=user)
    return _("正在征求异议，期满没有异议再宣布通过。")


def _declare_consent(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    return declare_consent(meeting=meeting, by=user).sentence


def _object_for(request: HttpRequest, meeting: Meeting, user: User) -> str:
    object_to_consent(meeting=meeting, attendance=chosen_person(request, meeting), by=user)
    return _("已记下异议，请付诸表决。")


def _withdraw_consent(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    withdraw_consent(meeting=meeting, by=user)
    return _("不再征求异议。")


def _answer(request: HttpRequest, meeting: Meeting, user: User) -> str:
    roll = roll_call_of(meeting)
    if roll is None:
        raise BadInput(_("现在没有唱名表决。"))
    voter = row_of(Voter, request.POST.get("voter"), ballot_id=roll.ballot)
    record_called_vote(ballot=voter.ballot, voter=voter, answer=request.POST.get("answer", ""), by=user)
    return _("%(name)s：%(word)s") % {"name": voter.name, "word": answer_words()[request.POST["answer"]]}


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
    "ask_consent": _ask_consent,
    "declare_consent": _declare_consent,
    "object_for": _object_for,
    "withdraw_consent": _withdraw_consent,
    "answer": _answer,
    "vote_amendment": _vote_amendment,
    "open_ballot": _open_ballot,
    "close_ballot": _close_ballot,
    "record_count": _record_count,
}
