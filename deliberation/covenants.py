"""What a residents' covenant may not hold: it fines nobody (Administrative Penalty Law 17). Pure."""

import re

_FINE = re.compile(r"罚款|罚金|罚\s*[0-9一二三四五六七八九十百千]+\s*元")
# A clause that speaks of fines in order to rule them out.
_RULED_OUT = re.compile(r"不|禁止|无权|没有")
_CLAUSES = re.compile(r"[，。；;,\n]")


def makes_covenant(category: str, title: str, text: str) -> bool:
    """Return whether a matter makes a residents' covenant: one of its category whose title or plan speaks of one."""
    return category == "covenant" and "公约" in title + text


def sets_fine(text: str) -> bool:
    """Return whether a text sets a fine in one of its clauses."""
    return any(_FINE.search(clause) and not _RULED_OUT.search(clause) for clause in _CLAUSES.split(text))
