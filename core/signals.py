"""News of the core.

`calendar_changed(sender, years: list[int])`: working days of these years were set or corrected; sent on commit.
"""

from django.dispatch import Signal

calendar_changed = Signal()
