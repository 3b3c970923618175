"""What a ballot is made of before it is stored: entries of its roll and questions, checked and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from community import codes as printed
from community.models import Household, Owner, User
from core.errors import BadInput
from core.measure import MAX_AREA
from voting import methods, rules
from voting.models import Ballot, BallotKind, Item, Method, Option, OptionCount, Voter

MAX_HEADS = 1_000_000


@dataclass(frozen=True, slots=True)
class VoterDraft:
    """One entry of a roll to be. `heads` in persons, `area` in units of 0.01 m2; a ward's `user` does not vote."""

    name: str
    heads: int = 1
    area: int = 0
    user: User | None = None
    owner: Owner | None = None
    place: str = ""
    guardian: User | None = None
    guardian_name: str = ""
    household: Household | None = None


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One question to be. `options` are the labels of its own options; 反对 and 弃权 are always added."""

    title: str
    method: str = Method.FOR_AGAINST
    options: Sequence[str] = ()
    form: Mapping[str, int] = field(default_factory=dict)


def item_draft(item: ItemDraft | Mapping[str, Any], path: str) -> ItemDraft:
    """Return a question that makes sense. Raises BadInput naming the field under `path`."""
    if not isinstance(item, ItemDraft):
        item = _as_draft(item, path)
    line_of_text(item.title, f"{path}.title", 300)
    if not isinstance(item.options, list | tuple) or len(item.options) > methods.MAX_OPTIONS:
        raise BadInput(_("选项须为列表。"), field=f"{path}.options")
    for place, label in enumerate(item.options):
        line_of_text(label, f"{path}.options[{place}]", 200)
    if len(set(item.options)) != len(item.options):
        raise BadInput(_("选项重复。"), field=f"{path}.options")
    if bool(item.options) == (item.method == Method.FOR_AGAINST):
        raise BadInput(_("同意/反对的事项没有自己的选项，其他方法至少有一个选项。"), field=f"{path}.options")
    if not isinstance(item.form, Mapping) or not isinstance(item.method, str):
        raise BadInput(_("须为对象。"), field=f"{path}.form")
    try:
        form = methods.settings_of(item.method, item.form, len(item.options))
    except methods.BadForm as error:
        raise BadInput(_("事项的设置不对。"), field=f"{path}.{error}") from None
    return ItemDraft(item.title, item.method, item.options, form)


def _as_draft(item: Any, path: str) -> ItemDraft:
    if not isinstance(item, Mapping):
        raise BadInput(_("须为对象。"), field=path)
    for key in item:
        if key not in {"title", "method", "options", "form"}:
            raise BadInput(_("没有这一项。"), field=f"{path}.{str(key)[:40]}")
    if "title" not in item:
        raise BadInput(_("缺少标题。"), field=f"{path}.title")
    return ItemDraft(**item)


def store_items(ballot: Ballot, drafts: Sequence[ItemDraft]) -> None:
    """Store questions with their options and empty counts."""
    items = Item.objects.bulk_create(
        Item(ballot=ballot, position=place, title=draft.title, method=draft.method, form=dict(draft.form))
        for place, draft in enumerate(drafts, start=1)
    )
    options, counts = [], []
    for item, draft in zip(items, drafts, strict=True):
        pairs = methods.option_keys(draft.method, draft.options)
        options += [
            Option(item=item, key=key, label=label, position=place) for place, (key, label) in enumerate(pairs, start=1)
        ]
        keys = [*(key for key, _label in pairs), methods.INVALID, methods.EVERYBODY]
        counts += [OptionCount(item=item, key=key) for key in keys]
    Option.objects.bulk_create(options)
    OptionCount.objects.bulk_create(counts)


def store_voters(ballot: Ballot, voters: Sequence[VoterDraft], *, issue_codes: bool) -> dict[int, str]:
    """Store entries of a roll; return their printed codes by voter id. Raises BadInput naming the entry's field."""
    rows, issued = [], []
    users: set[int] = set()
    for place, draft in enumerate(voters):
        path = f"voters[{place}]"
        line_of_text(draft.name, f"{path}.name", 100)
        line_of_text(draft.place, f"{path}.place", 100, empty=True)
        if type(draft.heads) is not int or not 1 <= draft.heads <= MAX_HEADS:
            raise BadInput(_("人数须为正整数。"), field=f"{path}.heads")
        if type(draft.area) is not int or not 0 <= draft.area <= MAX_AREA:
            raise BadInput(_("面积不对。"), field=f"{path}.area")
        line_of_text(draft.guardian_name, f"{path}.guardian_name", 50, empty=True)
        user = None if draft.guardian_name else draft.user
        if user is not None:
            if user.pk in users:
                raise BadInput(_("同一人在名册上出现两次。"), field=f"{path}.user")
            users.add(user.pk)
        code = printed.new_code() if issue_codes else ""
        issued.append(code)
        rows.append(
            Voter(
                ballot=ballot, user=user, owner=draft.owner, name=draft.name, place=draft.place,
                guardian=draft.guardian, guardian_name=draft.guardian_name, household=draft.household,
                heads=draft.heads, area=draft.area, code_hash=printed.hash_code(code) if code else None,
            )
        )  # fmt: skip
    stored = Voter.objects.bulk_create(rows)
    return {voter.pk: code for voter, code in zip(stored, issued, strict=True) if code}


def refuse_uncountable(
    ballot: Ballot, drafts: Sequence[ItemDraft | Item], voters: Sequence[VoterDraft | Voter]
) -> None:
    """Refuse a secret ranking by unequal weights: it is not a sum, so kept without weights it cannot be counted."""
    if ballot.kind != BallotKind.SECRET or len({(v.heads, v.area) for v in voters}) == 1:
        return
    for place, draft in enumerate(drafts):
        if draft.method == Method.RANKING:
            raise BadInput(_("票权不同的无记名表决不能用排序。"), field=f"items[{place}].method")


def refuse_unfit(key: str, scope: str, field: str) -> None:
    """Refuse a rule of the catalogue that is not made for the electorate `scope`. Raises BadInput naming `field`."""
    entry = next((one for one in rules.ENTRIES if one["key"] == key), None)
    if entry is not None and not rules.fits(key, scope):
        raise BadInput(
            _("“%(rule)s”由%(who)s进行，这次的表决人不同，请另选规则。")
            % {"rule": entry["title"]["zh"], "who": entry["electorate"]},
            field=field,
        )


def line_of_text(value: Any, field: str, most: int, *, empty: bool = False) -> None:
    """Refuse what is not one line of 1 to `most` characters (`empty`: or none). Raises BadInput naming `field`."""
    if not isinstance(value, str) or len(value) > most or not value.isprintable() or not (value.strip() or empty):
        raise BadInput(_("须为 1 至 %(most)d 个字的一行文字。") % {"most": most}, field=field)
