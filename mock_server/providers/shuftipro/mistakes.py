"""Which of the known mistakes can be made with Shufti's signatures and credentials, and the words for them. The mistakes themselves
are `mock_server.diagnosis.mistakes`."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.diagnosis.mistake import Stage
from mock_server.diagnosis.search import Profile

_WORDS = {
    "document": "the body",
    "one_text": "Hash the raw bytes as they arrived, before any JSON parser has seen them.",
    "identifier": "client id",
    "secret": "secret key",
    "digits": "64",
}
_CONSTRUCTION = {
    "hashed": "Make a plain SHA-256 of the raw body with the SHA-256 of the secret key, as 64 lower-case digits, right behind it.",
    "legacy": "Make a plain SHA-256 of the raw body with the secret key right behind it.",
}
_STAGES = frozenset(
    {Stage.JSON, Stage.TEXT, Stage.CHARSET, Stage.SECRET, Stage.KEY, Stage.MAC, Stage.SPELLING}
)
PROFILES: Mapping[str, Profile] = {
    scheme: Profile(_STAGES, {**_WORDS, "construction": construction}, frozenset({"plain-hash"}))
    for scheme, construction in _CONSTRUCTION.items()
}
"""By signature scheme."""
KEYS: Mapping[str, str] = {"hashed": "sha256", "legacy": "as-is"}
"""By signature scheme: what is made of the secret, as `diagnosis.construction` calls it."""
