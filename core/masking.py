"""How people are named in public (RULEBOOK 5): just enough to recognise oneself. No Django.

Every function leaves its own output as it is, so masking twice is safe.
"""

import re
from collections import Counter
from collections.abc import Iterable

# The compound surnames in use today; a name of two characters is never read as a bare compound surname.
COMPOUND_SURNAMES = frozenset(
    (
        "欧阳",
        "太史",
        "端木",
        "上官",
        "司马",
        "东方",
        "独孤",
        "南宫",
        "万俟",
        "闻人",
        "夏侯",
        "诸葛",
        "尉迟",
        "公羊",
        "赫连",
        "澹台",
        "皇甫",
        "宗政",
        "濮阳",
        "公冶",
        "太叔",
        "申屠",
        "公孙",
        "慕容",
        "仲孙",
        "钟离",
        "长孙",
        "宇文",
        "司徒",
        "鲜于",
        "司空",
        "闾丘",
        "子车",
        "亓官",
        "司寇",
        "巫马",
        "公西",
        "颛孙",
        "壤驷",
        "公良",
        "漆雕",
        "乐正",
        "宰父",
        "谷梁",
        "拓跋",
        "夹谷",
        "轩辕",
        "令狐",
        "段干",
        "百里",
        "呼延",
        "东郭",
        "南门",
        "羊舌",
        "微生",
        "梁丘",
        "左丘",
        "东门",
        "西门",
        "南荣",
        "第五",
        "纳兰",
        "完颜",
        "叶赫",
        "耶律",
        "爱新",
    )
)
_SEPARATORS = re.compile(r"\s*[·•・‧∙⋅．.]\s*")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇*]+")
_LONGEST_HAN_NAME = 4
_SHORTEST_COMPOUND = 3
_MOBILE, _LANDLINE, _SHORT = 11, 10, 7
_BUILDING = re.compile(r"(单元|号楼|幢|栋|座|楼|弄)")
_ROOM = re.compile(r"[0-9A-Za-z*〇零一二三四五六七八九十百]+\s*(?:室|号|户|房)?$")
_STEMS = "甲乙丙丁戊己庚辛壬癸"


def mask_name(name: str) -> str:
    """Return a person's name for the public: 张三 -> 张*, 欧阳修 -> 欧阳*, 阿依古丽·买买提 -> 阿**·**.

    Names of bodies (公司, 委员会) are public and are not to be passed here.
    """
    name = name.strip()
    if len(name) <= 1:
        return "*" * len(name)
    parts = [part for part in _SEPARATORS.split(name) if part]
    if len(parts) > 1:
        return "·".join([f"{parts[0][0]}**", *("**" for _part in parts[1:])])
    if not _HAN.fullmatch(name) or len(name) > _LONGEST_HAN_NAME:
        return f"{name[0]}**"
    shown = 2 if len(name) >= _SHORTEST_COMPOUND and name[:2] in COMPOUND_SURNAMES else 1
    return name[:shown] + "*" * (len(name) - shown)


def mask_phone(phone: str) -> str:
    """Return a telephone number for the public: 13812341234 -> 138****1234; shorter ones show less."""
    digits = re.sub(r"[^0-9*]", "", phone)
    if len(digits) == _MOBILE + 2 and digits.startswith("86"):
        digits = digits[2:]
    if not digits:
        return ""
    if len(digits) >= _MOBILE:
        return f"{digits[:3]}****{digits[-4:]}"
    if len(digits) >= _LANDLINE:
        return f"{digits[:3]}****{digits[-3:]}"
    return f"****{digits[-2:]}" if len(digits) >= _SHORT else "****"


def mask_place(place: str) -> str:
    """Return an address down to the entrance: 3幢2单元301 -> 3幢2单元***; without a building the last number goes.

    Of an owner with several, joined by 、, each is masked, and named once.
    """
    return "、".join(dict.fromkeys(_mask_one_place(one) for one in place.split("、")))


def _mask_one_place(place: str) -> str:
    place = place.strip()
    found = list(_BUILDING.finditer(place))
    if found:
        kept = place[: found[-1].end()]
        return kept if kept == place else f"{kept}***"
    return _ROOM.sub("***", place)


def distinguish(names: Iterable[str]) -> list[str]:
    """Return the names masked, in order; those that collide get (甲)(乙), not more data.

    Takes full or masked names: 张三, 张四, 李五 -> 张*(甲), 张*(乙), 李*.
    """
    masked = [mask_name(name) for name in names]
    many = {name for name, count in Counter(masked).items() if count > 1}
    seen: Counter[str] = Counter()
    out = []
    for name in masked:
        if name in many:
            mark = _STEMS[seen[name]] if seen[name] < len(_STEMS) else str(seen[name] + 1)
            seen[name] += 1
            out.append(f"{name}({mark})")
        else:
            out.append(name)
    return out
