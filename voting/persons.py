"""What is asked about people around a ballot: who stands for election, who must not hold a power or count."""

import datetime as dt
import re
from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from community.models import Office, Unit, User
from community.queries import names_in_household_of, property_staff_of
from core import clock
from core.masking import distinguish
from voting import methods
from voting.models import Ballot, BoxTrip, Method, Option, Proxy, Recusal, Teller, Voter

DESK_OFFICES = (
    Office.SECRETARY,
    Office.DIRECTOR,
    Office.COMMITTEE_MEMBER,
    Office.SECONDED_MEMBER,
    Office.GRID_WORKER,
)
ROLL_OFFICES = (Office.SECRETARY, Office.DIRECTOR)
APPRAISERS = (Office.SUPERVISION_COMMITTEE,)
TELLERS = 2
TELLERS_WITH_BOX = 3
# A candidate's label may say more than the name: 张三（现任委员）, 张三 女 45岁.
_AFTER_NAME = re.compile(r"[（(【\[，,：:\s].*", re.DOTALL)
_MOST_DIGITS = 6


def named(voter: Voter) -> str:
    """Return how the office calls a voter; of a ward also who votes: 小三（监护人妈妈代为表决）."""
    if not voter.guardian_name:
        return voter.name
    return _("%(name)s（监护人%(guardian)s代为表决）") % {"name": voter.name, "guardian": voter.guardian_name}


def placed(voter: Voter) -> str:
    """Return a voter with the place, as the desk of paper ballots says it."""
    return f"{voter.place} {named(voter)}".strip()


def powers_on(day: dt.date) -> QuerySet[Proxy]:
    """Return the powers that may be used on `day`: neither taken back nor past their last day. Lazy."""
    lasts = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    return Proxy.objects.filter(lasts, revoked_at__isnull=True)


def proxies_in_force(ballot_id: int) -> QuerySet[Proxy]:
    """Return the powers of a ballot that may be used today. Lazy."""
    return powers_on(clock.local_date()).filter(ballot=ballot_id)


def candidate_names(*ballots: Ballot) -> frozenset[str]:
    """Return the names of all candidates of the ballots' elections, empty where nobody is elected. One query."""
    labels = (
        Option.objects.filter(item__ballot__in=ballots, item__method=Method.ELECTION)
        .exclude(key__in=methods.PLAIN)
        .values_list("label", flat=True)
    )
    return frozenset(_AFTER_NAME.sub("", label.strip()) for label in labels)


def is_property_staff(community: Unit, name: str, user: User | None) -> bool:
    """Return whether a property company of the community employs this person: by account, or by name without one."""
    staff = property_staff_of(community)
    return staff.filter(pk=user.pk).exists() if user is not None else staff.filter(name=name).exists()


def why_no_holder(community: Unit, ballots: Iterable[Ballot], name: str, user: User | None) -> str:
    """Return why somebody may hold no power to vote in any of `ballots`, "" when they may (RULEBOOK 2).

    Candidates and property-company staff, each by account where there is one, else by name. The one rule for the powers
    of a ballot and of a meeting. Two queries.
    """
    names = {name, user.actor_name()} if user is not None else {name}
    if not names.isdisjoint(candidate_names(*ballots)):
        return _("候选人不能接受委托。")
    if is_property_staff(community, name, user):
        return _("物业服务人员不能接受委托。")
    return ""


def banned_holders(ballot: Ballot) -> list[Proxy]:
    """Return the running proxies whose holder may meanwhile hold none (`why_no_holder`). Two queries each."""
    running = Proxy.objects.filter(ballot=ballot, revoked_at__isnull=True).select_related("holder__user", "holder_user")
    return [
        proxy
        for proxy in running.order_by("pk")
        if why_no_holder(
            ballot.community,
            [ballot],
            proxy.holder_name,
            proxy.holder_user or (proxy.holder.user if proxy.holder is not None else None),
        )
    ]


def has_stepped_aside(ballot: Ballot, user: User) -> bool:
    """Return whether this account stepped aside on any item."""
    return Recusal.objects.filter(item__ballot=ballot, voter__user=user).exists()


def standing_kin(ballot: Ballot, user: User) -> frozenset[str]:
    """Return the candidates who live in the household of `user`."""
    standing = candidate_names(ballot)
    return standing & names_in_household_of(user) if standing else frozenset()


def masked_pairs(proxies: Iterable[Proxy]) -> list[tuple[str, str]]:
    """Return (principal, holder) of each power as the public reads them."""
    names = distinguish(name for proxy in proxies for name in (proxy.principal.name, proxy.holder_name))
    return list(zip(names[::2], names[1::2], strict=True))


def proxies_of(ballot: Ballot) -> list[Proxy]:
    """Return the running proxies in the order of the roll, for the list that is published."""
    running = Proxy.objects.filter(ballot=ballot, revoked_at__isnull=True)
    return list(running.select_related("principal", "holder").order_by("principal_id"))


def tellers_of(ballot: Ballot) -> list[Teller]:
    """Return the tellers named for the ballot, in the order they were named."""
    return list(Teller.objects.filter(ballot=ballot).select_related("user").order_by("pk"))


def tellers_needed(ballot: Ballot) -> int:
    """Return how many tellers must sign: 2, or 3 when a mobile box went out."""
    return TELLERS_WITH_BOX if BoxTrip.objects.filter(ballot=ballot).exists() else TELLERS


def voters_named(ballot: Ballot, mark: str) -> list[Voter]:
    """Return whom `mark` means on the roll: a number from 1, or a full name. More than one is ambiguous."""
    roll = Voter.objects.filter(ballot=ballot).order_by("pk")
    mark = mark.strip()
    if mark.isascii() and mark.isdigit() and len(mark) <= _MOST_DIGITS:
        return list(roll[int(mark) - 1 : int(mark)]) if int(mark) else []
    return list(roll.filter(name=mark)[:2])
