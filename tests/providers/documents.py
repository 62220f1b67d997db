"""What a reader sees in a PDF file: the text that poppler finds in it."""

from __future__ import annotations

import subprocess
import unicodedata

NAMES = {
    "Māori": "Whānau Tūhoe, Ōtāhuhu Road",
    "Vietnamese": "Nguyễn Thị Minh Khai, Đà Nẵng",
    "Polish and Turkish": "Łukasz Żółć, İnönü Çağrı, Þórður",
    "Greek": "Ελένη Παπαδοπούλου, Ἀθῆναι",
    "Cyrillic": "Владимир Ёлкин, Київ Ґалаґан",
    "Arabic": "محمد الأحمد",
    "Persian": "پوریا گلچین",
    "Urdu": "ٹیپو سلطان",
    "Hebrew": "שרה כהן",
    "Chinese": "李小龍 王秀英",
    "Japanese": "山田 太郎 さくら",
    "Korean": "김민수 서울특별시",
    "Thai": "สมชาย ใจดี",
    "emoji": "Aroha 😀🎉 Ngata",
    "beyond the fonts": "𠮷野",
    "quotes and signs": "O’Connor “Jr.” – 5 €, №7 (a\\b)",
}
"""Names of people and places, each as one line shows it from its beginning."""
_DIRECTION = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u200e\u200f"))


def read_pdf(content: bytes) -> list[str]:
    """The lines of the text, as poppler extracts them."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    assert done.stderr == b""
    text = unicodedata.normalize("NFC", done.stdout.decode("utf-8")).translate(_DIRECTION)
    return [" ".join(line.split()) for line in text.replace("\f", "\n").splitlines() if line.strip()]
