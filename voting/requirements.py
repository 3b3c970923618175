"""What a ballot needs before it opens: a predicate with a sentence and an article. Reads only."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from community.queries import representatives_of
from core.requirements import Missing, Requirement, missing_for, require
from voting.mandates import authorisations_in_force
from voting.models import Authorisation, Ballot, Voter

REPRESENTATIVES = "representatives"
_BODY_RULE = "resident_reps_meeting"
_ARTICLE = _("《城市居民委员会组织法》第二十八条、第二十九条")
# At least four fifths of the members are representatives.
_SHARE = (4, 5)


class Opening:
    """A ballot about to open on a day."""

    def __init__(self, ballot: Ballot, today: dt.date) -> None:
        self.ballot = ballot
        self.today = today

    def authorisation(self) -> Authorisation | None:
        """Return what the ballot names, or the newest authorisation in force in its community. One query at most."""
        in_force = authorisations_in_force(self.ballot.community, today=self.today)
        if self.ballot.authorisation_id is not None:
            in_force = in_force.filter(pk=self.ballot.authorisation_id)
        return in_force.first()

    def composition(self) -> tuple[int, int]:
        """Return (representatives, members) of the roll. Two queries."""
        members = Voter.objects.filter(ballot=self.ballot)
        elected = representatives_of(self.ballot.community).values("pk")
        return members.filter(user__in=elected).count(), members.count()


def _is_composed(opening: Opening) -> bool:
    representatives, members = opening.composition()
    return representatives * _SHARE[1] >= members * _SHARE[0]


OF_REPRESENTATIVES: tuple[Requirement[Opening], ...] = (
    Requirement(
        key="representatives_composed",
        sentence=_("居民代表不足居民代表会议组成人员的五分之四"),  # type: ignore[arg-type] # lazy text
        article=_ARTICLE,  # type: ignore[arg-type] # lazy text
        is_met=_is_composed,
    ),
    Requirement(
        key="representatives_authorised",
        sentence=_("没有在有效期内的居民会议授权"),  # type: ignore[arg-type] # lazy text
        article=_ARTICLE,  # type: ignore[arg-type] # lazy text
        is_met=lambda opening: opening.authorisation() is not None,
    ),
)


def is_representatives(ballot: Ballot) -> bool:
    """Return whether the ballot is decided by the representatives' meeting."""
    return any(entry["key"] == _BODY_RULE for entry in (ballot.rule, *ballot.more_rules))


def missing_to_open(ballot: Ballot, *, today: dt.date) -> list[Missing]:
    """Return what is missing before the ballot may open. A roll given as a list is not checked: a warning says so."""
    return missing_for(Opening(ballot, today), _needs(ballot))


def prepare_to_open(ballot: Ballot, *, today: dt.date) -> None:
    """Set the authorisation the ballot rests on. Raises RequirementsNotMet."""
    opening = Opening(ballot, today)
    if needs := _needs(ballot):
        require(opening, needs)
        ballot.authorisation = opening.authorisation()


def _needs(ballot: Ballot) -> tuple[Requirement[Opening], ...]:
    return OF_REPRESENTATIVES if ballot.scope == REPRESENTATIVES and is_representatives(ballot) else ()
