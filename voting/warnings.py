"""What to think of before a ballot opens: what could reveal a vote, what the rule asks otherwise. Reads only."""

from django.utils.translation import gettext as _

from voting.models import Ballot, BallotKind, Disclosure, Voter
from voting.requirements import REPRESENTATIVES, is_representatives

# Below this many voters a secret ballot may reveal itself.
SMALL_GROUP = 10


def warnings_for(ballot: Ballot) -> list[str]:
    """Return the sentences for whoever opens the ballot; nothing is refused for them. Two queries at most."""
    told = _of_secrecy(ballot) if ballot.kind == BallotKind.SECRET else _of_open_counts(ballot)
    told += [
        _("%(article)s要求的表决方式与此不同。") % {"article": entry["article"]}
        for entry in (ballot.rule, *ballot.more_rules)
        if ballot.kind not in entry["ballots"]
    ]
    if is_representatives(ballot) and ballot.scope != REPRESENTATIVES:
        told.append(_("名册不是从登记册产生的，居民代表所占比例和居民会议的授权须另行核对。"))
    return told


def small_group() -> str:
    """Return what a secret vote among few may do."""
    return _("人数少于 %(least)d，结果可能暴露个人的选择。") % {"least": SMALL_GROUP}


def open_counts() -> str:
    """Return what counts that run in public do to a named vote."""
    return _("计数实时公开：多投一票，就看得出这一票投了什么。")


def _of_secrecy(ballot: Ballot) -> list[str]:
    told = [small_group()] if Voter.objects.filter(ballot=ballot).count() < SMALL_GROUP else []
    if _weights_differ(ballot):
        told.append(_("各人票权（人数、面积）不同，按面积的合计可能暴露个人的选择。"))
    return told


def _of_open_counts(ballot: Ballot) -> list[str]:
    if ballot.disclosure != Disclosure.RUNNING:
        return []
    told = [open_counts()]
    if _weights_differ(ballot):
        told.append(_("各人票权（人数、面积）不同，从实时计数还看得出这一票是谁投的。"))
    return told


def _weights_differ(ballot: Ballot) -> bool:
    return len(Voter.objects.filter(ballot=ballot).values("heads", "area").distinct()[:2]) > 1
