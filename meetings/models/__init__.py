"""Tables of meetings."""

from meetings.models.attendance import Attendance, How, Presence, Reply, Role
from meetings.models.consent import ConsentRequest, ConsentStatus
from meetings.models.floor import FloorChange, FloorChangeKind, Speech, Stance
from meetings.models.meeting import AgendaBallot, AgendaItem, ItemRecusal, Meeting
from meetings.models.minutes import Minutes, MinutesObjection, MinutesSignature, MinutesVersion, SignerRole
from meetings.models.motion import Amendment, CountMethod, Motion, MotionStatus, SheetCount
from meetings.models.paper import AgendaPaper, PaperKind
from meetings.models.proxy import MeetingProxy
from meetings.models.task import DecisionTask

__all__ = [
    "AgendaBallot",
    "AgendaItem",
    "AgendaPaper",
    "Amendment",
    "Attendance",
    "ConsentRequest",
    "ConsentStatus",
    "CountMethod",
    "DecisionTask",
    "FloorChange",
    "FloorChangeKind",
    "How",
    "ItemRecusal",
    "Meeting",
    "MeetingProxy",
    "Minutes",
    "MinutesObjection",
    "MinutesSignature",
    "MinutesVersion",
    "Motion",
    "MotionStatus",
    "PaperKind",
    "Presence",
    "Reply",
    "Role",
    "SheetCount",
    "SignerRole",
    "Speech",
    "Stance",
]
