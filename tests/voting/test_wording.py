"""Each body reads its own words of the roll, the room and the receipt."""

import pytest
from django.utils import translation

from core.actors import COMMAND_LINE
from tests.voting.factories import cast, make_ballot, open_a_ballot, voters_of
from voting.models import Ballot, Channel, Voter
from voting.operations import open_ballot
from voting.operations.proxy import lodge_proxy
from voting.wording import counted_people, receipt_note, room_note, rule_title, turnout_note, voted_note

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("scope", "rule", "said"),
    [
        (
            "owners",
            "owners_278_ordinary",
            "名册上的业主：一人有几处房屋的按一人算，面积相加；委托别人投票的也算在内，只算一次",
        ),
        ("households", "residents_meeting", "名册上的户代表：一户一名，一户一票；委托别人投票的也算在内，只算一次"),
        ("adults", "residents_meeting", "名册上十八周岁以上的居民：一人一票；委托别人投票的也算在内，只算一次"),
        (
            "representatives",
            "resident_reps_meeting",
            "居民代表会议的组成人员（居民代表和居委会成员）：一人一票；不能委托别人投票",
        ),
        ("elected_representatives", "resident_reps_meeting", "名册上的居民代表：一人一票；不能委托别人投票"),
        ("owners_committee", "owners_committee", "名册上的业主委员会委员：一人一票；不能委托别人投票"),
        ("party_members", "party_branch_decision", "名册上的有表决权的党员：一人一票；不能委托别人投票"),
        (
            "",
            "owners_278_ordinary",
            "名册上有表决权的人：一人有几处房屋的按一人算，面积相加；委托别人投票的也算在内，只算一次",
        ),
        ("", "resident_reps_meeting", "名册上有表决权的人；不能委托别人投票"),
    ],
)
def test_whom_the_roll_counts_is_said_in_the_words_of_the_body(scope: str, rule: str, said: str) -> None:
    ballot = make_ballot(3, rule=rule)
    ballot.scope = scope

    assert counted_people(ballot) == said


def test_in_a_hall_the_number_the_screen_shows_is_said_too() -> None:
    owners, members = make_ballot(3, rule="owners_278_ordinary"), make_ballot(3, rule="resident_reps_meeting")

    assert turnout_note(members, eligible=61, present=None) == "61 人是名册上有表决权的人；不能委托别人投票。"
    assert turnout_note(members, eligible=61, present=46).endswith(
        "现在能投票的 46 人（已经签到的），会场大屏按这个数显示。"
    )
    assert turnout_note(owners, eligible=61, present=46).endswith(
        "现在能投票的 46 人（本人、受托人或者监护人已经签到的），会场大屏按这个数显示。"
    )


def test_who_has_signed_in_or_voted_in_the_hall_is_not_told_to_sign_in() -> None:
    room, anywhere = open_a_ballot(2, in_room=True), open_a_ballot(2)
    here, away = voters_of(room)
    Voter.objects.filter(pk=here.pk).update(present=True)
    here.refresh_from_db()

    said = [room_note(room, voter, is_done=done) for voter, done in ((here, False), (away, True), (away, False))]

    assert said == [
        "现场表决：您已签到，可以投票。",
        "",
        "现场表决：在会场签到以后才能投票。打开这一页时，您还没有签到。",
    ]
    assert room_note(room, None, is_done=False) == "现场表决：在会场签到以后才能投票。"
    assert room_note(anywhere, voters_of(anywhere)[0], is_done=False) == ""


def test_a_receipt_of_a_named_vote_is_not_all_there_is_and_that_of_a_secret_one_is() -> None:
    named, secret = make_ballot(3), make_ballot(3, kind="secret")

    assert receipt_note(named, by_script=True) == (
        "回执号只存在这个浏览器标签页里，关掉就没有了，要留请抄下或复制。没有它也查得到："
        "用同一个账号或表决码登录，随时能在这一页看到自己的选择；结果确认后，在结果页能看到它怎么计入。"
    )
    assert receipt_note(secret, by_script=False) == (
        "请现在抄下回执号：离开这一页就不再显示。这里不留您选了什么，平台也不记回执号是谁的。"
        "拿到回执号的人以后能查到这一票怎么投的，请不要给别人看。"
    )


AGAIN = "用同一个账号或表决码登录，随时能在这一页看到自己的选择；结果确认后，在结果页能看到它怎么计入。"


@pytest.mark.parametrize(
    ("kind", "channel", "said"),
    [
        ("named", Channel.WEB, AGAIN),
        ("named", Channel.PAPER, "这是工作人员录入的纸质票，没有网上的回执号。" + AGAIN),
        ("named", Channel.ASSISTED, "这是工作人员在见证人面前替您录入的票。" + AGAIN),
        ("named", Channel.HAND, "这是会场唱名表决时记下的票，没有网上的回执号。" + AGAIN),
        ("secret", Channel.WEB, "回执号只在投票时用的浏览器标签页里显示。无记名表决，这里不留您选了什么。"),
        ("secret", Channel.PAPER, "这是工作人员录入的纸质票，没有网上的回执号。无记名表决，这里不留您选了什么。"),
    ],
)
def test_who_comes_back_learns_how_the_vote_came_in(kind: str, channel: str, said: str) -> None:
    ballot = open_a_ballot(2, kind=kind)
    voter = voters_of(ballot)[0]
    assert cast(voter, channel=channel).accepted

    assert voted_note(ballot, voter) == said


def test_who_gave_a_power_learns_that_the_holder_has_voted() -> None:
    drafted = make_ballot(3, rule="owners_278_ordinary")
    holder, principal, _other = voters_of(drafted)
    lodge_proxy(drafted, principal=principal, holder=holder, by=COMMAND_LINE)
    ballot: Ballot = open_ballot(drafted, by=COMMAND_LINE)
    assert cast(holder, on_behalf_of=str(principal.pk)).accepted

    assert voted_note(ballot, principal) == f"这是受托人{holder.name}替您投的票。{AGAIN}"


@pytest.mark.parametrize(
    ("titles", "language", "title"),
    [
        ({"zh": "楼栋公约", "en": "House rules"}, "en", "House rules"),
        ({"zh": "楼栋公约", "en": "House rules"}, "zh-hans", "楼栋公约"),
        ({"zh": "楼栋公约"}, "en", "楼栋公约"),
    ],
)
def test_a_rule_is_called_in_the_readers_language_where_it_has_such_a_name(
    titles: dict[str, str], language: str, title: str
) -> None:
    with translation.override(language):
        assert rule_title({"title": titles}) == title
