"""The files themselves: pictures that say what they stand for, and a report."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_server.providers.pdf import PdfDocument
from mock_server.providers.pictures import Canvas
from mock_server.providers.shuftipro.verification import Verification

_WIDTH, _HEIGHT, _LINES = 640, 400, 14
_COLOURS = ((226, 232, 240), (148, 163, 184), (71, 85, 105), (15, 23, 42))
_GROUND, _FIGURE, _FRAME, _INK = range(4)


def proof(verification: Verification, service: str, side: str, extension: str) -> tuple[bytes, str]:
    """The file and its media type; ``extension``: ``jpg``, ``png`` or ``pdf``."""
    lines = [
        "MOCK - NOT A REAL DOCUMENT",
        f"{service.replace('_', ' ')}, {side.replace('_', ' ')}",
        verification.reference,
        *_read(verification, service),
    ]
    if extension == "pdf":
        return _pdf(lines, _made_at(verification)), "application/pdf"
    picture = _picture(lines)
    return (picture.png(), "image/png") if extension == "png" else (picture.jpeg(), "image/jpeg")


def report(verification: Verification) -> bytes:
    """The verification report, a PDF."""
    result = verification.result()
    lines = [
        "Verification report (mock)",
        f"Reference: {verification.reference}",
        f"Event: {verification.event}",
    ]
    if reason := result.get("declined_reason"):
        lines.append(f"Reason: {reason} ({', '.join(result.get('declined_codes', []))})")
    lines += [
        "",
        "Result",
        *_flat(result.get("verification_result", {})),
        "",
        "Data",
        *_flat(result.get("verification_data", {})),
    ]
    return _pdf(lines, _made_at(verification))


def _made_at(verification: Verification) -> float:
    """A time of the verification, so that the same file has the same bytes."""
    return verification.history[-1][0] if verification.history else 0.0


def _read(verification: Verification, service: str) -> list[str]:
    data = verification.result().get("verification_data")
    return _flat(data.get(service, {}))[:12] if isinstance(data, dict) else []


def _flat(value: Any, prefix: str = "") -> list[str]:
    if isinstance(value, dict):
        return [
            line
            for key, item in value.items()
            for line in _flat(item, f"{prefix}{' / ' if prefix else ''}{key}")
        ]
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return [f"{prefix}: {text}"] if prefix else []


def _picture(lines: list[str]) -> Canvas:
    """A card with a figure on the left. Text is on a grid of 8 pixels, where JPEG costs least."""
    picture = Canvas(_WIDTH, _HEIGHT, _COLOURS)
    picture.frame((16, 16, _WIDTH - 17, _HEIGHT - 17), _FRAME, 3)
    picture.rectangle((40, 72, 191, 263), _FIGURE)
    picture.ellipse((84, 96, 147, 167), _GROUND)
    picture.ellipse((64, 184, 167, 303), _GROUND)
    picture.rectangle((40, 264, 191, 303), _GROUND)
    for number, line in enumerate(lines[:_LINES]):
        left = 216 if number else 40
        picture.text(left, 40 + 24 * number, line, _INK, _WIDTH - 32 - left)
    return picture


def _pdf(lines: list[str], at: float) -> bytes:
    heading, *others = lines
    document = PdfDocument(heading, at)
    document.write(heading, 14, bold=True)
    document.space(6)
    for line in others:
        document.write(line, 10)
    return document.bytes()
