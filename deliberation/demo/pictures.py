"""Drawn pictures in place of photos: what a resident would have shown, in a few flat shapes. No Django."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

_SIZE = (960, 720)
_WALL, _FLOOR, _DARK, _LIGHT, _RED, _GREEN = "#D9D4C7", "#A9A293", "#4B4A46", "#F3EFE4", "#A8563F", "#6F8A6B"


def picture(name: str) -> io.BytesIO:
    """Return the picture `name` (stairs, bicycles, parking, roof, gully) as a JPEG file, always the same bytes."""
    image = Image.new("RGB", _SIZE, _WALL)
    _DRAWINGS[name](ImageDraw.Draw(image))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    file.seek(0)
    return file


def _stairs(draw: ImageDraw.ImageDraw) -> None:
    for step in range(9):
        left, top = 120 + step * 84, 640 - step * 62
        draw.rectangle((left, top, 960, 720), fill=_FLOOR if step % 2 else "#B8B1A1")
        draw.line((left, top, 960, top), fill=_DARK, width=4)
    draw.line((90, 470, 830, -70), fill=_RED, width=16)
    for post in range(8):
        draw.line((120 + post * 92, 640 - post * 68, 120 + post * 92, 450 - post * 68), fill=_RED, width=8)
    draw.rectangle((60, 70, 250, 300), fill=_LIGHT, outline=_DARK, width=6)
    draw.text((88, 120), "7F", fill=_DARK, font_size=120)


def _bicycles(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 520, 960, 720), fill=_FLOOR)
    draw.rectangle((90, 90, 330, 380), fill=_LIGHT, outline=_DARK, width=6)
    for number in range(3):
        x = 130 + number * 270
        for wheel in (x, x + 150):
            draw.ellipse((wheel - 62, 470, wheel + 62, 594), outline=_DARK, width=12)
        draw.line((x, 532, x + 60, 430, x + 150, 532), fill=(_RED, _GREEN, _DARK)[number], width=16, joint="curve")
        draw.line((x + 132, 400, x + 150, 532), fill=_DARK, width=10)
        draw.line((x + 60, 430, 420, 240, 300, 200), fill=_DARK, width=4, joint="curve")
    draw.rectangle((270, 170, 330, 230), fill=_RED)


def _parking(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 150, 960, 720), fill="#8B8880")
    draw.rectangle((0, 0, 960, 150), fill=_GREEN)
    for line in range(5):
        draw.line((120 + line * 190, 190, 40 + line * 220, 430), fill=_LIGHT, width=8)
    for number, (left, top) in enumerate(((150, 210), (560, 250), (300, 470), (610, 500))):
        draw.rounded_rectangle((left, top, left + 200, top + 110), 28, fill=(_LIGHT, _RED, _DARK, _LIGHT)[number])
        draw.rounded_rectangle((left + 50, top + 14, left + 140, top + 96), 14, fill="#9FB0B8")
    draw.rectangle((0, 640, 960, 664), fill="#D8B24A")


def _roof(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, 960, 90), fill=_FLOOR)
    for left, top, wide, high in ((120, 90, 300, 210), (380, 90, 420, 320), (700, 90, 180, 150)):
        draw.ellipse((left, top - 60, left + wide, top + high), fill="#B9AE94")
        draw.ellipse((left + 40, top - 40, left + wide - 40, top + high - 60), fill="#9C9078")
    draw.line((420, 90, 470, 260, 440, 420, 500, 600), fill=_DARK, width=6, joint="curve")
    for drop in range(4):
        draw.ellipse((470 + drop * 9, 610 + drop * 24, 486 + drop * 9, 634 + drop * 24), fill="#7E95A3")


def _gully(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, 960, 260), fill=_GREEN)
    draw.rectangle((0, 260, 960, 330), fill=_LIGHT)
    draw.rectangle((0, 330, 960, 720), fill="#8B8880")
    draw.ellipse((150, 380, 860, 680), fill="#74868F")
    draw.rectangle((380, 420, 640, 560), fill=_DARK)
    for bar in range(6):
        draw.rectangle((400 + bar * 40, 434, 418 + bar * 40, 546), fill="#8B8880")
    draw.ellipse((250, 560, 330, 590), fill=_RED)


_DRAWINGS: dict[str, Callable[[ImageDraw.ImageDraw], None]] = {
    "stairs": _stairs,
    "bicycles": _bicycles,
    "parking": _parking,
    "roof": _roof,
    "gully": _gully,
}
