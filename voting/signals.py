"""News from ballots, sent after commit. Upper rooms and the live path listen."""

from django.dispatch import Signal

# A screen showing the ballot is out of date: `ballot_id`. Not sent by `cast_votes`, whose caller tells the hub itself.
ballot_changed = Signal()
# The life of a ballot: `ballot`.
ballot_opened = Signal()
ballot_closed = Signal()
ballot_certified = Signal()
