"""Who decides on a proposal and by which rule; the roll, built from the register and posted for objections."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

from django.utils.translation import gettext as _

from community.queries import place_name
from core.actors import Actor
from core.canonical import sha256_hex
from core.errors import BadInput, WrongStage
from core.masking import distinguish, mask_name, mask_place
from core.measure import format_area
from deliberation.models import Electorate, NoticeLink, PartyStep, PostedRoll, Proposal, Purpose
from deliberation.operations.acting import acting
from deliberation.operations.notices import facts_hash, notice_title, post_notice
from deliberation.queries.decision import place_of_roll
from publish.models import Notice
from voting import electorates
from voting.entries import Differences, Entry, differences, entries_of
from voting.operations import VoterDraft, refuse_unfit
from voting.operations.roll import reason_line
from voting.rules import BadNumbers, rule_of


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
    four_step: bool | None = None,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Proposal:
    """Choose the decision rule (a key of the catalogue) and who decides: owners, adults, households, representatives.

    With `more_rules` the same votes must also pass by each of them. With `second_rule` and `second_electorate` another
    body must agree too: it gets a ballot of its own, and the matter passes when both do. `four_step` declares that the
    matter goes through 四议两公开: its party steps must be recorded before it may be voted on; None leaves it as it is.
    Raises BadInput naming the field.
    """
    keys = [_rule_key(one, "rule" if place == 0 else "more_rules") for place, one in enumerate([rule, *more_rules])]
    if len(set(keys)) != len(keys):
        raise BadInput(_("同一条规则出现两次。"), field="more_rules")
    if electorate not in Electorate.values:
        raise BadInput(_("请选择由谁表决：业主、居民、户代表或居民代表。"), field="electorate")
    for place, key in enumerate(keys):
        refuse_unfit(key, electorate, "more_rules" if place else "rule")
    if bool(second_rule) != bool(second_electorate):
        raise BadInput(
            _("另一表决的规则和表决人须一起选定。"), field="second_rule" if second_electorate else "second_electorate"
        )
    if second_rule:
        second_rule = _rule_key(second_rule, "second_rule")
        if second_electorate not in Electorate.values or second_electorate == electorate:
            raise BadInput(_("另一表决须由另外的人表决。"), field="second_electorate")
        refuse_unfit(second_rule, second_electorate, "second_rule")
    with acting(
        proposal,
        by=by,
        act="choose_rule",
        expected_version=expected_version,
        now=now,
    ) as (locked, done):
        locked.rule, locked.electorate, locked.more_rules = keys[0], electorate, keys[1:]
        locked.second_rule, locked.second_electorate = second_rule, second_electorate
        if four_step is False and PartyStep.objects.filter(plan__proposal=locked).exists():
            raise BadInput(_("已经记录了四议两公开的步骤，不能改为不按四议两公开办理。"), field="four_step")
        locked.four_step = locked.four_step if four_step is None else four_step
        done.facts = {
            "rule": locked.rule, "electorate": electorate, "more_rules": locked.more_rules,
            "four_step": locked.four_step,
        }  # fmt: skip
        if second_rule:
            done.facts |= {"second_rule": second_rule, "second_electorate": second_electorate}
    return locked


def _rule_key(rule: object, field: str) -> str:
    try:
        return str(rule_of(rule if isinstance(rule, str) else "").entry["key"])
    except BadNumbers as error:
        raise BadInput(_("没有这条表决规则。"), field=field) from error


Rolls = Mapping[str, Sequence[VoterDraft]]


def roll_facts(proposal: Proposal, rolls: Rolls) -> dict[str, Any]:
    """Return the facts of the notice that posts these rolls, masked."""
    parts = list(rolls.items())
    voters = [voter for _one, roll in parts for voter in roll]
    names = distinguish([voter.name for voter in voters])
    bodies = [one for one, roll in parts for _voter in roll]
    with_area = Electorate.OWNERS in {proposal.electorate, proposal.second_electorate}
    return {
        "title": notice_title("关于", proposal.title, "表决人名册的公示"),
        "addressee": "全体居民",
        "matter": proposal.title,
        "scope": place_name(proposal.unit),
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
        "roll_hash": _hash_of(parts),
    }


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
        rolls = rolls_of_proposal(locked)
        facts = roll_facts(locked, rolls)
        notice = post_notice(
            locked, Purpose.ROLL, kind="roll", facts=facts, by=by, electorates=locked.electorates, days=days, now=now
        )
        link = NoticeLink.objects.get(proposal=locked, notice=notice)
        PostedRoll.objects.create(
            link=link, lines=[[one, *astuple(entry)] for one, roll in rolls.items() for entry in entries_of(roll)]
        )
        done.document_hash = facts_hash(notice)
        done.facts = {"notice": notice.pk, "heads": facts["total_heads"]}
    return notice


def rolls_of_proposal(proposal: Proposal) -> Rolls:
    """Return the rolls of those who decide, by electorate, as the register gives them now. Raises WrongStage."""
    return {one: roll_of_proposal(proposal, one) for one in proposal.electorates.split("+")}


def changes_since_posting(proposal: Proposal, rolls: Rolls) -> dict[str, Differences]:
    """Return in what `rolls` differ from the roll that was posted for objections, by electorate; {} when in nothing.

    The marks (甲), (乙) of the posted names are no part of them. Two queries.
    """
    posted = PostedRoll.objects.filter(link__proposal=proposal, link__electorates=proposal.electorates)
    last = posted.select_related("link__notice").order_by("-link_id").first()
    if last is not None and last.link.notice.facts.get("roll_hash") == _hash_of(list(rolls.items())):
        return {}
    before = [(line[0], Entry(*line[1:])) for line in (last.lines if last is not None else [])]
    found = {
        one: differences([entry for body, entry in before if body == one], entries_of(roll))
        for one, roll in rolls.items()
    }
    return {one: changed for one, changed in found.items() if changed.total}


def require_posted_roll(changes: Mapping[str, Differences], reason: str) -> str:
    """Return the reason for which the vote is called on another roll than the posted one, "" where they are the same.

    Raises BadInput saying how many lines differ and what can be done, while no reason is given.
    """
    if not changes:
        return ""
    if reason.strip():
        return reason_line(reason, "roll_reason")
    raise BadInput(
        _(
            "登记册在名册公示之后有变动，与公示的名册有%(total)d处不同：增加%(added)d人，去除%(removed)d人，"
            "更正%(corrected)d人。请写明不同的理由，理由记入台账；或者退回修改方案，重新公示名册。"
        )
        % {
            "total": sum(one.total for one in changes.values()),
            "added": sum(len(one.added) for one in changes.values()),
            "removed": sum(len(one.removed) for one in changes.values()),
            "corrected": sum(len(one.corrected) for one in changes.values()),
        },
        field="roll_reason",
        code="roll_differs",
    )


def _hash_of(parts: Sequence[tuple[str, Sequence[VoterDraft]]]) -> str:
    """Return the hash of a roll to be posted: of who decides with which weight, in whichever order they are drawn."""
    return sha256_hex(
        sorted([one, v.name, v.place, v.heads, v.area, v.guardian_name] for one, roll in parts for v in roll)
    )


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
