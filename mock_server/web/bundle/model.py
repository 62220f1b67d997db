"""What a bundle holds. JSON; bodies are base64."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec

from mock_server.core.exceptions import ConfigError
from mock_server.core.http import Request

FORMAT = "kyc-mock-server bundle"
VERSION = 1


class BundledFile(msgspec.Struct, frozen=True):
    """A file of the scenario folders, by its path in the bundle."""

    path: str
    text: str


class SentRequest(Request, frozen=True):
    """A request as it can be sent again; an array of the members of `core.http.Request`."""


class BundledExchange(msgspec.Struct, frozen=True):
    """A journal entry: the request as it can be sent again, and the answer."""

    id: str
    at: float
    """On the account's clock, seconds since the epoch."""
    real: float
    operation: str
    request: SentRequest
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    scenario: str = ""


class LeftOut(msgspec.Struct, frozen=True):
    """A request that cannot be sent again or compared, since the journal does not have its bodies whole."""

    id: str
    why: str


class Bundle(msgspec.Struct, frozen=True):
    """An account's journal, oldest first, and what the answers depend on."""

    format: str
    version: int
    account: str
    seed: int
    versions: dict[str, str]
    """Of the server and what it runs on."""
    clock: dict[str, Any]
    pinned: str
    settings: dict[str, Any]
    sections: dict[str, Any]
    """The account's part of each vendor, secrets replaced."""
    public_base_url: str
    redacted: bool
    """Whether personal data are replaced by pseudonyms."""
    scenarios: list[BundledFile]
    inline: list[dict[str, Any]]
    """Scenarios that were added over the control API."""
    journal: list[BundledExchange]
    tags: list[str] = []
    """Those that ``--tags`` asked for, and ``--skip-tags``."""
    skip_tags: list[str] = []
    cut: list[LeftOut] = []
    environment: dict[str, str] = {}
    """The ``MOCK_…`` variables that its scenarios name; those that look like secrets have stand-ins."""


def write(path: Path, document: bytes) -> None:
    """Compressed where the name ends with ``.gz``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(document, mtime=0) if path.suffix == ".gz" else document)


def read(path: Path) -> Bundle:
    """Raises `ConfigError` for what is not a bundle of this version."""
    try:
        raw = path.read_bytes()
        document = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        bundle = msgspec.json.decode(document, type=Bundle)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    except (msgspec.MsgspecError, EOFError, ValueError):
        raise ConfigError(f"{path} is not a bundle; `mock-server bundle FILE` writes one") from None
    if (bundle.format, bundle.version) != (FORMAT, VERSION):
        raise ConfigError(
            f"{path} is a bundle of version {bundle.version}; this mock server reads version {VERSION}"
        )
    return bundle
