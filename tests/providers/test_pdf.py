"""Documents as readers of PDF see them."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from mock_server.providers.pdf import PdfDocument
from tests.providers.documents import NAMES, read_pdf

AT = 1_790_000_000.5


def document(*lines: str) -> bytes:
    pdf = PdfDocument("Report on Whānau", AT)
    for line in lines:
        pdf.write(line, 10)
    return pdf.bytes()


def pages(content: bytes, folder: Path) -> list[Image.Image]:
    """The pages as poppler draws them, one pixel a point."""
    folder.joinpath("file.pdf").write_bytes(content)
    subprocess.run(["pdftoppm", "-r", "72", "-png", "-gray", "file.pdf", "page"], cwd=folder, check=True)
    return [image(path) for path in sorted(folder.glob("page*.png"))]


def image(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        copy: Image.Image = opened.copy()
        return copy


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_the_text_can_be_read(text: str) -> None:
    assert read_pdf(document(text)) == [text]


def test_all_scripts_in_one_document() -> None:
    assert read_pdf(document(*NAMES.values())) == list(NAMES.values())


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_the_text_can_be_seen(text: str, tmp_path: Path) -> None:
    [page] = pages(document(text), tmp_path)
    seen = page.point(lambda shade: 255 if shade < 128 else 0).getbbox()
    assert seen is not None
    left, top, right, bottom = seen
    assert (left >= 55, top >= 50, right > 70, bottom < 80) == (True, True, True, True)


def test_bold_is_heavier(tmp_path: Path) -> None:
    pdf = PdfDocument("x", AT)
    pdf.write("Tāmaki Makaurau", 20)
    pdf.write("Tāmaki Makaurau", 20, bold=True)
    [page] = pages(pdf.bytes(), tmp_path)
    plain, bold = (
        sum(255 - shade for shade in page.crop((0, top, 595, top + 28)).tobytes()) for top in (56, 84)
    )
    assert bold > 1.2 * plain > 0


def test_a_long_line_goes_on_below() -> None:
    text = "Te Whānau-ā-Apanui " * 30
    lines = read_pdf(document(text))
    assert len(lines) > 3
    assert " ".join(lines) == text.strip()


def test_a_word_wider_than_the_page_is_broken() -> None:
    lines = read_pdf(document("ā" * 500))
    assert len(lines) > 3
    assert "".join(lines) == "ā" * 500


def test_a_full_page_is_followed_by_another(tmp_path: Path) -> None:
    lines = [f"line {number}" for number in range(120)]
    assert read_pdf(document(*lines)) == lines
    assert len(pages(document(*lines), tmp_path)) == 3


def test_a_row_has_its_label_and_value_side_by_side() -> None:
    pdf = PdfDocument("x", AT)
    pdf.row("Ingoa", "Hinemoa " * 40, 9, 148, (110, 118, 130))
    lines = read_pdf(pdf.bytes())
    assert lines[0].startswith("Ingoa Hinemoa Hinemoa")
    assert " ".join(lines) == "Ingoa" + " Hinemoa" * 40


def test_an_empty_document_is_a_page(tmp_path: Path) -> None:
    [page] = pages(document(), tmp_path)
    assert page.size == (595, 842)


def test_title_and_time(tmp_path: Path) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(document("x"))
    output = subprocess.run(
        ["pdfinfo", "-isodates", path],
        capture_output=True,
        check=True,
        text=True,
        env={"TZ": "UTC", "LC_ALL": "C.UTF-8"},
    ).stdout
    facts = dict(line.split(":", 1) for line in output.splitlines() if ":" in line)
    assert facts["Title"].strip() == "Report on Whānau"
    assert facts["CreationDate"].strip() == "2026-09-21T14:13:20Z"


def test_more_shapes_than_one_font_has() -> None:
    text = ["".join(map(chr, range(start, start + 20))) for start in range(0x4E00, 0x5080, 20)]
    assert read_pdf(document(*text)) == text


def test_halves_of_pairs_and_control_characters_are_no_obstacle() -> None:
    assert read_pdf(document("a\ud83dz\x00q\x1b[31m")) == ["a\ufffdz q [31m"]


def test_the_bytes_are_the_same_on_every_machine() -> None:
    """Where the drawing has been changed on purpose, this is the new digest."""
    content = document(*NAMES.values())
    assert hashlib.sha256(content).hexdigest()[:16] == "64555c5f577552a5"
