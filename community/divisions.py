"""The bundled list of real places (community/data/nanchong-divisions), in the form `import_units` reads."""

import csv
from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "data" / "nanchong-divisions"
CITY_CODE, CITY_NAME = "511300000000", "南充市"
_LENGTH = 12


def bundled_units() -> Iterator[tuple[str, str, str, str]]:
    """Yield (code, name, kind, parent_code) of the city and everything in it, parents first. Reads three files."""
    yield CITY_CODE, CITY_NAME, "city", ""
    for kind, file, parent in (
        ("county", "areas-5113.csv", "cityCode"),
        ("subdistrict", "streets-5113.csv", "areaCode"),
        ("community", "villages-5113.csv", "streetCode"),
    ):
        with (_FOLDER / file).open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                yield full_code(row["code"]), row["name"], kind, full_code(row[parent])


def full_code(code: str) -> str:
    """Return a division code with its zeros: 511302 -> 511302000000."""
    return code.ljust(_LENGTH, "0")
