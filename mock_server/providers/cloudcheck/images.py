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
    from io import BytesIO

    from PIL import Image, ImageDraw

    shade = (90 + seed % 80, 110 + seed // 80 % 80, 140 + seed // 6400 % 80)
    image = Image.new("RGB", (320, 200), shade)
    draw = ImageDraw.Draw(image)
    draw.rectangle((8, 8, 311, 191), outline=(255, 255, 255), width=2)
    if "Face" in label:
        draw.ellipse((115, 35, 205, 150), fill=(235, 215, 190), outline=(255, 255, 255))
    else:
        draw.rectangle((60, 45, 260, 150), fill=(245, 245, 235), outline=(255, 255, 255))
    draw.text((20, 168), f"{label} (simulated)", fill=(255, 255, 255))
    out = BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()
