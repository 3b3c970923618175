"""The estates, buildings and dwellings of the demonstration, and who owns them. No Django."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from deliberation.demo.people import invented_names, invented_phone

COMMUNITY_CODE = "511302001001"


@dataclass(frozen=True, slots=True)
class Estate:
    """One estate: `buildings` x `entrances` x `floors` x `doors` dwellings."""

    code: str
    name: str
    buildings: int
    entrances: int
    floors: int
    doors: int

    def dwellings(self) -> int:
        """Return how many dwellings it has."""
        return self.buildings * self.entrances * self.floors * self.doors


ESTATES = (
    Estate(f"{COMMUNITY_CODE}01", "平城苑", 6, 3, 7, 2),
    Estate(f"{COMMUNITY_CODE}02", "果城花园", 4, 2, 18, 4),
    Estate(f"{COMMUNITY_CODE}03", "丝二厂宿舍", 8, 3, 6, 2),
    Estate(f"{COMMUNITY_CODE}04", "滨江小区", 3, 2, 16, 2),
)
# 252 + 576 + 288 + 192 = 1308 dwellings


def unit_rows() -> Iterator[dict[str, str]]:
    """Yield the rows of an `import_units` file: estates, buildings, entrances below the community."""
    for estate in ESTATES:
        yield {"code": estate.code, "name": estate.name, "kind": "estate", "parent_code": COMMUNITY_CODE}
        for building in range(1, estate.buildings + 1):
            code = f"{estate.code}{building:02d}"
            yield {"code": code, "name": f"{building}幢", "kind": "building", "parent_code": estate.code}
            for entrance in range(1, estate.entrances + 1):
                yield {
                    "code": f"{code}{entrance:02d}",
                    "name": f"{entrance}单元",
                    "kind": "entrance",
                    "parent_code": code,
                }


def roll_rows() -> Iterator[dict[str, str]]:
    """Yield the rows of an `import_roll` file: dwellings, owners, co-owners, the developer's, parking."""
    names, people = invented_names(), count()
    held: dict[str, str] = {}
    for estate in ESTATES:
        for building in range(1, estate.buildings + 1):
            for entrance in range(1, estate.entrances + 1):
                unit_code = f"{estate.code}{building:02d}{entrance:02d}"
                for floor in range(1, estate.floors + 1):
                    for door in range(1, estate.doors + 1):
                        yield from _dwelling(unit_code, f"{floor}{door:02d}", names, people, held)


def _dwelling(
    unit_code: str, household: str, names: Iterator[str], people: Iterator[int], held: dict[str, str]
) -> Iterator[dict[str, str]]:
    number = next(people)
    area = f"{62 + number * 17 % 71}.{number * 29 % 100:02d}"
    row = {"unit_code": unit_code, "household": household, "area": area, "relation": "产权人", "kind": "sold"}
    if number % 97 == 41:  # noqa: PLR2004 - the developer keeps one in a hundred
        yield row | {"owner_name": "南充果城置业有限公司", "id_suffix": "8821", "phone": "", "kind": "unsold"}
        return
    if number % 61 == 60 and held:  # noqa: PLR2004 - some own a second dwelling
        yield row | held
        return
    owner = {
        "owner_name": next(names),
        "id_suffix": f"{number * 37 % 10000:04d}",
        "phone": invented_phone(number),
    }
    yield row | owner
    held.clear()
    held.update(owner)
    if number % 9 == 4:  # noqa: PLR2004 - couples
        yield row | {
            "owner_name": next(names),
            "id_suffix": f"{number * 53 % 10000:04d}",
            "phone": invented_phone(number + 5000),
            "relation": "共有人",
        }
    if number % 14 == 3:  # noqa: PLR2004 - parking places are not counted
        yield row | owner | {"household": f"{household}", "area": "12.50", "kind": "parking", "relation": "产权人"}
