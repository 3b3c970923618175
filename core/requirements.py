"""What must be there before an act: a predicate with a sentence and an article.

The same object greys the button, answers the API and fills the page in docs/. It reads, it never writes.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from core.errors import Refused

Subject = TypeVar("Subject")


def no_day(_subject: object) -> dt.date | None:
    """Return None: what is missing waits for no day."""
    return None


def no_article(_subject: object) -> str:
    """Return "": the requirement's own article holds."""
    return ""


@dataclass(frozen=True, slots=True)
class Requirement(Generic[Subject]):
    """One condition of an act.

    `key` is stable; `sentence` (Chinese, translated) says what is missing when it is not met; `article` names
    the law or rule; `is_met` reads the subject. `rests_on` reads another article where the subject has one of its own,
    as a vote has its rule's. `hard` requirements can never be waived. `until` reads the last day
    of the time that is waited for, where time alone meets it: the sentence then says that day.
    """

    key: str
    sentence: str
    article: str
    is_met: Callable[[Subject], bool]
    hard: bool = True
    until: Callable[[Subject], dt.date | None] = no_day
    rests_on: Callable[[Subject], str] = no_article

    def missing(self, subject: Subject) -> "Missing":
        """Return what is missing of `subject`, with the last day that is waited for."""
        sentence = str(self.sentence)
        if (day := self.until(subject)) is not None:
            said = {"sentence": sentence, "day": date_format(day, _("n月j日"))}
            sentence = _("%(sentence)s（最后一天是%(day)s）") % said
        return Missing(self.key, sentence, self.rests_on(subject) or str(self.article))


@dataclass(frozen=True, slots=True)
class Missing:
    """A requirement that is not met, ready to be shown."""

    key: str
    sentence: str
    article: str


class RequirementsNotMet(Refused):
    """An act whose requirements are not all met; `missing` lists them."""

    code = "requirements_not_met"

    def __init__(self, missing: list[Missing]) -> None:
        self.missing = missing
        super().__init__(
            _("；").join(str(m.sentence) for m in missing),
            article=_("；").join(dict.fromkeys(str(m.article) for m in missing if m.article)),
        )


def missing_for(subject: Subject, requirements: Iterable[Requirement[Subject]]) -> list[Missing]:
    """Return the unmet ones of `requirements`, in their order."""
    return [one.missing(subject) for one in requirements if not one.is_met(subject)]


def require(subject: Subject, requirements: Iterable[Requirement[Subject]]) -> None:
    """Raise RequirementsNotMet naming every unmet requirement."""
    if missing := missing_for(subject, requirements):
        raise RequirementsNotMet(missing)
