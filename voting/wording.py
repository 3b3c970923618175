"""What the pages of a ballot say in the words of its own body: whom the roll counts, who is in the room, a receipt."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from voting.electorates import SCOPES
from voting.models import Ballot, BallotKind, Channel, Participation, Phase, Vote, Voter
from voting.result import is_by_area

_PEOPLE: Mapping[str, str | Promise] = {
    "owners": gettext_lazy("名册上的业主：一人有几处房屋的按一人算，面积相加"),
    "households": gettext_lazy("名册上的户代表：一户一名，一户一票"),
    "adults": gettext_lazy("名册上十八周岁以上的居民：一人一票"),
    "representatives": gettext_lazy("居民代表会议的组成人员（居民代表和居委会成员）：一人一票"),
    "elected_representatives": gettext_lazy("名册上的居民代表：一人一票"),
}


def rule_title(entry: Mapping[str, Any]) -> str:
    """Return what a rule is called in the reader's language, in Chinese where it has no other name."""
    titles: Mapping[str, str] = entry["title"]
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return titles.get(language) or titles.get("zh", "")


def counted_people(ballot: Ballot) -> str:
    """Return whom the heads of the roll are, each how often, and whether a power counts. No full stop. No query."""
    if ballot.scope in SCOPES:
        body = _("名册上的%(body)s：一人一票") % {"body": SCOPES[ballot.scope].title}
    elif is_by_area({"rule": ballot.rule, "more_rules": ballot.more_rules}):
        body = _("名册上有表决权的人：一人有几处房屋的按一人算，面积相加")
    else:
        body = _("名册上有表决权的人")
    people = _PEOPLE.get(ballot.scope, body)
    powers = _("委托别人投票的也算在内，只算一次") if ballot.rule["proxy"]["allowed"] else _("不能委托别人投票")
    return _("%(people)s；%(powers)s") % {"people": people, "powers": powers}


def turnout_note(ballot: Ballot, *, eligible: int, present: int | None) -> str:
    """Return what the turnout is out of. `present`: the heads that may vote in the room, None: from anywhere."""
    if present is None:
        return _("%(eligible)d 人是%(people)s。") % {"eligible": eligible, "people": counted_people(ballot)}
    who = (
        _("本人、受托人或者监护人已经签到的")
        if ballot.rule["proxy"]["allowed"] or ballot.scope == "owners"
        else _("已经签到的")
    )
    return _("%(eligible)d 人是%(people)s。现在能投票的 %(present)d 人（%(who)s），会场大屏按这个数显示。") % {
        "eligible": eligible,
        "people": counted_people(ballot),
        "present": present,
        "who": who,
    }


def room_note(ballot: Ballot, voter: Voter | None, *, is_done: bool) -> str:
    """Return what the reader must still know of a vote in the hall; "" for one from anywhere and for who `is_done`."""
    if not ballot.in_room or ballot.phase != Phase.OPEN or is_done:
        return ""
    if voter is not None and voter.present:
        return _("现场表决：您已签到，可以投票。")
    rule = _("现场表决：在会场签到以后才能投票。")
    return rule if voter is None else _("%(rule)s打开这一页时，您还没有签到。") % {"rule": rule}


def receipt_note(ballot: Ballot, *, by_script: bool) -> str:
    """Return where a receipt is kept, which only the page's script can, and what it is for."""
    kept = (
        _("回执号只存在这个浏览器标签页里，关掉就没有了，要留请抄下或复制。")
        if by_script
        else _("请现在抄下回执号：离开这一页就不再显示。")
    )
    if ballot.kind == BallotKind.SECRET:
        return kept + _(
            "这里不留您选了什么，平台也不记回执号是谁的。拿到回执号的人以后能查到这一票怎么投的，请不要给别人看。"
        )
    return kept + _("没有它也查得到：%(again)s") % {"again": _again()}


def voted_note(ballot: Ballot, voter: Voter) -> str:
    """Return how the vote of somebody who has voted came in, and how it is found again. One query."""
    if ballot.kind == BallotKind.SECRET:
        took_part = Participation.objects.filter(item__ballot=ballot, voter=voter).first()
        if took_part is not None and took_part.channel == Channel.PAPER:
            return _("这是工作人员录入的纸质票，没有网上的回执号。无记名表决，这里不留您选了什么。")
        return _("回执号只在投票时用的浏览器标签页里显示。无记名表决，这里不留您选了什么。")
    vote = Vote.objects.filter(item__ballot=ballot, voter=voter).select_related("cast_by").order_by("item").first()
    by_channel = {
        Channel.PAPER: _("这是工作人员录入的纸质票，没有网上的回执号。"),
        Channel.ASSISTED: _("这是工作人员在见证人面前替您录入的票。"),
        Channel.HAND: _("这是会场唱名表决时记下的票，没有网上的回执号。"),
    }
    said = by_channel.get(Channel(vote.channel), "") if vote is not None else ""
    if vote is not None and vote.cast_by is not None and vote.cast_by_id != voter.pk:
        said = _("这是受托人%(holder)s替您投的票。") % {"holder": vote.cast_by.name}
    return said + _again()


def _again() -> str:
    return _("用同一个账号或表决码登录，随时能在这一页看到自己的选择；结果确认后，在结果页能看到它怎么计入。")
