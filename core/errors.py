"""What is said when something may not be done. Every refusal is one clear sentence; nothing has been stored."""

from typing import ClassVar

from django.utils.translation import gettext as _


class Refused(Exception):
    """An act that cannot be done; the base of every refusal that a person or script is to read.

    `code` is stable for scripts, `status` is the HTTP status, `sentence` is for people (Chinese, translated),
    `article` names the law or rule it rests on ("" where none does).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, sentence: str, *, article: str = "", code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.article = article
        self.reason_code = code or self.code

    def __str__(self) -> str:
        if not self.article:
            return str(self.sentence)
        return _("%(sentence)s（%(article)s）") % {"sentence": self.sentence, "article": self.article}


class NotAllowed(Refused):
    """The person does not hold the office this act needs."""

    code = "not_allowed"
    status = 403


class WrongStage(Refused):
    """The thing is not in a state in which this act is possible."""

    code = "wrong_stage"
    status = 409


class Stale(Refused):
    """Somebody else changed the thing since the page was made; `sentence` says what changed."""

    code = "stale"
    status = 409


class NotFound(Refused):
    """There is no such thing, or it is not for this person to see."""

    code = "not_found"
    status = 404

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or _("没有找到。"))


class BadInput(Refused):
    """Input that breaks its form. `field` is the path of the field ("" for the whole)."""

    code = "bad_input"
    status = 422

    def __init__(self, sentence: str, *, field: str = "", code: str = "") -> None:
        super().__init__(sentence, code=code)
        self.field = field
