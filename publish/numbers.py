"""The text of a document number. Pure."""

# What stands between the issuer's code word and the year, so that two families never share a number.
FAMILY_WORDS = {"notice": "", "minutes": "纪", "letter": "函", "form": "表"}


def number_text(code_word: str, family: str, year: int, serial: int) -> str:
    """Return e.g. 平城社区〔2026〕12号: six-cornered brackets, no 第, no leading zero (GB/T 9704-2012, 7.2.5)."""
    return f"{code_word}{FAMILY_WORDS[family]}〔{year}〕{serial}号"
