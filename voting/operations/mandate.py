"""A jurisdiction's own rules, what the residents' meeting entrusts, and motions that several ballots must pass."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import Office, Unit, User
from community.rules import require_office
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, WrongStage
from core.words import one_line
from voting import rules
from voting.conducting import Act, require_conductor
from voting.mandates import authorisations_in_force
from voting.models import Authorisation, Ballot, Motion, Phase, RuleOverride
from voting.rules.local import WeakerThanLaw, as_changes, localised
from voting.special import CONVENERS

_LONGEST = 200
_MOST_DAYS = 365


@transaction.atomic
def set_rule(
    *,
    unit: Unit,
    key: str,
    article: str,
    by: Actor,
    quorum: list[dict[str, Any]] | None = None,
    passing: list[dict[str, Any]] | None = None,
    silence: str = "",
    invalid: str = "",
    convene_days: int | None = None,
    now: dt.datetime | None = None,
) -> RuleOverride:
    """Store the form a rule of the catalogue has at `unit` and below, or change it. Ballots keep what they froze.

    `convene_days`: of a requisition, within how many days after it reached its share the meeting must be called.
    Raises BadInput naming the field: for thresholds that say nothing, and for those that ask for less than a binding
    statute. Raises NotAllowed for all but the subdistrict's officers and the administrators of the platform.
    """
    office = _require_officer(by, unit, now)
    line = one_line(article, "article", _LONGEST)
    if convene_days is not None:
        _refuse_term(key, convene_days)
    if quorum is None and passing is None and not silence and not invalid and convene_days is None:
        raise BadInput(_("请写明与国家规定不同的条件。"), field="pass")
    try:
        made = localised(key, as_changes(quorum, passing, line, silence, invalid))
    except WeakerThanLaw as error:
        raise BadInput(
            _("这一条件低于%(article)s的规定，不能采用。") % {"article": error.article}, field=error.field
        ) from None
    except rules.BadNumbers as error:
        raise BadInput(error.problem, field=error.field.removeprefix("rule.")) from None
    Unit.objects.select_for_update().get(pk=unit.pk)  # the rule's row may not be there yet: nothing else to lock
    before = RuleOverride.objects.filter(unit=unit, key=key).first()
    stored, _made = RuleOverride.objects.update_or_create(
        unit=unit,
        key=key,
        defaults={
            "quorum": quorum, "passing": passing, "article": line, "silence": silence, "invalid": invalid,
            "convene_days": convene_days,
        },
    )  # fmt: skip
    ledger.record(
        by=by, office=office, act="set_rule", subject=stored, before=_told(before) if before else None,
        after=_told(stored) | {"cites": made.entry["article"]}, now=now,
    )  # fmt: skip
    return stored


@transaction.atomic
def drop_rule(*, unit: Unit, key: str, by: Actor, now: dt.datetime | None = None) -> None:
    """Let the national form of a rule hold at `unit` again. Raises BadInput where it has no form of its own."""
    office = _require_officer(by, unit, now)
    Unit.objects.select_for_update().get(pk=unit.pk)
    stored = RuleOverride.objects.filter(unit=unit, key=key).first()
    if stored is None:
        raise BadInput(_("这里没有自己的规定。"), field="rule")
    ledger.record(by=by, office=office, act="drop_rule", subject=stored, before=_told(stored), now=now)
    stored.delete()


def _refuse_term(key: str, days: Any) -> None:
    if key not in CONVENERS:
        raise BadInput(_("只有联名提议的规则可以定召集会议的期限。"), field="convene_days")
    if type(days) is not int or not 0 < days <= _MOST_DAYS:
        raise BadInput(_("召集会议的期限须为 1 至 %(most)d 天。") % {"most": _MOST_DAYS}, field="convene_days")


def _require_officer(by: Actor, unit: Unit, now: dt.datetime | None) -> str:
    if isinstance(by, User) and by.is_superuser:
        return ""
    return require_office(by, Office.SUBDISTRICT_OFFICER, unit=unit, now=now)


def _told(stored: RuleOverride) -> dict[str, Any]:
    return {
        "unit": stored.unit.code, "key": stored.key, "quorum": stored.quorum, "pass": stored.passing,
        "article": stored.article, "silence": stored.silence, "invalid": stored.invalid,
        "convene_days": stored.convene_days,
    }  # fmt: skip


@transaction.atomic
def record_authorisation(
    *,
    community: Unit,
    matter: str,
    given_on: dt.date,
    until_on: dt.date,
    document: str,
    by: Actor,
    document_hash: str = "",
    is_general: bool = False,
    now: dt.datetime | None = None,
) -> Authorisation:
    """Record what the residents' meeting entrusted to the representatives' meeting: what, until when, which paper.

    `is_general`: all matters of the residents; else only the `matter` named.
    """
    office = require_office(by, Office.SECRETARY, Office.DIRECTOR, unit=community, now=now)
    if until_on < given_on:
        raise BadInput(_("有效期须不早于授权日期。"), field="until_on")
    if given_on > clock.local_date(now):
        raise BadInput(_("授权日期还没有到。"), field="given_on")
    stored = Authorisation.objects.create(
        community=community, matter=one_line(matter, "matter", _LONGEST), given_on=given_on, until_on=until_on,
        document=one_line(document, "document", _LONGEST), document_hash=document_hash, is_general=is_general,
    )  # fmt: skip
    ledger.record(
        by=by, office=office, act="record_authorisation", subject=stored,
        after={
            "matter": stored.matter, "given_on": given_on.isoformat(), "until_on": until_on.isoformat(),
            "document": stored.document, "is_general": is_general,
        },
        document_hash=document_hash, now=now,
    )  # fmt: skip
    return stored


@transaction.atomic
def revoke_authorisation(
    authorisation: Authorisation, *, by: Actor, reason: str, now: dt.datetime | None = None
) -> Authorisation:
    """End an authorisation before its day. What was decided under it stands. Revoking again changes nothing."""
    locked = Authorisation.objects.select_for_update().select_related("community").get(pk=authorisation.pk)
    office = require_office(by, Office.SECRETARY, Office.DIRECTOR, unit=locked.community, now=now)
    if locked.revoked_at is None:
        locked.revoked_at = now or clock.now()
        locked.save(update_fields=["revoked_at"])
        ledger.record(
            by=by,
            office=office,
            act="revoke_authorisation",
            subject=locked,
            reason=one_line(reason, "reason", _LONGEST),
            now=now,
        )
    authorisation.revoked_at = locked.revoked_at
    return locked


@transaction.atomic
def rest_on_authorisation(
    ballot: Ballot, authorisation: Authorisation, *, by: Actor, reason: str, now: dt.datetime | None = None
) -> Ballot:
    """Say which authorisation a draft of the representatives' meeting rests on, and why it covers the matter.

    Needed where the words of the two do not show it. By secretary or director; the reason stands in the ledger. Raises
    WrongStage once the ballot is open, BadInput for an authorisation of elsewhere or not in force.
    """
    locked = Ballot.objects.select_for_update().select_related("community").get(pk=ballot.pk)
    office = require_office(by, Office.SECRETARY, Office.DIRECTOR, unit=locked.community, now=now)
    line = one_line(reason, "reason", _LONGEST)
    if locked.phase != Phase.DRAFT:
        raise WrongStage(_("表决开始后不能再改所依据的授权。"), code="not_draft")
    in_force = authorisations_in_force(locked.community, today=clock.local_date(now))
    if not in_force.filter(pk=authorisation.pk).exists():
        raise BadInput(_("这份授权不属于本社区，或者不在有效期内。"), field="authorisation")
    if locked.authorisation_id != authorisation.pk:
        before = locked.authorisation_id
        locked.authorisation = authorisation
        locked.save(update_fields=["authorisation"])
        ledger.record(
            by=by, office=office, act="rest_on_authorisation", subject=locked, before={"authorisation": before},
            after={"authorisation": authorisation.pk, "matter": authorisation.matter}, reason=line, now=now,
        )  # fmt: skip
    ballot.authorisation = authorisation
    return locked


@transaction.atomic
def join_ballots(ballots: Sequence[Ballot], *, title: str, by: Actor, now: dt.datetime | None = None) -> Motion:
    """Make drafts of one community the ballots of one motion, which passes only when each of them does.

    By who conducts each of them. Raises NotAllowed, WrongStage once one is open, BadInput for fewer than two, for two
    communities, for one that has a motion.
    """
    locked = list(
        Ballot.objects.select_for_update(of=("self",))
        .select_related("community")
        .filter(pk__in=[b.pk for b in ballots])
        .order_by("pk")
    )
    offices = [require_conductor(by, Act.CREATE, ballot, now=now) for ballot in locked]
    if len(locked) < 2:  # noqa: PLR2004 - one ballot needs no motion
        raise BadInput(_("共同事项至少有两项不同的表决。"), field="ballots")
    if len({ballot.community_id for ballot in locked}) > 1:
        raise BadInput(_("这些表决不在同一社区。"), field="ballots")
    if any(ballot.motion_id is not None for ballot in locked):
        raise BadInput(_("有表决已经属于别的共同事项。"), field="ballots")
    if any(ballot.phase != Phase.DRAFT for ballot in locked):
        raise WrongStage(_("表决开始后不能再与别的表决合为共同事项。"), code="not_draft")
    motion = Motion.objects.create(community=locked[0].community, title=one_line(title, "title", _LONGEST))
    Ballot.objects.filter(pk__in=[ballot.pk for ballot in locked]).update(motion=motion)
    for ballot in ballots:
        ballot.motion = motion
    ledger.record(
        by=by, act="join_ballots", office=offices[0], subject=motion,
        after={"title": motion.title, "ballots": [b.pk for b in locked]}, now=now,
    )  # fmt: skip
    return motion
