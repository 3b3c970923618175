"""The decision rules of the method as data (docs/rules.md is written from here). Pure.

"以上" includes the number, "过半数", "超过" do not (Civil Code art. 1259). Fractions are text: nothing is ever rounded.
"""

from typing import Any

Entry = dict[str, Any]

_CIVIL_CODE = "民法典"
_RESIDENTS = "城市居民委员会组织法（2025年修订，2026年1月1日起施行）"
_VILLAGERS = "村民委员会组织法"


def _share(measure: str, of: str, fraction: str, *, inclusive: bool, **more: Any) -> Entry:
    return {"measure": measure, "of": of, "fraction": fraction, "inclusive": inclusive, **more}


def _at_least(fraction: str, of: str, *measures: str, **more: Any) -> list[Entry]:
    return [_share(measure, of, fraction, inclusive=True, **more) for measure in measures]


def _more_than(fraction: str, of: str, *measures: str, **more: Any) -> list[Entry]:
    return [_share(measure, of, fraction, inclusive=False, **more) for measure in measures]


def _rule(
    key: str,
    zh: str,
    en: str,
    article: str,
    *,
    quorum: list[Entry],
    passing: list[Entry],
    ballots: tuple[str, ...],
    proxies: int,
    electorate: str,
    conditions: tuple[str, ...] = (),
    silence: str = "none",
) -> Entry:
    return {
        "key": key,
        "title": {"zh": zh, "en": en},
        "article": article,
        "electorate": electorate,
        "quorum": quorum,
        "pass": passing,
        "ballots": list(ballots),
        "proxy": {"allowed": proxies > 0, "cap": proxies},
        "abstain": "participates",
        "invalid": "out",
        "silence": silence,
        "conditions": list(conditions),
    }


_OWNERS = {"ballots": ("named",), "proxies": 3, "electorate": "业主"}
_BOTH = ("area", "heads")
_MEETING = {"counts": "present"}

ENTRIES: tuple[Entry, ...] = (
    _rule(
        "owners_278_ordinary",
        "业主共同决定一般事项",
        "Owners decide an ordinary matter",
        f"{_CIVIL_CODE}第二百七十八条第一款第一项至第五项、第九项和第二款",
        quorum=_at_least("2/3", "eligible", *_BOTH),
        passing=_more_than("1/2", "participating", *_BOTH),
        conditions=("含使用建筑物及其附属设施的维修资金",),
        **_OWNERS,  # type: ignore[arg-type] # one dict of mixed keywords
    ),
    _rule(
        "owners_278_special",
        "业主共同决定重大事项",
        "Owners decide a special matter",
        f"{_CIVIL_CODE}第二百七十八条第一款第六项至第八项和第二款",
        quorum=_at_least("2/3", "eligible", *_BOTH),
        passing=_at_least("3/4", "participating", *_BOTH),
        conditions=("含筹集维修资金、改建重建建筑物及其附属设施、改变共有部分用途或者利用共有部分从事经营活动",),
        **_OWNERS,  # type: ignore[arg-type] # one dict of mixed keywords
    ),
    _rule(
        "owners_unanimous_interested",
        "有利害关系的业主一致同意",
        "All interested owners agree",
        f"{_CIVIL_CODE}第二百七十九条",
        quorum=_at_least("1/1", "eligible", "heads"),
        passing=_at_least("1/1", "eligible", "heads"),
        conditions=("将住宅改变为经营性用房",),
        **_OWNERS,  # type: ignore[arg-type] # one dict of mixed keywords
    ),
    _rule(
        "owners_requisition",
        "业主提议召开业主大会临时会议",
        "Owners requisition an owners' meeting",
        "物业管理条例第十三条",
        quorum=[],
        passing=_at_least("1/5", "eligible", *_BOTH),
        **_OWNERS,  # type: ignore[arg-type] # one dict of mixed keywords
    ),
    _rule(
        "owners_pre2021",
        "全体业主三分之二以上同意（民法典施行前及部分地方规定）",
        "Two thirds of all owners (before 2021 and some local rules)",
        "物业管理条例第十二条第三款（民法典施行前的规定）",
        quorum=[],
        passing=_at_least("2/3", "eligible", *_BOTH),
        **_OWNERS,  # type: ignore[arg-type] # one dict of mixed keywords
    ),
    _rule(
        "owner_reps_negative_consent",
        "公示期内书面反对不足三分之一",
        "Fewer than one third object in writing",
        "业主大会议事规则（地方做法）",
        quorum=[],
        passing=_more_than("1/3", "eligible", *_BOTH, counts="against", below=True),
        conditions=("公示不少于10日", "须业主大会议事规则有此约定", "公示期内没有书面反对的视为同意"),
        silence="consents",
        **_OWNERS,  # type: ignore[arg-type] # one dict of mixed keywords
    ),
    _rule(
        "owners_committee",
        "业主委员会会议决定",
        "Owners' committee decides",
        "业主大会和业主委员会指导规则第三十八条及地方物业管理条例",
        quorum=_more_than("1/2", "eligible", "heads", **_MEETING),
        passing=_more_than("1/2", "eligible", "heads"),
        ballots=("named", "secret"),
        proxies=0,
        electorate="业主委员会委员",
    ),
    _rule(
        "residents_meeting",
        "居民会议决定",
        "Residents' meeting decides",
        f"{_RESIDENTS}第二十七条",
        quorum=_more_than("1/2", "eligible", "heads", **_MEETING),
        passing=_more_than("1/2", "present", "heads"),
        ballots=("named", "secret"),
        proxies=3,
        electorate="十八周岁以上居民或者户代表",
    ),
    _rule(
        "resident_reps_meeting",
        "居民代表会议决定",
        "Residents' representatives' meeting decides",
        f"{_RESIDENTS}第二十八条、第二十九条",
        quorum=_at_least("2/3", "eligible", "heads", **_MEETING),
        passing=_more_than("1/2", "present", "heads"),
        ballots=("named", "secret"),
        proxies=0,
        electorate="居民代表会议成员",
        conditions=("居民代表应占组成人员的五分之四以上", "须有居民会议的授权"),
    ),
    _rule(
        "requisition_residents",
        "居民提议召开居民会议",
        "Residents requisition a residents' meeting",
        f"{_RESIDENTS}第二十六条",
        quorum=[],
        passing=_at_least("1/10", "eligible", "heads"),
        ballots=("named",),
        proxies=0,
        electorate="十八周岁以上居民或者户代表",
    ),
    _rule(
        "requisition_residents_by_reps",
        "居民代表提议召开居民会议",
        "Representatives requisition a residents' meeting",
        f"{_RESIDENTS}第二十六条",
        quorum=[],
        passing=_at_least("1/3", "eligible", "heads"),
        ballots=("named",),
        proxies=0,
        electorate="居民代表",
    ),
    _rule(
        "requisition_reps_meeting",
        "居民代表提议召开居民代表会议",
        "Representatives requisition their meeting",
        f"{_RESIDENTS}第二十八条",
        quorum=[],
        passing=_at_least("1/5", "eligible", "heads"),
        ballots=("named",),
        proxies=0,
        electorate="居民代表",
    ),
    _rule(
        "rc_election",
        "居民委员会选举",
        "Residents' committee election",
        f"{_RESIDENTS}第十九条",
        quorum=_more_than("1/2", "eligible", "heads", counts="cast"),
        passing=_more_than("1/2", "cast", "heads"),
        ballots=("secret",),
        proxies=3,
        electorate="登记参加选举的居民或者户代表",
        conditions=("得票多的当选",),
    ),
    _rule(
        "rc_election_by_reps",
        "居民代表选举居民委员会",
        "Representatives elect the residents' committee",
        f"{_RESIDENTS}第十九条",
        quorum=_more_than("2/3", "eligible", "heads", counts="cast"),
        passing=_more_than("1/2", "cast", "heads"),
        ballots=("secret",),
        proxies=0,
        electorate="居民代表",
        conditions=("得票多的当选",),
    ),
    _rule(
        "rc_runoff",
        "居民委员会另行选举",
        "Residents' committee run-off",
        f"{_RESIDENTS}第十九条",
        quorum=[],
        passing=_at_least("1/3", "cast", "heads"),
        ballots=("secret",),
        proxies=3,
        electorate="登记参加选举的居民、户代表或者居民代表",
        conditions=("得票多的当选",),
    ),
    _rule(
        "rc_recall",
        "罢免居民委员会成员",
        "Recall of a residents' committee member",
        f"{_RESIDENTS}第二十条",
        quorum=_more_than("1/2", "eligible", "heads", counts="cast"),
        passing=_more_than("1/2", "cast", "heads"),
        ballots=("secret",),
        proxies=0,
        electorate="选举居民委员会的居民或者户代表",
        conditions=("须先有法定人数的书面罢免要求",),
    ),
    _rule(
        "rc_recall_by_reps",
        "罢免居民委员会成员（由居民代表选举产生的）",
        "Recall of a member elected by the representatives",
        f"{_RESIDENTS}第十九条、第二十条",
        quorum=_more_than("2/3", "eligible", "heads", counts="cast"),
        passing=_more_than("1/2", "cast", "heads"),
        ballots=("secret",),
        proxies=0,
        electorate="居民代表",
        conditions=("须先有法定人数的书面罢免要求", "与选举时相同：参加的须超过三分之二"),
    ),
    _rule(
        "village_meeting",
        "村民会议决定",
        "Villagers' meeting decides",
        f"{_VILLAGERS}第二十二条",
        quorum=_more_than("1/2", "eligible", "heads", **_MEETING),
        passing=_more_than("1/2", "present", "heads"),
        ballots=("named", "secret"),
        proxies=0,
        electorate="十八周岁以上村民",
    ),
    _rule(
        "village_meeting_households",
        "村民会议决定（户代表）",
        "Villagers' meeting of households decides",
        f"{_VILLAGERS}第二十二条",
        quorum=_at_least("2/3", "eligible", "heads", **_MEETING),
        passing=_more_than("1/2", "present", "heads"),
        ballots=("named", "secret"),
        proxies=0,
        electorate="本村户的代表",
    ),
    _rule(
        "village_reps_meeting",
        "村民代表会议决定",
        "Villagers' representatives' meeting decides",
        f"{_VILLAGERS}第二十六条",
        quorum=_at_least("2/3", "eligible", "heads", **_MEETING),
        passing=_more_than("1/2", "present", "heads"),
        ballots=("named", "secret"),
        proxies=0,
        electorate="村民代表会议组成人员",
    ),
    _rule(
        "party_branch_decision",
        "党支部党员大会决定",
        "Party branch decides",
        "中国共产党支部工作条例（试行）第十一条",
        quorum=_at_least("1/2", "eligible", "heads", **_MEETING),
        passing=_more_than("1/2", "eligible", "heads"),
        ballots=("named", "secret"),
        proxies=0,
        electorate="有表决权的党员",
    ),
    _rule(
        "party_election",
        "党组织选举",
        "Party election",
        "中国共产党基层组织选举工作条例",
        quorum=_at_least("4/5", "eligible", "heads", **_MEETING),
        passing=_more_than("1/2", "present", "heads"),
        ballots=("secret",),
        proxies=0,
        electorate="有选举权的党员",
    ),
    _rule(
        "four_step_party_review",
        "四议两公开党员大会审议",
        "Party members' review of the four-step method",
        "“四议两公开”工作法（党员大会审议）",
        quorum=_at_least("2/3", "eligible", "heads", **_MEETING),
        passing=_at_least("1/2", "eligible", "heads"),
        ballots=("named", "secret"),
        proxies=0,
        electorate="应到会党员",
    ),
)
