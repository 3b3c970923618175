"""What a ballot of the agenda came to."""

from voting.models import Ballot


def outcome_of(ballot: Ballot) -> tuple[bool, str]:
    """Return whether every item of a closed ballot passed, and the sentences of its result."""
    items = (ballot.result or {}).get("items", [])
    entries = list(items.values()) if isinstance(items, dict) else list(items)
    passed = bool(entries) and all(entry.get("outcome") == "passed" for entry in entries)
    return passed, "；".join(str(entry.get("sentence", "")) for entry in entries if entry.get("sentence"))
