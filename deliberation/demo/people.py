"""Invented names, always the same ones. No Django."""

from collections.abc import Iterator

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
    "顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_FIRST = "建国志明秀英桂兰淑华玉梅春燕晓东海波文静丽娟永强小平国庆光辉家慧世杰思雨嘉怡子涵俊凯雪莲德福兴旺长青"
_SECOND = "华英兰芳明军红平辉玲燕波涛斌强敏静丽杰娟艳秀霞超琴勇刚峰磊洋倩颖莹婷鑫宁佳琪瑶雯涵轩宇泽豪"
_RARE = ("欧阳修远", "司马青", "堃喆", "阿依古丽·买买提", "上官婉", "诸葛明", "犇彧", "张玥祎", "李昇镕", "王喆")


def invented_names() -> Iterator[str]:
    """Yield invented full names for ever, in the same order each time; every 130th is a rare one."""
    count = 0
    while True:
        if count % 130 == 77:  # noqa: PLR2004 - any rhythm will do
            yield _RARE[(count // 130) % len(_RARE)]
        else:
            surname = _SURNAMES[(count * 7 + count // 100) % len(_SURNAMES)]
            first = _FIRST[(count * 11 + count // 37) % len(_FIRST)]
            second = "" if count % 6 == 0 else _SECOND[(count * 13 + count // 53) % len(_SECOND)]
            yield surname + first + second
        count += 1


def invented_phone(number: int) -> str:
    """Return an invented mobile number of the range 1990000xxxx, which no network has given out."""
    return f"1990000{number % 10_000:04d}"
