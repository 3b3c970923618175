"""Counts with more candidates than seats. Pure.

Who is elected:
1. Only candidates with at least one vote, who reach the majority when one is asked for. `majority` "1/2" means MORE
   than half (过半数); any other fraction means at least so much (三分之一以上), unless `inclusive` says otherwise.
   It is a share of `of`: "valid" ballots, "cast" (valid and invalid), or "eligible".
2. Of these the ones with the most votes, as many as there are seats. Those who stand equal across the last seat are
   tied: none of them is elected, they go into a run-off among themselves.
3. Seats left because too few reached the majority go to a run-off among the next candidates, two for each open seat,
   and all who stand equal with the last of these. Without any candidate left nobody more is elected: outcome "none"
   when nobody was elected at all.

A run-off is counted by the same rules: the residents' committee's (art. 19) with majority "1/3" of "cast".

`valid` is the number of valid ballots; without it every mark counts as a ballot, which is exact for one seat and strict
(nobody is elected wrongly) for several; there are never more ballots than eligible voters, though.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voting.rules.reading import FRACTION
from voting.rules.shapes import MOST, BadNumbers

MAX_SEATS = 1000
MAX_CANDIDATES = 10_000
_KEYS = {"id", "seats", "majority", "of", "eligible", "counts", "invalid", "valid", "inclusive"}


@dataclass(frozen=True, slots=True)
class Election:
    """How an election came out; names in the order of votes, equal ones in the order of the ballot paper."""

    outcome: str
    elected: tuple[str, ...]
    runoff: tuple[str, ...]
    tied: tuple[str, ...]
    open_seats: int
    needed: int
    base: int
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the answer of `manage.py elect`, without the id."""
        return {
            "outcome": self.outcome,
            "elected": list(self.elected),
            "runoff": list(self.runoff),
            "tied": list(self.tied),
            "open_seats": self.open_seats,
            "needed": self.needed,
            "base": self.base,
            "reason": self.reason,
        }


def elect(given: Mapping[str, Any]) -> Election:
    """Return who is elected; see the rules at the top of this file. Raises BadNumbers naming the field."""
    for key in given:
        if key not in _KEYS:
            raise BadNumbers(str(key)[:40], "is not a known field")
    seats = _whole(given.get("seats", 1), "seats", least=1, most=MAX_SEATS)
    counts = _counts(given.get("counts"))
    invalid = _whole(given.get("invalid", 0), "invalid")
    valid = _valid(given, counts, seats)
    eligible = None if given.get("eligible") is None else _whole(given["eligible"], "eligible")
    exact = given.get("valid") is not None or seats == 1
    if eligible is not None and exact and valid + invalid > eligible:
        raise BadNumbers("counts", "more ballots were cast than there are eligible voters")
    if eligible is not None and not exact:
        valid = _at_most(valid, eligible - invalid, counts, seats)
    if eligible is not None and max(counts.values()) > eligible:
        raise BadNumbers("counts", "a candidate has more votes than there are eligible voters")
    base, needed, wording = _majority(given, valid, invalid, eligible)
    return settle(counts, seats, base, needed, wording)


def _majority(given: Mapping[str, Any], valid: int, invalid: int, eligible: int | None) -> tuple[int, int, str]:
    of = given.get("of", "cast")
    if not isinstance(of, str) or of not in {"cast", "valid", "eligible"}:
        raise BadNumbers("of", "must be one of cast, eligible, valid")
    if of == "eligible" and eligible is None:
        raise BadNumbers("eligible", "is missing")
    base = {"cast": valid + invalid, "valid": valid, "eligible": eligible or 0}[of]
    inclusive = given.get("inclusive")
    if inclusive is not None and not isinstance(inclusive, bool):
        raise BadNumbers("inclusive", "must be true or false")
    majority = given.get("majority")
    if majority is None:
        return base, 1, ""
    found = FRACTION.fullmatch(majority) if isinstance(majority, str) else None
    if found is None or not 0 < int(found[1]) <= int(found[2]):
        raise BadNumbers("majority", 'must be null or a fraction such as "1/2", more than 0 and at most 1')
    numerator, denominator = int(found[1]), int(found[2])
    if inclusive is None:
        inclusive = numerator * 2 != denominator
    product = base * numerator
    needed = -(-product // denominator) if inclusive else product // denominator + 1
    named = {"cast": "全部选票", "valid": "有效选票", "eligible": "全体选民"}[of]
    word = "以上" if inclusive else ""
    return (
        base,
        max(needed, 1),
        f"须得{named}{base}张{'的' if inclusive else '超过'}{majority}{word}，即至少{max(needed, 1)}票",
    )


def settle(
    counts: Mapping[str, int],
    seats: int,
    base: int,
    needed: int,
    wording: str,
    labels: Mapping[str, str] | None = None,
) -> Election:
    """Return who is elected when `needed` votes are asked for; `labels` are the names of keys in the reason."""

    def names(keys: list[str]) -> str:
        return "、".join((labels or {}).get(key, key) for key in keys)

    ranked = sorted(counts, key=lambda name: -counts[name])
    able = [name for name in ranked if counts[name] >= needed]
    told = [wording] if wording else []
    tied: list[str] = []
    elected = able[:seats]
    if len(able) > seats and counts[able[seats - 1]] == counts[able[seats]]:
        mark = counts[able[seats]]
        elected = [name for name in able if counts[name] > mark]
        tied = [name for name in able if counts[name] == mark]
    open_seats = seats - len(elected)
    runoff: list[str] = []
    if tied:
        runoff = tied
        told.append(f"{names(tied)}得票相同（{counts[tied[0]]}票），在其中另行投票选出{open_seats}人")
    elif open_seats:
        runoff = _next(counts, [name for name in ranked if name not in elected and counts[name]], 2 * open_seats)
        if runoff:
            told.append(f"尚缺{open_seats}人，由{names(runoff)}进入另行选举")
        else:
            told.append(f"尚缺{open_seats}人，没有可进入另行选举的候选人")
    if elected:
        told.insert(1 if wording else 0, "、".join(f"{names([name])}（{counts[name]}票）" for name in elected) + "当选")
    outcome = "elected" if not open_seats else "runoff" if runoff else "elected" if elected else "none"
    if not elected and not runoff:
        told.append("无人得票")
    return Election(
        outcome, tuple(elected), tuple(runoff), tuple(tied), open_seats, needed, base, "；".join(told) + "。"
    )


def _next(counts: Mapping[str, int], ranked: list[str], places: int) -> list[str]:
    if len(ranked) <= places:
        return ranked
    last = counts[ranked[places - 1]]
    return [name for name in ranked if counts[name] >= last]


def _valid(given: Mapping[str, Any], counts: Mapping[str, int], seats: int) -> int:
    marks = sum(counts.values())
    if given.get("valid") is None:
        return marks
    valid = _whole(given["valid"], "valid")
    if max(counts.values()) > valid:
        raise BadNumbers("counts", "a candidate has more votes than there are valid ballots")
    if marks > valid * seats:
        raise BadNumbers("counts", "more marks than the valid ballots can carry")
    return valid


def _at_most(marks: int, ballots: int, counts: Mapping[str, int], seats: int) -> int:
    """Return how many valid ballots there may be at most: one for each mark, and no more than are left to be cast."""
    if ballots < 0:
        raise BadNumbers("invalid", "more ballots were cast than there are eligible voters")
    if max(counts.values()) > ballots or marks > ballots * seats:
        raise BadNumbers("counts", "more marks than the eligible voters' ballots can carry")
    return min(marks, ballots)


def _counts(given: Any) -> dict[str, int]:
    if not isinstance(given, dict) or not 0 < len(given) <= MAX_CANDIDATES:
        raise BadNumbers("counts", "must be an object of candidates and their votes")
    for name, votes in given.items():
        if not name.strip() or len(name) > 100 or not name.isprintable():  # noqa: PLR2004 - a name
            raise BadNumbers("counts", "a candidate's name must be 1 to 100 printable characters")
        _whole(votes, f"counts.{name[:40]}")
    return dict(given)


def _whole(value: Any, field: str, *, least: int = 0, most: int = MOST) -> int:
    if type(value) is not int or not least <= value <= most:
        raise BadNumbers(field, f"must be a whole number from {least} to {most}")
    return value
