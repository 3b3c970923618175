"""Names of places. No Django."""

_OFFICIAL = (("社区居民委员会", "社区"), ("村民委员会", "村"), ("居民委员会", ""), ("居委会", ""), ("村委会", "村"))


def short_name(name: str) -> str:
    """Return how people call a place: 平城街社区居民委员会 -> 平城街社区, 石峰村民委员会 -> 石峰村."""
    for official, short in _OFFICIAL:
        if name.endswith(official) and len(name) > len(official):
            stem = name.removesuffix(official)
            return stem if short and stem.endswith(short) else f"{stem}{short}"
    return name
