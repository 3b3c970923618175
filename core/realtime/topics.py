"""Names of topics, and of the groups that carry them between processes. Nowhere else are they spelled."""


def ballot(ballot_id: int | str) -> str:
    """Return the topic of one ballot's turnout, counts and phase."""
    return f"ballot.{ballot_id}"


def meeting(meeting_id: int | str) -> str:
    """Return the topic of one meeting."""
    return f"meeting.{meeting_id}"


def parts(topic: str) -> tuple[str, str]:
    """Return the kind and the id of a topic: ("ballot", "7")."""
    kind, _dot, identity = topic.partition(".")
    return kind, identity


def group(topic: str) -> str:
    """Return the channel-layer group that carries `topic` between processes."""
    return f"live.{topic}"
