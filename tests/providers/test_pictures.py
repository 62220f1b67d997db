"""Pictures as Pillow opens them."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mock_server.providers import jpeg
from mock_server.providers.pictures import Canvas, Colour, shorten
from tests.providers.documents import NAMES

GROUND, RED, BLUE, INK = (240, 244, 248), (200, 30, 40), (20, 60, 220), (10, 12, 14)
PALETTE: tuple[Colour, Colour, Colour, Colour] = (GROUND, RED, BLUE, INK)


def opened(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as image:
        converted: Image.Image = image.convert("RGB")
        return converted


def ink(image: Image.Image) -> int:
    """How many pixels have the colour of the text."""
    return {colour: count for count, colour in image.getcolors() or ()}.get(INK, 0)


def drawn() -> Canvas:
    picture = Canvas(320, 320, PALETTE)
    picture.frame((4, 4, 315, 315), 1, 2)
    picture.rectangle((16, 16, 63, 63), 2)
    picture.ellipse((20, 20, 59, 59), 1)
    for number, text in enumerate(NAMES.values()):
        picture.text(72, 16 + 16 * number, text, 3, 240)
    return picture


def test_a_png_has_the_colours_that_were_drawn() -> None:
    picture = Canvas(64, 64, PALETTE)
    picture.rectangle((8, 8, 55, 55), 2)
    picture.ellipse((16, 16, 47, 47), 1)
    picture.frame((0, 0, 63, 63), 3, 2)
    image = opened(picture.png())
    places = (
        (0, 0),
        (1, 62),
        (63, 63),
        (2, 2),
        (8, 8),
        (55, 55),
        (56, 56),
        (31, 17),
        (17, 31),
        (31, 31),
        (17, 17),
    )
    expected = [INK, INK, INK, GROUND, BLUE, BLUE, GROUND, RED, RED, RED, BLUE]
    assert [image.getpixel(place) for place in places] == expected
    assert image.size == (64, 64)


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_text_is_drawn_and_ends_in_time(text: str) -> None:
    picture = Canvas(320, 32, PALETTE)
    picture.text(8, 8, text, 3, 240)
    image = opened(picture.png())
    assert ink(image) > 40
    assert ink(image.crop((0, 0, 320, 8))) == ink(image.crop((248, 0, 320, 32))) == 0


def test_a_macron_is_more_than_its_letter() -> None:
    images = []
    for letter in "aā":
        picture = Canvas(16, 16, PALETTE)
        picture.text(0, 0, letter, 3, 16)
        images.append(opened(picture.png()))
    assert ink(images[1]) > ink(images[0]) > 0


def test_text_beyond_the_edge_is_cut() -> None:
    picture = Canvas(64, 16, PALETTE)
    picture.text(0, 8, "gj" * 40, 3, 400)
    assert opened(picture.png()).size == (64, 16)
    assert opened(picture.jpeg()).size == (64, 16)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("Whānau", 48, "Whānau"),
        ("Whānau", 47, "Whān…"),
        ("Te Whānau-ā-Apanui", 80, "Te Whānau…"),
        ("李小龍", 48, "李小龍"),
        ("李小龍", 47, "李小…"),
        ("", 0, ""),
        ("x", 4, "…"),
    ],
)
def test_what_does_not_fit_ends_in_an_ellipsis(text: str, width: int, expected: str) -> None:
    assert shorten(text, width) == expected


def difference(rows: list[bytearray]) -> float:
    """The mean difference of a channel between what is drawn and what the JPEG shows."""
    image = opened(jpeg.encode(rows, PALETTE))
    assert image.size == (len(rows[0]), len(rows))
    actual = image.tobytes()
    expected = b"".join(bytes(PALETTE[place]) for row in rows for place in row)
    return sum(abs(one - other) for one, other in zip(actual, expected)) / len(actual)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=256, max_size=256))
def test_a_jpeg_shows_any_pixels(places: list[int]) -> None:
    assert difference([bytearray(places[start : start + 16]) for start in range(0, 256, 16)]) < 6


@pytest.mark.parametrize("place", range(4))
def test_a_jpeg_of_one_colour(place: int) -> None:
    assert difference([bytearray([place] * 24) for _ in range(16)]) <= 1.5


def test_a_jpeg_of_a_picture_with_text() -> None:
    picture = drawn()
    expected, actual = opened(picture.png()).tobytes(), opened(picture.jpeg()).tobytes()
    assert sum(abs(one - other) for one, other in zip(actual, expected)) / len(actual) < 2


def test_the_bytes_are_the_same_on_every_machine() -> None:
    """Where the drawing has been changed on purpose, these are the new digests."""
    picture = drawn()
    digests = [hashlib.sha256(content).hexdigest()[:16] for content in (picture.png(), picture.jpeg())]
    assert digests == ["9043413e5659bbc2", "a2fb4202c7e3856e"]
