"""Draws every kind of paper in every variant into contact sheets (docs/gallery), for eyes to compare."""

import subprocess
import tempfile
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from PIL import Image, ImageDraw

from core.commands import JsonCommand
from publish import kinds
from publish.typeset import engine

_COLUMNS = 7
_WIDTH, _GAP = 300, 12
_GROUND = (214, 210, 202)


class Command(JsonCommand):
    """manage.py notice_gallery FOLDER [--variant V] [--kind K]: one PNG a variant."""

    help = "Draw contact sheets of all kinds of papers into FOLDER."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("folder", type=_folder)
        parser.add_argument("--variant", choices=engine.VARIANTS, action="append")
        parser.add_argument("--kind", choices=kinds.keys(), help="all pages of this kind only")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Typeset, rasterise, lay out, write."""
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        chosen = [options["kind"]] if options["kind"] else kinds.keys()
        for variant in options["variant"] or engine.VARIANTS:
            pages = []
            for key in chosen:
                drawn = _pages(key, variant)
                pages += [(f"{key} {variant}", page) for page in (drawn if options["kind"] else drawn[:1])]
            name = f"{options['kind']}-{variant}.png" if options["kind"] else f"{variant}.png"
            path = folder / name
            _sheet(pages).save(path, optimize=True)
            self.emit({"file": str(path), "pages": len(pages), "bytes": path.stat().st_size})


def _folder(text: str) -> Path:
    path = Path(text)
    if path.exists() and not path.is_dir():
        message = f"not a folder: {text}"
        raise ArgumentTypeError(message)
    return path


def _pages(key: str, variant: engine.Variant) -> list[Image.Image]:
    """Return the pages of a kind's example as small pictures; needs poppler's pdftoppm."""
    data = engine.typeset(engine.read_paper(kinds.example_paper(key)), variant)
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-png", "-scale-to-x", str(_WIDTH), "-scale-to-y", "-1", "-", f"{folder}/p"]
        subprocess.run(command, input=data, check=True)  # noqa: S603 - poppler from the path, our own arguments
        return [Image.open(path).convert("RGB") for path in sorted(Path(folder).glob("p*.png"))]


def _sheet(pages: list[tuple[str, Image.Image]]) -> Image.Image:
    """Return the pages in rows, each under its name, in few colours to keep the file small."""
    height = max(page.height for _name, page in pages) + 18
    columns = min(_COLUMNS, len(pages))
    rows = -(-len(pages) // columns)
    sheet = Image.new("RGB", (columns * (_WIDTH + _GAP) + _GAP, rows * (height + _GAP) + _GAP), _GROUND)
    pen = ImageDraw.Draw(sheet)
    for index, (name, page) in enumerate(pages):
        left = _GAP + index % columns * (_WIDTH + _GAP)
        top = _GAP + index // columns * (height + _GAP)
        pen.text((left, top), name, fill=(60, 56, 50))
        sheet.paste(page, (left, top + 18))
    return sheet.quantize(32)
