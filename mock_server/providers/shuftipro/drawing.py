"""The files themselves: pictures that say what they stand for, and a report. Pillow and fpdf2 are loaded when
the first is fetched."""

from __future__ import annotations

import io
from typing import Any

import msgspec

from mock_server.core.clock import utc
from mock_server.providers.shuftipro.verification import Verification

_SIZE = (640, 400)
_LATIN = {"–": "-", "—": "-", "’": "'", "…": "..."}


def proof(made: Verification, service: str, side: str, extension: str) -> tuple[bytes, str]:
    """The file and its media type; ``extension``: ``jpg``, ``png`` or ``pdf``."""
    lines = [
        "MOCK - NOT A REAL DOCUMENT",
        f"{service.replace('_', ' ')}, {side.replace('_', ' ')}",
        made.reference,
        *_read(made, service),
    ]
    if extension == "pdf":
        return _pdf(lines, _made_at(made)), "application/pdf"
    return _picture(
        lines, "PNG" if extension == "png" else "JPEG"
    ), "image/png" if extension == "png" else "image/jpeg"


def report(made: Verification) -> bytes:
    """The verification report, a PDF."""
    result = made.result()
    lines = ["Verification report (mock)", f"Reference: {made.reference}", f"Event: {made.event}"]
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
    return _pdf(lines, _made_at(made))


def _made_at(made: Verification) -> float:
    """A time of the verification, so that the same file has the same bytes."""
    return made.history[-1][0] if made.history else 0.0


def _read(made: Verification, service: str) -> list[str]:
    data = made.result().get("verification_data")
    return _flat(data.get(service, {}))[:12] if isinstance(data, dict) else []


def _flat(value: Any, prefix: str = "") -> list[str]:
    if isinstance(value, dict):
        return [
            line
            for key, item in value.items()
            for line in _flat(item, f"{prefix}{' / ' if prefix else ''}{key}")
        ]
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return [f"{prefix}: {text}"[:110]] if prefix else []


def _picture(lines: list[str], kind: str) -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", _SIZE, (226, 232, 240))
    draw = ImageDraw.Draw(image)
    draw.rectangle((16, 16, _SIZE[0] - 17, _SIZE[1] - 17), outline=(71, 85, 105), width=3)
    draw.rectangle((40, 70, 190, 260), fill=(148, 163, 184))
    draw.ellipse((85, 100, 145, 165), fill=(226, 232, 240))
    draw.ellipse((65, 180, 165, 300), fill=(226, 232, 240))
    draw.rectangle((40, 260, 190, 300), fill=(226, 232, 240))
    for number, line in enumerate(lines):
        draw.text((215 if number else 40, 40 + 24 * number), _latin(line)[:64], fill=(15, 23, 42))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def _pdf(lines: list[str], at: float) -> bytes:
    from fpdf import FPDF

    document = FPDF()
    document.set_creation_date(utc(at))
    document.add_page()
    document.set_font("Helvetica", size=11)
    for line in lines:
        document.cell(0, 7, _latin(line), new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def _latin(text: str) -> str:
    """The text in the letters that the built-in fonts have."""
    return (
        "".join(_LATIN.get(letter, letter) for letter in text).encode("latin-1", "replace").decode("latin-1")
    )
