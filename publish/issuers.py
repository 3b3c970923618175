"""The profile of an issuer, made with defaults when it issues its first paper."""

from django.db import IntegrityError, transaction

from community.models import Unit
from publish.models import IssuerProfile


def issuer_profile(unit: Unit) -> IssuerProfile:
    """Return the unit's profile, making it with defaults once.

    The code word is the unit's name; where another unit has that word already, the parents' names go before it.
    """
    found = IssuerProfile.objects.filter(unit=unit).first()
    if found is not None:
        return found
    names = [unit.name]
    ancestors = list(unit.get_ancestors())[::-1]
    for word in [
        unit.name,
        *("".join([*_grow(names, parent.name)]) for parent in ancestors),
        f"{unit.name}{unit.code}",
    ]:
        if IssuerProfile.objects.filter(code_word=word[:40]).exists():
            continue
        try:
            with transaction.atomic():
                return IssuerProfile.objects.create(
                    unit=unit,
                    full_name=_full_name(unit),
                    code_word=word[:40],
                    objection_office=_full_name(unit),
                )
        except IntegrityError:
            # Somebody made the profile, or took the word, this very moment.
            if (found := IssuerProfile.objects.filter(unit=unit).first()) is not None:
                return found
    message = f"no code word is free for unit {unit.code}"
    raise RuntimeError(message)


def _grow(names: list[str], parent: str) -> list[str]:
    names.insert(0, parent)
    return names


def _full_name(unit: Unit) -> str:
    """Return the name a paper is signed with: a community signs as its residents' committee."""
    return f"{unit.name}居民委员会" if unit.kind == "community" else unit.name
