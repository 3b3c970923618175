"""Lives of the demonstration that leave the straight road: one not passed, one handed up to the subdistrict."""

from deliberation import operations as ops
from deliberation.demo import steps
from deliberation.demo.steps import DAY, HOUR, Life, Matter, start_of
from deliberation.demo.town import Town


def gate(town: Town) -> Life:
    """门禁: put to the vote and not passed; the result stands on the board."""
    people = town.neighbours["gate"]
    matter = Matter(
        title="平城苑2幢门厅改装人脸识别门禁",
        body="门禁卡常被借来借去，外人随便进。有邻居建议换成刷脸开门，请大家商量。",
        category="safety",
        unit=town.unit("0102"),
        proposer=people[0],
        affected=42,
        stakeholders=people[:8],
        plan="2幢三个单元门各装人脸识别门禁一套，保留门禁卡，人脸信息存在本地、单独取得同意、随时可删，并报街道备案。",
        budget=(("门禁设备三套", "14700.00", "公共收益"), ("安装和三年维护", "3600.00", "公共收益")),
        funds="小区公共收益",
        schedule="表决生效后10日内装好。",
    )
    now = yield start_of(town, 86)
    proposal = steps.propose(town, matter, now)
    now = yield from steps.screen(town, proposal, now)
    for user, (stance, text) in zip(people[1:4], _GATE_OPINIONS, strict=True):
        opinion = ops.give_opinion(proposal, by=user, stance=stance, text=text, now=now)
        ops.answer_opinion(opinion, by=town["secretary"], answer=_GATE_ANSWER, now=now + HOUR)
    now = yield from steps.deliberate_and_settle(
        town, proposal, matter, now, rule="owners_278_ordinary", electorate="owners"
    )
    now = yield max(now, start_of(town, 22))
    now = yield from steps.vote_in_writing(town, proposal, now, days=4)
    now = yield from steps.count(town, proposal, ["for"] * 14 + ["against"] * 15 + ["abstain"] * 3, now)
    return now


_GATE_OPINIONS = (
    ("against", "人脸信息泄露了换不回来，卡丢了补一张就是。"),
    ("for", "半夜有外人上楼，装了放心。"),
    ("against", "老人小孩刷不上怎么办？"),
)
_GATE_ANSWER = "刷脸不会是唯一的进门办法，门禁卡一直可用；信息存在哪里、怎么删，写进方案由大家表决。"


def gully(town: Town) -> Life:
    """雨水管网: decided, but the pipe outside is the city's; handed up to the subdistrict."""
    people = town.neighbours["river"]
    matter = Matter(
        title="滨江小区门前积水治理",
        body="一下大雨小区大门口积水没过脚踝，老人绕路，电动车熄火。请疏通雨水管、加一道截水沟。",
        category="greening",
        unit=town.unit("0401"),
        proposer=people[2],
        affected=64,
        stakeholders=people[2:10],
        picture="gully",
        plan="疏通小区内雨水管120米，大门内侧加截水沟一道，接市政雨水井，并报街道备案。",
        budget=(("管道疏通120米", "9600.00", "公共收益"), ("截水沟和雨水篦子", "7200.00", "公共收益")),
        funds="小区公共收益",
        schedule="20日内完成。",
    )
    now = yield start_of(town, 104)
    proposal = steps.propose(town, matter, now)
    now = yield from steps.screen(town, proposal, now)
    now = yield from steps.deliberate_and_settle(
        town, proposal, matter, now, rule="owners_278_ordinary", electorate="owners"
    )
    now = yield from steps.vote_in_writing(town, proposal, now, days=4)
    now = yield from steps.decide(town, proposal, ["for"] * 46 + ["against"] * 4 + ["abstain"] * 2, now)
    steps.carry_out(town, proposal, (("小区内管道疏通", "member2", 8), ("截水沟施工", "director", 18)), now)
    now = yield max(now + DAY, start_of(town, 3))
    ops.escalate_proposal(
        proposal,
        by=town["secretary"],
        reason_code="beyond_powers",
        reason="小区内管道已疏通，水还是排不走：门外市政雨水井堵塞，社区无权开挖，请街道协调排水管护单位清掏。",
        now=now,
    )
    return now
