"""How official Chinese is written: dates, numerals, sums in capitals, full-width marks. Pure."""

import re

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
