"""Names of places. No Django."""

from collections.abc import Iterable

_OFFICIAL = (("社区居民委员会", "社区"), ("村民委员会", "村"), ("居民委员会", ""), ("居委会", ""), ("村委会", "村"))


def short_name(name: str) -> str:
    """Return how people call a place: 平城街社区居民委员会 -> 平城街社区, 石峰村民委员会 -> 石峰村."""
    for official, short in _OFFICIAL:
        if name.endswith(official) and len(name) > len(official):
            stem = name.removesuffix(official)
            return stem if short and stem.endswith(short) else f"{stem}{short}"
    return name


def joined(names: Iterable[str]) -> str:
    """Return names from the outer place to the inner as one: 平城苑, 3幢 -> 平城苑3幢, as 平城苑, 平城苑3幢 do."""
    whole = ""
    for name in names:
        whole = name if whole and name.startswith(whole) else whole + name
    return whole
