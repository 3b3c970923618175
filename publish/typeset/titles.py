"""Titles in lines: broken between words, as a trapezoid rather than a box (GB/T 9704-2012, 7.3.1). Pure.

Chinese has no spaces, so words are looked up: those that titles of the method are made of, and those of what
neighbourhoods decide on. A break beside a word of the list, a number or a bracket is preferred to one between two
characters of which nothing is known, wherever a line is not too long for it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, pairwise

_LEXICON = """
不予受理 业主 业主会议 业委会 五议 人名册 代表 企业 会议 会议纪要 公共 公告 公开 公示 关于 决议 分类 列入 初步 制定
办法 协商 协商会 协商会议 协商议题 单元 受理 受理通知书 召开 召集 合法性 合法性审查 名册 名单 听证会 委员会 委托
委托书 季度 实施 审查 小区 居委会 居民 工作 年度 建设 开展 归档 征求 征求意见 情况 意见 意见书 所得 执行 扰民 投票
授权 报告 提议 收益 改造 整改 整改通知书 方案 服务 标准 楼栋 满意度 物业 物业服务 登记 监督 监督委员会 目录 研究
研究记录 社区 管理 纪要 结果 编制 草案 表决 表决人 表决票 补正 补正通知书 规约 计票 计票单 议事 议题 记录 评议
评议表 评议报告 说明 责任 责任清单 资金 费用 进行 通告 通知 通知书 选聘 解聘 退回 清单 事项 街道 督办单 预算 项目
党组织 公约 居民公约 授权委托书 公示情况 实施情况 更正 变更 补充 撤回 延期 换届 选举 罢免 推选 补选 候选人 任期 述职
考核 报酬 补贴 一户一表 上下水 下水道 专项 临时 井盖 亮化 人脸识别 人行道 公园 公寓 共用 养犬 养老 儿童 入户 公厕
公益 保安 保洁 保温 信报箱 充电 充电桩 充电棚 充电站 修剪 修缮 停车 停车位 停车场 停车棚 健身 健身器材 健身路径
公告栏 公示栏 公共收益 供暖 供水 供电 便民 便民服务 光纤 出入口 出租 分摊 划线 加固 加装 加装电梯 助餐 化粪池 卫生
占用 占道 厨余 危房 变压器 台阶 噪声 噪音 围墙 围栏 固定 地下 地下室 地面 场地 坡道 垃圾 垃圾分类 垃圾房 垃圾桶 堆放
墙面 增设 增补 外墙 夜间 大件 大厦 大厅 大门 天台 太阳能 夹层 存放 宠物 安全 安装 完善 定点 宿舍 室外 家园 宽带 封闭
屋顶 屋面 岗亭 巡逻 广场 广场舞 广告 应急 延长 建立 开放 开通 引入 快递柜 房屋 扶手 扩建 投放 投放点 投放点位 押金
拆除 拆违 接送 排水 排污 摄像头 收费 改建 改装 改为 收取 放置 整治 文明 文化 新建 新村 施工 无障碍 时间 晾晒 晾衣
更换 更新 最低 智能 服务站 服务企业 杂物 架空 架空层 栏杆 树木 楼梯 楼道 楼顶 楼层 楼门 水管 水箱 水表 水电 池塘
沟渠 油烟 治理 治安 活动 活动室 活动中心 流浪 消防 消防栓 消防通道 清理 清洗 清运 渗水 漏水 灯光 点位 照明 燃气
物业企业 物业公司 物业费 犬只 环境 环境整治 环卫 现有 生活 用房 用水 用电 电动 电动车 电动自行车 电梯 电线 电表 电缆
监控 监控探头 直饮水 破损 硬化 社区食堂 私搭乱建 积水 租赁 空地 空调 第三方 管线 管网 管道 线路 线缆 绿化 绿地 维修
维修资金 维修基金 维护 美化 老人 老旧 老旧小区 聘用 聘请 自行车 花园 花坛 花箱 苗木 范围 荒地 落水管 补种 补助 装修
规划 规范 设施 设备 设立 设置 试行 调整 调解 路灯 路口 路面 车位 车库 车棚 车辆 转租 迁改 迁移 运营 违建 连廊 退还
退押金 送餐 通行 通道 道闸 道路 遛狗 邻里 配套 采购 重新 重建 铺设 门厅 门前 门口 门岗 门洞 门牌 门禁 闲置 阳台 防水
防盗 防滑 限速 除虫 隔离 雨棚 雨水 雨污分流 露天 面积 食堂 饮水 高空 高空抛物 高度 鼠害 牵绳 房东 房客 租金 合同
纠纷 邻居 噪声扰民 南门 北门 东门 西门 东侧 西侧 南侧 北侧 正门 后门 侧门 一层 二层 三层 底层 顶层 周边 沿街 临街
商铺 商户 幼儿园 学校 医院 菜市场 公交站 地铁口
"""
_WORDS = frozenset(_LEXICON.split())
# What ends the name of a place: the name before it is in no list, so nobody knows that a word begins here.
_PLACES = frozenset(["花园", "家园", "小区", "宿舍", "公寓", "新村", "大厦", "广场", "社区", "街道", "单元"])
_LONGEST = max(map(len, _WORDS))
_NUMBERS = re.compile(r"(?:[A-Za-z0-9.%]+[年月日号期条幢栋单元次版轮第户]*)+|《[^》]*》|〔[^〕]*〕|（[^）]{0,12}）")
_NEVER_FIRST = "的了和及与等、，。；：！？）》〉】〕”’·—…%㎡"
_NEVER_LAST = "《〈（【〔“‘第关于对在将为"
# A piece of which nothing is known may be broken anywhere when it is longer than this.
_LONGEST_PIECE = 6
# What a break between two characters of which nothing is known weighs: as much as lines of very unequal length.
_UNKNOWN = 6


@lru_cache(maxsize=512)
def title_lines(title: str, width: int) -> tuple[str, ...]:
    """Break a title of at most `width` full characters a line at words; a trapezoid rather than a rectangle.

    Two lines differ by one to four characters where words allow it, never end on 关于 or begin on 的, never split a
    known word or a name in brackets.
    """
    if _measure(title) <= width:
        return (title,)
    edges = _edges(title)
    found: tuple[str, ...] = ()
    for count in range(2, len(title)):
        best = min(_divisions(title, list(edges), count, width), key=lambda lines: _cost(lines, edges), default=None)
        # A third line is better than a word torn in two.
        if best is not None and (not found or _torn(best, edges) < _torn(found, edges)):
            found = best
        if found and (count > 2 or not _torn(found, edges)):  # noqa: PLR2004 - three lines
            break
    return found or (title,)


def title_words(title: str) -> list[str]:
    """Return a title in pieces between which a page may break it: known words, and by character where none is known."""
    edges = _edges(title)
    chosen = [place for place, is_known in edges.items() if is_known]
    bounds = [0, *chosen, len(title)]
    for start, end in pairwise(bounds):
        if end - start > _LONGEST_PIECE:
            chosen += [place for place in edges if start < place < end]
    return [title[start:end] for start, end in pairwise([0, *sorted(chosen), len(title)])]


def _divisions(title: str, places: list[int], count: int, width: int) -> Iterator[tuple[str, ...]]:
    if count > 3:  # noqa: PLR2004 - beyond three lines nothing is left to choose: fill greedily
        yield from _greedy(title, places, width, count)
        return
    for chosen in combinations(places, count - 1):
        edges = (0, *chosen, len(title))
        lines = tuple(title[start:end] for start, end in pairwise(edges))
        if all(_measure(line) <= width for line in lines):
            yield lines


def _greedy(title: str, places: list[int], width: int, count: int) -> Iterator[tuple[str, ...]]:
    lines, start = [], 0
    while _measure(title[start:]) > width:
        fitting = [place for place in places if place > start and _measure(title[start:place]) <= width]
        end = fitting[-1] if fitting else start + width
        lines.append(title[start:end])
        start = end
    lines.append(title[start:])
    if len(lines) <= count:
        yield tuple(lines)


def _edges(title: str) -> dict[int, bool]:
    """Return the places a title may be broken at, in order, and whether a word is known to begin or end there."""
    closed: set[int] = set()
    known: set[int] = set()
    for start, end in _pieces(title):
        closed.update(range(start + 1, end))
        known.add(end)
        if title[start:end] not in _PLACES or start in known:
            known.add(start)
    return {
        place: place in known or title[place - 1] in "”》）" or title[place] in "“《（"
        for place in range(2, len(title) - 1)
        if place not in closed and title[place] not in _NEVER_FIRST and title[place - 1] not in _NEVER_LAST
    }


def _pieces(title: str) -> Iterator[tuple[int, int]]:
    """Yield where the known words, numbers and brackets of a title start and end: the longest word at each place."""
    for match in _NUMBERS.finditer(title):
        yield match.span()
    at = 0
    while at < len(title):
        word = next((title[at:end] for end in range(at + _LONGEST, at + 1, -1) if title[at:end] in _WORDS), "")
        if word:
            yield at, at + len(word)
        at += max(len(word), 1)


def _torn(lines: tuple[str, ...], edges: dict[int, bool]) -> int:
    """Return at how many ends of lines no word is known to end or begin."""
    at, torn = 0, 0
    for line in lines[:-1]:
        at += len(line)
        torn += not edges.get(at, False)
    return torn


def _cost(lines: tuple[str, ...], edges: dict[int, bool]) -> tuple[int, int]:
    sizes = [_measure(line) for line in lines]
    spread = max(sizes) - min(sizes)
    # One or two characters of difference make a trapezoid; equal lines a box; a large difference an accident.
    shape = {0: 3, 1: 1, 2: 0, 3: 1, 4: 2}.get(spread, spread)
    return (shape + _UNKNOWN * _torn(lines, edges), 0 if sizes[0] >= sizes[-1] else 1)


def _measure(text: str) -> int:
    halves = sum(1 if ord(character) < 0x2000 else 2 for character in text)  # noqa: PLR2004 - Latin is half as wide
    return (halves + 1) // 2
