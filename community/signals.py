"""News of people and places, sent on commit.

`roll_imported(sender, community: Unit)`: households, owners or areas of a community changed.
`identity_verified(sender, user: User)`: somebody was matched to the roll or verified by name.
"""

from django.dispatch import Signal

roll_imported = Signal()
identity_verified = Signal()
