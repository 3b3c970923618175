"""News from ballots, sent after commit. Upper rooms and the live path listen."""

from django.dispatch import Signal

from core.news import OwedSignal

# A screen showing the ballot is out of date: `ballot_id`. Not sent by `cast_votes`, whose caller tells the hub itself.
ballot_changed = Signal()
# The life of a ballot: `ballot`. Owed: what follows from it is never lost, and may be heard twice.
ballot_opened = OwedSignal("ballot_opened")
ballot_closed = OwedSignal("ballot_closed")
ballot_certified = OwedSignal("ballot_certified")
