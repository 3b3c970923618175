"""The lives of the demonstration: at least one proposal in every stage. Offsets are days before today.

Periods grow around holidays, so each life starts early enough for the longest, waits where it must be on time, and
stands at its stage on whatever day the demonstration is built.
"""

import datetime as dt

from deliberation import operations as ops
from deliberation.demo import steps
from deliberation.demo.detours import gate, gully
from deliberation.demo.steps import DAY, HOUR, Life, Matter, start_of
from deliberation.demo.town import Town
from deliberation.models import Proposal


def lights(town: Town) -> Life:
    """楼道照明: the whole road, archived."""
    people = town.neighbours["shed"]
    matter = Matter(
        title="丝二厂宿舍楼道照明改造",
        body="1至8幢楼道灯大半不亮，老人夜里上下楼摔过跤，请求统一换成声光控节能灯。",
        category="safety",
        unit=town.unit("0301"),
        proposer=people[0],
        affected=36,
        stakeholders=people[:8],
        plan="更换1幢楼道声光控LED灯54盏，更换老化线路，施工期7天，白天作业，并报街道备案。",
        budget=(("声光控LED灯54盏", "3240.00", "公共收益"), ("线路更换与人工", "2860.00", "公共收益")),
        funds="小区公共收益",
        schedule="表决生效后15日内完工。",
    )
    now = yield start_of(town, 150)
    proposal = steps.propose(town, matter, now)
    for user in people[1:7]:
        ops.co_sign_proposal(proposal, by=user, now=now + HOUR)
    now = yield from steps.screen(town, proposal, now)
    now = yield from steps.deliberate_and_settle(
        town, proposal, matter, now, rule="owners_278_ordinary", electorate="owners"
    )
    now = yield from steps.vote_in_writing(town, proposal, now, days=5)
    now = yield from steps.decide(town, proposal, ["for"] * 29 + ["against"] * 2 + ["abstain"], now)
    listed = steps.carry_out(town, proposal, (("采购灯具和线材", "member1", 6), ("施工和验收", "director", 14)), now)
    now = yield now + 13 * DAY
    steps.finish(town, proposal, listed, "5980.00", now)
    now = yield now + 2 * DAY
    steps.rate(proposal, people[:14], now)
    now = yield now + 17 * DAY
    ops.archive_proposal(proposal, by=town["supervisor"], conclusion="居民满意，整理归档。", now=now)
    return now


def shed(town: Town) -> Life:
    """充电棚: carried out, being rated now."""
    people = town.neighbours["shed"]
    matter = Matter(
        title="丝二厂宿舍新建电动自行车充电棚",
        body="电动车飞线充电、推进楼道，隐患很大。请在西侧空地建一个带喷淋的充电棚。",
        category="charging",
        picture="bicycles",
        unit=town.unit("03"),
        proposer=people[9],
        affected=96,
        stakeholders=people[9:18],
        plan="在西侧围墙内建充电棚一座，充电口48个，配喷淋和烟感，限价每度0.8元，并报街道备案。",
        budget=(
            ("棚体和地面硬化", "32600.00", "街道补助"),
            ("充电设备48口", "19200.00", "运营单位投资"),
            ("喷淋和烟感", "8800.00", "公共收益"),
        ),
        funds="街道补助、运营单位投资、小区公共收益",
        schedule="20日内建成。",
    )
    now = yield start_of(town, 128)
    proposal = steps.propose(town, matter, now)
    now = yield from steps.screen(town, proposal, now)
    now = yield from steps.deliberate_and_settle(
        town, proposal, matter, now, rule="owners_278_ordinary", electorate="owners"
    )
    now = yield from steps.vote_in_writing(town, proposal, now, days=4)
    now = yield from steps.decide(town, proposal, ["for"] * 198 + ["against"] * 21 + ["abstain"] * 9, now)
    listed = steps.carry_out(town, proposal, (("招标和签约", "director", 7), ("施工", "member1", 16)), now)
    now = yield max(now + 15 * DAY, start_of(town, 6))
    steps.finish(town, proposal, listed, "58900.00", now)
    now = yield now + 2 * DAY
    steps.rate(proposal, people[10:22], now)
    return now


def fund(town: Town) -> Life:
    """维修资金: decided, being carried out; one task is late."""
    people = town.neighbours["fund"]
    matter = Matter(
        title="使用维修资金修缮果城花园2幢屋面",
        body="2幢顶层雨天渗漏两年，墙面发霉，申请使用专项维修资金重做屋面防水。",
        category="maintenance_fund",
        picture="roof",
        unit=town.unit("0202"),
        proposer=people[3],
        affected=144,
        stakeholders=people[3:12],
        plan="铲除原防水层，重做SBS改性沥青防水两道，质保五年，施工单位公开比选，并报街道备案。",
        budget=(("屋面防水680平方米", "88400.00", "专项维修资金"), ("检测和监理", "6200.00", "专项维修资金")),
        funds="住宅专项维修资金（按专有面积分摊）",
        schedule="雨季前完工，工期25天。",
    )
    now = yield start_of(town, 96)
    proposal = steps.propose(town, matter, now)
    now = yield from steps.screen(town, proposal, now)
    now = yield from steps.deliberate_and_settle(
        town, proposal, matter, now, rule="owners_278_ordinary", electorate="owners"
    )
    now = yield from steps.vote_in_writing(town, proposal, now, days=4)
    now = yield from steps.decide(town, proposal, ["for"] * 96 + ["against"] * 11 + ["abstain"] * 4, now)
    steps.carry_out(
        town,
        proposal,
        (("施工单位比选", "member1", 4), ("签订合同", "director", 20), ("屋面施工", "director", 45)),
        now,
    )
    return now


def lift(town: Town) -> Life:
    """加装电梯: the vote is open now."""
    people = town.neighbours["lift"]
    matter = Matter(
        title="平城苑3幢2单元加装电梯",
        body="本单元七层，60岁以上老人九位，上下楼困难。申请在南侧加装电梯一部，费用按楼层分摊，一楼二楼不出资。",
        category="elevator",
        picture="stairs",
        unit=town.unit("010302"),
        proposer=people[8],
        affected=14,
        stakeholders=people[:9],
        plan="在单元南侧加装一部7层站电梯，井道采用钢结构玻璃幕墙；费用按楼层系数分摊；一、二层不分摊，并报街道备案。",
        budget=(
            ("电梯设备", "198000.00", "业主分摊"),
            ("井道和基础", "236000.00", "业主分摊"),
            ("管线迁改", "46000.00", "政府补助"),
        ),
        funds="业主按楼层系数分摊43.4万元，政府补助4.6万元",
        schedule="规划许可后120日内完工。",
    )
    now = yield start_of(town, 80)
    proposal = steps.propose(town, matter, now)
    for user in people[:5]:
        ops.co_sign_proposal(proposal, by=user, now=now + HOUR)
    now = yield from steps.screen(town, proposal, now)
    for user, (stance, text) in zip(people[:4], _LIFT_OPINIONS, strict=False):
        opinion = ops.give_opinion(proposal, by=user, stance=stance, text=text, now=now)
        if stance == "against":
            ops.answer_opinion(
                opinion,
                by=town["director"],
                answer="井道用玻璃幕墙，采光影响已请设计单位测算，将附在方案里。",
                now=now + HOUR,
            )
    now = yield from steps.deliberate_and_settle(
        town, proposal, matter, now, rule="owners_278_special", electorate="owners"
    )
    now = yield max(now, start_of(town, 18))
    now = yield from steps.vote_in_writing(town, proposal, now, days=12)
    ballot = Proposal.objects.get(pk=proposal.pk).ballot
    if ballot is not None:
        # Nine of fourteen: the reader, signed in as the resident, is the tenth, who makes the quorum.
        others = ballot.voters.exclude(user=town.resident).order_by("id").values_list("pk", flat=True)
        steps.cast(ballot, ["for"] * 8 + ["against"], now + HOUR, voters=list(others))
    return now


_LIFT_OPINIONS = (
    ("for", "我妈八十二了，半年没下过楼，盼着早点装。"),
    ("against", "一楼采光本来就差，井道再一挡更暗，请说明怎么补救。"),
    ("for", "愿意按楼层多出钱。"),
    ("neutral", "想先看看报价和物业费涨多少。"),
)


def waste(town: Town) -> Life:
    """垃圾点位: the representatives meet today and vote in the room."""
    people = town.neighbours["parking"]
    matter = Matter(
        title="调整社区垃圾分类投放点位",
        body="现有两个点位离住户太近、夏天有异味，请重新选点并配洗手池和监控。",
        category="waste",
        unit=town.community,
        proposer=people[2],
        affected=400,
        stakeholders=people[:9],
        plan="撤销平城苑东门点位，在果城花园北侧绿地边新建带洗手池的分类投放点一处，并报街道备案。",
        budget=(("投放亭和洗手池", "26800.00", "街道专项"), ("监控和照明", "5400.00", "公共收益")),
        funds="街道垃圾分类专项、社区公共收益",
        schedule="30日内完成。",
    )
    now = yield start_of(town, 72)
    proposal = steps.propose(town, matter, now)
    now = yield from steps.screen(town, proposal, now)
    now = yield from steps.deliberate_and_settle(
        town, proposal, matter, now, rule="resident_reps_meeting", electorate="representatives"
    )
    starts_at = town.now - 20 * steps.MINUTE
    now = yield max(now, starts_at - 12 * DAY)
    now = yield from steps.meet_and_vote(town, proposal, starts_at, now)
    return now


def parking(town: Town) -> Life:
    """停车: the consultation meets in three days."""
    people = town.neighbours["parking"]
    matter = Matter(
        title="果城花园地面停车位重新划线和收费",
        body="地面车位乱停堵了消防通道，请重新划线、实行先到先停并公开收费去向。",
        category="parking",
        picture="parking",
        unit=town.unit("02"),
        proposer=people[5],
        affected=300,
        stakeholders=people[5:15],
    )
    now = yield start_of(town, 26)
    proposal = steps.propose(town, matter, now)
    for user in people[6:14]:
        ops.co_sign_proposal(proposal, by=user, now=now + HOUR)
    now = yield from steps.screen(town, proposal, now)
    for user, (stance, text) in zip(people[6:9], _PARKING_OPINIONS, strict=True):
        ops.give_opinion(proposal, by=user, stance=stance, text=text, now=now + HOUR)
    now = yield max(now, start_of(town, 2))
    steps.call_session(town, proposal, matter, now + 2 * HOUR, days=5)
    return now


_PARKING_OPINIONS = (
    ("for", "消防通道必须让出来，出过一次险了。"),
    ("against", "收费可以，但先把账公开。"),
    ("for", "访客车应该限时。"),
)


def renovation(town: Town) -> Life:
    """老旧小区改造: the plan stands for comment."""
    people = town.neighbours["shed"]
    matter = Matter(
        title="丝二厂宿舍老旧小区改造",
        body="雨污管网老化、外墙脱落、没有活动场地，请纳入老旧小区改造并征求大家对内容的意见。",
        category="renovation",
        unit=town.unit("03"),
        proposer=people[20],
        affected=288,
        stakeholders=people[20:29],
        plan="雨污分流改造、外墙加固粉刷、北侧空地改建活动场地和适老步道，施工期分两段进行，并报街道备案。",
        budget=(
            ("雨污分流", "860000.00", "中央补助"),
            ("外墙加固粉刷", "1240000.00", "区级配套"),
            ("活动场地和步道", "210000.00", "居民出资和捐赠"),
        ),
        funds="中央补助、区级配套、居民出资",
        schedule="2027年6月前完工。",
    )
    now = yield start_of(town, 38)
    proposal = steps.propose(town, matter, now)
    now = yield from steps.screen(town, proposal, now)
    meeting = steps.call_session(town, proposal, matter, now, days=3)
    now = yield from steps.hold_session(town, proposal, meeting, matter)
    now = yield max(now, start_of(town, 3))
    steps.write_plan(town, proposal, matter, now)
    return now


def newcomers(town: Town) -> Life:
    """新近的提议: one in every state of screening."""
    people, secretary = town.neighbours["fund"], town["secretary"]
    now = yield start_of(town, 12)
    rail = _short(
        town, "给果城花园1幢加装无障碍扶手", "一楼门厅台阶没有扶手，老人和推婴儿车的都不方便。", "elderly", 20, now
    )
    dogs = _short(town, "规范遛狗不牵绳", "早晚遛狗不牵绳，孩子被扑倒过，请订个公约。", "covenant", 21, now + HOUR)
    now = yield now + DAY
    for proposal in (rail, dogs):
        ops.acknowledge_proposal(proposal, by=secretary, now=now)
    now = yield now + DAY
    again = _short(town, "果城花园1幢门厅扶手", "门厅台阶要有扶手。", "elderly", 22, now)
    ops.acknowledge_proposal(again, by=secretary, now=now + HOUR)
    ops.merge_proposals(again, into=rail, by=secretary, reason="与“加装无障碍扶手”是同一事项。", now=now + 2 * HOUR)
    ops.request_supplement(dogs, by=secretary, reason="请补充发生的时间、地点和希望约定的内容。", now=now + 3 * HOUR)
    now = yield now + DAY
    noise = _short(town, "晚上装修噪声扰民", "隔壁晚上九点还在装修，劝说不听。", "other", 23, now)
    ops.acknowledge_proposal(noise, by=secretary, now=now + HOUR)
    ops.transfer_proposal(
        noise, by=secretary, reason_code="mediation", reason="邻里纠纷，转人民调解委员会。", now=now + 2 * HOUR
    )
    rent = _short(town, "要求房东退押金", "租房到期房东不退押金。", "other", 24, now)
    ops.acknowledge_proposal(rent, by=secretary, now=now + HOUR)
    ops.reject_proposal(
        rent, by=secretary, reason_code="private_matter", reason="属于租赁合同纠纷。", now=now + 3 * HOUR
    )
    now = yield start_of(town, 2)
    _short(town, "滨江小区东门增设减速带", "东门出口正对学校路口，车速快，请增设减速带和警示牌。", "safety", 25, now)
    now = yield town.now - 3 * HOUR
    ops.register_proposal(
        community=town.community,
        title="平城苑活动室晚上开放到九点",
        body="活动室六点就关门，上班的人用不上，希望开放到晚上九点，居民轮流值守。",
        category="other",
        source="phone",
        proposer_name=people[30].name,
        proposer_phone=people[30].phone,
        by=town["grid"],
        now=now,
    )
    return now


def _short(town: Town, title: str, body: str, category: str, who: int, now: dt.datetime) -> Proposal:
    user = town.neighbours["fund"][who]
    return ops.register_proposal(
        community=town.community, title=title, body=body, category=category, by=user, proposer=user, now=now
    )


LIVES = (lights, shed, fund, lift, waste, parking, renovation, newcomers, gate, gully)
