"""The page of those around a ballot: proxies, published with masked names, and the tellers named ahead."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.models import User
from community.rules import offices_at
from core.errors import BadInput, NotAllowed, NotFound, Refused
from core.masking import distinguish
from core.web import page_errors
from publish.queries import latest_about
from voting.forms_people import ProxyForm, TellersForm
from voting.live.access import ballot_key
from voting.models import Ballot, Phase, Proxy, Voter
from voting.operations.proxy import lodge_proxy, revoke_proxy
from voting.operations.teller import name_tellers, people_named
from voting.persons import DESK_OFFICES, masked_pairs, proxies_of, tellers_needed, tellers_of, voters_named
from voting.views_paper import InvalidForm, ballot_named, cleaned, officer_of


@never_cache
@require_http_methods(["GET", "POST"])
@page_errors
def people_page(request: HttpRequest, ballot_id: str) -> HttpResponse:
    """Show proxies and tellers to everybody; let the office lodge and revoke powers and name tellers."""
    ballot = ballot_named(ballot_id)
    is_desk = not offices_at(request.user, ballot.community).isdisjoint(DESK_OFFICES)
    shown: dict[str, forms.Form] = {
        "proxy": ProxyForm(initial={"powers": _("代为表决全部事项")}),
        "tellers": TellersForm(),
    }
    status = 200
    if request.method == "POST":
        if not is_desk:
            raise NotAllowed(_("只有居委会工作人员可以这样做。"))
        try:
            messages.success(request, _act(request, ballot, shown))
            return redirect("voting:people", ballot_id=ballot.pk)
        except InvalidForm:
            status = 422
        except Refused as refused:
            messages.error(request, str(refused))
            status = refused.status
    return render(request, "voting/people.html", _context(ballot, shown, is_desk=is_desk), status=status)


def _act(request: HttpRequest, ballot: Ballot, shown: dict[str, forms.Form]) -> str:
    act = request.POST.get("act", "")
    if act == "lodge":
        return _lodge(request, ballot, shown)
    if act == "name":
        said = cleaned(shown, "tellers", TellersForm(request.POST))
        words = [line.strip() for line in said["tellers"].splitlines() if line.strip()]
        people = people_named(words, at=ballot.community)
        if unknown := [one for one in people if isinstance(one, str)]:
            raise NotFound(_("没有叫%(name)s的账号。") % {"name": unknown[0][:40]})
        name_tellers(ballot, tellers=[one for one in people if isinstance(one, User)], by=officer_of(request))
        return _("监票人、计票人已指定。")
    if act == "revoke":
        key = ballot_key(request.POST.get("proxy", ""))
        proxy = Proxy.objects.filter(ballot=ballot, pk=key).first() if key is not None else None
        if proxy is None:
            raise NotFound
        revoke_proxy(proxy, by=officer_of(request))
        return _("委托已撤销。")
    raise BadInput(_("没有这样的操作。"), field="act")


def _lodge(request: HttpRequest, ballot: Ballot, shown: dict[str, forms.Form]) -> str:
    said = cleaned(shown, "proxy", ProxyForm(request.POST))
    principal = _only(voters_named(ballot, said["principal"]), said["principal"])
    if principal is None:
        raise NotFound(_("名册上没有“%(mark)s”。") % {"mark": said["principal"][:40]})
    holder = _only(voters_named(ballot, said["holder"]), said["holder"])
    outside = User.objects.filter(username=said["holder"], is_active=True).first() if holder is None else None
    if holder is None and outside is None:
        raise NotFound(_("名册上没有“%(mark)s”，也没有这个用户名。") % {"mark": said["holder"][:40]})
    lodge_proxy(
        ballot, principal=principal, holder=holder, holder_user=outside, powers=said["powers"],
        instructions=said["instructions"], valid_until=said["valid_until"], by=officer_of(request),
    )  # fmt: skip
    return _("委托书已收下。")


def _only(found: list[Voter], mark: str) -> Voter | None:
    if len(found) > 1:
        raise BadInput(_("名册上有几位%(mark)s，请填名册号。") % {"mark": mark[:40]}, field="principal")
    return found[0] if found else None


def _context(ballot: Ballot, shown: dict[str, forms.Form], *, is_desk: bool) -> dict[str, Any]:
    proxies, tellers = proxies_of(ballot), tellers_of(ballot)
    said = [(one.principal.name, one.holder_name) for one in proxies] if is_desk else masked_pairs(proxies)
    names = [teller.user.actor_name() for teller in tellers]
    return {
        "ballot": ballot,
        "is_desk": is_desk,
        "proxies": [
            {"proxy": proxy, "principal": principal, "holder": holder}
            for proxy, (principal, holder) in zip(proxies, said, strict=True)
        ],
        "allows_proxies": ballot.rule["proxy"]["allowed"],
        "tellers": names if is_desk else distinguish(names),
        "tellers_needed": tellers_needed(ballot),
        "proxy_form": latest_about(ballot, "proxy_form") if is_desk else None,
        "may_lodge": is_desk and ballot.phase == Phase.DRAFT and ballot.rule["proxy"]["allowed"],
        "may_name": is_desk and ballot.phase in {Phase.DRAFT, Phase.OPEN},
        "forms": shown,
    }
