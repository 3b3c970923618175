"""How official Chinese is written: dates, numerals, sums in capitals, full-width marks, titles in lines. Pure."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, pairwise

_DIGITS = "零一二三四五六七八九"
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff\u3000-\u303f\uff00-\uffef“”‘’㎡"
_MARKS = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}


def date_text(day: str) -> str:
    """2026-12-08 -> 2026年12月8日; "" stays ""."""
    if not day:
        return ""
    year, month, rest = day[:10].split("-")
    return f"{year}年{int(month)}月{int(rest)}日"


def moment_text(moment: str) -> str:
    """2026-12-08T19:30 -> 2026年12月8日19时30分; full hours without minutes."""
    if not moment:
        return ""
    hour, minute = int(moment[11:13]), int(moment[14:16])
    return f"{date_text(moment)}{hour}时{f'{minute:02d}分' if minute else ''}"


def until_text(moment: str, start: str) -> str:
    """Return the end of a span whose start has been said: 20时30分 on the same day, else with its date."""
    said = moment_text(moment)
    return said.removeprefix(date_text(moment)) if moment[:10] == start[:10] else said


def numeral(number: int) -> str:
    """Return 1..999 in Chinese numerals: 12 -> 十二."""
    if number < 10:  # noqa: PLR2004 - ten
        return _DIGITS[number]
    if number < 100:  # noqa: PLR2004 - a hundred
        tens, ones = divmod(number, 10)
        return f"{'' if tens == 1 else _DIGITS[tens]}十{_DIGITS[ones] if ones else ''}"
    hundreds, rest = divmod(number, 100)
    if not rest:
        return f"{_DIGITS[hundreds]}百"
    if rest < 10:  # noqa: PLR2004 - ten
        return f"{_DIGITS[hundreds]}百零{_DIGITS[rest]}"
    return f"{_DIGITS[hundreds]}百{'一' if rest < 20 else ''}{numeral(rest)}"  # noqa: PLR2004 - 一百一十二


def amount_text(amount: str) -> str:
    """486000.00 -> 486,000.00."""
    if not amount:
        return ""
    sign = "-" if amount.startswith("-") else ""
    whole, _, rest = amount.lstrip("-").partition(".")
    return f"{sign}{int(whole):,}{'.' + rest if rest else ''}"


def amount_capitals(amount: str) -> str:
    """Return a sum of yuan in capitals: 1680.05 -> 壹仟陆佰捌拾元零伍分; 486000.00 -> 肆拾捌万陆仟元整."""
    whole, _, rest = amount.lstrip("-").partition(".")
    cents = (rest + "00")[:2]
    jiao, fen = int(cents[0]), int(cents[1])
    yuan = _capital_groups(int(whole))
    text = f"{yuan}元" if yuan else ""
    if not jiao and not fen:
        return f"{'负' if amount.startswith('-') else ''}{text or '零元'}整"
    if jiao:
        text += f"{_CAPITALS[jiao]}角"
    elif text:
        text += "零"
    text += f"{_CAPITALS[fen]}分" if fen else "整"
    return f"{'负' if amount.startswith('-') else ''}{text}"


def _capital_groups(number: int) -> str:
    text, pending_zero = "", False
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group, number = divmod(number, unit)
        if not group:
            pending_zero = bool(text)
            continue
        if text and (pending_zero or group < 1000):  # noqa: PLR2004 - a thousand: its place is empty
            text += "零"
        text += _capital_group(group) + name
        pending_zero = False
    return text


def _capital_group(group: int) -> str:
    text, zero = "", False
    for unit, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit, group = divmod(group, unit)
        if digit:
            text += ("零" if zero and text else "") + _CAPITALS[digit] + name
            zero = False
        else:
            zero = True
    return text


# The surnames a name of two characters is known by; those that begin other words (单位, 车主, 安保) are left out.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "石廖贾夏韦付邹孟熊秦邱江尹薛闫段雷侯史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施樊葛邢齐易乔伍庞颜倪庄聂鲁岳翟殷詹"
    "申欧耿兰焦俞左柳甘祝宁尚符舒阮柯纪梅童凌毕季裴霍涂苗谷盛曲翁冉骆蓝辛靳柴蒙鲍喻祁蒲滕屈饶牟艾尤穆卓缪项芦麦褚娄窦戚"
    "岑费卜冷晏柏宗瞿佟臧闵苟邬卞姬仇栾隋刁沙巫寇桑甄丛虞敖巩佘"
)
_SHORT_NAME = re.compile(r"(?P<before>(?:.*[\s：])?)(?P<one>[\u3400-\u9fff])(?P<two>[\u3400-\u9fff])")


def spaced_name(name: str) -> str:
    """Return a name as lists of people are printed: two characters an em apart, as wide as three.

    A word before it (监票人 李明) stays; masked names, longer ones and what is no name are left as they are.
    """
    match = _SHORT_NAME.fullmatch(name)
    if match is None or match["one"] not in _SURNAMES:
        return name
    return f"{match['before']}{match['one']}\u3000{match['two']}"


def normalised(text: str) -> str:
    """Return text with full-width marks beside Chinese, real ellipses and quotes."""
    text = re.sub(r"\.{3,}|。{3,}", "……", text)
    text = re.sub(rf"(?<=[{_HAN}])([,;:?!])|([,;:?!])(?=[{_HAN}])", _full_width, text)
    text = re.sub(rf"(?<=[{_HAN}])\(([^()]*)\)|\(([^()]*[{_HAN}][^()]*)\)", lambda m: f"（{m[1] or m[2] or ''}）", text)
    return _paired_quotes(text)


def _full_width(match: re.Match[str]) -> str:
    return _MARKS[match[1] or match[2]]


def _paired_quotes(text: str) -> str:
    if text.count('"') % 2 or not re.search(rf"[{_HAN}]", text):
        return text
    parts = text.split('"')
    return "".join(
        part + ("" if index == len(parts) - 1 else "“" if index % 2 == 0 else "”") for index, part in enumerate(parts)
    )


# Words a title may not be broken in. Longest first when matching; kept short on purpose: what is not here may break
# between any two characters, which is never wrong, only less beautiful.
_LEXICON = """
加装电梯 电动自行车 提议 处理 通知书 意见书 不予受理 受理通知书 补正 噪声 扰民 道闸 授权 委托书 合法性审查 研究记录
评议报告 整改通知书 情况说明 责任清单 归档目录 业主会议 协商会议 协商议题 人名册 表决人 初步 服务企业 物业服务 公共 收益
关于 召开 开展 进行 举行 社区 小区 街道 居民 业主 委员会 居委会 业委会 代表 大会 会议
协商 议事 表决 结果 公告 公示 通知 通告 报告 纪要 方案 意见 征求 名册 名单 电梯 加装
增设 充电棚 电动 自行车 停车 车位 维修 资金 使用 垃圾 分类 投放 点位 改造 老旧 实施 情况
评议 建设 管理 规约 办法 季度 年度 议题 事项 项目 单元 楼栋 南门 北门 东门 西门 绿化
照明 路灯 消防 通道 物业 服务 企业 选聘 解聘 费用 标准 整改 登记 受理 退回 责任 清单
决议 预算 合法性 审查 党组织 研究 记录 说明 归档 目录 投票 委托 计票 监督 工作 五议
满意度 公开
"""
_WORDS = tuple(_LEXICON.split())
_NEVER_FIRST = "的了和及与等、，。；：！？）》〉】〕”’·—…%㎡"
_NEVER_LAST = "《〈（【〔“‘第关于对在将为"


@lru_cache(maxsize=512)
def title_lines(title: str, width: int) -> tuple[str, ...]:
    """Break a title of at most `width` full characters a line at words; a trapezoid rather than a rectangle.

    Two lines differ by one to four characters, never end on 关于 or begin on 的, never split a word or a name
    in brackets.
    """
    if _measure(title) <= width:
        return (title,)
    for count in range(2, len(title)):
        best = min(_divisions(title, count, width), key=_ugliness, default=None)
        if best is not None:
            return best
    return (title,)


def _divisions(title: str, count: int, width: int) -> Iterator[tuple[str, ...]]:
    places = _breaks(title)
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


def _breaks(title: str) -> list[int]:
    closed: set[int] = set()
    for word in _WORDS:
        start = title.find(word)
        while start >= 0:
            closed.update(range(start + 1, start + len(word)))
            start = title.find(word, start + 1)
    for match in re.finditer(
        r"[A-Za-z0-9.%]+[年月日号期条幢栋单元次版第户]*|《[^》]*》|〔[^〕]*〕|（[^）]{0,12}）", title
    ):
        closed.update(range(match.start() + 1, match.end()))
    return [
        place
        for place in range(2, len(title) - 1)
        if place not in closed and title[place] not in _NEVER_FIRST and title[place - 1] not in _NEVER_LAST
    ]


def _ugliness(lines: tuple[str, ...]) -> tuple[int, int]:
    sizes = [_measure(line) for line in lines]
    spread = max(sizes) - min(sizes)
    # One or two characters of difference make a trapezoid; equal lines a box; a large difference an accident.
    shape = {0: 3, 1: 1, 2: 0, 3: 1, 4: 2}.get(spread, spread)
    return (shape, 0 if sizes[0] >= sizes[-1] else 1)


def _measure(text: str) -> int:
    halves = sum(1 if ord(character) < 0x2000 else 2 for character in text)  # noqa: PLR2004 - Latin is half as wide
    return (halves + 1) // 2
