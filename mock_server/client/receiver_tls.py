"""A certificate for a receiver that listens with https."""

from __future__ import annotations

import ssl
import tempfile
from http.server import HTTPServer
from pathlib import Path

from mock_server.core.exceptions import ConfigError


def encrypt(server: HTTPServer, host: str) -> Path:
    """Let it speak TLS, with a certificate for the host and ``localhost``; the file of the authority to trust.
    Raises `ConfigError` where the package that makes it is missing."""
    try:
        import trustme
    except ImportError:
        raise ConfigError(
            "a receiver with tls needs the package trustme; run pip install 'kyc-mock-server[tls]'"
        ) from None
    authority = trustme.CA(organization_name="KYC mock server, for tests only")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, "localhost").configure_cert(context)
    # The handshake is left to the thread of the connection: one that never comes must not stop the others.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    path = Path(tempfile.mkdtemp(prefix="mock-server-receiver-")) / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path
