"""Further rounds of a ballot: the same questions again, or a run-off. Earlier rounds and their results stay."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import BadInput, WrongStage
from voting import methods
from voting.conducting import Act, require_conductor
from voting.models import Appraisal, Ballot, Item, Method, Phase, Voter
from voting.operations.ballot import CreatedBallot, create_ballot, lock_ballot
from voting.operations.drafts import ItemDraft, VoterDraft

_MOST_ROUNDS = 20
# What another election of the residents' committee is decided by (Residents' Committees Act 19).
_RUNOFF_RULES = {"rc_election": "rc_runoff", "rc_election_by_reps": "rc_runoff"}


@transaction.atomic
def repeat_ballot(ballot: Ballot, *, by: Actor, now: dt.datetime | None = None) -> CreatedBallot:
    """Create the next round as a draft with the same items, rule and roll (再次表决).

    Raises NotAllowed, WrongStage before closing, and where there is a next round already.
    """
    locked = _counted(ballot, by, now)
    items = [
        ItemDraft(item.title, item.method, [label for _key, label in _own_options(item)], item.form)
        for item in locked.items.prefetch_related("options").order_by("position")
    ]
    return _next_round(locked, items, locked.rule, by=by, now=now)


@transaction.atomic
def start_runoff(ballot: Ballot, *, by: Actor, now: dt.datetime | None = None) -> CreatedBallot:
    """Create the run-off of an election as a draft: for each item with seats left open, those who go on.

    The residents' committee's is decided by rc_runoff, others by their own rule. Raises WrongStage before the tellers
    have signed, where there is a next round already, and where no item asks for a run-off.
    """
    locked = _counted(ballot, by, now)
    if locked.phase != Phase.CERTIFIED:
        raise WrongStage(_("监票人、计票人签字确认以后，才能另行选举：签字以前可能重新计票。"), code="not_certified")
    by_id = {item["id"]: item for item in locked.result["items"]} if locked.result else {}
    drafts = []
    for item in locked.items.prefetch_related("options").order_by("position"):
        result = by_id[str(item.pk)]
        going_on = result.get("runoff", [])
        if item.method == Method.ELECTION and going_on:
            labels = [label for key, label in _own_options(item) if key in going_on]
            seats = min(result["open_seats"], len(labels))
            drafts.append(ItemDraft(item.title, item.method, labels, {"seats": seats, "max": seats}))
    if not drafts:
        raise WrongStage(_("没有需要另行选举的席位。"), code="no_runoff")
    return _next_round(locked, drafts, _RUNOFF_RULES.get(locked.rule["key"], locked.rule), by=by, now=now)


def _counted(ballot: Ballot, by: Actor, now: dt.datetime | None) -> Ballot:
    locked = lock_ballot(ballot)
    require_conductor(by, Act.CREATE, locked, now=now)
    if locked.result is None:
        raise WrongStage(_("表决尚未截止，不能再次表决。"), code="not_closed")
    if Appraisal.objects.filter(item__ballot=locked).exists():
        raise WrongStage(_("年度评议没有下一轮；参加人数不足的，可以重新发起评议。"), code="no_next_round")
    if Ballot.objects.filter(previous=locked).exists():
        raise WrongStage(_("下一轮表决已经建立。"), code="has_next_round")
    return locked


def _next_round(
    ballot: Ballot, items: Sequence[ItemDraft], rule: Any, *, by: Actor, now: dt.datetime | None
) -> CreatedBallot:
    voters = [
        VoterDraft(v.name, v.heads, v.area, v.user, v.owner, v.place, v.guardian, v.guardian_name, v.household)
        for v in Voter.objects.filter(ballot=ballot)
        .select_related("user", "owner", "guardian", "household")
        .order_by("pk")
    ]
    if ballot.round >= _MOST_ROUNDS:
        raise BadInput(_("已经表决%(most)d轮，不能再加一轮。") % {"most": _MOST_ROUNDS}, field="round")
    return create_ballot(
        community=ballot.community, title=ballot.title, items=items, rule=rule, voters=voters, by=by,
        kind=ballot.kind, revisable=ballot.revisable, disclosure=ballot.disclosure, in_room=ballot.in_room,
        more_rules=ballot.more_rules, scope=ballot.scope, drawn_from=ballot.drawn_from, paper_wins=ballot.paper_wins,
        previous=ballot, petition=ballot.petition, now=now,
    )  # fmt: skip


def _own_options(item: Item) -> list[tuple[str, str]]:
    return [(option.key, option.label) for option in item.options.all() if option.key not in methods.PLAIN]
