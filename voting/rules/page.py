"""Writes docs/rules.md from the catalogue; a test fails when the page is stale. Pure."""

from typing import Any

from voting.rules.catalogue import ENTRIES

_HEAD = """# Decision rules

This page is written from `voting/rules/catalogue.py` by `manage.py rules --page > docs/rules.md`.

A rule has a quorum and a condition to pass; each is a list of thresholds, and all of them must be met. "以上"
includes the number, "超过、过半数" do not (Civil Code art. 1259). Integers are compared by cross-multiplication,
areas in whole units of 0.01 m²; nothing is rounded. Who abstains takes part; who is silent does not. With nobody
taking part nothing passes.

| key | rule | quorum | pass | proxies | ballots | article |
|---|---|---|---|---|---|---|
"""

_TAIL = """
## Deciding: `manage.py decide FILE|-`

One JSON object a line, one answer a line, in order. All lines are read before the first answer; the first fault is
told with file, row and field, and then nothing is answered (exit 2).

    {"id": "x", "rule": "owners_278_special", "eligible": {"heads": 13, "area": "1237.60"},
     "participating": {"heads": 12, "area": "1149.20"}, "for": {"heads": 9, "area": "884.00"}}

- `rule`: a key of the table, or an object in the form `manage.py rules` prints. Only `pass` is a must there.
- Numbers: `eligible`, `participating` and `for` always; `present`, `against`, `abstain`, `invalid` where there are.
  Whole numbers or decimal strings with at most two places, never floats. A measure is any name (`heads`, `area`,
  `cantons`); `area` is printed with two places, a measure given with decimals too.
- A threshold: `measure`, `of` (`eligible`, `present`, `participating`, `cast` with the invalid, `for_and_against`),
  `fraction`, `inclusive`; or `measure` and `at_least`. Optional: `counts` says what is compared (a quorum counts
  those `participating`, a pass condition those `for`; meetings count those `present`, elections those who `cast`),
  `below` turns it round (fewer than). Where `present` is asked for and not given, those participating are taken.
- Optional in a rule: `silence` "follows_majority" counts the silent with the larger side, "consents" with those in
  favour (negative consent only: after a posting, where the assembly's rules say so), `invalid` "in_base"
  counts invalid ballots as taking part. A ballot computes both ways and tells in `differs_if` when the outcome
  turns on it.
- The answer: `outcome` (`passed`, `rejected`, `not_quorate`), each threshold with `base`, `needed` (the smallest
  number that meets it; for `below` the largest that still does), `reached`, `shortfall`, `met`; `basis`; the
  `sentence` of the notice.

## A jurisdiction's own form of a rule

`manage.py set_rule` (or the back office) stores for a unit, and everything under it, what differs from the table:
`quorum`, `pass`, `silence`, `invalid`, always with the `article` that results cite beside the statute's. The nearest
unit wins; `manage.py rules --unit CODE` prints what holds there. A ballot made by key freezes that form. What asks for
less than a statute is refused: for each national threshold there must be one of the same count, of the same base or of
all eligible, with the same share or more ("过半数" is more than "一半以上"). Free of this floor are `owners_pre2021`,
`owner_reps_negative_consent`, `owners_committee` and `four_step_party_review`, which are no statute or a past one.

## Several rules

A ballot may name `more_rules`: each item must pass by every one, counted from the same votes; winners are those of
all. Not quorate by one rule is not quorate. Where another electorate must agree too (owners under Civil Code 278 and
the residents' representatives), each has a ballot of its own, and `join_ballots` makes them one motion: it passes when
all of its ballots pass. The sentence lists every rule or ballot and ends with what follows. An election is decided by
one rule.

A ballot under `resident_reps_meeting` with the roll of the register opens only when at least four fifths of the
members are representatives and the residents' meeting has given an authorisation that is in force
(`record_authorisation`) and covers the matter: a general one does (`is_general`), another when its words name the
title or every item of the ballot, or the office says so with a reason (`rest_on_authorisation`, on the ballot's desk).
What is missing is said with its article, by the refusal and beside the greyed button. Where a rule knows only named and
signed ballots (owners'), a secret one of a roll of the register is refused.

## Electing: `manage.py elect FILE|-`

    {"id": "e", "seats": 1, "majority": "1/2", "of": "cast", "eligible": 435, "counts": {"A": 212, "B": 150},
     "invalid": 3}

- `majority` "1/2" means more than half; any other fraction at least so much, unless `inclusive` says otherwise;
  null asks for none.
- Elected are those with the most votes who reach the majority, as many as there are `seats`. Those who stand equal
  across the last seat are `tied`: none of them is elected, they go into a run-off among themselves.
- Seats left because too few reached the majority: a run-off of the next candidates, two for each open seat, and all
  who stand equal with the last of these.
- A run-off is counted by the same rules; the residents' committee's (art. 19) asks for `"majority": "1/3", "of":
  "cast"`.
- `valid` is the number of valid ballots; give it when a ballot may carry several marks. Without it each mark counts
  as a ballot.
- The answer: `outcome` (`elected`, `runoff`, `none`), `elected`, `runoff`, `tied`, `open_seats`, `needed`, `base`,
  `reason`.
"""


def page() -> str:
    """Return the whole page."""
    return _HEAD + "".join(_row(entry) for entry in ENTRIES) + _TAIL


def _row(entry: dict[str, Any]) -> str:
    proxies = f"at most {entry['proxy']['cap']} a holder" if entry["proxy"]["allowed"] else "none"
    cells = [
        f"`{entry['key']}`",
        f"{entry['title']['zh']}<br>{entry['title']['en']}",
        _thresholds(entry["quorum"]),
        _thresholds(entry["pass"]) + "".join(f"<br>{condition}" for condition in entry["conditions"]),
        proxies,
        ", ".join(entry["ballots"]),
        entry["article"],
    ]
    return f"| {' | '.join(cells)} |\n"


def _thresholds(thresholds: list[dict[str, Any]]) -> str:
    told = []
    for t in thresholds:
        sign = {(False, False): ">", (False, True): "≥", (True, False): "<", (True, True): "≤"}[
            t.get("below", False), t["inclusive"]
        ]
        counts = f"{t['counts']} " if "counts" in t else ""
        told.append(f"{counts}{t['measure']} {sign} {t['fraction']} of {t['of']}")
    return "<br>".join(told) or "-"
