"""Who may take a move or do another act on a proposal. Whether it is possible now stands in requirements.py."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.models import Office, User
from community.rules import (
    OFFICES_BY_RANK,
    STAFF_OFFICES,
    highest,
    is_platform,
    office_titles,
    offices_at,
    running_terms,
)
from core.actors import SYSTEM, Actor
from core.errors import NotAllowed
from deliberation import moves
from deliberation.models import Proposal

LEADERS = ("secretary", "director")
COMMITTEE = (*LEADERS, "committee_member")
INTAKE = (*COMMITTEE, "grid_worker")

_TITLES = {moves.PROPOSER: gettext_lazy("提案人"), moves.SYSTEM: gettext_lazy("系统")}


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is towards one proposal: the offices held at its place or above it, and whether it is theirs.

    `speaks_for_proposer`: the one who proposed has no account, and this is the desk that wrote it down.
    """

    offices: frozenset[str]
    is_proposer: bool = False
    speaks_for_proposer: bool = False
    is_platform: bool = False
    is_system: bool = False

    @property
    def office(self) -> str:
        """Return what the ledger writes: the highest office, "proposer", or "" for the platform."""
        return highest(self.offices) or (moves.PROPOSER if self.is_proposer else "")

    @property
    def is_staff(self) -> bool:
        """Return whether the person works for the community."""
        return bool(self.offices.intersection(STAFF_OFFICES))

    def may(self, offices: tuple[str, ...]) -> bool:
        """Return whether one of `offices` is held. The command line may all, the clock what SYSTEM may."""
        if self.is_platform:
            return not self.is_system or moves.SYSTEM in offices
        speaks = self.is_proposer or self.speaks_for_proposer
        return bool(self.offices.intersection(offices)) or (speaks and moves.PROPOSER in offices)

    def acting_office(self, offices: tuple[str, ...]) -> str:
        """Return the highest of `offices` that is held: the one the act is done in."""
        held = highest(self.offices.intersection(offices))
        if held:
            return held
        return moves.PROPOSER if self.is_proposer and moves.PROPOSER in offices else self.office


def standing_of(user: object, proposal: Proposal) -> Standing:
    """Return what `user` is towards `proposal`. One query."""
    if is_platform(user):
        return Standing(frozenset(), is_platform=True, is_system=user is SYSTEM)
    if not isinstance(user, User) or user.pk is None:
        return Standing(frozenset())
    return standing_with(offices_at(user, proposal.unit), user, proposal)


def standing_with(offices: frozenset[str], user: User, proposal: Proposal) -> Standing:
    """Return what `user`, who holds `offices` at the place of `proposal`, is towards it. No query."""
    return Standing(
        offices,
        is_proposer=proposal.proposer_id == user.pk,
        speaks_for_proposer=proposal.proposer_id is None and not offices.isdisjoint(INTAKE),
    )


def titles_of(offices: tuple[str, ...]) -> str:
    """Return the titles of those who may, as a reader sees them: 书记、主任、提案人."""
    held = tuple(office for office in OFFICES_BY_RANK if office in offices)
    others = [str(_TITLES[key]) for key in (moves.PROPOSER,) if key in offices]
    return _("、").join([*filter(None, [office_titles(held) if held else ""]), *others])


def title_of(office: str) -> str:
    """Return the title of one office key of the ledger, "" for none."""
    if office in _TITLES:
        return str(_TITLES[office])
    return str(Office(office).label) if office in Office.values else office


def require_standing(by: Actor | object, proposal: Proposal, offices: tuple[str, ...]) -> str:
    """Return the office `by` acts in; raise NotAllowed naming those who may. The platform may."""
    standing = standing_of(by, proposal)
    if standing.is_platform or standing.may(offices):
        return standing.acting_office(offices)
    raise NotAllowed(
        _("只有%(unit)s的%(offices)s可以这样做。") % {"unit": proposal.community, "offices": titles_of(offices)}
    )


def require_mover(by: Actor | object, proposal: Proposal, move: moves.Move) -> Standing:
    """Return what `by` is towards the proposal. Raises NotAllowed naming whose move it is. One query."""
    standing = standing_of(by, proposal)
    if standing.may(move.offices):
        return standing
    raise NotAllowed(_("“%(move)s”由%(offices)s办理。") % {"move": move.title, "offices": titles_of(move.offices)})


def may_see(user: object, proposal: Proposal) -> bool:
    """Return whether `user` may see the proposal: all but drafts are public."""
    if proposal.status != "draft":
        return True
    standing = standing_of(user, proposal)
    own = isinstance(user, User) and proposal.created_by_id == user.pk
    return own or standing.is_proposer or standing.is_staff or standing.is_platform


def is_local(user: object, proposal: Proposal) -> bool:
    """Return whether `user` belongs to the proposal's community: by an office, a home or property."""
    if not isinstance(user, User) or user.pk is None or not user.is_active:
        return False
    path = proposal.community.path
    return (
        (user.unit is not None and user.unit.path.startswith(path))
        or running_terms(user).filter(unit__path__startswith=path).exists()
        or user.residencies.filter(household__unit__path__startswith=path).exists()
        or user.owners.filter(community_id=proposal.community_id).exists()
    )


def require_local(by: Actor | object, proposal: Proposal) -> User:
    """Return `by` as a person of the proposal's community; raise NotAllowed otherwise."""
    if not isinstance(by, User) or by.pk is None:
        raise NotAllowed(_("请先登录。"), code="not_signed_in")
    if not is_local(by, proposal):
        raise NotAllowed(_("只有%(unit)s的居民和业主可以参加。") % {"unit": proposal.community})
    return by
