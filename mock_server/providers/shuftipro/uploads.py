"""Files as a request carries them: base64, mostly as a data URI."""

from __future__ import annotations

from base64 import b64decode
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


UNKNOWN_MEDIA = "application/octet-stream"
_HEAD = 64
"""Characters of base64 that hold the first bytes of a file."""
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
_OTHER_BRANDS = frozenset(b"heic heix heim heis hevc hevx mif1 msf1 avif avis".split()) | {
    b"jp2 ",
    b"jpx ",
    b"crx ",
    b"M4A ",
    b"M4B ",
}
"""What an ISO media file says that holds pictures or sound, and no film."""
_QUICKTIME_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""What a QuickTime film without a brand begins with."""


class Upload(NamedTuple):
    """What is known of a file without reading all of it."""

    declared: str
    """Media type of its data URI; empty: it is bare base64."""
    content: str
    """Media type by its first bytes; empty: of no documented type."""
    size: int
    """In bytes; 0: it is empty, or not base64."""


def inspect(proof: str) -> Upload:
    """The file as its base64 tells it."""
    declared, content = _declared(proof), _content(proof)
    if not content.isascii() or content.encode().translate(None, _BASE64):
        return Upload(declared, "", 0)
    return Upload(declared, _by_first_bytes(_head(content)), len(content.rstrip("=")) * 3 // 4)


def explain(proof: str) -> str:
    """Why the file is not accepted, in words."""
    upload = inspect(proof)
    head = _head(_content(proof))[:8]
    if upload.size == 0:
        return (
            "The file is empty."
            if not _content(proof)
            else "The text is not base64: it has other characters."
        )
    if not upload.content:
        return f"The first bytes, {head.hex(' ')} ({_readable(head)}), are of no accepted type."
    return f"{upload.declared or upload.content} is not an accepted type here."


def _readable(head: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in head)


def media_type(proof: str) -> str:
    """What the file is: by its first bytes, else as it was declared."""
    return _by_first_bytes(_head(_content(proof))) or _declared(proof) or UNKNOWN_MEDIA


def _content(proof: str) -> str:
    return proof.partition(",")[2] if proof.startswith("data:") else proof


def _declared(proof: str) -> str:
    return (
        proof[5:].partition(",")[0].partition(";")[0].strip().lower() or "text/plain"
        if proof.startswith("data:")
        else ""
    )


def _head(content: str) -> bytes:
    """The first bytes; none where it is not base64."""
    text = "".join(content[: 2 * _HEAD].split())[:_HEAD]
    try:
        return b64decode(text[: len(text) - len(text) % 4])
    except ValueError:
        return b""


def _by_first_bytes(head: bytes) -> str:
    for signature, media in _SIGNATURES:
        if head.startswith(signature):
            return media
    box, brand = head[4:8], head[8:12]
    if box == b"ftyp":
        if brand in _OTHER_BRANDS:
            return ""
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    return "video/quicktime" if box in _QUICKTIME_BOXES else ""
