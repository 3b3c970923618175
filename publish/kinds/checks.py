"""Facts against their schema: the first wrong field is named with its path and what was expected."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from core.errors import BadInput
from core.words import UNPRINTABLE
from publish.kinds.catalogue import kind_of
from publish.kinds.parts import Facts
from publish.kinds.pictures import require_whole

# A roll of 6,000 voters takes about 300,000 characters; nothing that belongs on a notice board is longer.
CHARACTERS_LIMIT = 400_000
PICTURES_LIMIT = 6_000_000
_PICTURE = "data:image/"

_WHERE = re.compile(r"^(?P<what>.*?)(?: - at `\$?(?P<path>[^`]*)`)?$", re.DOTALL)


def parse(kind: str, facts: Any) -> Facts:
    """Return the typed facts, or raise BadInput (field = path, sentence = what was expected)."""
    found = kind_of(kind)
    if not isinstance(facts, dict):
        raise BadInput(_("facts 应为对象"), field="facts")
    _bound(facts)
    try:
        return msgspec.convert(facts, found.facts, strict=True, builtin_types=())
    except msgspec.ValidationError as error:
        raise explained(str(error)) from None


def validate(kind: str, facts: Any) -> None:
    """Raise BadInput when the facts are not right for the kind, or a picture in them cannot be printed."""
    parse(kind, facts)
    for path, text in _texts(facts):
        if text.startswith(_PICTURE):
            require_whole(text, field=path)


def _texts(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text in the facts under its path; raises BadInput for a float."""
    todo: list[tuple[str, Any]] = [("", facts)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            todo.extend((f"{path}.{key}" if path else str(key), inner) for key, inner in value.items())
        elif isinstance(value, list | tuple):
            todo.extend((f"{path}[{index}]", inner) for index, inner in enumerate(value))
        elif isinstance(value, float):
            raise BadInput(_("应为整数或十进制字符串，不能是浮点数"), field=path)


def _bound(facts: dict[str, Any]) -> None:
    """Refuse too much text before anything costs time; refuse what cannot be printed."""
    characters = pictures = 0
    for path, text in _texts(facts):
        if text.startswith(_PICTURE):
            pictures += len(text)
        else:
            characters += len(text)
            if (bad := UNPRINTABLE.search(text)) is not None:
                raise BadInput(_("含有不能印刷的字符 U+%(code)04X") % {"code": ord(bad[0])}, field=path)
    if characters > CHARACTERS_LIMIT:
        raise BadInput(
            _("文字共 %(got)d 字，超过上限 %(limit)d 字") % {"got": characters, "limit": CHARACTERS_LIMIT},
            field="facts",
        )
    if pictures > PICTURES_LIMIT:
        raise BadInput(
            _("图片共 %(got)d 字节，超过上限 %(limit)d 字节") % {"got": pictures, "limit": PICTURES_LIMIT},
            field="facts",
        )


def explained(message: str) -> BadInput:
    """Say msgspec's finding in Chinese; the path is kept as it is, e.g. items[0].title."""
    match = _WHERE.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    path = path.lstrip(".")
    if found := re.match(r"Object missing required field `(.+?)`", what):
        return BadInput(_("缺少必填字段"), field=_joined(path, found[1]))
    if found := re.match(r"Object contains unknown field `(.+?)`", what):
        return BadInput(_("没有这个字段"), field=_joined(path, found[1][:80]))
    for pattern, sentence in _SENTENCES:
        if found := re.match(pattern, what):
            groups = [_TYPES.get(group, group) for group in found.groups()]
            return BadInput(str(sentence()) % tuple(groups), field=path)
    return BadInput(what, field=path)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_TYPES = {
    "str": "文字",
    "int": "整数",
    "array": "列表",
    "object": "对象",
    "bool": "true/false",
    "null": "null",
    "float": "小数",
}
_SENTENCES: list[tuple[str, Callable[[], str]]] = [
    (r"Expected `str` matching regex '\^\(?-\?\\+d", lambda: _("应为整数或十进制字符串，如 88.40")),
    (r"Expected `str` matching regex .*\[T \]", lambda: _("应为日期和时间，如 2026-12-08T19:30")),
    (r"Expected `str` matching regex .*\\\\d\{4\}", lambda: _("应为日期，如 2026-12-08")),
    (r"Expected `str` matching regex .*0-9a-f", lambda: _("应为 64 位十六进制摘要")),
    (r"Expected `str` matching regex .*data:image", lambda: _("应为 data:image/png 或 data:image/jpeg 图片")),
    (r"Expected `str` matching regex '(.*)'", lambda: _("应符合格式 %s")),
    (r"Expected `str` of length <= (\d+)", lambda: _("文字过长，上限 %s 字")),
    (r"Expected `str` of length >= (\d+)", lambda: _("文字不能少于 %s 字")),
    (r"Expected `array` of length <= (\d+)", lambda: _("列表过长，上限 %s 项")),
    (r"Expected `array` of length >= (\d+)", lambda: _("列表不能少于 %s 项")),
    (r"Expected `int` >= (-?\d+)", lambda: _("应为不小于 %s 的整数")),
    (r"Expected `int` <= (-?\d+)", lambda: _("应为不大于 %s 的整数")),
    (r"Invalid enum value '?(.*?)'?$", lambda: _("不是可用的值：%s")),
    (r"Expected `([^`|]+)`, got `([^`]+)`", lambda: _("应为%s，实为%s")),
    (r"Expected `([^`|]+) \| null`, got `([^`]+)`", lambda: _("应为%s，实为%s")),
    (r"Expected `([^`]+)`, got `([^`]+)`", lambda: _("应为 %s 之一，实为%s")),
]
