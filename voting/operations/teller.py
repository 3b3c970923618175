"""Tellers are named ahead and sign the count; enough who agree, and nobody who does not, certify it.

Two at least, three where a mobile box went out. A signature belongs to an account: two tellers of one name both sign.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import Office, Unit, User
from community.queries import accounts_in
from community.rules import require_office
from core import clock, ledger
from core.actors import COMMAND_LINE, Actor
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from voting import result
from voting.conducting import may_sign
from voting.evidence import votes_hash, what_was_edited
from voting.models import Ballot, Certification, PaperBatch, Phase, Recusal, Teller
from voting.operations.ballot import copy_fields, end_ballot, lock_ballot, tell_changed
from voting.operations.convening import owe_convening
from voting.persons import DESK_OFFICES, TELLERS, candidate_names, has_stepped_aside, standing_kin, tellers_needed
from voting.signals import ballot_certified

MOST_TELLERS = 30


class CountDisputed(Refused):
    """A teller does not agree with the count."""

    code = "count_disputed"


class CountTamperedWith(Refused):
    """Votes, roll or result are no longer those the ledger saw at closing."""

    code = "count_tampered_with"


class TooFewTellers(Refused):
    """Fewer different tellers have signed than must."""

    code = "too_few_tellers"


class PapersNotReconciled(Refused):
    """Papers were handed out and nobody has said what became of them."""

    code = "papers_not_reconciled"


class VoteIsVoid(Refused):
    """More papers came out of the box than were handed out."""

    code = "vote_is_void"


@transaction.atomic
def name_tellers(ballot: Ballot, *, tellers: Iterable[User], by: Actor, now: dt.datetime | None = None) -> list[Teller]:
    """Name who watches and counts, before closing; from then on only they sign. Naming the same again changes nothing.

    Refused are fewer than two, candidates, who lives with a candidate, and who stepped aside on an item. Raises
    NotAllowed, WrongStage, BadInput.
    """
    moment = now or clock.now()
    locked = Ballot.objects.select_for_update(of=("self",)).select_related("community").get(pk=ballot.pk)
    office = require_office(by, *DESK_OFFICES, unit=locked.community, now=moment)
    people = list({user.pk: user for user in tellers}.values())
    named = {teller.user_id: teller for teller in Teller.objects.filter(ballot=locked)}
    if set(named) == {user.pk for user in people}:
        return list(named.values())
    if locked.phase not in {Phase.DRAFT, Phase.OPEN}:
        raise WrongStage(_("监票人、计票人须在表决截止前指定。"), code="closed")
    if not TELLERS <= len(people) <= MOST_TELLERS:
        raise BadInput(_("至少指定两名监票人、计票人。"), field="tellers")
    for user in people:
        _require_unbiased(locked, user)
    Teller.objects.filter(ballot=locked).exclude(user__in=people).delete()
    Teller.objects.bulk_create(
        Teller(ballot=locked, user=user, named_at=moment) for user in people if user.pk not in named
    )
    ledger.record(
        by=by, act="name_tellers", subject=locked, office=office,
        before={"tellers": sorted(named)}, after={"tellers": sorted(user.pk for user in people)}, now=moment,
    )  # fmt: skip
    return list(Teller.objects.filter(ballot=locked).order_by("pk"))


@transaction.atomic
def recount_ballot(ballot: Ballot, *, by: Actor, now: dt.datetime | None = None) -> Ballot:
    """Count the rows of a closed ballot once more, before it is certified: the answer to a teller who disagrees.

    All signatures fall, disagreement too (the ledger keeps them): every teller signs what was counted now. Raises
    NotAllowed, WrongStage.
    """
    moment = now or clock.now()
    locked = Ballot.objects.select_for_update(of=("self",)).select_related("community").get(pk=ballot.pk)
    office = require_office(by, *DESK_OFFICES, Office.TELLER, unit=locked.community, now=moment)
    if locked.phase != Phase.CLOSED or locked.closed_at is None:
        raise WrongStage(_("只有已截止、尚未确认的表决可以重新计票。"), code="not_closed")
    before = (locked.result or {})["hash"]
    fallen = Certification.objects.filter(ballot=locked).count()
    Certification.objects.filter(ballot=locked).delete()
    early = (locked.result or {}).get("closed_early")
    locked.result = result.make_result(locked, closed_at=locked.closed_at, early=early)
    locked.version += 1
    locked.save(update_fields=["result", "version"])
    ledger.record(
        by=by, act="recount_ballot", subject=locked, office=office, before={"result": before},
        after={"result": locked.result["hash"], "signatures_fallen": fallen, "votes": votes_hash(locked)},
        document_hash=locked.result["hash"], now=moment,
    )  # fmt: skip
    tell_changed(locked)
    copy_fields(locked, ballot)
    return ballot


def people_named(words: Sequence[str], *, at: Unit | None = None) -> list[User | str]:
    """Return the accounts meant by usernames or full names; a name nobody here has stays a name (signed on paper).

    They are looked for among the people of the community `at`: without one, which is the command line's, everywhere.
    Raises BadInput naming the usernames where a name is borne by several accounts.
    """
    found: list[User | str] = []
    known = User.objects.all() if at is None else accounts_in(at)
    for word in words:
        if user := known.filter(username=word).first() if "\x00" not in word else None:
            if not user.is_active:
                raise BadInput(_("%(name)s的账号已停用，不能签字。") % {"name": word}, field="by")
            found.append(user)
            continue
        bearers = list(known.filter(name=word, is_active=True).order_by("username")[:20]) if word else []
        if len(bearers) > 1:
            raise BadInput(
                _("有几个人叫%(name)s，请改用用户名：%(usernames)s。")
                % {"name": word, "usernames": _("、").join(user.username for user in bearers)},
                field="by",
            )
        found.append(bearers[0] if bearers else word)
    return found


@transaction.atomic
def sign_count(
    ballot: Ballot, *, by: User | str, agrees: bool = True, reason: str = "", now: dt.datetime | None = None
) -> Certification:
    """Record one teller's signature under the count of a closed ballot. Signing again replaces the earlier signature.

    `by` is a signed-in person, or the name of somebody who signed on paper. Raises WrongStage before closing and after
    certification, NotAllowed for somebody not named (where nobody is: without the office), a candidate, a candidate's
    household and who stepped aside on an item, BadInput for a disagreement without reason.
    """
    moment = now or clock.now()
    locked = lock_ballot(ballot)
    if isinstance(by, User):
        if not may_sign(by, locked, now=moment):
            raise NotAllowed(_("%(name)s不是本次表决指定的监票人、计票人。") % {"name": by.actor_name()})
        _refuse_handed_key(by, locked)
    return _sign(locked, by, agrees=agrees, reason=reason, now=moment)


@transaction.atomic
def certify_when_signed(ballot: Ballot, *, by: Actor, now: dt.datetime | None = None) -> bool:
    """Certify once enough tellers agree and nobody disagrees, in the name of `by`, who signed last.

    Returns whether it was; until then the signatures alone are what there is. Raises PapersNotReconciled, VoteIsVoid.
    """
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    agreed = list(Certification.objects.filter(ballot=locked).values_list("agrees", flat=True))
    if len(agreed) < tellers_needed(locked) or not all(agreed):
        return False
    certify_ballot(ballot, actor=by, now=now)
    return True


@transaction.atomic
def certify_ballot(
    ballot: Ballot, *, by: Sequence[User | str] = (), actor: Actor | None = None, now: dt.datetime | None = None
) -> Ballot:
    """Certify the count: those in `by` sign, then `tellers_needed` different ones must agree and none disagree.

    The ledger names `actor`, else the first of `by` with an account. An open ballot is closed first. Certifying again
    changes nothing. Raises WrongStage for a draft, TooFewTellers, CountDisputed, CountTamperedWith,
    PapersNotReconciled, VoteIsVoid.
    """
    moment = now or clock.now()
    locked = Ballot.objects.select_for_update().get(pk=ballot.pk)
    if locked.phase == Phase.DRAFT:
        raise WrongStage(_("表决尚未开始，不能确认结果。"), code="not_open")
    if locked.phase != Phase.CERTIFIED:
        actor = actor or next((teller for teller in by if isinstance(teller, User)), COMMAND_LINE)
        agreed = {_mark_of(teller) for teller in by} | {
            teller or name
            for teller, name in Certification.objects.filter(ballot=locked, agrees=True).values_list(
                "teller_id", "teller_name"
            )
        }
        if len(agreed) < (least := tellers_needed(locked)):
            raise TooFewTellers(_("至少 %(least)d 名不同的监票人、计票人签字才能确认。") % {"least": least})
        end_ballot(locked, by=actor, reason="监票人、计票人确认计票时截止", now=moment)
        for teller in by:
            _sign(locked, teller, agrees=True, reason="", now=moment)
        if what_was_edited(locked):
            raise CountTamperedWith(
                _("截止后，数据库里的选票、名册或者结果被改动过，与台账不符，不能确认。请先查明，再重新计票。")
            )
        signed = list(Certification.objects.filter(ballot=locked).order_by("pk"))
        if disputed := [one for one in signed if not one.agrees]:
            raise CountDisputed(
                _("%(name)s不同意计票结果：%(reason)s")
                % {"name": disputed[0].teller_name, "reason": disputed[0].reason}
            )
        if PaperBatch.objects.filter(ballot=locked, is_overfull=True).exists():
            raise VoteIsVoid(_("收回的票多于发出的票，本次投票无效，须重新表决。"))
        if PaperBatch.objects.filter(ballot=locked, issued__gt=0, reconciled_at__isnull=True).exists():
            raise PapersNotReconciled(_("发出的纸质票还没有核对：发出须等于收回加未收回，收回须等于有效加无效。"))
        locked.phase, locked.certified_at = Phase.CERTIFIED, moment
        locked.version += 1
        locked.save(update_fields=["phase", "certified_at", "version"])
        ledger.record(
            by=actor,
            act="certify_ballot",
            subject=locked,
            before={"phase": Phase.CLOSED.value},
            after={"phase": Phase.CERTIFIED.value, "tellers": [one.teller_name for one in signed]},
            document_hash=(locked.result or {})["hash"],
            now=moment,
        )
        owe_convening(locked, by=actor, now=moment)
        ballot_certified.owe(ballot=locked)
    copy_fields(locked, ballot)
    return ballot


def _refuse_handed_key(teller: User, ballot: Ballot) -> None:
    """Refuse a teller whose sign-in code the community's staff have printed since the vote began: they may hold it."""
    if ballot.opened_at is None:
        return
    keys = ledger.entries_about(teller).filter(act="issue_sign_in_code", at__gte=ballot.opened_at)
    last = keys.order_by("-sequence").first()  # it ended those before it
    if last is not None and last.office not in {"", Office.SUBDISTRICT_OFFICER}:
        said = _("%(name)s的登录码是表决开始以后由社区发的，不能凭它签字。请由街道重新发码，或者由其他监票人签字。")
        raise NotAllowed(said % {"name": teller.actor_name()}, code="handed_key")


def _sign(ballot: Ballot, by: User | str, *, agrees: bool, reason: str, now: dt.datetime) -> Certification:
    if ballot.phase != Phase.CLOSED or ballot.result is None:
        raise WrongStage(_("只有已截止、尚未确认的表决可以签字。"), code="not_closed")
    name = _name_of(by)
    if not agrees and not reason.strip():
        raise BadInput(_("不同意须写明理由。"), field="reason")
    user = by if isinstance(by, User) else None
    named = set(Teller.objects.filter(ballot=ballot).values_list("user_id", flat=True))
    if named and (user is None or user.pk not in named):
        raise NotAllowed(_("%(name)s不是本次表决指定的监票人、计票人。") % {"name": name})
    if user is not None:
        _require_unbiased(ballot, user)
    elif name in candidate_names(ballot):
        raise NotAllowed(_("候选人不能担任监票人、计票人。"))
    elif Recusal.objects.filter(item__ballot=ballot, voter__name=name).exists():
        raise NotAllowed(_("已回避的人不能担任监票人、计票人。"))
    # Only who signed on paper is known by name alone.
    who = {"teller": user} if user is not None else {"teller": None, "teller_name": name}
    signed, _created = Certification.objects.update_or_create(
        ballot=ballot,
        **who,
        defaults={
            "teller_name": name,
            "agrees": agrees,
            "reason": reason.strip(),
            "result_hash": ballot.result["hash"],
            "at": now,
        },
    )
    ledger.record(
        by=user or COMMAND_LINE,
        act="sign_count",
        subject=ballot,
        after={"teller": name, "agrees": agrees},
        reason=reason.strip(),
        document_hash=ballot.result["hash"],
        now=now,
    )
    return signed


def _require_unbiased(ballot: Ballot, user: User) -> None:
    """Refuse a teller who has a stake: a candidate, somebody of a candidate's household, who stepped aside."""
    if user.actor_name() in candidate_names(ballot):
        raise NotAllowed(_("候选人不能担任监票人、计票人。"))
    if kin := standing_kin(ballot, user):
        raise NotAllowed(_("候选人%(name)s的家人不能担任监票人、计票人。") % {"name": min(kin)})
    if has_stepped_aside(ballot, user):
        raise NotAllowed(_("已回避的人不能担任监票人、计票人。"))


def _mark_of(teller: User | str) -> int | str:
    """Return what tells one signer from another: the account, or the name of who signed on paper."""
    return teller.pk if isinstance(teller, User) else _name_of(teller)


def _name_of(teller: User | str) -> str:
    if isinstance(teller, User):
        name = teller.actor_name().strip()
    else:  # one person must not sign twice by a full-width letter or a space
        plain = unicodedata.normalize("NFKC", teller)
        name = (" " if plain.isascii() else "").join(filter(None, plain.split(" ")))
    if not name or len(name) > 100 or not name.isprintable():  # noqa: PLR2004 - the column
        raise BadInput(_("监票人、计票人的姓名不对。"), field="by")
    return name
