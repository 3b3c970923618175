"""The Chinese sentence of a decision, as it stands in the notice. `verify.py` writes the same one by itself. Pure."""

from functools import lru_cache

from voting.rules.shapes import Numbers, Reckoning, Rule, Threshold, written

_DIGITS = "零一二三四五六七八九"
_GROUPS = {
    "eligible": "应参加",
    "present": "到会",
    "participating": "参与表决",
    "cast": "投票",
    "for_and_against": "同意和反对合计",
    "for": "同意",
    "against": "反对",
    "abstain": "弃权",
    "invalid": "无效",
}
_UNITS = {"heads": "人", "area": "平方米"}
_OUTCOMES = {"passed": "表决通过", "rejected": "表决未通过", "not_quorate": "未达到法定参与数，本次表决无效"}


def chinese(number: int) -> str:
    """Return 0 to 99 in Chinese numerals, larger ones in digits: 12 -> 十二."""
    if number < 10:  # noqa: PLR2004 - one digit
        return _DIGITS[number]
    if number < 100:  # noqa: PLR2004 - two digits
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
    return str(number)


def amount(measure: str, value: int, *, hundredths: bool) -> str:
    """Return a number with its unit: 9人, 884.00平方米."""
    text = written(value, hundredths=hundredths)
    return f"{text}{_UNITS[measure]}" if measure in _UNITS else f"{text}（{measure}）"


def named(measure: str) -> str:
    """Return what a measure is called: 人数, 专有部分面积."""
    return {"heads": "人数", "area": "专有部分面积"}.get(measure, measure)


def _condition(reckoning: Reckoning) -> str:
    t = reckoning.threshold
    needed = amount(t.measure, reckoning.needed, hundredths=reckoning.hundredths)
    reached = amount(t.measure, reckoning.reached, hundredths=reckoning.hundredths)
    limit = f"至多{needed}" if t.below else f"至少{needed}"
    return f"{_demand(t)}，{limit}，实际{reached}，{'符合' if reckoning.met else '不符合'}"


@lru_cache(maxsize=1000)
def _demand(t: Threshold) -> str:
    """Return what a threshold asks, in words: 同意人数须占参与表决人数的四分之三以上."""
    counted = f"{_GROUPS[t.counts]}{named(t.measure)}"
    if t.at_least is not None:
        return f"{counted}须达到规定数"
    half = t.numerator * 2 == t.denominator
    bound = "一半" if half else f"{chinese(t.denominator)}分之{chinese(t.numerator)}"
    base = f"{_GROUPS[t.of]}{named(t.measure)}"
    if t.below:
        return f"{counted}须{'不超过' if t.inclusive else '不足'}{base}的{bound}"
    if t.numerator == t.denominator:
        return f"{counted}须为{base}的全部"
    if t.inclusive:
        return f"{counted}须占{base}的{bound}以上"
    return f"{counted}须超过{base}的{bound}"


def sentence(
    rule: Rule, numbers: Numbers, quorum: tuple[Reckoning, ...], passing: tuple[Reckoning, ...], outcome: str
) -> str:
    """Return the whole sentence: what was counted, each condition with what it needed, the article, the outcome."""
    told = []
    for group in ("eligible", "present", "participating", "for", "against", "abstain", "invalid"):
        held = numbers.groups.get(group)
        if held is None:
            continue
        shown = [m for m in ("heads", "area", *rule.measures) if m in held and (m in rule.measures or m == "heads")]
        parts = [amount(m, held[m], hundredths=m in numbers.hundredths) for m in dict.fromkeys(shown)]
        if parts:
            told.append(_GROUPS[group] + "、".join(parts))
    conditions = "；".join(_condition(r) for r in (*quorum, *passing))
    basis = rule.entry["article"]
    cited = (
        f"《{basis[: basis.index('典') + 1]}》{basis[basis.index('典') + 1 :]}" if basis.startswith("民法典") else basis
    )
    return f"{'，'.join(told)}。{conditions}。依据{cited}，{_OUTCOMES[outcome]}。"


def demands(rule: Rule) -> list[str]:
    """Return what a rule asks, threshold by threshold, before anything is counted: to be printed with the call."""
    return [_demand(threshold) for threshold in (*rule.quorum, *rule.passing)]
