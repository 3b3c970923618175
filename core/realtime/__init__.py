"""News to screens: topics name it, the hub writes it to the sockets of this process, the bus carries it to others.

Operations call `announce` after commit, from any thread; nothing here knows what the news is about.
"""

from core.realtime.hub import announce

__all__ = ["announce"]
