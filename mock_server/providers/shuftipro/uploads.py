"""Files as a request carries them: base64, mostly as a data URI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_MEGABYTE = 1 << 20
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n"


class FileType(NamedTuple):
    """A kind of file that a proof may be."""

    name: str
    """As refusals call it, and the extension of its download."""
    limit: int
    """Largest size in bytes."""


IMAGES: Mapping[str, FileType] = {
    "image/jpeg": FileType("jpeg", 16 * _MEGABYTE),
    "image/jpg": FileType("jpg", 16 * _MEGABYTE),
    "image/png": FileType("png", 16 * _MEGABYTE),
    "application/pdf": FileType("pdf", 16 * _MEGABYTE),
}
VIDEOS: Mapping[str, FileType] = {
    "video/mp4": FileType("mp4", 20 * _MEGABYTE),
    "video/quicktime": FileType("mov", 20 * _MEGABYTE),
}


def inspect(proof: str) -> tuple[str, int]:
    """Media type (empty where the proof is bare base64) and size in bytes; 0: it is empty, or no base64."""
    media, content = media_of(proof), proof.partition(",")[2] if proof.startswith("data:") else proof
    if not content.isascii() or content.encode().translate(None, _BASE64):
        return media, 0
    return media, len(content.rstrip("=")) * 3 // 4


def media_of(proof: str) -> str:
    """Media type of a data URI; empty for bare base64."""
    return proof[5:].partition(",")[0].partition(";")[0].strip().lower() or "text/plain" if proof.startswith("data:") else ""
