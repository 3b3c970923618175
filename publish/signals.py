"""News of publish for the rooms above. Owed: sent after the commit, at least once; receivers must not act twice.

notice_posted(sender=Notice, notice)          it has its number, period and file
notice_period_ended(sender=Notice, notice)    24:00 of its last day has passed
objection_upheld(sender=Objection, objection, notice)   the matter goes back
notice_withdrawn(sender=Notice, notice)       it no longer holds
notice_failed(sender=Notice, notice)          it could not be published; `notice.failure` says why
"""

from core.news import OwedSignal

notice_posted = OwedSignal("notice_posted")
notice_period_ended = OwedSignal("notice_period_ended")
objection_upheld = OwedSignal("objection_upheld")
notice_withdrawn = OwedSignal("notice_withdrawn")
notice_failed = OwedSignal("notice_failed")
