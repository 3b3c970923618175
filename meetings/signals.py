"""News of meetings, sent upward after commit."""

from django.dispatch import Signal

meeting_closed = Signal()  # meeting: Meeting; the meeting has ended, its decisions stand in its agenda items
minutes_signed = Signal()  # meeting: Meeting; chair and recorder have signed, the minutes are frozen
