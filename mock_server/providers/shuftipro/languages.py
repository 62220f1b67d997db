"""The languages that the vendor's screens have, and what the mock's page shows of a request's ``language``.

Source: the list of languages in the vendor's SDK documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_server.providers.hosted_texts import ENGLISH, Texts, texts

_TABLE = """\
AF Afrikaans, SQ Albanian, AM Amharic, AR Arabic, HY Armenian, AZ Azerbaijani, EU Basque, BE Belarusian, BN Bengali, BS Bosnian,
BG Bulgarian, MY Burmese, CA Catalan, NY Chichewa, ZH Chinese, CO Corsican, HR Croatian, CS Czech, DA Danish, NL Dutch, EN English,
EO Esperanto, ET Estonian, TL Filipino, FI Finnish, FR French, FY Frisian, GL Galician, KA Georgian, DE German, EL Greek, GU Gujarati,
HT Haitian Creole, HA Hausa, HE Hebrew, HI Hindi, HU Hungarian, ID Indonesian, GA Irish, IG Igbo, IS Icelandic, IT Italian,
JA Japanese, JV Javanese, KN Kannada, KK Kazakh, KM Khmer, KY Kyrgyz, KO Korean, KU Kurdish, LA Latin, LB Luxembourgish, LO Lao,
LT Lithuanian, LV Latvian, MK Macedonian, MG Malagasy, MS Malay, ML Malayalam, MT Maltese, MI Māori, MR Marathi, MN Mongolian,
NE Nepali, NO Norwegian, PA Punjabi, FA Persian, PL Polish, PS Pashto, PT Portuguese, RO Romanian, RU Russian, SD Sindhi, SM Samoan,
SR Serbian, GD Scottish Gaelic, SN Shona, SI Sinhala, SK Slovak, SL Slovenian, SO Somali, ST Sesotho, ES Spanish, SU Sundanese,
SW Swahili, SV Swedish, TA Tamil, TE Telugu, TG Tajik, TH Thai, TR Turkish, UK Ukrainian, UR Urdu, UZ Uzbek, VI Vietnamese, CY Welsh,
XH Xhosa, YI Yiddish, YO Yoruba, ZU Zulu"""

LANGUAGES: Mapping[str, str] = {
    code: name
    for code, _, name in (row.strip().partition(" ") for row in _TABLE.replace("\n", " ").split(","))
}
"""Code as the vendor writes it → name in English."""


class Chosen(NamedTuple):
    """What a page is shown in."""

    texts: Texts
    note: str
    """For testers: what the request asked for, where the page does not have it; empty: it has."""


def chosen(language: object) -> Chosen:
    """The texts for the ``language`` of a request, which may be missing, empty, or in any case."""
    code = str(language or ENGLISH).upper()
    page_texts = texts(code.lower())
    if page_texts.language == code.lower():
        return Chosen(page_texts, "")
    if code in LANGUAGES:
        return Chosen(
            page_texts,
            f"{LANGUAGES[code]} ({code}) was asked for; this page has no {LANGUAGES[code]}, so it is in English",
        )
    return Chosen(page_texts, f"{code!r} is not a language of Shufti Pro, so this page is in English")
