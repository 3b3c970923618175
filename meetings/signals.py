"""News of meetings, sent upward after commit. Owed: never lost, perhaps heard twice."""

from core.news import OwedSignal

# `meeting`: it has ended, its decisions stand in its agenda items.
meeting_closed = OwedSignal("meeting_closed")
# `meeting`: chair and recorder have signed, the minutes are frozen.
minutes_signed = OwedSignal("minutes_signed")
