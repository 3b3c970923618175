"""Reads what a vote rests on: the form a rule has at a place, and what the ballots of one motion decided together."""

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from community.models import Unit
from community.rules import paths_from_root
from voting import rules
from voting.models import Authorisation, Ballot, Motion, RuleOverride
from voting.rules.local import as_changes, conclusion, localised, outcome_of_all


def rule_at(rule: Any, unit: Unit, *, field: str = "rule") -> rules.Rule:
    """Return the rule of a catalogue key in the form the nearest jurisdiction above `unit` gives it. One query.

    Raises BadNumbers naming `field`.
    """
    national = rules.rule_of(rule, field=field)
    rows = RuleOverride.objects.filter(key=national.entry["key"], unit__path__in=paths_from_root(unit))
    # The longest path is the nearest unit.
    nearest = rows.order_by("-unit__depth").first()
    if nearest is None:
        return national
    return localised(
        nearest.key,
        as_changes(nearest.quorum, nearest.passing, nearest.article, nearest.silence, nearest.invalid),
    )


def convening_term(key: str, unit: Unit) -> tuple[int, str] | None:
    """Return within how many days the nearest jurisdiction asks a meeting to be called, and its citation. One query."""
    rows = RuleOverride.objects.filter(key=key, unit__path__in=paths_from_root(unit), convene_days__isnull=False)
    nearest = rows.order_by("-unit__depth").first()
    return (nearest.convene_days or 0, nearest.article) if nearest is not None else None


def rules_at(unit: Unit) -> list[dict[str, Any]]:
    """Return the catalogue as it holds at `unit`. Runs one query for each rule."""
    return [rule_at(entry["key"], unit).entry for entry in rules.ENTRIES]


def authorisations_in_force(community: Unit, *, today: dt.date) -> QuerySet[Authorisation]:
    """Return what the residents' meeting has entrusted to the representatives today, the newest first. Lazy."""
    return Authorisation.objects.filter(
        Q(revoked_at__isnull=True), community=community, given_on__lte=today, until_on__gte=today
    ).order_by("-given_on", "-pk")


def covers(authorisation: Authorisation, ballot: Ballot) -> bool:
    """Return whether an authorisation covers a ballot's matter by its own words.

    A general one covers all; another covers the ballot whose title or every item it names, or that names it. Spaces,
    punctuation and quotation marks do not matter. What only people can see, `rest_on_authorisation` says. One query.
    """
    if authorisation.is_general:
        return True
    matter = _bare(authorisation.matter)

    def says_so(text: str) -> bool:
        said = _bare(text)
        return bool(said) and bool(matter) and (said in matter or matter in said)

    titles = list(ballot.items.values_list("title", flat=True))
    return says_so(ballot.title) or (bool(titles) and all(says_so(title) for title in titles))


def _bare(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def ballots_together(ballot: Ballot) -> list[Ballot]:
    """Return the ballots that decide one matter together, this one included, in their order. One query at most."""
    return [ballot] if ballot.motion_id is None else list(Ballot.objects.filter(motion=ballot.motion_id).order_by("pk"))


@dataclass(frozen=True, slots=True)
class MotionState:
    """Where a motion of several ballots stands: `outcome` is "" while one of them is not yet counted."""

    motion: Motion
    ballots: tuple[Ballot, ...]
    outcome: str
    sentence: str
    conclusion: str


def motion_state(motion: Motion) -> MotionState:
    """Return what the motion's ballots decided together: it passes when all of them do. One query."""
    ballots = tuple(motion.ballots.order_by("pk"))
    outcomes = [outcome_of_all(item["outcome"] for item in b.result["items"]) for b in ballots if b.result is not None]
    outcome = outcome_of_all(outcomes) if len(outcomes) == len(ballots) else ""
    told = [f"{b.title}：{''.join(item['sentence'] for item in b.result['items'])}" for b in ballots if b.result]
    numbered = "".join(f"（{place}）{one}" for place, one in enumerate(told, start=1))
    all_of_them = f"{len(ballots)}项表决须全部通过"
    return MotionState(
        motion,
        ballots,
        outcome,
        f"{all_of_them}：{numbered}{conclusion(outcome)}" if outcome else "",
        f"{all_of_them}。{conclusion(outcome)}" if outcome else "",
    )
