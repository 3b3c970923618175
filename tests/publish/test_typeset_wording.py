"""The wording of official Chinese."""

import pytest

from publish.typeset import justify, titles, wording


@pytest.mark.parametrize(
    ("amount", "capitals"),
    [
        ("486000.00", "肆拾捌万陆仟元整"),
        ("89830.00", "捌万玖仟捌佰叁拾元整"),
        ("1680.05", "壹仟陆佰捌拾元零伍分"),
        ("1680.50", "壹仟陆佰捌拾元伍角整"),
        ("10001.20", "壹万零壹元贰角整"),
        ("100200300.00", "壹亿零贰拾万零叁佰元整"),
        ("20000000000.00", "贰佰亿元整"),
        ("0.08", "捌分"),
        ("0", "零元整"),
        ("-12.3", "负壹拾贰元叁角整"),
    ],
)
def test_a_sum_in_capitals(amount: str, capitals: str) -> None:
    assert wording.amount_capitals(amount) == capitals


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (45, "四十五"),
        (101, "一百零一"),
        (112, "一百一十二"),
        (300, "三百"),
    ],
)
def test_a_numeral(number: int, text: str) -> None:
    assert wording.numeral(number) == text


def test_dates_and_times() -> None:
    assert wording.date_text("2026-12-08") == "2026年12月8日"
    assert wording.moment_text("2026-12-08T09:05") == "2026年12月8日9时05分"
    assert wording.moment_text("2026-12-08T20:00:00+08:00") == "2026年12月8日20时"
    assert wording.amount_text("1237.60") == "1,237.60"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("同意,请公示", "同意，请公示"),
        ("时间:19时", "时间：19时"),
        ("共1,237.60㎡", "共1,237.60㎡"),
        ("见附件(一)", "见附件（一）"),
        ("f(x), g(x)", "f(x), g(x)"),
        ('所称"业主"是指', "所称“业主”是指"),
        ("待续...", "待续……"),
        ("https://example.org/a?b=1", "https://example.org/a?b=1"),
    ],
)
def test_marks_beside_chinese_are_full_width(said: str, written: str) -> None:
    assert wording.normalised(said) == written


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于3幢2单元加装电梯表决结果的公告", ("关于3幢2单元加装电梯表决结果的公告",)),
        ("关于夜间噪声扰民处理提议的不予受理通知书", ("关于夜间噪声扰民", "处理提议的不予受理通知书")),
        ("关于3幢2单元加装电梯方案的合法性审查意见书", ("关于3幢2单元加装电梯", "方案的合法性审查意见书")),
        ("关于滨江小区门前积水治理提议的受理通知书", ("关于滨江小区门前积水治理", "提议的受理通知书")),
        ("关于使用维修资金修缮果城花园2幢屋面的决议", ("关于使用维修资金修缮", "果城花园2幢屋面的决议")),
        ("关于平城苑2幢门厅改装人脸识别门禁表决的公告", ("关于平城苑2幢门厅", "改装人脸识别门禁表决的公告")),
        (
            "关于召开“滨江小区门前积水治理”协商会（第1轮）的公告",
            ("关于召开“滨江小区门前积水", "治理”协商会（第1轮）的公告"),
        ),
    ],
)
def test_a_title_breaks_at_words(title: str, lines: tuple[str, ...]) -> None:
    assert titles.title_lines(title, 19) == lines


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("关于平城苑2幢门厅改装门禁的公示", ["关于平城苑", "2幢", "门厅", "改装", "门禁的", "公示"]),
        ("关于甲乙丙丁戊己庚辛的公示", ["关于甲", *"乙丙丁戊己庚", "辛的", "公示"]),
        ("公示", ["公示"]),
    ],
)
def test_a_title_on_a_page_is_broken_between_words(title: str, words: list[str]) -> None:
    assert titles.title_words(title) == words


@pytest.mark.parametrize("length", range(20, 121, 5))
def test_a_title_of_any_length_keeps_every_character_and_fits(length: int) -> None:
    title = ("关于锦绣苑小区南门增设电动自行车充电棚并改造配套消防设施方案征求意见" * 4)[:length]

    lines = titles.title_lines(title, 19)

    assert "".join(lines) == title
    assert max(map(len, lines)) <= 20


def test_gaps_open_between_chinese_only() -> None:
    assert justify.opportunities("共12人 ok") == [0, 2, 3, 4]
    assert justify.opportunities("——……") == [1]


def test_shares_are_whole_even_and_complete() -> None:
    assert justify.shares(10, 4) == [2, 3, 2, 3]
    assert sum(justify.shares(997, 27)) == 997


def test_the_end_of_a_span_names_its_day_only_when_it_is_another() -> None:
    assert wording.until_text("2026-12-08T20:30", "2026-12-08T19:30") == "20时30分"
    assert wording.until_text("2026-12-09T20:00", "2026-12-08T19:30") == "2026年12月9日20时"
    assert wording.until_text("", "2026-12-08T19:30") == ""


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("李明", "李\u3000明"),
        ("监票人 李明", "监票人 李\u3000明"),
        ("主持人：褚甲", "主持人：褚\u3000甲"),
        ("欧阳清", "欧阳清"),
        ("李*", "李*"),
        ("李*（甲）", "李*（甲）"),
        ("物业", "物业"),
        ("单位", "单位"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("", ""),
    ],
)
def test_a_name_of_two_characters_is_as_wide_as_one_of_three(name: str, printed: str) -> None:
    assert wording.spaced_name(name) == printed
