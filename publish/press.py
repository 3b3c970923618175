"""The one door to the typesetter. It is loaded when a paper is set, never at start: pages and votes work without it.

The engine is a function `(paper, *, variant, seal=None) -> bytes`, named by the setting PAPER_ENGINE.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from publish import kinds

Engine = Callable[..., bytes]


@dataclass(frozen=True, slots=True)
class Seal:
    """The picture of a seal, uploaded by its owner, as data: address of a PNG; how wide it is printed."""

    picture: str
    width_mm: int

    @property
    def half_left(self) -> float:
        """Return the margin in mm that centres it."""
        return -self.width_mm / 2


def set_paper(paper: dict[str, Any], variant: str = "document", *, seal: Seal | None = None) -> bytes:
    """Return the PDF of a paper as "document", "poster" or "large". Raises Refused when it cannot be set."""
    engine = cast("Engine", import_string(settings.PAPER_ENGINE))
    return engine(paper, variant=variant, seal=seal)


def problems() -> list[str]:
    """Return what keeps papers from being set on this host, each a sentence naming the package; [] when all is well.

    What the first paper would meet, to be said when a process starts that sets papers.
    """
    from publish.typeset import engine  # noqa: PLC0415 - see the module's sentence

    return engine.problems()


def typeset_paper(paper: dict[str, Any], *, variant: str, seal: Seal | None = None) -> bytes:
    """Set a paper with the engine of this house."""
    from publish.typeset import engine  # noqa: PLC0415 - see the module's sentence

    return engine.typeset(engine.read_paper(paper), cast("engine.Variant", variant), seal=seal)


def set_papers(papers: Sequence[dict[str, Any]], *, told: Callable[[int], None]) -> bytes:
    """Return one PDF of many papers of one kind, each beginning on a page of its own; `told` hears how many are set."""
    from publish.typeset import engine  # noqa: PLC0415 - see the module's sentence

    return engine.typeset_all([engine.read_paper(paper) for paper in papers], told=told)


def with_drawable(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts with 〓, the printers' mark for a missing sort, where no face has the character.

    For words nobody can change any more: what a resident said, signed minutes, a count. Other words that are posted are
    refused instead. Where the fonts are missing the facts stay as they are.
    """
    from publish.typeset import engine  # noqa: PLC0415 - see the module's sentence

    return cast("dict[str, Any]", engine.with_drawable(facts))


def require_drawable(**texts: Any) -> None:
    """Raise BadInput, naming field, character and place, for words that will be posted and cannot be printed.

    For acts that store what a later act posts: better said to who writes it than to who posts it. Where the fonts are
    missing nothing is refused.
    """
    from publish.typeset import engine  # noqa: PLC0415 - see the module's sentence

    engine.require_drawable(texts)


def check_facts(kind: str, facts: Any) -> None:
    """Raise BadInput for facts that cannot become a paper: wrong form, or a character that no font of ours has.

    Where the fonts are missing only the form is checked: the notice will fail with a sentence that says so, and
    what led to it (a count, a decision) is not held up.
    """
    from publish.typeset import engine  # noqa: PLC0415 - see the module's sentence

    try:
        engine.check(kind, facts)
    except engine.CannotTypeset:
        kinds.validate(kind, facts)
