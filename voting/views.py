"""Pages of ballots: the ballot paper for phones, the result, the tellers' page, the landing of printed codes."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from community.models import Ownership, UnitKind, User
from community.queries import full_name
from community.rules import offices_at
from core import clock, qr
from core.errors import NotAllowed, NotFound, Refused
from core.masking import distinguish
from core.web import page_errors
from publish.models import IssuerProfile
from publish.queries import latest_about
from voting.conducting import may_conduct, may_sign, reads_names
from voting.counting import in_the_room
from voting.electorates import SCOPES
from voting.explained import counted_beside, result_context, rule_in_words
from voting.finding import PLAIN_WORDS, own_lines, told, votes_of_receipt
from voting.forms import NUMBERED, SEVERAL, choices_from, field_of
from voting.live import limits
from voting.live.access import ballot_key, person_of, voter_of
from voting.live.reader import own_votes
from voting.live.writer import cast_now
from voting.messages import is_request_id
from voting.methods import PLAIN
from voting.models import Ballot, BallotKind, Channel, Item, Phase, Voter
from voting.occasions import occasion_of
from voting.operations import CastIntent
from voting.operations.cast import CastOutcome, refusal
from voting.operations.paper import PAPER_OFFICES
from voting.operations.teller import certify_when_signed, recount_ballot, sign_count
from voting.paper_sheets import hint_of, limits_of, mark_of
from voting.persons import proxies_of, tellers_of
from voting.queries import counts_are_public, items_voted_on, represented_by, tallies, turnout
from voting.signing import signing_context, signing_history
from voting.special import may_convene
from voting.wording import receipt_note, room_note, turnout_note, voted_note


@never_cache
@require_http_methods(["GET", "POST"])
@page_errors
def ballot_page(request: HttpRequest, ballot_id: str) -> HttpResponse:
    """Show the ballot paper; a posted paper is cast here when the page's script cannot."""
    ballot = _ballot(ballot_id)
    voter = voter_of(request, ballot.pk)
    items = list(ballot.items.prefetch_related("options").order_by("position"))
    outcome, chosen = None, {}
    if request.method == "POST":
        chosen = choices_from(request.POST, items)
        outcome = _cast(request, ballot, chosen)
    was_cast = outcome is not None and outcome.accepted
    was_refused = outcome is not None and not outcome.accepted
    own = own_votes([voter.pk]).get((ballot.pk, voter.pk), {}) if voter else {}
    own_choices = own.get("choices", {})
    voted = items_voted_on(voter) if voter else set()
    principals = represented_by(ballot, voter=voter, user_id=request.user.pk)
    # Whoever votes for others still has papers to fill in after their own vote; the vote itself says whose it is, and
    # their own choice must not stand ticked on a paper for somebody else.
    done = set() if ballot.revisable or principals else voted
    ticked = (chosen if was_refused else {}) if principals else own_choices | chosen
    papers = _papers(ballot, items, ticked, voted=voted, done=done)
    offices = offices_at(request.user, ballot.community)
    so_far = turnout(ballot)
    co_owns = voter is None and _co_owns(request, ballot)
    may_vote = (voter is not None or bool(principals)) and ballot.phase == Phase.OPEN
    context = {
        "ballot": ballot,
        "occasion": occasion_of(ballot),
        "is_called_off": _is_called_off(ballot),
        "voter": voter,
        "principals": principals,
        "papers": papers,
        "turnout": so_far,
        "shows_counts": counts_are_public(ballot),
        "rules": [rule_in_words(entry) for entry in (ballot.rule, *ballot.more_rules)],
        "may_vote": may_vote and not all(paper["locked"] for paper in papers),
        "has_voted": bool(voted),
        "own_words": _said(items, own_choices),
        # After the vote its receipt comes first, and the form is folded under what it is still for.
        "is_folded": not principals and not was_refused and voted == {item.pk for item in items},
        "receipt_note": receipt_note(ballot, by_script=True),
        "sent_note": receipt_note(ballot, by_script=False),
        "voted_note": voted_note(ballot, voter) if voter and voted else "",
        "turnout_note": turnout_note(ballot, eligible=so_far["eligible"], present=_can_vote_now(ballot)),
        "room_note": room_note(ballot, voter, is_done=bool(voted) and not principals),
        "check_url": reverse("voting:result", args=[ballot.pk]) if ballot.phase == Phase.CERTIFIED else "",
        "co_owns": co_owns,
        **_off_the_roll(request, ballot, is_on_it=bool(voter or principals or co_owns)),
        "request_id": str(uuid.uuid4()),
        "outcome": outcome,
        "receipt_qr": qr.data_url(_check_address(request, ballot, outcome.receipt)) if outcome and was_cast else "",
        "outcome_words": _said(items, chosen) if was_cast else "",
        "sign_in": f"{reverse('community:sign_in')}?{urlencode({'next': request.path})}",
        "is_teller": may_sign(request.user, ballot),
        "proxies": proxies_of(ballot),
        "tellers": tellers_of(ballot),
        "may_change_roll": may_conduct(offices, ballot),
        "may_enter_papers": not offices.isdisjoint(PAPER_OFFICES),
    }
    return render(request, "voting/ballot.html", context, status=422 if was_refused else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@page_errors
def result_page(request: HttpRequest, ballot_id: str) -> HttpResponse:
    """Show what was decided, by which numbers and under which article; look a receipt up in the published count.

    The page's script looks in the public file by itself. Only where it cannot is the receipt posted here, never in an
    address, which is logged; nothing is asked about who posts it.
    """
    ballot = _ballot(ballot_id)
    if ballot.result is None:
        messages.info(request, _("表决尚未截止，结果在截止后公布。"))
        return redirect("voting:ballot", ballot_id=ballot.pk)
    context = result_context(ballot) | {"occasion": occasion_of(ballot)}
    in_full = reads_names(request.user, ballot)
    context["signed_by"] = context["result"]["certified_by"]
    if not in_full:
        context["signed_by"] = distinguish(context["signed_by"])
    context["history"] = signing_history(ballot, page=request.GET.get("page"), in_full=in_full)
    context["beside"] = counted_beside(ballot, context)
    context["may_convene"] = bool(context.get("convening")) and may_convene(request.user, ballot)
    context["voter"] = voter_of(request, ballot.pk)
    context["own"] = own_lines(ballot, _own_voters(request, ballot))
    context["has_own_votes"] = any(line.votes for line in context["own"])
    if request.method == "POST" and ballot.phase == Phase.CERTIFIED:
        context["looked_up"] = True
        context["counted"] = votes_of_receipt(ballot, request.POST.get("receipt", "")[:100])
    return render(request, "voting/result.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@page_errors
def certify_page(request: HttpRequest, ballot_id: str) -> HttpResponse:
    """Let a teller read the count sheet and sign it, or say why not."""
    ballot = _ballot(ballot_id)
    if not may_sign(request.user, ballot):
        raise NotAllowed(_("只有监票人、计票人可以确认计票。"))
    if request.method == "POST":
        try:
            if request.POST.get("recount") == "1":
                recount_ballot(ballot, by=request.user)  # type: ignore[arg-type] # an officer is a User
                messages.success(request, _("已重新计票，请监票人、计票人重新签字。"))
                return redirect("voting:certify", ballot_id=ballot.pk)
            agrees = request.POST.get("agrees") == "1"
            sign_count(ballot, by=request.user, agrees=agrees, reason=request.POST.get("reason", "")[:1000])  # type: ignore[arg-type] # an officer is a User
            messages.success(request, _("您的签字已记入。"))
            certify_when_signed(ballot, by=request.user)  # type: ignore[arg-type] # the same
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("voting:certify", ballot_id=ballot.pk)
    context: dict[str, Any] = {"ballot": ballot}
    if ballot.result is not None:
        context |= result_context(ballot) | signing_context(ballot, request.user)  # type: ignore[arg-type] # the same
        context["history"] = signing_history(ballot, page=request.GET.get("page"), in_full=True)
    context["sheet"] = latest_about(ballot, "count_sheet")
    context["may_enter_papers"] = not offices_at(request.user, ballot.community).isdisjoint(PAPER_OFFICES)
    return render(request, "voting/certify.html", context)


@require_GET
def code_landing(_request: HttpRequest, code: str) -> HttpResponse:
    """Lead whoever scans a printed voting code to the door, with the code filled in."""
    return redirect(f"{reverse('community:sign_in')}?{urlencode({'code': code[:40]})}")


@require_GET
def verify_program(_request: HttpRequest) -> FileResponse:
    """Hand over the program that recounts a recount file: the very file that stands in the project."""
    program = (settings.BASE_DIR / "verify.py").open("rb")
    return FileResponse(program, as_attachment=True, filename="verify.py", content_type="text/x-python; charset=utf-8")


def _own_voters(request: HttpRequest, ballot: Ballot) -> list[Voter]:
    """Return whose votes of a named ballot the reader may see: their own, and those of their wards."""
    if ballot.kind == BallotKind.SECRET:
        return []
    own = voter_of(request, ballot.pk)
    wards = Voter.objects.filter(ballot=ballot, guardian=request.user.pk) if request.user.is_authenticated else ()
    return [*([own] if own else []), *wards]


def _is_called_off(ballot: Ballot) -> bool:
    """Return whether its announced time has gone by without it having been opened."""
    return ballot.phase == Phase.DRAFT and ballot.closes_at is not None and ballot.closes_at <= clock.now()


def _can_vote_now(ballot: Ballot) -> int | None:
    """Return the heads a room counts against, None where everybody on the roll may vote from anywhere."""
    if not ballot.in_room or ballot.phase != Phase.OPEN:
        return None
    return sum(heads for heads, _area in in_the_room(ballot, now=clock.now()))


def _off_the_roll(request: HttpRequest, ballot: Ballot, *, is_on_it: bool) -> dict[str, Any]:
    """Return what tells somebody who is signed in that they may not vote: why, and whom to ask. Empty for others."""
    if is_on_it or not request.user.is_authenticated:
        return {}
    scope = SCOPES.get(ballot.scope)
    place = full_name(ballot.drawn_from or ballot.community, since=UnitKind.COMMUNITY)
    office = IssuerProfile.objects.filter(unit=ballot.community).first()
    whom = [office.objection_office or office.full_name, office.objection_phone] if office else [ballot.community.name]
    asked = {"office": _("，电话 ").join(filter(None, whom))}
    early = _("名册在表决开始前可以更正：认为应当列入的，请找%(office)s。")
    late = _("名册在表决开始时已经冻结，这一次不再变动；有疑问请问%(office)s。")
    return {
        "not_on_roll": True,
        "roll_words": _("名册上的是%(place)s的%(scope)s。") % {"place": place, "scope": scope.title}
        if scope
        else _("名册由组织表决的人逐一列出。"),
        "roll_help": (early if ballot.phase == Phase.DRAFT else late) % asked,
    }


def _co_owns(request: HttpRequest, ballot: Ballot) -> bool:
    """Return whether the reader owns something here and another co-owner votes for it."""
    if ballot.scope != "owners" or not isinstance(request.user, User):
        return False
    return Ownership.objects.filter(
        owner__user=request.user, owner__community=ballot.community, is_voter=False
    ).exists()


def _ballot(ballot_id: str) -> Ballot:
    key = ballot_key(ballot_id)
    ballot = (
        Ballot.objects.select_related("community", "drawn_from").filter(pk=key).first() if key is not None else None
    )
    if ballot is None:
        raise NotFound
    return ballot


def _cast(request: HttpRequest, ballot: Ballot, choices: dict[str, Any]) -> CastOutcome:
    person = person_of(request, ballot.pk)
    key = request.POST.get("request", "")
    if not choices or not is_request_id(key):
        return refusal("invalid_choice")
    if not limits.casts.take(person):
        return refusal("throttled")
    return cast_now(
        CastIntent(
            ballot_id=ballot.pk,
            voter_id=person.voter_id,
            request=key,
            choices=choices,
            on_behalf_of=request.POST.get("on_behalf_of") or None,
            channel=Channel.WEB,
            user_id=person.user_id,
        )
    )


def _check_address(request: HttpRequest, ballot: Ballot, receipt: str) -> str:
    """Return where a receipt is looked up; after the # it is never sent to the server."""
    return f"{request.build_absolute_uri(reverse('voting:result', args=[ballot.pk]))}#receipt={receipt}"


def _papers(
    ballot: Ballot, items: list[Item], ticked: dict[str, Any], *, voted: set[int], done: set[int]
) -> list[dict[str, Any]]:
    """Return what the page shows of each item; those of `done` are locked, all are where the ballot is not open."""
    counts = tallies([ballot.pk]).get(ballot.pk, {}) if counts_are_public(ballot) else {}
    return [
        _paper(
            item,
            ticked.get(str(item.pk)),
            counts=counts.get(str(item.pk), {}),
            is_voted=item.pk in voted,
            locked=ballot.phase != Phase.OPEN or item.pk in done,
        )
        for item in items
    ]


def _paper(item: Item, chosen: Any, *, counts: dict[str, Any], is_voted: bool, locked: bool) -> dict[str, Any]:
    options = [
        {
            "key": option.key,
            "label": str(PLAIN_WORDS.get(option.key, option.label)),
            "count": counts.get(option.key, {}).get("heads", 0),
        }
        for option in item.options.all()
    ]
    kind = "several" if item.method in SEVERAL else "numbered" if item.method in NUMBERED else "one"
    own = [option for option in options if option["key"] not in PLAIN]
    for option in own:
        option["chosen"] = mark_of(chosen, option["key"])
    return {
        "id": str(item.pk),
        "name": field_of(item),
        "title": item.title,
        "kind": kind,
        "method": item.method,
        "hint": hint_of(item),
        "limits": limits_of(item),
        "options": options,
        "own": own,
        "plain": [option for option in options if option["key"] in PLAIN] if kind != "one" else [],
        "chosen": chosen,
        "locked": locked,
        "is_voted": is_voted,
    }


def _said(items: list[Item], chosen: dict[str, Any]) -> str:
    """Return the choices in words."""
    words = []
    for item in items:
        choice = chosen.get(str(item.pk))
        if choice is None:
            continue
        said = told(item, choice)
        words.append(_("%(matter)s：%(said)s") % {"matter": item.title, "said": said} if len(items) > 1 else said)
    return _("；").join(words)
