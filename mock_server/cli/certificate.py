"""A certificate for ``serve --tls-self-signed``, with an authority of its own that clients can trust.

Both stay, so a trust store needs the authority only once. The authority's key is thrown away:
no one can sign anything else with it."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

from mock_server.core.exceptions import ConfigError

_DAYS = 365
_RENEWED_AFTER = 300 * 86_400
"""Seconds of use after which another is made."""
_USUAL = ("localhost", "127.0.0.1", "::1", "host.docker.internal")
_EVERY_ADDRESS = ("", "0.0.0.0", "::")


class Certificate(NamedTuple):
    """Two PEM files."""

    authority: Path
    """What clients trust."""
    chain: Path
    """The server's key and certificate."""

    def trust_line(self) -> str:
        """The shell command after which the usual HTTP clients trust the server."""
        names = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        return "export " + " ".join(f"{name}={self.authority}" for name in names)


def self_signed(host: str, vendors: Iterable[str]) -> Certificate:
    """The certificate for this machine's names; ``host``: the address that is listened on. Raises
    `ConfigError` where the package that makes it is missing."""
    own = () if host in _EVERY_ADDRESS else (host,)
    names = dict.fromkeys(
        (*_USUAL, *(f"{vendor}.localhost" for vendor in vendors), socket.gethostname(), *own)
    )
    try:
        return _certificate(_cache(), tuple(names))
    except OSError:  # a home that cannot be written, as in a container
        folder = Path(tempfile.mkdtemp(prefix="mock-server-tls-"))
        atexit.register(_remove, folder, os.getpid())
        return _certificate(folder, tuple(names))


def _remove(folder: Path, maker: int) -> None:
    """At the end of the process that made the folder; its workers end before."""
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


def _certificate(folder: Path, names: tuple[str, ...]) -> Certificate:
    certificate = Certificate(folder / "ca.pem", folder / "server.pem")
    label, text = folder / "names.txt", "\n".join(names) + "\n"
    if _is_current(label, text) and certificate.authority.exists() and certificate.chain.exists():
        return certificate
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    label.unlink(missing_ok=True)
    _make(certificate, names)
    label.write_text(text)
    return certificate


def _is_current(label: Path, text: str) -> bool:
    return (
        label.exists() and label.read_text() == text and time.time() - label.stat().st_mtime < _RENEWED_AFTER
    )


def _make(certificate: Certificate, names: tuple[str, ...]) -> None:
    try:
        import trustme
    except ImportError:
        raise ConfigError(
            "--tls-self-signed: needs the package trustme; run pip install 'kyc-mock-server[tls]', "
            "or give --tls-cert and --tls-key"
        ) from None
    now = datetime.now(timezone.utc)
    authority = trustme.CA(organization_name="KYC mock server, for tests only")
    leaf = authority.issue_cert(
        *names, not_before=now - timedelta(days=1), not_after=now + timedelta(days=_DAYS)
    )
    _write(certificate.chain, leaf.private_key_and_cert_chain_pem.bytes())
    _write(certificate.authority, authority.cert_pem.bytes())


def _write(path: Path, content: bytes) -> None:
    """As a whole, and readable by its owner only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.touch(0o600)
    temporary.write_bytes(content)
    temporary.replace(path)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kyc-mock-server" / "tls"
