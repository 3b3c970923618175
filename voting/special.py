"""What votes of a special kind need besides their rule: a posting of so many days, a petition; what follows from them.

Reads only. The rules themselves stand in the catalogue.
"""

import datetime as dt

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.models import Office, User
from community.queries import holders_around
from community.rules import holds_office
from core import clock
from core.calendar import ends_on
from core.requirements import Missing
from core.words import day_in_words
from voting import rules
from voting.models import Ballot, Phase

# Silence counts as consent only after a posting of so many days (local practice; RULEBOOK of the method).
POSTING_DAYS = {"owner_reps_negative_consent": 10}
# What a vote rests on: a petition that passed by one of these rules.
_RECALL_PETITIONS = frozenset({"requisition_residents", "requisition_residents_by_reps"})
PETITIONS = {"rc_recall": _RECALL_PETITIONS, "rc_recall_by_reps": _RECALL_PETITIONS}
_RECALLED = gettext_lazy("罢免通过的，其职务自结果公布之日终止，空缺依法补选。")
# What follows when it passes.
FOLLOWS: dict[str, str | Promise] = {
    "owners_requisition": gettext_lazy(
        "达到法定比例，业主委员会应当组织召开业主大会临时会议（物业管理条例第十三条）。"
    ),
    "requisition_residents": gettext_lazy("达到法定比例，应当召集居民会议（城市居民委员会组织法第二十六条）。"),
    "requisition_residents_by_reps": gettext_lazy("达到法定比例，应当召集居民会议（城市居民委员会组织法第二十六条）。"),
    "requisition_reps_meeting": gettext_lazy("达到法定比例，应当召集居民代表会议（城市居民委员会组织法第二十八条）。"),
    "rc_recall": _RECALLED,
    "rc_recall_by_reps": _RECALLED,
}
# Who must call the meeting that a requisition asks for; where nobody holds the first, the heads of the community see
# to it (Property Management Regulation 13; Residents' Committees Act 26, 28).
HEADS = (Office.DIRECTOR, Office.SECRETARY)
CONVENERS: dict[str, tuple[str, ...]] = {
    "owners_requisition": (Office.OWNERS_COMMITTEE_MEMBER,),
    "requisition_residents": HEADS,
    "requisition_residents_by_reps": HEADS,
    "requisition_reps_meeting": HEADS,
}


def rule_keys(ballot: Ballot) -> list[str]:
    """Return the keys of the ballot's rules, "" for those without one."""
    return [entry["key"] for entry in (ballot.rule, *ballot.more_rules)]


def requisition_of(ballot: Ballot) -> str:
    """Return the key of the rule by which the ballot collects signatures for a meeting, "" for other ballots."""
    return next((key for key in rule_keys(ballot) if key in CONVENERS), "")


def conveners_of(ballot: Ballot) -> QuerySet[User]:
    """Return who must call the meeting a requisition asks for: at its place, above it or in it. Lazy, two queries.

    Where nobody holds the office the law names, secretary and director of the community see to it.
    """
    place = ballot.drawn_from or ballot.community
    named = CONVENERS.get(requisition_of(ballot), HEADS)
    found = holders_around(place, *named)
    return found if found.exists() else holders_around(ballot.community, *HEADS)


def may_convene(user: object, ballot: Ballot) -> bool:
    """Return whether somebody notes the call of the meeting: who must call it, or the heads of the community."""
    if not isinstance(user, User) or user.pk is None:
        return False
    return holds_office(user, *HEADS, unit=ballot.community) or conveners_of(ballot).filter(pk=user.pk).exists()


def lacking(ballot: Ballot) -> str:
    """Return by how much a requisition missed its share, in heads and area; "" for other ballots and reached ones."""
    if not requisition_of(ballot) or ballot.result is None or ballot.result["outcome"] == "passed":
        return ""
    words = {"heads": _("人数还差%(short)s人"), "area": _("面积还差%(short)s平方米")}
    missed = [t for item in ballot.result["items"] for t in item["decision"]["pass"] if not t["met"]]
    short = [said % {"short": t["shortfall"]} for key, said in words.items() for t in missed if t["measure"] == key]
    return _("联名没有达到法定比例：%(short)s。") % {"short": _("，").join(short)}


def posting_ends_on(ballot: Ballot, day: dt.date) -> dt.date | None:
    """Return the last day of the posting when the ballot opens on `day`, None for a rule that asks for none.

    The day of posting is not counted, and a last day that is a rest day moves on (Civil Code 201-203).
    """
    days = max((POSTING_DAYS.get(key, 0) for key in rule_keys(ballot)), default=0)
    return ends_on(day, days).ends if days else None


def may_close_from(ballot: Ballot) -> dt.date | None:
    """Return the last day an open ballot must stay open through, None for one that may close at any time.

    Only of rolls of the register: of a bare list nobody knows whom a posting reached.
    """
    if not ballot.scope or ballot.opened_at is None:
        return None
    return posting_ends_on(ballot, clock.local_date(ballot.opened_at))


def missing_of_kind(ballot: Ballot, *, today: dt.date) -> list[Missing]:
    """Return what a ballot of a special kind with a roll of the register still needs before it opens."""
    if not ballot.scope:
        return []
    return [*_missing_posting(ballot, today), *_missing_petition(ballot), *_missing_period(ballot)]


def _missing_period(ballot: Ballot) -> list[Missing]:
    if not requisition_of(ballot) or ballot.closes_at is not None:
        return []
    sentence = _("还没有定联名到什么时候截止")
    return [Missing("signing_period_planned", sentence, str(ballot.rule["article"]))]


def _missing_posting(ballot: Ballot, today: dt.date) -> list[Missing]:
    last = posting_ends_on(ballot, today)
    if last is None:
        return []
    found = []
    entry = next(entry for entry in (ballot.rule, *ballot.more_rules) if entry["key"] in POSTING_DAYS)
    if entry["article"] == rules.rule_of(entry["key"]).entry["article"]:
        found.append(
            Missing(
                "silence_is_agreed",
                _("没有登记本地议事规则的约定，不能把没有书面反对当作同意；请先按约定设定这条规则"),
                entry["article"],
            )
        )
    if ballot.closes_at is None or clock.local_date(ballot.closes_at) <= last:
        found.append(
            Missing(
                "posted_long_enough",
                _("公示须满%(days)d日：今天公示，最早可在%(day)s截止")
                % {"days": POSTING_DAYS[entry["key"]], "day": day_in_words(last + dt.timedelta(days=1))},
                entry["article"],
            )
        )
    return found


def _missing_petition(ballot: Ballot) -> list[Missing]:
    wanted = [PETITIONS[key] for key in rule_keys(ballot) if key in PETITIONS]
    if not wanted or is_petition(ballot.petition, ballot):
        return []
    return [
        Missing("petition_passed", _("还没有达到法定人数、经监票人确认的书面罢免要求"), str(ballot.rule["article"]))
    ]


def is_petition(petition: Ballot | None, ballot: Ballot) -> bool:
    """Return whether `petition` is a certified petition of the same community that carries `ballot`."""
    if petition is None or petition.phase != Phase.CERTIFIED or petition.result is None:
        return False
    asked = frozenset().union(*(PETITIONS.get(key, frozenset()) for key in rule_keys(ballot)))
    return (
        petition.community_id == ballot.community_id
        and petition.result["outcome"] == "passed"
        and petition.rule["key"] in asked
    )


def what_follows(ballot: Ballot) -> str:
    """Return what the law asks for next when the ballot passed, "" where nothing particular does."""
    if ballot.result is None or ballot.result["outcome"] != "passed":
        return ""
    return " ".join(str(FOLLOWS[key]) for key in rule_keys(ballot) if key in FOLLOWS)
