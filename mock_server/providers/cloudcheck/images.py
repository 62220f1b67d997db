"""Pictures: which files are one, and one drawn to stand for what a customer would have photographed."""

from __future__ import annotations

from functools import lru_cache

_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
)


def recognise(content: bytes) -> str:
    """The media type of a picture (or scanned PDF) by its first bytes; empty: it is none."""
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "image/heic" if content[4:8] == b"ftyp" else ""


@lru_cache(maxsize=64)
def placeholder(label: str, seed: int) -> bytes:
    """A small JPEG with the label on it; the same seed gives the same bytes."""
    from mock_server.providers.pictures import Canvas

    shade = (90 + seed % 80, 110 + seed // 80 % 80, 140 + seed // 6400 % 80)
    white, skin, paper = 1, 2, 3
    picture = Canvas(320, 200, (shade, (255, 255, 255), (235, 215, 190), (245, 245, 235)))
    picture.frame((8, 8, 311, 191), white, 2)
    if "Face" in label:
        picture.ellipse((113, 33, 206, 152), white)
        picture.ellipse((115, 35, 204, 150), skin)
    else:
        picture.rectangle((60, 45, 260, 150), paper)
    picture.text(24, 160, f"{label} (simulated)", white, 272)
    return picture.jpeg()
