"""Who makes, opens, closes, repeats, joins and calls off a ballot: judged by the operation itself, whoever calls."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from community.models import Office, Term, Unit, UnitKind, User
from core import clock
from core.errors import NotAllowed
from core.models import LedgerEntry
from deliberation.stages import Status
from tests.deliberation.world import World
from tests.voting.factories import make_ballot, make_unit, open_a_ballot, voters_of
from voting import operations
from voting.models import Ballot, Motion, Phase, Proxy, Recusal

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]

Do = Callable[[Any], object]
RULE = "residents_meeting"


def _officer(office: str, unit: Unit | None = None) -> User:
    user = User.objects.create_user(f"{office}{User.objects.count()}", name="某人")
    Term.objects.create(user=user, office=office, unit=unit or make_unit(), starts_on=clock.local_date())
    return user


def _elsewhere() -> Unit:
    made: Unit = Unit.objects.add_root(
        create_kwargs={"code": "511302001002", "name": "别的社区", "kind": UnitKind.COMMUNITY}
    )
    return made


def _nobody() -> list[Any]:
    """Those who conduct no ballot of the community: wrong offices, another community's, no account at all."""
    closed = _officer(Office.SECRETARY)
    closed.is_active = False
    closed.save(update_fields=["is_active"])
    return [
        _officer(Office.COMMITTEE_MEMBER),
        _officer(Office.SUPERVISION_COMMITTEE),
        _officer(Office.RESIDENT_REPRESENTATIVE),
        _officer(Office.SECRETARY, _elsewhere()),
        User.objects.create_user("resident", name="居民"),
        closed,
        AnonymousUser(),
        None,
        object(),
    ]


def _acts() -> dict[str, Do]:
    """Each act on a ballot of its own, by whoever is given."""
    drafts = [make_ballot(), make_ballot(), make_ballot(), make_ballot()]
    running = open_a_ballot()
    counted = open_a_ballot()
    operations.close_ballot(counted, by=_officer(Office.DIRECTOR))
    return {
        "create": lambda by: make_ballot(by=by),
        "open": lambda by: operations.open_ballot(drafts[0], by=by),
        "close": lambda by: operations.close_ballot(running, by=by),
        "cancel": lambda by: operations.cancel_ballot(drafts[1], by=by, reason="不办了"),
        "join": lambda by: operations.join_ballots(drafts[2:], title="共同", by=by),
        "repeat": lambda by: operations.repeat_ballot(counted, by=by),
    }


@pytest.mark.parametrize("act", ["create", "open", "close", "cancel", "join", "repeat"])
def test_nobody_else_acts_and_nothing_is_stored(act: str) -> None:
    do = _acts()[act]
    strangers = _nobody()
    before = (Ballot.objects.count(), LedgerEntry.objects.count())

    for by in strangers:
        with pytest.raises(NotAllowed, match="只有平城街社区的书记、主任可以这样做"):
            do(by)

    assert (Ballot.objects.count(), LedgerEntry.objects.count()) == before
    assert Motion.objects.count() == 0


@pytest.mark.parametrize("office", [Office.SECRETARY, Office.DIRECTOR])
def test_the_office_acts_and_the_ledger_names_it(office: str) -> None:
    acts = _acts()
    by = _officer(office)

    for do in acts.values():
        do(by)

    mine = LedgerEntry.objects.filter(actor=by).order_by("sequence")
    assert [(entry.act, entry.office) for entry in mine] == [
        ("create_ballot", office),
        ("open_ballot", office),
        ("close_ballot", office),
        ("cancel_ballot", office),
        ("join_ballots", office),
        ("create_ballot", office),
    ]


def test_powers_and_recusals_are_noted_by_the_office_or_oneself() -> None:
    voter = User.objects.create_user("voter", name="居民甲")
    ballot = make_ballot([operations.VoterDraft("居民甲", user=voter), operations.VoterDraft("居民乙")], rule=RULE)
    first, second = voters_of(ballot)
    item = ballot.items.get()

    strangers: list[Any] = [User.objects.create_user("other", name="旁人"), _officer(Office.GRID_WORKER, _elsewhere())]
    for by in (*strangers, None):
        with pytest.raises(NotAllowed):
            operations.lodge_proxy(ballot, principal=first, holder=second, by=by)
        with pytest.raises(NotAllowed):
            operations.recuse(item, first, by=by)
    with pytest.raises(NotAllowed):
        operations.recuse(item, second, by=voter)
    assert (Proxy.objects.count(), Recusal.objects.count()) == (0, 0)

    power = operations.lodge_proxy(ballot, principal=first, holder=second, by=_officer(Office.GRID_WORKER))
    with pytest.raises(NotAllowed):
        operations.revoke_proxy(power, by=voter)
    operations.recuse(item, first, by=voter)

    assert (Proxy.objects.get().revoked_at, Recusal.objects.get().voter) == (None, first)


def test_a_count_is_signed_on_the_page_by_tellers_only() -> None:
    ballot = open_a_ballot()
    operations.close_ballot(ballot, by=_officer(Office.SECRETARY))

    for by in (_officer(Office.SECRETARY), _officer(Office.TELLER, _elsewhere())):
        with pytest.raises(NotAllowed, match="不是本次表决指定的监票人、计票人"):
            operations.sign_count(ballot, by=by)
    operations.sign_count(ballot, by=_officer(Office.TELLER))

    assert ballot.certifications.count() == 1


def test_who_takes_the_moves_of_a_proposal_conducts_its_ballot() -> None:
    world = World()
    world.walk_to(Status.NOTICE_PERIOD)
    ballot = world.p.ballot
    assert ballot is not None
    world.wait(16)

    for by in (world.tellers[0], world.member, world.proposer, world.supervisor):
        with pytest.raises(NotAllowed):
            operations.open_ballot(ballot, by=by, now=world.now)
    world.do(operations.open_ballot, ballot, by=world.facilitator)
    with pytest.raises(NotAllowed):
        operations.close_ballot(ballot, by=world.member, now=world.now)
    world.do(operations.close_ballot, ballot, by=world.tellers[0], reason="都投完了")

    assert Ballot.objects.get(pk=ballot.pk).phase == Phase.CLOSED
    assert list(
        LedgerEntry.objects.filter(act__in=["open_ballot", "close_ballot"]).values_list("office", flat=True)
    ) == [Office.FACILITATOR, Office.TELLER]
