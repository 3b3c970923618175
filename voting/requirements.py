"""What a ballot needs before it opens: a predicate with a sentence and an article. Reads only."""

import datetime as dt
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.queries import representatives_of
from core.masking import mask_name
from core.requirements import Missing, Requirement, RequirementsNotMet, missing_for
from voting.mandates import authorisations_in_force, covers
from voting.models import Authorisation, Ballot, Voter
from voting.persons import banned_holders
from voting.special import missing_of_kind

REPRESENTATIVES = "representatives"
_BODY_RULE = "resident_reps_meeting"
_ARTICLE = gettext_lazy("《城市居民委员会组织法》第二十八条、第二十九条")
_ARTICLE_28 = gettext_lazy("《城市居民委员会组织法》第二十八条")
# At least four fifths of the members are representatives.
_SHARE = (4, 5)


class Opening:
    """A ballot about to open on a day."""

    def __init__(self, ballot: Ballot, today: dt.date) -> None:
        self.ballot = ballot
        self.today = today

    @cached_property
    def in_force(self) -> list[Authorisation]:
        """Return the authorisations in force in the community, the newest first. One query."""
        return list(authorisations_in_force(self.ballot.community, today=self.today))

    @cached_property
    def authorisation(self) -> Authorisation | None:
        """Return the one the office named for this ballot, or else the newest whose words cover it."""
        if self.ballot.authorisation_id is not None:
            return next((one for one in self.in_force if one.pk == self.ballot.authorisation_id), None)
        return next((one for one in self.in_force if covers(one, self.ballot)), None)

    @cached_property
    def composition(self) -> tuple[int, int]:
        """Return (representatives, members) of the roll. Two queries."""
        members = Voter.objects.filter(ballot=self.ballot)
        elected = representatives_of(self.ballot.community).values("pk")
        return members.filter(user__in=elected).count(), members.count()


def _is_composed(opening: Opening) -> bool:
    representatives, members = opening.composition
    return representatives * _SHARE[1] >= members * _SHARE[0]


OF_REPRESENTATIVES: tuple[Requirement[Opening], ...] = (
    Requirement(
        key="representatives_composed",
        sentence=gettext_lazy("居民代表不足居民代表会议组成人员的五分之四"),  # type: ignore[arg-type] # lazy text
        article=_ARTICLE,  # type: ignore[arg-type] # lazy text
        is_met=_is_composed,
    ),
    Requirement(
        key="representatives_authorised",
        sentence=gettext_lazy("没有在有效期内的居民会议授权"),  # type: ignore[arg-type] # lazy text
        article=_ARTICLE,  # type: ignore[arg-type] # lazy text
        is_met=lambda opening: bool(opening.in_force),
    ),
    Requirement(
        key="authorisation_covers",
        sentence=gettext_lazy("居民会议的授权没有写明本次表决的事项"),  # type: ignore[arg-type] # lazy text
        article=_ARTICLE_28,  # type: ignore[arg-type] # lazy text
        is_met=lambda opening: not opening.in_force or opening.authorisation is not None,
    ),
)


def is_representatives(ballot: Ballot) -> bool:
    """Return whether the ballot is decided by the representatives' meeting."""
    return any(entry["key"] == _BODY_RULE for entry in (ballot.rule, *ballot.more_rules))


def missing_to_open(ballot: Ballot, *, today: dt.date) -> list[Missing]:
    """Return what is missing before the ballot may open. A roll given as a list is not checked: a warning says so."""
    opening = Opening(ballot, today)
    return _missing(opening)


def prepare_to_open(ballot: Ballot, *, today: dt.date) -> None:
    """Set the authorisation the ballot rests on. Raises RequirementsNotMet."""
    opening = Opening(ballot, today)
    if missing := _missing(opening):
        raise RequirementsNotMet(missing)
    if _needs(ballot):
        ballot.authorisation = opening.authorisation


def _missing(opening: Opening) -> list[Missing]:
    ballot = opening.ballot
    missing = missing_for(opening, _needs(ballot)) + missing_of_kind(ballot, today=opening.today)
    missing += [
        Missing(
            "proxy_lawful",
            _("受托人%(holder)s已是候选人或者物业服务人员，不能再代为表决，请先撤销这份委托")
            % {"holder": mask_name(proxy.holder_name)},
            str(ballot.rule["article"]),
        )
        for proxy in banned_holders(ballot)
    ]
    return missing


def _needs(ballot: Ballot) -> tuple[Requirement[Opening], ...]:
    return OF_REPRESENTATIVES if ballot.scope == REPRESENTATIVES and is_representatives(ballot) else ()
