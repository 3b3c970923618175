"""Who decides on a proposal and by which rule; the roll, built from the register and posted for objections."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from community.models import Unit
from community.queries import place_name
from core.actors import Actor
from core.canonical import sha256_hex
from core.errors import BadInput, WrongStage
from core.masking import distinguish, mask_name, mask_place
from core.measure import format_area
from deliberation.models import Electorate, Proposal, Purpose
from deliberation.operations.acting import acting
from deliberation.operations.notices import facts_hash, notice_title, post_notice
from publish.models import Notice
from voting import electorates
from voting.operations import VoterDraft
from voting.rules import BadNumbers, rule_of


def place_of_roll(proposal: Proposal, electorate: str) -> Unit:
    """Return where the roll of an electorate is drawn: the representatives are the community's, others the place's."""
    return proposal.community if electorate == Electorate.REPRESENTATIVES else proposal.unit


def roll_of_proposal(proposal: Proposal, electorate: str = "") -> list[VoterDraft]:
    """Return the voters of the proposal's electorate, or of another, at its place. Raises WrongStage when nobody is."""
    scope = electorate or proposal.electorate
    voters = electorates.draw(scope, place_of_roll(proposal, scope))
    if not voters:
        raise WrongStage(_("登记册里没有可以表决的人，请先导入名册。"))
    return voters


def choose_rule(
    proposal: Proposal,
    *,
    by: Actor,
    rule: str,
    electorate: str,
    more_rules: Sequence[str] = (),
    second_rule: str = "",
    second_electorate: str = "",
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Choose the decision rule (a key of the catalogue) and who decides: owners, adults, households, representatives.

    With `more_rules` the same votes must also pass by each of them. With `second_rule` and `second_electorate` another
    body must agree too: it gets a ballot of its own, and the matter passes when both do. Raises BadInput naming the
    field.
    """
    keys = [_rule_key(one, "rule" if place == 0 else "more_rules") for place, one in enumerate([rule, *more_rules])]
    if len(set(keys)) != len(keys):
        raise BadInput(_("同一条规则出现两次。"), field="more_rules")
    if electorate not in Electorate.values:
        raise BadInput(_("请选择由谁表决：业主、居民、户代表或居民代表。"), field="electorate")
    if bool(second_rule) != bool(second_electorate):
        raise BadInput(
            _("另一表决的规则和表决人须一起选定。"), field="second_rule" if second_electorate else "second_electorate"
        )
    if second_rule:
        second_rule = _rule_key(second_rule, "second_rule")
        if second_electorate not in Electorate.values or second_electorate == electorate:
            raise BadInput(_("另一表决须由另外的人表决。"), field="second_electorate")
    with acting(
        proposal,
        by=by,
        act="choose_rule",
        expected_version=expected_version,
        now=now,
    ) as (locked, done):
        locked.rule, locked.electorate, locked.more_rules = keys[0], electorate, keys[1:]
        locked.second_rule, locked.second_electorate = second_rule, second_electorate
        done.facts = {"rule": locked.rule, "electorate": electorate, "more_rules": locked.more_rules}
        if second_rule:
            done.facts |= {"second_rule": second_rule, "second_electorate": second_electorate}
    return locked


def _rule_key(rule: object, field: str) -> str:
    try:
        return str(rule_of(rule if isinstance(rule, str) else "").entry["key"])
    except BadNumbers as error:
        raise BadInput(_("没有这条表决规则。"), field=field) from error


def publish_roll(
    proposal: Proposal,
    *,
    by: Actor,
    days: int | None = None,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Notice:
    """Post the masked roll of those who will decide, for objections."""
    with acting(
        proposal,
        by=by,
        act="publish_roll",
        expected_version=expected_version,
        now=now,
    ) as (locked, done):
        if not locked.electorate:
            raise WrongStage(_("还没有确定由谁表决，不能公示名册。"))
        parts = [(one, roll_of_proposal(locked, one)) for one in (locked.electorate, locked.second_electorate) if one]
        voters = [voter for _one, roll in parts for voter in roll]
        names = distinguish([voter.name for voter in voters])
        bodies = [one for one, roll in parts for _voter in roll]
        with_area = Electorate.OWNERS in {locked.electorate, locked.second_electorate}
        facts: dict[str, Any] = {
            "title": notice_title("关于", locked.title, "表决人名册的公示"),
            "addressee": "全体居民",
            "matter": locked.title,
            "scope": place_name(locked.unit),
            "total_heads": sum(voter.heads for voter in voters),
            "total_area": format_area(sum(voter.area for voter in voters)) if with_area else "",
            "counting": _counting(parts),
            "entries": [
                {
                    "place": mask_place(voter.place),
                    "name": name,
                    "heads": voter.heads,
                    "area": format_area(voter.area) if body == Electorate.OWNERS else "",
                    "note": _roll_note(voter, Electorate(body) if len(parts) > 1 else None),
                }
                for voter, name, body in zip(voters, names, bodies, strict=True)
            ],
            "roll_hash": sha256_hex([[v.name, v.place, v.heads, v.area] for v in voters]),
        }
        notice = post_notice(locked, Purpose.ROLL, kind="roll", facts=facts, by=by, days=days, now=now)
        done.document_hash = facts_hash(notice)
        done.facts = {"notice": notice.pk, "heads": facts["total_heads"]}
    return notice


def _roll_note(voter: VoterDraft, body: Electorate | None) -> str:
    """Return what stands beside a voter on the posted roll: whose vote it is of several, and who votes for a ward."""
    said = [str(body.label)] if body is not None else []
    if voter.guardian_name:
        said.append(f"由监护人{mask_name(voter.guardian_name)}代为表决")
    return "；".join(said)


_COUNTING = {
    Electorate.OWNERS: ["同一业主有多套房屋的按一人计算，面积合并计算。", "车位、储藏间不计入专有部分面积。"],
    Electorate.ADULTS: ["十八周岁以上的居民每人按一人计算。"],
    Electorate.HOUSEHOLDS: ["每户推举一名代表，按一人计算。"],
    Electorate.REPRESENTATIVES: ["居民代表会议由居民代表和居民委员会成员组成，每人按一人计算。"],
}


def _counting(parts: Sequence[tuple[str, Sequence[VoterDraft]]]) -> list[str]:
    lines = [line for electorate, _roll in parts for line in _COUNTING[Electorate(electorate)]]
    if len(parts) > 1:
        heads = "，".join(f"{Electorate(one).label}{sum(v.heads for v in roll)}人" for one, roll in parts)
        lines.append(f"本事项须由{len(parts)}项表决全部通过：{heads}。")
    return lines
