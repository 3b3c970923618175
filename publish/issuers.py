"""The profile of an issuer, made with defaults when it issues its first paper."""

from collections.abc import Iterator

from django.db import IntegrityError, transaction

from community.models import Unit, UnitKind
from community.rules import paths_from_root
from publish.models import IssuerProfile

_WORD_LIMIT = 40


def issuer_profile(unit: Unit) -> IssuerProfile:
    """Return the unit's profile, making it with defaults once. One query when it is there.

    The code word is the unit's name, a committee's without 居民委员会; where another unit has that word already, the
    parents' names go before it.
    """
    if (found := IssuerProfile.objects.filter(unit=unit).first()) is not None:
        return found
    full_name = _full_name(unit)
    for word in _code_words(unit):
        if IssuerProfile.objects.filter(code_word=word).exists():
            continue
        values = {"full_name": full_name, "code_word": word, "objection_office": full_name}
        try:
            with transaction.atomic():
                return IssuerProfile.objects.create(unit=unit, **values)
        except IntegrityError:
            # Somebody made the profile, or took the word, this very moment.
            if (found := IssuerProfile.objects.filter(unit=unit).first()) is not None:
                return found
    message = f"no code word is free for unit {unit.code}"
    raise RuntimeError(message)


def _code_words(unit: Unit) -> Iterator[str]:
    """Yield 平城社区, 平城街道平城社区, 顺庆区平城街道平城社区, 平城社区511302001001, cut from the front."""
    word = unit.name.removesuffix("居民委员会").removesuffix("村民委员会") or unit.name
    yield word[-_WORD_LIMIT:]
    above = Unit.objects.filter(path__in=paths_from_root(unit)[:-1]).order_by("-path")
    for name in above.values_list("name", flat=True):
        word = f"{name}{word}"
        yield word[-_WORD_LIMIT:]
    yield f"{unit.name}{unit.code}"[-_WORD_LIMIT:]


def _full_name(unit: Unit) -> str:
    """Return the name a paper is signed with: a community signs as its residents' committee."""
    if unit.kind != UnitKind.COMMUNITY or unit.name.endswith(("居民委员会", "村民委员会")):
        return unit.name
    return f"{unit.name.removesuffix('居委会')}居民委员会"
