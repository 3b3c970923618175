"""Writes of meetings: every change of a meeting goes through one of these."""

from meetings.operations.attendance import return_to_meeting, sign_in, sign_in_by_code, sign_out
from meetings.operations.ballots import close_agenda_ballot, open_agenda_ballot, settle_agenda_ballot
from meetings.operations.calling import (
    AgendaDraft,
    Invitee,
    accept_invitation,
    cancel_meeting,
    convene_meeting,
    invite,
    request_leave,
)
from meetings.operations.consent import ask_consent, declare_consent, object_to_consent, withdraw_consent
from meetings.operations.counts import record_hand_vote
from meetings.operations.course import (
    adjourn_meeting,
    close_meeting,
    declare_recusal,
    finish_agenda_item,
    hand_over_chair,
    next_agenda_item,
    open_meeting,
    record_decision,
    resume_meeting,
    suspend_meeting,
)
from meetings.operations.floor import (
    end_floor,
    extend_floor,
    give_floor,
    move_speaker,
    request_speech,
    withdraw_speech,
)
from meetings.operations.minutes import (
    answer_objection,
    draft_minutes,
    edit_minutes,
    object_to_minutes,
    publish_minutes,
    sign_minutes,
)
from meetings.operations.motions import (
    order_amendment,
    propose_amendment,
    propose_motion,
    second_amendment,
    second_motion,
    split_motion,
    withdraw_amendment,
    withdraw_motion,
)
from meetings.operations.papers import add_paper, withdraw_paper
from meetings.operations.proxies import lodge_meeting_proxy, revoke_meeting_proxy
from meetings.operations.roll_call import record_called_vote
from meetings.operations.tasks import assign_task, finish_decision_task

__all__ = [
    "AgendaDraft",
    "Invitee",
    "accept_invitation",
    "add_paper",
    "adjourn_meeting",
    "answer_objection",
    "ask_consent",
    "assign_task",
    "cancel_meeting",
    "close_agenda_ballot",
    "close_meeting",
    "convene_meeting",
    "declare_consent",
    "declare_recusal",
    "draft_minutes",
    "edit_minutes",
    "end_floor",
    "extend_floor",
    "finish_agenda_item",
    "finish_decision_task",
    "give_floor",
    "hand_over_chair",
    "invite",
    "lodge_meeting_proxy",
    "move_speaker",
    "next_agenda_item",
    "object_to_consent",
    "object_to_minutes",
    "open_agenda_ballot",
    "open_meeting",
    "order_amendment",
    "propose_amendment",
    "propose_motion",
    "publish_minutes",
    "record_called_vote",
    "record_decision",
    "record_hand_vote",
    "request_leave",
    "request_speech",
    "resume_meeting",
    "return_to_meeting",
    "revoke_meeting_proxy",
    "second_amendment",
    "second_motion",
    "settle_agenda_ballot",
    "sign_in",
    "sign_in_by_code",
    "sign_minutes",
    "sign_out",
    "split_motion",
    "suspend_meeting",
    "withdraw_amendment",
    "withdraw_consent",
    "withdraw_motion",
    "withdraw_paper",
    "withdraw_speech",
]
