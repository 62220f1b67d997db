"""What a known mistake is: at which stage of signing it is made, its texts, and the variants of making it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from mock_server.diagnosis.recipe import Variants


class Stage(IntEnum):
    """What a mistake changes, in the order of signing. Two mistakes of different stages can be made together."""

    JSON = 0
    TEXT = 1
    PARAMETERS = 2
    VALUES = 3
    ORDER = 4
    JOIN = 5
    PATH = 6
    SECRET = 7
    KEY = 8
    MAC = 9
    CHARSET = 10
    SPELLING = 11


TEXT, SECRET, CONSTRUCTION, REQUEST = "text", "secret", "construction", "request"
KINDS: Mapping[Stage, str] = {
    Stage.JSON: TEXT,
    Stage.TEXT: TEXT,
    Stage.PARAMETERS: REQUEST,
    Stage.VALUES: REQUEST,
    Stage.ORDER: REQUEST,
    Stage.JOIN: REQUEST,
    Stage.PATH: REQUEST,
    Stage.SECRET: SECRET,
    Stage.KEY: CONSTRUCTION,
    Stage.MAC: CONSTRUCTION,
    Stage.CHARSET: TEXT,
    Stage.SPELLING: CONSTRUCTION,
}
"""How the documentation groups the stages."""


class Mistake(NamedTuple):
    """One known mistake."""

    id: str
    stage: Stage
    explanation: str
    """``{document}``, ``{construction}`` and ``{digits}`` are the vendor's words, ``{how}`` the variant's."""
    fix: str
    variants: Variants
    weight: int = 1
    """How unlikely it is to be one of two: 0, 1, 2 or 3."""
